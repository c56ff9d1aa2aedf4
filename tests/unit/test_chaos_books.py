"""What the chaos tests compare finds every sort of difference: it cannot agree with just anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from common.messages.ledger import KINDS
from common.storage.documents import Snapshot
from tests.system.reconciliation import Books

AT = datetime(2026, 11, 23, tzinfo=UTC)
TOTALS = {"audience": 3, "sent": 2, "failed": 0, "skipped": 1, "pending": 0}
TEXT = {"subject": "Hi", "body": "Come"}


def receipt(message: str, kind: str, *, attempt: int = 1, **more: Any) -> Snapshot:
    data = {"message": message, "customer": f"c{message[1:]}", "kind": kind, "attempt": attempt, **more}
    return Snapshot(path=f"receipts/{message}.{kind}.{attempt}", data=data, version=AT, at=AT)


def claim(key: str, **more: Any) -> Snapshot:
    return Snapshot(path=f"claims/{key}", data=TEXT | more, version=AT, at=AT)


def entry(outcome: str = "sent", **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "permanent": False, "accepted": 1, "changed": 0, "message": TEXT, **more}


def books() -> Books:
    """c1 was sent to, c2 failed and then was sent to, c3 has no consent."""
    receipts = [
        receipt("m1", "sent"),
        receipt("m2", "failed"),
        receipt("m2", "retried", attempt=2),
        receipt("m2", "sent", attempt=2),
        receipt("m3", "skipped", reason="no_consent"),
    ]
    counted = dict.fromkeys(KINDS, 0) | {"retried": 1}
    return Books(
        people={"c1": None, "c2": None, "c3": "no_consent"},
        campaign={"state": "finished", "totals": TOTALS, "discrepancy": None},
        statistics=counted | TOTALS,
        receipts=receipts,
        claims={key: claim(key) for key in ("m1", "m2", "m2.2")},
        vendor={"m1": entry(), "m2": entry("failed"), "m2.2": entry()},
    )


def test_books_that_agree() -> None:
    assert books().differences() == []


def without(found: Books, message: str) -> Books:
    return replace(found, receipts=[one for one in found.receipts if one["message"] != message])


def counted(found: Books, **numbers: Any) -> Books:
    return replace(found, statistics={**found.statistics, **numbers})


def told(found: Books, key: str, **changes: Any) -> Books:
    return replace(found, vendor={**found.vendor, key: {**found.vendor.get(key, entry()), **changes}})


@pytest.mark.parametrize(
    ("spoil", "difference"),
    [
        (lambda b: counted(b, audience=2), "The audience is 2 instead of 3"),
        (lambda b: counted(b, pending=1), "1 are pending"),
        (lambda b: replace(b, campaign={**b.campaign, "totals": None}), "The campaign's totals are None"),
        (lambda b: replace(b, campaign={**b.campaign, "discrepancy": {"sent": 1}}), "tells of a difference"),
        (lambda b: counted(b, sent=3), "The counters say 3 sent, the ledger 2"),
        (lambda b: counted(b, retried=0), "The counters say 0 retried, the ledger 1"),
        (lambda b: without(b, "m1"), "1 have no outcome: c1"),
        (lambda b: replace(b, people={"c1": None, "c2": None}), "without being in the audience: c3"),
        (lambda b: replace(b, people={**b.people, "c3": None}), "c3 is skipped (no_consent) instead of written to"),
        (
            lambda b: replace(b, people={**b.people, "c1": "no_address"}),
            "c1 is sent (None) instead of skipped for no_address",
        ),
        (lambda b: told(b, "m4"), "are in the vendor's book alone: m4"),
        (lambda b: told(b, "m1", outcome="failed"), "another outcome than in the vendor's book: m1"),
        (lambda b: told(b, "m2", permanent=True), "another outcome than in the vendor's book: m2"),
        (lambda b: told(b, "m1", accepted=2), "were accepted more than once: m1"),
        (lambda b: told(b, "m1", changed=1), "came again with another text: m1"),
        (lambda b: told(b, "m3"), "were skipped and yet sent: m3"),
        (lambda b: told(b, "m1", message=TEXT | {"body": "Go"}), "another text than the page shows: m1"),
        (lambda b: replace(b, vendor={"m1": entry()}), "are not in the vendor's book: m2 (None), m2.2 (None)"),
        (lambda b: replace(b, claims={}), "3 were sent without a claim"),
    ],
)
def test_a_difference_is_found(spoil: Callable[[Books], Books], difference: str) -> None:
    assert difference in "\n".join(spoil(books()).differences())


def test_of_many_examples_some_are_told() -> None:
    found = replace(books(), people={f"c{number}": None for number in range(1, 100)})
    assert "96 have no outcome: c10, c11, c12 …" in found.differences()


def test_a_cancelled_campaign_may_skip_anybody() -> None:
    skipped = [receipt("m1", "skipped", reason="cancelled")]
    totals = {"audience": 1, "sent": 0, "failed": 0, "skipped": 1, "pending": 0}
    numbers = dict.fromkeys(KINDS, 0) | totals
    found = replace(books(), people={"c1": None}, statistics=numbers, receipts=skipped, claims={}, vendor={})
    for state, agree in (("cancelled", True), ("finished", False)):
        campaign = {"state": state, "totals": totals, "discrepancy": None}
        assert (replace(found, campaign=campaign).differences() == []) == agree
