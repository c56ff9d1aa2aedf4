"""A summary of a campaign's statistics in a few sentences, with only the numbers of the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OUTCOMES = {
    "sent": "{} were sent their message",
    "failed": "{} could not be reached",
    "skipped": "{} were skipped",
    "pending": "{} are still on their way",
}
LATER_EVENTS = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "converted")


def summary(statistics: Mapping[str, Any], campaign: Mapping[str, Any]) -> str:
    return " ".join(
        filter(
            None,
            [_audience(statistics, campaign), _outcomes(statistics), _later_events(statistics), _reasons(statistics)],
        )
    )


def _audience(statistics: Mapping[str, Any], campaign: Mapping[str, Any]) -> str:
    name = f"“{campaign['name']}”" if campaign.get("name") else "The campaign"
    return f"{name} was meant for {statistics['audience']} people." if "audience" in statistics else f"{name} ran."


def _outcomes(statistics: Mapping[str, Any]) -> str:
    parts = [template.format(statistics[kind]) for kind, template in OUTCOMES.items() if statistics.get(kind)]
    return f"Of these, {_join(parts)}." if parts else "Nothing has been sent yet."


def _later_events(statistics: Mapping[str, Any]) -> str:
    parts = [f"{statistics[kind]} {kind}" for kind in LATER_EVENTS if statistics.get(kind)]
    return f"So far there are these reports: {_join(parts)}." if parts else ""


def _reasons(statistics: Mapping[str, Any]) -> str:
    reasons = statistics.get("skipped_reasons") or {}
    parts = [f"{reason.replace('_', ' ')} ({count})" for reason, count in reasons.items() if count]
    return f"People were skipped because of {_join(parts)}." if parts else ""


def _join(parts: list[str]) -> str:
    *rest, last = parts
    return f"{', '.join(rest)} and {last}" if rest else last
