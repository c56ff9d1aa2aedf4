"""Two processes act at the same moment: what one commits between another one's read and its commit is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from campaigns.sending.fan_out import page_path
from common.addresses.address import Address
from common.events import RETRY_SHARDS, FanOut, MessageReady, ProcessImportShard, Receipt, Retry
from common.ids import bucket_of, message_id
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.messages.ledger import Ledger
from common.storage.documents import Create, Query, Snapshot, Update, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.erase import Erasure
from customers.commands.record_activities import ActivityRecorder
from customers.commands.upsert import CustomerUpserts
from customers.formats.columns import CUSTOMERS
from customers.imports.jobs import ImportJobs, ImportSpec
from customers.imports.upload import Upload
from customers.model.customer import CustomerInput
from customers.records.person_records import PersonRecords
from tests.in_memory_herald import InMemoryHerald
from tests.support import AT, CLAIM_PATHS, HASHER, ResponseLosingStore
from vendor.claims import ClaimDenied, Claims, MessageLease

Meanwhile = Callable[[], Awaitable[object]]


class InterveningStore(ResponseLosingStore):
    """Right after something in `collection` is read for the first time, somebody else acts."""

    def __init__(self) -> None:
        super().__init__()
        self._collection: str | None = None
        self._meanwhile: Meanwhile | None = None

    def intervene(self, collection: str, meanwhile: Meanwhile) -> None:
        self._collection, self._meanwhile = collection, meanwhile

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        snapshots = await super().get_all(paths, at=at)
        await self._after_read(*(path.partition("/")[0] for path in paths))
        return snapshots

    async def query(self, query: Query) -> list[Snapshot]:
        snapshots = await super().query(query)
        await self._after_read(query.collection)
        return snapshots

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        result = await super().sums(query, fields)
        await self._after_read(query.collection)
        return result

    async def _after_read(self, *collections: str) -> None:
        if self._meanwhile and self._collection in collections:
            meanwhile, self._meanwhile = self._meanwhile, None
            await meanwhile()


def herald_with(documents: ResponseLosingStore) -> InMemoryHerald:
    herald = InMemoryHerald(finishes_early=False)
    herald.documents = documents
    herald.restart()
    return herald


def committing(documents: MemoryDocuments, *writes: Write) -> Meanwhile:
    return lambda: documents.commit(writes)


def message(attempt: int = 1) -> MessageReady:
    fields = {"message_id": message_id("c", "1"), "campaign_id": "c", "customer_id": "1", "to": "a@example.com"}
    text = {"subject": "Hi", "body": "Come", "channel": "email", "vendor": "v", "personalized_by": "template"}
    return MessageReady.model_validate({**fields, **text, "attempt": attempt})


@pytest.mark.parametrize("first", ["counters", "pages"])
async def test_pending_is_never_negative_while_an_outcome_is_recorded(first: str) -> None:
    """A page is planned and its person gets an outcome while the numbers are read: nobody is pending less than zero."""
    documents = InterveningStore()
    page = {"campaign": "c", "bucket": 0, "audience": 1, "last": 1}
    receipt = Receipt(message_id=message_id("c", "1"), campaign_id="c", customer_id="1", kind="sent", at=AT)

    async def send() -> None:
        await documents.commit([Create("pages/c.0.0", page)])
        await Ledger(documents, shard="other").record([receipt])

    documents.intervene(first, send)
    assert (await Ledger(documents, shard="mine").statistics("c")).pending in {0, 1} | (
        {0} if first == "pages" else {1}
    )


async def test_expired_claim_is_taken_over_by_one_of_two_instances() -> None:
    """Both see the expired lease; one of them gets the message, and the other is told to wait."""
    documents, now = MemoryDocuments(), AT
    lease = timedelta(minutes=5)
    await Claims(documents, owner="dead", lease=lease, **CLAIM_PATHS, clock=lambda: now).acquire(message())
    later = now + 2 * lease
    instances = [Claims(documents, owner=name, lease=lease, **CLAIM_PATHS, clock=lambda: later) for name in ("a", "b")]
    results = await asyncio.gather(*(claims.acquire(message()) for claims in instances))
    assert sorted(isinstance(result, MessageLease) for result in results) == [False, True]
    assert ClaimDenied.BUSY in results


async def test_retry_requested_while_the_campaign_finishes_is_not_lost() -> None:
    """A manager retries after the tick has counted, and before it finishes the campaign: the campaign stays open."""
    documents = InterveningStore()
    herald = herald_with(documents)
    await herald.add_customers(4)
    await herald.launch()
    await herald.work()
    retry = Update("campaigns/c", {"retrying": True, "retries": 1, "commands_pending": True})
    documents.intervene("receipts", committing(documents, retry))
    await herald.tick()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["open"], campaign["retries"]) == ("running", True, 1)


@pytest.mark.parametrize("retries", [1, 2])
async def test_second_retry_requested_before_the_first_one_ends_stays_in_progress(retries: int) -> None:
    """The command of the first retry does not end the second one, which is requested before or during its commit."""
    documents = InterveningStore()
    herald = herald_with(documents)
    await herald.launch(retrying=True, retries=retries)
    herald.publisher.events = []
    again = Update("campaigns/c", {"retries": 2})
    shards = [Retry(command="retry", campaign_id="c", round=1, shard=shard) for shard in range(RETRY_SHARDS)]
    for shard in shards[:-1]:
        await herald.deliver(shard)
    documents.intervene("receipts", lambda: _intervene_later(documents, again))
    await herald.deliver(shards[-1])
    campaign = await herald.campaign()
    assert (campaign["retrying"], campaign["retries"]) == (True, 2)


async def _intervene_later(documents: InterveningStore, write: Write) -> None:
    """After the failures are read, the next reading of the campaign is the one before the commit."""
    documents.intervene("campaigns", committing(documents, write))


async def test_action_while_commands_are_published_keeps_its_own_commands_pending() -> None:
    """The commands of one action are published; those of the next one are still pending."""
    documents = InterveningStore()
    herald = herald_with(documents)
    await herald.launch(commands_pending=True, audience_plan="p", audience_chunks=[])
    documents.intervene("pages", committing(documents, Update("campaigns/c", {"retries": 1})))
    await herald.lifecycle.publish_pending_commands("c")
    assert (await herald.campaign())["commands_pending"]


async def test_page_planned_by_two_processes_is_the_first_one() -> None:
    """While one process plans a page, another one creates it with other people: both publish the first page."""
    documents = InterveningStore()
    herald = herald_with(documents)
    [person] = await herald.add_customers(1)
    await herald.launch()
    herald.publisher.events = []
    bucket = bucket_of(person)
    first = {
        "campaign": "c", "bucket": bucket, "planned": [], "skipped": {}, "after": "", "audience": 0, "final": True,
        "done": 1, "last": 1,
    }  # fmt: skip
    path = page_path("c", bucket, 0)
    documents.intervene("pages", committing(documents, Create(path, first)))
    await herald.deliver(FanOut(campaign_id="c", bucket=bucket))
    assert (await documents.get(path))["planned"] == []
    assert herald.publisher.events == []


async def test_message_deferred_again_while_it_is_requeued_stays_deferred() -> None:
    """The newer version of a deferred message is not deleted with the older one."""
    documents = MemoryDocuments()

    class DeferringPublisher(MemoryPublisher):
        async def publish_raw(self, *arguments: Any) -> None:
            await super().publish_raw(*arguments)
            later = DeferredMessage(event=message(attempt=1), reason="vendor", until=AT + timedelta(hours=1))
            await DeferredMessages(documents, self).defer([later])

    deferred = DeferredMessages(documents, DeferringPublisher())
    await deferred.defer([DeferredMessage(event=message(), reason="paused", until=AT)])
    await deferred.requeue(await deferred.due("c", now=AT))
    assert [one["reason"] for one in documents.stored("deferred")] == ["vendor"]


async def test_address_that_arrives_during_an_erasure_is_suppressed_too() -> None:
    """An import changes the address between the erasure's read and its commit: no message goes to either address."""
    documents = InterveningStore()
    upserts = CustomerUpserts(documents, hashes=HASHER, clock=lambda: AT)
    [customer] = await upserts.upsert([CustomerInput(external_id="1", email="old@example.com")])
    erasure = Erasure(
        documents,
        hashes=HASHER,
        person_records=PersonRecords(documents),
        redact_imports=_redact_nothing,
        clock=lambda: AT,
    )
    newer = CustomerInput(external_id="1", email="new@example.com")

    async def change_before_the_commit() -> None:
        documents.intervene("customers", lambda: upserts.upsert([newer]))

    documents.intervene("activities", change_before_the_commit)
    await erasure.erase(str(customer.id), by="me")
    paths = {HASHER.path(Address(kind="email", value=f"{name}@example.com")) for name in ("old", "new")}
    assert not (await documents.get(f"customers/{customer.id}")).exists
    assert (
        HASHER.path(Address(kind="email", value="new@example.com"))
        in {one.path for one in documents.stored("addresses") if one.get("suppressed")} & paths
    )


