"""Outcomes over time, in buckets that fit the run; and what counters keep for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.reports.outcome_times import MAX_BUCKETS, bucket_outcomes
from common.catalogue.failures import failure_code, reason_group
from common.messages.counter_details import DETAILED, MAX_REASONS, CounterDetails

START = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


def moments(*offsets: float, unit: int = 1) -> dict[datetime, dict[str, int]]:
    """One sent message at each offset in seconds, in moments of `unit` seconds."""
    found: dict[datetime, dict[str, int]] = {}
    for offset in offsets:
        at = datetime.fromtimestamp((START.timestamp() + offset) // unit * unit, UTC)
        found[at] = {"sent": found.get(at, {}).get("sent", 0) + 1}
    return found


@pytest.mark.parametrize(
    ("last", "expected"),
    [(3, 1), (119, 1), (121, 2), (590, 5), (7_000, 60), (86_400, 900), (9 * 86_400, 10_800), (90 * 86_400, 86_400)],
)
def test_bucket_length_fits_the_run(last: float, expected: int) -> None:
    """Seconds where they are known and the run is short, then minutes, hours, days; never too many."""
    offsets = (0, last / 2, last)
    seconds = moments(*offsets) if last <= 600 else {}
    length, buckets = bucket_outcomes(moments(*offsets, unit=60), seconds)
    assert length == expected
    assert len(buckets) <= MAX_BUCKETS + 1
    assert sum(kinds.get("sent", 0) for kinds in buckets.values()) == 3


def test_buckets_have_no_gaps() -> None:
    """A minute without an outcome is there, with nothing in it."""
    length, buckets = bucket_outcomes(moments(0, 300, unit=60), {})
    assert (length, len(buckets)) == (60, 6)
    assert [at - min(buckets) for at in buckets] == [timedelta(minutes=n) for n in range(6)]
    assert [kinds.get("sent", 0) for kinds in buckets.values()] == [1, 0, 0, 0, 0, 1]


def test_incomplete_seconds_are_not_used() -> None:
    """Counters of older code, or of a long campaign, have only some of the seconds."""
    length, buckets = bucket_outcomes(moments(0, 30, 61, unit=60), moments(0))
    assert (length, sum(kinds.get("sent", 0) for kinds in buckets.values())) == (60, 3)
    assert bucket_outcomes({}, {}) == (60, {})


def receipt(kind: str, seconds: float = 0, reason: str | None = None, **further: Any) -> Mapping[str, Any]:
    return {"kind": kind, "at": START + timedelta(seconds=seconds), "reason": reason, **further}


def counts(details: CounterDetails, *receipts: Mapping[str, Any]) -> dict[str, Any]:
    outcomes = [one for one in receipts if one["kind"] in {"sent", "failed"}]
    return details.increments("c", receipts, outcomes)


def test_seconds_are_counted_for_ten_minutes() -> None:
    """After it a counter does not grow any more; another campaign has ten minutes of its own."""
    details = CounterDetails()
    first = counts(details, receipt("sent"), receipt("sent", 0.5), receipt("failed", 1, "x"))
    assert {second: {kind: one.by for kind, one in kinds.items()} for second, kinds in first["seconds"].items()} == {
        "20261123120030": {"sent": 2}, "20261123120031": {"failed": 1},
    }  # fmt: skip
    late = DETAILED.total_seconds()
    assert "seconds" in counts(details, receipt("sent", late - 1))
    assert counts(details, receipt("sent", late)) == {}
    assert "seconds" in details.increments("d", [receipt("sent", late)], [receipt("sent", late)])


def test_retry_takes_the_reason_back() -> None:
    """A message that is sent again, or was sent after all, has not failed any more."""
    details = CounterDetails()
    failed = counts(details, receipt("failed", 0, "Full"), receipt("failed", 0, "Full"), receipt("failed", 0, "Gone"))
    assert {reason: one.by for reason, one in failed["failed_reasons"].items()} == {"Full": 2, "Gone": 1}
    for opening in ("retried", "corrected"):
        opened = counts(details, receipt(opening, 0, "Full", replaces="failed"))
        assert {reason: one.by for reason, one in opened["failed_reasons"].items()} == {"Full": -1}


def test_opening_of_an_unknown_attempt_takes_no_reason_back() -> None:
    """What was unknown is not among the failures."""
    assert counts(CounterDetails(), receipt("corrected", 0, "Full", replaces="unknown")) == {}


def test_reasons_are_limited() -> None:
    """A vendor that words each failure differently does not fill the counter."""
    details = CounterDetails()
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)]
    found = counts(details, *(receipt("failed", 0, word) for word in words))["failed_reasons"]
    assert (len(found), found["other"].by) == (MAX_REASONS + 1, 200 - MAX_REASONS)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("The mailbox does not exist (simulated).", "no_mailbox"),
        ("550 5.1.1 user unknown", "no_mailbox"),
        ("The mailbox is full (simulated).", "mailbox_full"),
        ("Given up after 8 tries: The vendor is down.", "gave_up"),
        ("no report from the vendor", "no_report"),
        ("Message looks like SPAM", "blocked"),
        ("Strange", "rejected"),
        (None, "rejected"),
    ],
)
def test_failure_code_is_found_in_the_words_of_the_reason(reason: str | None, code: str) -> None:
    """The site has a sentence for each code."""
    assert failure_code(reason) == code


def test_reason_group_has_nothing_of_a_person() -> None:
    """Equal failures of different people are one reason."""
    assert reason_group("550 <asha@example.com> unknown, id 12345678") == "550 … unknown, id …"
    assert reason_group(None) == "rejected"
