"""Erasure and campaigns: the ids of erased people leave the plans and pages when the campaigns are over."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import timedelta

import pytest

from common.events import CheckMessages, Receipt, ReceiptsReported
from common.ids import bucket_of, message_id
from common.storage.documents import Query, Snapshot
from common.storage.memory import MemoryDocuments
from customers.commands.erase import Erasure
from customers.records.person_records import PersonRecords
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER


async def redact_no_imports(customer_ids: Collection[str], addresses: Collection[str]) -> None:
    """There are no imports."""


async def erase(herald: InMemoryHerald, customer_id: str) -> None:
    erasure = Erasure(
        herald.documents,
        hashes=HASHER,
        person_records=PersonRecords(herald.documents),
        redact_imports=redact_no_imports,
        clock=lambda: herald.now,
    )
    await erasure.erase(customer_id, by="me")


def naming(documents: MemoryDocuments, customer_id: str) -> set[str]:
    """The collections with a document that has the id, in its path or in its data."""
    return {
        collection
        for collection in documents.collections()
        for stored in documents.stored(collection)
        if customer_id in f"{stored.path} {stored.data} {_plan(stored)}"
    }


def _plan(stored: Snapshot) -> str:
    return zlib.decompress(stored["people"]).decode() if stored.path.startswith("plans/") else ""


@pytest.mark.parametrize("people", [3, 40])
async def test_id_of_an_erased_person_leaves_a_campaign_that_is_over(people: int) -> None:
    """After the next tick nothing names the person; the figures of the campaign stay, and its audience too."""
    herald = InMemoryHerald(page_size=5)
    ids = await herald.add_customers(people)
    await herald.launch()
    await herald.work()
    assert {"plans", "pages", "receipts", "claims"} <= naming(herald.documents, ids[0])
    before = await herald.totals()
    await erase(herald, ids[0])
    assert naming(herald.documents, ids[0]) - {"audience"} == {"plans", "pages", "redactions"}
    await herald.tick()
    assert naming(herald.documents, ids[0]) - {"audience"} == set()
    assert await herald.totals() == before
    assert not await herald.documents.query(Query(collection="redactions"))


async def test_id_of_an_erased_person_stays_until_the_campaign_is_over() -> None:
    """The person is skipped, and everybody has an outcome; then the id is redacted, also in the last receipt."""
    herald = InMemoryHerald(page_size=5)
    ids = await herald.add_customers(12)
    await herald.launch(per_minute=6000)
    await herald.work()
    await herald.act(lambda lifecycle: lifecycle.pause)
    await erase(herald, ids[0])
    await herald.tick()
    assert {"pages", "plans", "redactions"} <= naming(herald.documents, ids[0])
    await herald.act(lambda lifecycle: lifecycle.resume)
    for _ in range(5):
        await herald.tick()
        herald.now += timedelta(minutes=1)
    assert (await herald.campaign())["state"] == "finished"
    assert naming(herald.documents, ids[0]) - {"audience"} == set()
    totals = await herald.totals()
    assert (totals["sent"] + totals["failed"], totals["skipped"], totals["pending"]) == (11, 1, 0)


async def test_retry_and_watchdog_leave_redacted_people_alone() -> None:
    """Somebody who is redacted on a page had an outcome, and is neither missing nor sent anything again."""
    herald = InMemoryHerald(page_size=5)
    ids = await herald.add_customers(6)
    await herald.launch()
    await herald.work()
    await erase(herald, ids[0])
    await herald.tick()
    before = await herald.totals()
    await herald.act(lambda lifecycle: lifecycle.retry)
    await herald.publisher.publish([CheckMessages(command="check", campaign_id="c", bucket=bucket_of(ids[0]))])
    await herald.work()
    assert len({one["message"] for one in herald.documents.stored("receipts")}) == 6
    after = await herald.totals()
    assert (after["audience"], after["pending"]) == (before["audience"], 0)


async def test_late_report_on_somebody_who_was_erased_counts_and_on_nobody_does_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """When a campaign is over, its pages do not say who was erased; that the message has an outcome does."""
    herald = InMemoryHerald(page_size=5)
    herald.vendor.never_reports = True
    [erased, _] = await herald.add_customers(2)
    await herald.launch()
    await herald.work()
    while (await herald.totals())["pending"]:
        await herald.tick(minutes=60)
    await erase(herald, erased)
    await herald.tick()
    herald.restart()
    stranger = next(id_ for id_ in map(str, range(1_000)) if bucket_of(id_) == bucket_of(erased))
    for customer in (erased, stranger):
        late = Receipt(
            message_id=message_id("c", customer), campaign_id="c", customer_id=customer, kind="sent", at=herald.now
        )
        await herald.publisher.publish([ReceiptsReported(receipts=[late])])
    await herald.work()
    totals = await herald.totals()
    assert (totals["audience"], totals["sent"], totals["unknown"], totals["pending"]) == (2, 1, 1, 0)
    assert caplog.text.count("not in the audience") == 1


async def test_others_with_the_address_of_an_erased_person_get_no_message() -> None:
    """The address is suppressed, so their flags say it too: what instances remember of changes ends after an hour."""
    herald = InMemoryHerald()
    erased, other = await herald.add_customers(2, email="family@example.com")
    await erase(herald, erased)
    herald.now += timedelta(hours=3)
    herald.restart()
    await herald.launch()
    await herald.work()
    assert herald.vendor.sent_keys == []
    stored = await herald.documents.get(f"customers/{other}")
    assert "email" in stored["suppressed"]
    assert (await herald.totals())["skipped"] == 1