async def test_chunk_that_was_redacted_meanwhile_is_not_written_again() -> None:
    """Two deliveries process one chunk; an erasure redacts it after the first, and the second brings nothing back."""
    documents, publisher = InterveningStore(), MemoryPublisher()
    jobs = ImportJobs(
        documents=documents,
        publisher=publisher,
        customer_upserts=CustomerUpserts(documents, hashes=HASHER),
        hashes=HASHER,
        activity_recorder=ActivityRecorder(documents, hashes=HASHER, zone=UTC),
        zone=UTC,
    )

    async def body() -> AsyncIterator[bytes]:
        yield b"external_id,email\n1,not an address\n"

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    upload = Upload(request, CUSTOMERS, None)
    spec = ImportSpec(what="customers", dry_run=False, by="admin@example.com")
    await jobs.accept(spec, await upload.read_rows(501), upload)
    [event] = [event for event in publisher.events if isinstance(event, ProcessImportShard)]

    async def process_and_redact() -> None:
        await jobs.process(event)
        [chunk] = documents.stored("import_chunks")
        await documents.commit([Update(chunk.path, {"rows": b"redacted"})])

    documents.intervene("import_chunks", process_and_redact)
    await jobs.process(event)
    assert [chunk["rows"] for chunk in documents.stored("import_chunks")] == [b"redacted"]


async def _redact_nothing(customer_ids: object, addresses: object) -> None:
    """There are no imports."""
