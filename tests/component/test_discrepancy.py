"""Counters and ledger are compared: every number, and all of them as they were at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from common.events import Receipt, ReceiptsReported
from common.ids import message_id
from common.messages.ledger import Ledger
from common.storage.documents import Create, Increment, Merge
from common.storage.memory import MemoryDocuments, yield_once
from tests.in_memory_herald import NOW, InMemoryHerald

IDS = {"message_id": "0" * 32, "campaign_id": "c", "customer_id": "p", "at": NOW}
ASSUMPTION = {"kind": "failed", "retry_of_attempt": 1, "reason": "late"}
LATE_RECEIPTS: Mapping[str, Mapping[str, Any]] = {
    "the vendor opens": {"kind": "opened"},
    "the vendor replaces an assumption": {"kind": "sent"},
    "a retry opens the next attempt": {"kind": "retried", "replaces": "failed", "attempt": 2, "retry_of_attempt": 1},
}


async def report(herald: InMemoryHerald, person: str, kind: str) -> None:
    """The vendor reports by callback."""
    ids = {"message_id": message_id("c", person), "campaign_id": "c", "customer_id": person}
    receipt = Receipt.model_validate({**ids, "kind": kind, "at": herald.now})
    await herald.publisher.publish([ReceiptsReported(receipts=[receipt])])
    await herald.work()


@pytest.mark.parametrize(
    ("counters", "names"),
    [
        ({"retryable": Increment(1)}, {"retryable"}),
        ({"failed_reasons": {"full": Increment(-1)}}, {"failed_reasons"}),
        ({"reasons": {"no_consent": Increment(1)}}, {"skipped_reasons"}),
        ({"minutes": {"202611231200": {"sent": Increment(1)}}}, {"sent_over_time"}),
        ({"kinds": {"opened": Increment(1), "corrected": Increment(1)}}, {"opened", "corrected"}),
    ],
)
async def test_discrepancy_of_any_counter_is_found(counters: Mapping[str, Any], names: set[str]) -> None:
    """Of all kinds, of what can be retried, of the reasons and of the times; after failures, retries and reports."""
    herald = InMemoryHerald()
    people = await herald.add_customers(6)
    await herald.launch()
    await herald.work()
    for kind, person in [("opened", people[0]), ("sent", people[1]), ("failed", people[2])]:
        await report(herald, person, kind)
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    assert await herald.ledger.discrepancy("c", await herald.ledger.statistics("c")) is None
    await herald.documents.commit([Merge("counters/c.one", {"campaign": "c", **counters})])
    discrepancy = await herald.ledger.discrepancy("c", await herald.ledger.statistics("c"))
    assert discrepancy is not None
    assert set(discrepancy) == names


async def test_discrepancy_of_receipts_of_older_code_is_none() -> None:
    """It wrote whether a failure is permanent in every receipt, and not what a retry replaces: always a failure."""
    herald = InMemoryHerald()
    ids = {"campaign": "c", "customer": "p", "message": "m", "at": NOW, "permanent": False}
    receipts = [
        {"kind": "failed", "slot": "outcome", "attempt": 1, "reason": "full"},
        {"kind": "retried", "slot": "retried", "attempt": 2, "reason": "full"},
        {"kind": "sent", "slot": "outcome", "attempt": 2},
    ]
    counters = {
        "campaign": "c", "kinds": {"failed": 0, "retried": 1, "sent": 1}, "retryable": 0,
        "failed_reasons": {"full": 0}, "minutes": {"202611231200": {"failed": 1, "sent": 1}},
    }  # fmt: skip
    await herald.documents.commit(
        [
            Create("counters/c.old", counters),
            *(Create(f"receipts/m.{number}", {**ids, **receipt}) for number, receipt in enumerate(receipts)),
        ]
    )
    assert await herald.ledger.discrepancy("c", await herald.ledger.statistics("c")) is None


class InterruptedDocuments(MemoryDocuments):
    """Something else happens at one moment: before the operation that has this number."""

    def __init__(self) -> None:
        super().__init__(turn=self._interrupt)
        self.moment: int | None = None
        self.late_receipt: Mapping[str, Any] = {}

    async def _interrupt(self) -> None:
        await yield_once()
        if self.moment is None:
            return
        self.moment -= 1
        if self.moment < 0:
            self.moment = None
            await Ledger(self, shard="two").record([Receipt.model_validate({**IDS, **self.late_receipt})])


@pytest.mark.parametrize("late_receipt", LATE_RECEIPTS)
async def test_receipt_while_the_counters_are_compared_is_no_discrepancy(late_receipt: str) -> None:
    """Whichever of the numbers it falls between, the others are those of the moment before it."""
    for moment in range(80):
        documents = InterruptedDocuments()
        ledger = Ledger(documents, shard="one")
        await ledger.record(
            [Receipt.model_validate({**IDS, "kind": "failed", "retry_of_attempt": 1, "reason": "late"})]
        )
        documents.moment, documents.late_receipt = moment, LATE_RECEIPTS[late_receipt]
        assert await ledger.discrepancy("c", await ledger.statistics("c")) is None, moment
    assert documents.moment is not None, "the last moment is after the comparison"


async def test_permanent_failure_is_no_discrepancy() -> None:
    """It cannot be sent again, nor can what replaces it; the same numbers come out of the receipts."""
    ledger = Ledger(MemoryDocuments(), shard="one")
    given_up = {"kind": "failed", "permanent": True, "retry_of_attempt": 1, "reason": "late"}
    await ledger.record([Receipt.model_validate({**IDS, **given_up})])
    statistics = await ledger.statistics("c")
    assert (statistics.kinds["failed"], statistics.retryable, await ledger.discrepancy("c", statistics)) == (1, 0, None)
    await ledger.record([Receipt.model_validate({**IDS, "kind": "sent"})])
    statistics = await ledger.statistics("c")
    assert (statistics.kinds["failed"], statistics.retryable, await ledger.discrepancy("c", statistics)) == (0, 0, None)
