"""Imports of people who say no: each of them changes a customer, an address, and everybody who shares it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest

from common.errors import Unavailable
from common.events import ProcessImportShard
from common.storage.documents import MAX_WRITES, Query, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.record_activities import ActivityRecorder
from customers.commands.upsert import CustomerUpserts
from customers.formats.columns import CUSTOMERS
from customers.imports import jobs as import_jobs
from customers.imports.jobs import ImportJobs, ImportSpec
from customers.imports.upload import Upload
from customers.model.customer import CustomerInput
from tests.support import HASHER

PEOPLE = 400  # in one chunk
SPEC = ImportSpec(
    what="customers", dry_run=False, by="me", consent="denied", consent_channels=("email",), file="list.csv"
)


class StoppingStore(MemoryDocuments):
    """Counts commits; fails at the one with the number `stop_at`, as if the process had been killed before it."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.stop_at = -1

    async def commit(self, writes: Sequence[Write]) -> None:
        if len(self.sizes) == self.stop_at:
            self.stop_at = -1
            raise Unavailable("killed")
        self.sizes.append(len(writes))
        await super().commit(writes)


def upload(people: int) -> Upload:
    async def body() -> AsyncIterator[bytes]:
        yield b"external_id,email\n" + b"".join(b"c%d,c%d@example.com\n" % (n, n) for n in range(people))

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    return Upload(request, CUSTOMERS, None)


class LargeImport:
    """A list of people, all in one chunk, whose addresses other customers have too."""

    def __init__(self) -> None:
        self.documents, self.publisher = StoppingStore(), MemoryPublisher()
        self.jobs = ImportJobs(
            documents=self.documents,
            publisher=self.publisher,
            customer_upserts=CustomerUpserts(self.documents, hashes=HASHER),
            hashes=HASHER,
            activity_recorder=ActivityRecorder(self.documents, hashes=HASHER, zone=UTC),
            zone=UTC,
        )

    async def prepare(self, spec: ImportSpec = SPEC) -> str:
        """Stores the others and the list. Returns the import's id."""
        others = [CustomerInput(email=f"c{n}@example.com") for n in range(PEOPLE)]
        await CustomerUpserts(self.documents, hashes=HASHER).upsert(others)
        rows = upload(PEOPLE)
        import_id, _ = await self.jobs.accept(spec, await rows.read_rows(501), rows)
        self.documents.sizes.clear()
        return import_id

    async def process(self) -> None:
        for event in self.publisher.events:
            assert isinstance(event, ProcessImportShard)
            await self.jobs.process(event)

    async def states(self) -> list[str | None]:
        """What each customer says, and each address."""
        customers = await self.documents.query(Query(collection="customers"))
        addresses = await self.documents.query(Query(collection="addresses"))
        stored = [one.get("consents", {}).get("email", {}) for one in [*customers, *addresses]]
        return [statement.get("state") for statement in stored]


@pytest.fixture(autouse=True)
def one_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole list is one chunk."""
    monkeypatch.setattr(import_jobs, "shard_of", lambda _: 0)


async def test_import_of_people_who_all_say_no_keeps_the_limit_of_a_commit() -> None:
    """400 customers, 400 addresses and 400 others who have them are more than one commit may have."""
    large = LargeImport()
    import_id = await large.prepare()
    await large.process()
    status = await large.jobs.status(import_id)
    assert (status["state"], status["created"]) == ("completed", PEOPLE)
    assert max(large.documents.sizes) <= MAX_WRITES
    assert await large.states() == ["denied"] * 3 * PEOPLE


@pytest.mark.parametrize("commit", range(3))
async def test_import_that_is_cut_off_between_its_commits_counts_each_row_once(commit: int) -> None:
    """Whatever was stored before, the next delivery of the command ends as if nothing had happened."""
    large = LargeImport()
    import_id = await large.prepare()
    large.documents.stop_at = commit
    with pytest.raises(Unavailable):
        await large.process()
    await large.process()
    status = await large.jobs.status(import_id)
    assert (status["state"], status["created"], status["updated"]) == ("completed", PEOPLE, 0)
    assert await large.states() == ["denied"] * 3 * PEOPLE


async def test_dry_run_of_a_large_import_changes_nothing() -> None:
    """Nothing is stored early either."""
    large = LargeImport()
    await large.prepare(
        ImportSpec(what="customers", dry_run=True, by="me", consent="denied", consent_channels=("email",))
    )
    await large.process()
    assert await large.states() == [None] * PEOPLE


async def test_customers_who_all_move_to_another_address_keep_the_limit_of_a_commit() -> None:
    """Each of them leaves an address, and may be followed to the new one."""
    documents = StoppingStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    for domain in ("example.com", "example.org"):
        rows = [
            CustomerInput.model_validate({"external_id": f"c{n}", "email": f"c{n}@{domain}", "phone": f"+9198{n:08}"})
            for n in range(PEOPLE)
        ]
        await upserts.upsert(rows)
    assert max(documents.sizes) <= MAX_WRITES
    assert len([one for one in await documents.query(Query(collection="addresses")) if one.get("left_by")]) == PEOPLE
