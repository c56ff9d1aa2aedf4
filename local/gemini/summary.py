"""A campaign's statistics in a few plain sentences, with no number that was not given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OUTCOMES = {
    "sent": "{} were sent their message",
    "failed": "{} could not be reached",
    "skipped": "{} were skipped",
    "pending": "{} are still on their way",
}
LATER = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "converted")


def summary(statistics: Mapping[str, Any], campaign: Mapping[str, Any]) -> str:
    return " ".join(
        filter(None, [_audience(statistics, campaign), _outcomes(statistics), _later(statistics), _reasons(statistics)])
    )


def _audience(statistics: Mapping[str, Any], campaign: Mapping[str, Any]) -> str:
    name = f"“{campaign['name']}”" if campaign.get("name") else "The campaign"
    return f"{name} was meant for {statistics['audience']} people." if "audience" in statistics else f"{name} ran."


def _outcomes(statistics: Mapping[str, Any]) -> str:
    parts = [words.format(statistics[kind]) for kind, words in OUTCOMES.items() if statistics.get(kind)]
    return f"Of these, {_listed(parts)}." if parts else "Nothing has been sent yet."


def _later(statistics: Mapping[str, Any]) -> str:
    parts = [f"{statistics[kind]} {kind}" for kind in LATER if statistics.get(kind)]
    return f"So far there are these reports: {_listed(parts)}." if parts else ""


def _reasons(statistics: Mapping[str, Any]) -> str:
    reasons = statistics.get("skipped_reasons") or {}
    parts = [f"{reason.replace('_', ' ')} ({number})" for reason, number in reasons.items() if number]
    return f"People were skipped because of {_listed(parts)}." if parts else ""


def _listed(parts: list[str]) -> str:
    *rest, last = parts
    return f"{', '.join(rest)} and {last}" if rest else last
