"""The reconciliation of the chaos run finds every kind of difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.messages.ledger import KINDS
from common.storage.documents import Snapshot
from tests.system.chaos_plan import ACTIONS, plan_of, seeds_with_every_action
from tests.system.chaos_run import max_rounds
from tests.system.reconciliation import QuietPeriod, Records

AT = datetime(2026, 11, 23, tzinfo=UTC)
TOTALS = {"audience": 3, "sent": 2, "failed": 0, "skipped": 1, "unknown": 0, "pending": 0}
TEXT = {"subject": "Hi", "body": "Come"}


def receipt(message: str, kind: str, *, attempt: int = 1, **fields: Any) -> Snapshot:
    data = {"message": message, "customer": f"c{message[1:]}", "kind": kind, "attempt": attempt, **fields}
    return Snapshot(path=f"receipts/{message}.{kind}.{attempt}", data=data, version=AT, at=AT)


def claim(key: str, **fields: Any) -> Snapshot:
    return Snapshot(path=f"claims/{key}", data={**TEXT, "at": AT, **fields}, version=AT, at=AT)


def log_entry(outcome: str = "sent", *, to: str = "somebody", **fields: Any) -> dict[str, Any]:
    entry = {
        "outcome": outcome,
        "permanent": False,
        "accepted": 1,
        "content_changes": 0,
        "message": TEXT | {"to": to},
        "contradicted": False,
    }
    return {**entry, "requests": 1, "request_times": [AT.timestamp()], **fields}


def consistent_records() -> Records:
    """Return consistent records: c1 was sent, c2 failed and was then sent, c3 has no consent."""
    receipts = [
        receipt("m1", "sent"),
        receipt("m2", "failed"),
        receipt("m2", "retried", attempt=2, replaces="failed"),
        receipt("m2", "sent", attempt=2),
        receipt("m3", "skipped", reason="no_consent"),
    ]
    counters = dict.fromkeys(KINDS, 0) | {"retried": 1}
    return Records(
        audience={"m1": None, "m2": None, "m3": "no_consent"},
        campaign={"state": "finished", "totals": TOTALS, "discrepancy": None},
        statistics=counters | TOTALS,
        receipts=receipts,
        claims={key: claim(key) for key in ("m1", "m2", "m2.2")},
        send_log={"m1": log_entry(to="p1"), "m2": log_entry("failed", to="p2"), "m2.2": log_entry(to="p2")},
    )


def test_consistent_records_have_no_differences() -> None:
    """Consistent records have no differences."""
    assert consistent_records().differences() == []


def without_receipt(records: Records, message: str) -> Records:
    return replace(records, receipts=[item for item in records.receipts if item["message"] != message])


EARLIER = AT.timestamp() - 9
PAUSED = QuietPeriod(state="paused", start=AT.timestamp() - 9, end=AT.timestamp() + 9, grace=2)


def with_late_claim(records: Records, key: str) -> Records:
    """The message was claimed after the cancellation; the others before it."""
    early = {other: claim(other, at=AT - timedelta(hours=1)) for other in records.claims}
    claims = early | {key: claim(key, at=AT)}
    return replace(records, quiet=[replace(PAUSED, state="cancelled")], claims=claims)


def with_statistics(records: Records, **counts: Any) -> Records:
    return replace(records, statistics={**records.statistics, **counts})


def with_log_entry(records: Records, key: str, **changes: Any) -> Records:
    return replace(records, send_log={**records.send_log, key: {**records.send_log.get(key, log_entry()), **changes}})


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda r: with_statistics(r, audience=2), "The audience is 2 instead of 3"),
        (lambda r: with_statistics(r, pending=1), "1 are pending"),
        (lambda r: replace(r, campaign={**r.campaign, "totals": None}), "The campaign's totals are None"),
        (lambda r: replace(r, campaign={**r.campaign, "discrepancy": {"sent": 1}}), "reports a discrepancy"),
        (lambda r: with_statistics(r, sent=3), "The counters say 3 sent, the ledger 2"),
        (lambda r: with_statistics(r, retried=0), "The counters say 0 retried, the ledger 1"),
        (lambda r: without_receipt(r, "m1"), "1 have no outcome: m1"),
        (lambda r: replace(r, audience={"m1": None, "m2": None}), "but are not in the audience: m3"),
        (lambda r: replace(r, audience={**r.audience, "m3": None}), "m3 is skipped (no_consent) instead of messaged"),
        (
            lambda r: replace(r, audience={**r.audience, "m1": "no_address"}),
            "m1 is sent (None) instead of skipped for no_address",
        ),
        (lambda r: with_log_entry(r, "m4"), "are in the send log only: m4"),
        (lambda r: with_log_entry(r, "m1", outcome="failed"), "different outcome in the send log: m1"),
        (lambda r: with_log_entry(r, "m2", permanent=True), "different outcome in the send log: m2"),
        (lambda r: with_log_entry(r, "m1", accepted=2), "were accepted more than once: m1"),
        (lambda r: with_log_entry(r, "m1", accepted=2), "were reached more than once: m1"),
        (lambda r: with_log_entry(r, "m2", outcome="sent"), "were reached more than once: m2"),
        (lambda r: with_log_entry(r, "m1", requests=2), "were requested again, which is too many: m1"),
        (lambda r: replace(r, leftovers=["deferred/m1"]), "are left behind: deferred/m1"),
        (lambda r: replace(r, quiet=[PAUSED]), "3 were sent to while the campaign was paused"),
        (
            lambda r: replace(r, excluded_since={"m1": EARLIER}),
            "1 were sent to although they said no, were suppressed or erased",
        ),
        (
            lambda r: replace(r, moved_since={"m1": (EARLIER, "p1")}),
            "sent to an address that is not theirs any more: m1",
        ),
        (lambda r: with_log_entry(r, "m1", message=TEXT | {"to": "p2"}), "got the messages of several people: p2"),
        (lambda r: replace(r, per_minute=7), "3 messages were sent within 15 s, and 2 were allowed"),
        (lambda r: replace(r, erased={"m1"}, excluded_since={"m1": EARLIER}), "erased people, and still name them: m1"),
        (lambda r: with_log_entry(r, "m1", outcome="failed", permanent=True), "different outcome in the send log: m1"),
        (lambda r: with_late_claim(r, "m2"), "1 were sent to while the campaign was cancelled: m2"),
        (lambda r: with_log_entry(r, "m1", content_changes=1), "requested again with a different text: m1"),
        (lambda r: with_log_entry(r, "m3"), "were skipped and sent: m3"),
        (
            lambda r: with_log_entry(r, "m1", message={**TEXT, "to": "p1", "body": "Go"}),
            "a different text than the claim: m1",
        ),
        (lambda r: replace(r, send_log={"m1": log_entry()}), "are missing in the send log: m2 (None), m2.2 (None)"),
        (lambda r: replace(r, claims={}), "3 were sent without a claim"),
    ],
)
def test_difference_is_found(change: Callable[[Records], Records], difference: str) -> None:
    """Each single change of the consistent records is reported."""
    assert difference in "\n".join(change(consistent_records()).differences())


def test_many_differences_are_shortened() -> None:
    """Only a few of many ids are listed."""
    records = replace(consistent_records(), audience={f"m{number}": None for number in range(1, 100)})
    assert "96 have no outcome: m10, m11, m12 …" in records.differences()


def test_quiet_period_begins_after_its_grace() -> None:
    """What is sent right after the pause was under way; what is sent later is a fault."""
    records = replace(consistent_records(), quiet=[replace(PAUSED, grace=10)])
    assert records.differences() == []


def test_person_who_moved_may_be_sent_to_at_the_new_address() -> None:
    """Only the address that they have left counts."""
    records = replace(consistent_records(), moved_since={"m1": (EARLIER, "p0")})
    assert records.differences() == []


def test_suppressed_recipient_may_be_skipped() -> None:
    """Who is suppressed while the campaign runs is sent to, or skipped."""
    receipts = [receipt("m1", "skipped", reason="suppressed")]
    totals = {"audience": 1, "sent": 0, "failed": 0, "skipped": 1, "unknown": 0, "pending": 0}
    campaign = {"state": "finished", "totals": totals, "discrepancy": None}
    records = Records(
        audience={"m1": None},
        campaign=campaign,
        statistics=dict.fromkeys(KINDS, 0) | totals,
        receipts=receipts,
        claims={},
        send_log={},
        allowed_reasons={"m1": ["suppressed"]},
    )
    assert records.differences() == []
    assert replace(records, allowed_reasons={}).differences() != []


def test_tested_seeds_have_every_action() -> None:
    """The three seeds of the test suite cancel, pause and retry; one has no watchdog, one two managers, one a start
    that is scheduled."""
    features = [plan_of(seed).features for seed in seeds_with_every_action()]
    assert {"cancel", "pause", "resume", "retry"} <= set.union(*features)
    assert ["without watchdog" in of_seed for of_seed in features] == [False, True, False]
    assert {"two managers", "scheduled start"} <= set.union(*features)


def test_fifty_seeds_have_every_feature() -> None:
    """What a longer run is for happens in it: everything that managers do, and all kinds of campaigns."""
    plans = [plan_of(seed) for seed in range(1, 51)]
    assert {tuple(plan.actions) for plan in plans} == {tuple(actions) for actions in ACTIONS}
    features = set.union(*(plan.features for plan in plans))
    assert {"without watchdog", "long pause", "two managers", "two campaigns", "rate", "scheduled start"} <= features


def test_contradicted_report_may_be_the_outcome() -> None:
    """Whichever report is recorded first stands; who has failed by it may be sent to under a new key."""
    records = with_log_entry(consistent_records(), "m2", outcome="sent", contradicted=True)
    assert records.differences() == []


def test_report_that_replaces_an_assumption_is_about_the_same_request() -> None:
    """The attempt that a correction opens has no key of its own."""
    records = consistent_records()
    receipts = [
        receipt("m1", "failed", retry_of_attempt=1),
        receipt("m1", "corrected", attempt=2, replaces="failed"),
        receipt("m1", "sent", attempt=2),
        *(one for one in records.receipts if one["message"] != "m1"),
    ]
    assert replace(with_statistics(records, corrected=1), receipts=receipts).differences() == []


def test_message_given_up_before_the_vendor_had_it_is_an_assumption() -> None:
    """A dead letter is not in the send log. What the vendor itself said to have failed must be."""
    records, dead_letter = without_receipt(consistent_records(), "m1"), receipt("m1", "failed", retry_of_attempt=1)
    log = {key: entry for key, entry in records.send_log.items() if key != "m1"}
    totals = TOTALS | {"sent": 1, "failed": 1}
    records = replace(with_statistics(records, **totals), send_log=log, campaign={**records.campaign, "totals": totals})
    assert replace(records, receipts=[*records.receipts, dead_letter]).differences() == []
    own = receipt("m1", "failed")
    assert replace(records, receipts=[*records.receipts, own]).differences() == [
        "1 are missing in the send log: m1 (None)"
    ]


def test_erased_person_leaves_no_name() -> None:
    """Receipts and claims stay without data; who was erased before the audience was planned is not in it."""
    records = consistent_records()
    blank = Snapshot(path="claims/m1", data={"subject": "", "body": "", "at": AT}, version=AT, at=AT)
    erased = receipt("m1", "unknown", customer="erased")
    others = [one for one in records.receipts if one["message"] != "m1"]
    totals = TOTALS | {"sent": 1, "unknown": 1}
    records = replace(
        with_statistics(records, **totals),
        campaign={**records.campaign, "totals": totals},
        receipts=[erased, *others],
        claims={**records.claims, "m1": blank},
        erased={"m1"},
        excluded_since={"m1": AT.timestamp(), "m9": AT.timestamp()},
        audience={**records.audience, "m9": None},
    )
    assert records.differences() == ["The audience is 3 instead of 4", "1 have no outcome: m9"]
    assert replace(records, erased={"m1", "m9"}).differences() == []


def test_cancelled_campaign_may_skip_any_recipient() -> None:
    """The skip reason "cancelled" is valid only in a cancelled campaign."""
    skipped = [receipt("m1", "skipped", reason="cancelled")]
    totals = {"audience": 1, "sent": 0, "failed": 0, "skipped": 1, "unknown": 0, "pending": 0}
    statistics = dict.fromkeys(KINDS, 0) | totals
    records = replace(
        consistent_records(), audience={"m1": None}, statistics=statistics, receipts=skipped, claims={}, send_log={}
    )
    for state, agree in (("cancelled", True), ("finished", False)):
        campaign = {"state": state, "totals": totals, "discrepancy": None}
        assert (replace(records, campaign=campaign).differences() == []) == agree


@pytest.mark.parametrize(("seconds", "rounds"), [(4, 0), (5, 1), (14, 1), (15, 2), (60, 3), (300, 5)])
def test_watchdog_may_look_as_often_as_its_waits_fit_in(seconds: float, rounds: int) -> None:
    """Five seconds, then ten more, then twenty more: a storm of repairs is more than that."""
    assert max_rounds(seconds) == rounds
