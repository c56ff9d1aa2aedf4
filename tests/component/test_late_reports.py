"""The vendor reports after its message was assumed to have failed, and after the campaign was finished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from common.errors import Conflict
from common.events import Receipt, ReceiptKind, ReceiptsReported
from common.ids import message_id
from common.messages.ledger import MAX_MINUTES
from common.storage.documents import Create, Update, Write
from tests.in_memory_herald import InMemoryHerald
from tests.support import ResponseLosingStore


def receipt(herald: InMemoryHerald, person: str, kind: ReceiptKind, *, retry_of_attempt: int | None = None) -> Receipt:
    return Receipt(
        message_id=message_id("c", person),
        campaign_id="c",
        customer_id=person,
        kind=kind,
        at=herald.now,
        retry_of_attempt=retry_of_attempt,
    )


async def finished_without_reports(herald: InMemoryHerald, number: int) -> list[str]:
    """The ids of people whose messages were given up, because the vendor did not report on them."""
    people = await herald.add_customers(number)
    herald.vendor.never_reports = True
    await herald.launch()
    await herald.work()
    await herald.ledger.record([receipt(herald, person, "failed", retry_of_attempt=1) for person in people])
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    return people


async def report(herald: InMemoryHerald, person: str) -> None:
    await herald.publisher.publish([ReceiptsReported(receipts=[receipt(herald, person, "sent")])])
    await herald.work()


async def test_report_after_the_end_corrects_the_totals() -> None:
    """The next tick does it, and removes the summary, which says something else. A second one changes nothing."""
    herald = InMemoryHerald()
    [person, other] = await finished_without_reports(herald, 2)
    assert (await herald.campaign())["totals"]["failed"] == 2
    await herald.documents.commit([Update("campaigns/c", {"summary": "All failed."})])
    await report(herald, person)
    await herald.tick()
    campaign = await herald.campaign()
    assert (campaign["totals"]["sent"], campaign["totals"]["failed"], campaign["summary"]) == (1, 1, None)
    assert campaign["totals"] == await herald.totals()
    await herald.tick()
    assert (await herald.campaign()).version == campaign.version
    await herald.ledger.fold("c")
    await report(herald, other)
    await herald.tick()
    assert (await herald.campaign())["totals"]["sent"] == 2


class InterruptedUpdates(ResponseLosingStore):
    """Right before the mark of the counters is removed for the first time, something else is committed."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Sequence[Write] = ()
        self.conflicts = 0

    async def commit(self, writes: Sequence[Write]) -> None:
        is_update = any(isinstance(write, Update) and write.data.get("corrected") is False for write in writes)
        if is_update and self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, ()
            await super().commit(meanwhile)
        try:
            await super().commit(writes)
        except Conflict:
            self.conflicts += is_update
            raise


async def test_report_while_the_totals_are_updated_is_not_missed() -> None:
    """The mark of the second report is not removed with that of the first."""
    herald, documents = InMemoryHerald(), InterruptedUpdates()
    herald.documents = documents
    herald.restart()
    [person] = await finished_without_reports(herald, 1)
    await report(herald, person)
    [counter] = [counter for counter in documents.stored("counters") if counter.get("corrected")]
    documents.meanwhile = [Update(counter.path, {"corrected": True})]
    await herald.tick()
    assert documents.conflicts == 1
    await herald.tick()
    assert (await herald.campaign())["totals"]["sent"] == 1


async def test_outcomes_over_years_fit_into_the_counters() -> None:
    """A campaign has outcomes in other minutes for 26 years: by month at last, with exact sums, and none is lost."""
    herald = InMemoryHerald()
    await herald.add_customers(1)
    await herald.launch()
    start = datetime(2000, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(days=day // 4, minutes=day) for day in range(4 * 9_500)]
    minutes = {f"{moment:%Y%m%d%H%M}": {"sent": 1} for moment in moments}
    await herald.documents.commit([Create("counters/c.long", {"campaign": "c", "minutes": minutes})])
    await herald.tick()
    stored = (await herald.documents.get("counters/c.long"))["minutes"]
    assert len(stored) <= MAX_MINUTES
    assert sum(kinds["sent"] for kinds in stored.values()) == len(moments)
    assert sum(kinds["sent"] for at, kinds in stored.items() if at.startswith("2010")) == sum(
        moment.year == 2010 for moment in moments
    )
