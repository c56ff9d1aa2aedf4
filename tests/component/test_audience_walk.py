"""Work by bucket: a walk sees exactly what one query over the whole index would have seen at its moment, and a fan-out
loads its bucket alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.audience import (
    CUSTOMERS,
    TABLES,
    Audience,
    OncePerValue,
    OneGroup,
    activity_event,
    bucket_choice,
    compact,
    customer_delta,
    event_delta,
    events_tombstone,
    row_from_document,
    tombstone,
)
from common.audience.bucket_choice import ALL_BUCKETS, MAX_ROWS, HeldBuckets, group_buckets
from common.audience.index.manifest import Manifest
from common.audience.index.rows import CustomerRow, microseconds
from common.audience.people_lists import PeopleList, read_list
from common.audience.walk import begin_walk
from common.errors import AudienceTooLarge
from common.events import FanOut, PlanAudience, RecipientSelected, Retry
from common.ids import bucket_of
from common.rules import parse, validate
from common.rules.nodes import Rule
from common.rules.sql import Condition
from common.storage.documents import Documents, Put, Query, Snapshot
from common.storage.memory import MemoryDocuments
from tests.audience_fixture import documents_with
from tests.in_memory_herald import InMemoryHerald
from tests.oracle import NOW, ZONE, customers, matches, resolved_trees
from tests.support import examples

EVERYONE = parse("everyone")
ONCE = OncePerValue(field="email", label="same_address")
HALF = OneGroup(condition=Condition("sha256('key' || id) < '8'"), label="held_out")
Lines = list[tuple[int, str]]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bucket with customers is a step of its own."""
    monkeypatch.setattr(bucket_choice, "MAX_ROWS", 0)


async def compact_all(documents: Documents, now: datetime = NOW) -> None:
    for table in TABLES:
        await compact(documents, now=now, owner="test", table=table)


async def list_whole(documents: Documents, rule: Rule, *, at: datetime | None) -> Lines:
    audience = Audience(documents, zone=ZONE, at=at)
    await audience.refresh()
    labels = {"poor": parse("spend < 100")}
    _, lines = await audience.list_by_bucket(rule, NOW, labels=labels, once=ONCE, group=HALF)
    return lines


async def change_everything(documents: Documents, people: dict[str, dict[str, Any]], version: int) -> None:
    """Half of the people are erased, the others change and order; then all is compacted, and old blocks are removed."""
    erased = [id_ for number, id_ in enumerate(people) if number % 2]
    at = NOW + timedelta(seconds=version)
    changed = [
        row_from_document(id_, {"bucket": one["bucket"], "version": version, "spend": 1, "email": "all@example.com"})
        for id_, one in people.items()
        if id_ not in erased
    ]
    orders = [
        activity_event(f"{version}{row.id}", customer=row.id, kind="order", at=NOW, amount=5, now=at) for row in changed
    ]
    gone = [tombstone(id_, version=version) for id_ in erased]
    await documents.commit(
        [
            *customer_delta([*changed, *gone]),
            *event_delta([*orders, *(events_tombstone(id_, version=microseconds(at)) for id_ in erased)]),
        ]
    )
    for minutes in (1, 20, 40):
        await compact_all(documents, NOW + timedelta(minutes=minutes * version))


async def list_in_walk(documents: Documents, rule: Rule, people: dict[str, dict[str, Any]]) -> tuple[datetime, Lines]:
    """What the steps find together, while everything changes after the first one."""
    found: Lines = []
    is_changed = False
    async with begin_walk(documents, zone=ZONE) as walk:
        async for present in walk.steps():
            labels = {"poor": parse("spend < 100")}
            at, lines = await walk.list_by_bucket(rule, NOW, labels=labels, once=ONCE, group=HALF)
            assert {bucket for bucket, _ in lines} <= {*present}
            found += lines
            if not is_changed:
                await change_everything(documents, people, version=100)
                is_changed = True
        return at, found


@pytest.mark.usefixtures("small_steps")
@settings(max_examples=examples(10))  # each example is a walk with several compactions
@given(resolved_trees, customers(), st.booleans(), st.sampled_from([None, "a@example.com"]))
def test_steps_of_a_walk_find_what_one_query_finds(
    tree: object, people: dict[str, dict[str, Any]], compacted: bool, email: str | None
) -> None:
    """For any rule and its opposite, and in blocks as in deltas: whatever changes or is removed meanwhile."""
    people = {id_: one | ({"email": email} if email else {}) for id_, one in people.items()}

    async def compare(rule: Rule) -> None:
        documents = await documents_with(people)
        if compacted:
            await compact_all(documents)
        at, found = await list_in_walk(documents, rule, people)
        assert found == await list_whole(documents, rule, at=at)
        ids = {line.partition(" ")[0] for _, text in found for line in text.split("\n")}
        assert ids == {id_ for id_, one in people.items() if matches(rule, one, NOW)}

    for rule in (validate(tree), validate({"op": "not", "of": tree})):
        asyncio.run(compare(rule))


async def documents_of(number: int, **fields: Any) -> BlockCountingDocuments:
    """So many customers in blocks, each with an order; a few are in deltas."""
    documents = BlockCountingDocuments()
    ids = [f"p{position}" for position in range(number)]
    rows = [row_from_document(id_, {"bucket": bucket_of(id_), "version": 1, **fields}) for id_ in ids]
    orders = [activity_event(f"o{id_}", customer=id_, kind="order", at=NOW, amount=5, now=NOW) for id_ in ids]
    await documents.commit([*customer_delta(rows[5:]), *event_delta(orders[5:])])
    await compact_all(documents)
    await documents.commit([*customer_delta(rows[:5]), *event_delta(orders[:5])])
    documents.read.clear()
    documents.queries = 0
    return documents


class BlockCountingDocuments(MemoryDocuments):
    """Records which documents are read, and how many queries there are."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.queries = 0

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        self.read += paths
        return await super().get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        self.queries += 1
        return await super().query(query)

    def blocks_read(self, table: str = "customers") -> list[int]:
        """The buckets whose blocks were read, once for each time."""
        return sorted(int(path.split("-")[3]) for path in self.read if path.startswith(f"audience/{table}-block-"))


@pytest.mark.usefixtures("small_steps")
async def test_walk_reads_each_block_once_and_the_deltas_once() -> None:
    """The moment's manifests and deltas are read at the beginning, and kept."""
    documents = await documents_of(300)
    everybody = 0
    async with begin_walk(documents) as walk:
        async for present in walk.steps():
            assert len(present) == 1 or not documents.blocks_read()
            everybody += await walk.count(parse("ordered at least 1 times"), NOW)
    buckets = sorted({bucket_of(f"p{number}") for number in range(5, 300)})
    assert everybody == 300
    assert documents.blocks_read() == documents.blocks_read("events") == buckets
    assert sum(path.endswith("-manifest") for path in documents.read) == 2
    assert sum("-delta-" in path for path in documents.read) == 2
    assert documents.queries == 2


@pytest.mark.usefixtures("small_steps")
async def test_memory_of_a_walk_does_not_hold_earlier_steps() -> None:
    """What was loaded for a step is gone in the next one, so the index need not fit in memory."""
    documents = await documents_of(300)
    async with begin_walk(documents) as walk:
        async for present in walk.steps():
            [(rows, buckets)] = await walk.select("SELECT count(*), list(DISTINCT bucket) FROM customers_versions", [])
            assert rows == len([n for n in range(300) if bucket_of(f"p{n}") in present])
            assert {*(buckets or [])} <= {*present}


async def test_walk_through_a_small_index_has_one_step() -> None:
    """A small deployment plans with one query, as fast as one that has the whole index in memory."""
    documents = await documents_of(30)
    async with begin_walk(documents) as walk:
        assert [present async for present in walk.steps()] == [list(ALL_BUCKETS)]


@pytest.mark.usefixtures("small_steps")
async def test_list_that_changes_during_a_walk_is_that_of_the_moment() -> None:
    """Also who is found by a waiting address: people of all buckets, not only of the first ones."""
    documents = await documents_with(
        {f"p{n}": {"bucket": bucket_of(f"p{n}"), "version": 1, "lists": ["s"]} for n in range(9)}
    )
    late = {"bucket": bucket_of("late"), "version": 5, "email": "late@example.com"}
    other = {"bucket": bucket_of("other"), "version": 9, "email": "other@example.com"}
    stored = await read_list(documents, "s")
    waiting = PeopleList(
        people=stored.content.people, waiting=frozenset({"email late@example.com", "email other@example.com"})
    )
    await documents.commit(stored.writes(waiting))
    await documents.commit(customer_delta([row_from_document("late", late), row_from_document("other", other)]))
    await compact_all(documents)
    found: list[str] = []
    rule = validate({"op": "in_segment", "segment": "S", "members_of": "s"})
    async with begin_walk(documents, hash_address=lambda kind, value: f"{kind} {value}") as walk:
        async for _ in walk.steps():
            _, lines = await walk.list_by_bucket(rule, NOW, labels={})
            found += [id_ for _, text in lines for id_ in text.split("\n")]
            await documents.commit(
                (await read_list(documents, "s")).writes(PeopleList(people=frozenset({str(len(found))})))
            )
    assert sorted(found) == sorted([*(f"p{n}" for n in range(9)), "late", "other"])


@pytest.mark.usefixtures("small_steps")
async def test_walk_that_does_not_fit_in_memory_is_refused_before_it_loads() -> None:
    """A single bucket that is too large is refused by the numbers of rows in the manifest."""
    documents = await documents_of(300)
    async with begin_walk(documents, memory_bytes=20) as walk:
        with pytest.raises(AudienceTooLarge):
            await anext(walk.steps())
    assert documents.blocks_read() == []


def manifest_with(rows: int) -> Manifest:
    return Manifest(
        blocks={bucket: (f"block-{bucket}",) for bucket in ALL_BUCKETS}, rows=dict.fromkeys(ALL_BUCKETS, rows)
    )


def test_buckets_are_grouped_by_their_rows() -> None:
    """As many as are small together; at least one; and one alone whose rows nobody has counted."""
    third = MAX_ROWS // 3
    assert [len(group) for group in group_buckets([manifest_with(third)])] == [3] * 21 + [1]
    assert group_buckets([manifest_with(third), manifest_with(third)], [3, 1, 2]) == [[1], [2], [3]]
    assert group_buckets([manifest_with(MAX_ROWS * 9)], [3, 1]) == [[1], [3]]
    assert group_buckets([Manifest(blocks={1: ("a",)})], [0, 1, 2, 3]) == [[0], [1], [2, 3]]


def test_held_buckets_stay_and_the_oldest_others_go() -> None:
    """What a fan-out needs is loaded whatever its size; what was used last stays while there is room."""
    held, large = HeldBuckets(), manifest_with(MAX_ROWS // 3)
    for bucket in (1, 2, 3, 4):
        with held.hold(bucket):
            pass
    assert {*held.choose(CUSTOMERS, large)} == {2, 3, 4}
    with held.hold(9), held.hold(9), held.hold(2):
        assert {*held.choose(CUSTOMERS, large)} == {9, 2, 4}
        assert {*held.choose(CUSTOMERS, manifest_with(MAX_ROWS * 2))} == {9, 2}
    assert held.choose(CUSTOMERS, manifest_with(1)) == ALL_BUCKETS
    assert {*HeldBuckets().choose(CUSTOMERS, large)} == set()


async def test_bucket_that_is_held_later_has_the_deltas_that_were_loaded_before(small_steps: None) -> None:
    """Rows of its deltas, erasures among them, are not lost because nobody needed the bucket at that time."""
    documents = await documents_of(300)
    erased = tombstone("p7", version=9)
    changed = row_from_document("p8", {"bucket": bucket_of("p8"), "version": 9, "spend": 1})
    await documents.commit(customer_delta([erased, changed]))
    held = HeldBuckets()
    audience = Audience(documents, buckets=held.choose)
    for id_ in ("p20", "p7", "p8", "p0", "p7"):
        with held.hold(bucket_of(id_)):
            await audience.refresh()
            expected = {one for one in (f"p{n}" for n in range(300)) if bucket_of(one) == bucket_of(id_)} - {"p7"}
            assert {row.id for row in await audience.newest(None, NOW, limit=300)} == expected
            assert {row.spend for row in (await audience.rows(["p8"])).values()} <= {1}


class RecordingHerald(InMemoryHerald):
    """Records what is read of the index."""

    def __init__(self, **options: Any) -> None:
        self.read: list[str] = []
        super().__init__(index=True, **options)
        get_all = self.documents.get_all

        async def record(paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
            self.read += paths
            return await get_all(paths, at=at)

        self.documents.get_all = record  # type: ignore[method-assign]

    def blocks(self, table: str = "customers") -> list[int]:
        found, self.read = self.read, []
        return sorted({int(path.split("-")[3]) for path in found if path.startswith(f"audience/{table}-block-")})


async def launched(number: int, **options: Any) -> tuple[RecordingHerald, list[str]]:
    """A campaign to so many people, whose index is in blocks, and whose audience is planned."""
    herald = RecordingHerald(**options)
    people = await herald.add_customers(number)
    await compact_all(herald.documents, herald.now)
    await herald.launch()
    herald.publisher.events = []
    await herald.deliver(PlanAudience(command="plan", campaign_id="c"))
    return herald, people


@pytest.mark.usefixtures("small_steps")
async def test_fan_out_reads_only_the_blocks_of_its_bucket() -> None:
    """Another bucket is not loaded, also not for events, for which fan-out has no use."""
    herald, people = await launched(200)
    assert herald.blocks() == sorted({bucket_of(id_) for id_ in people})
    for bucket in (bucket_of(people[0]), bucket_of(people[1])):
        await herald.deliver(FanOut(campaign_id="c", bucket=bucket))
        assert herald.read
        assert herald.blocks() == [bucket]
        assert herald.blocks("events") == []


@pytest.mark.usefixtures("small_steps")
async def test_campaign_by_bucket_reaches_everybody_once() -> None:
    """The whole way, with several pages in each bucket."""
    herald, people = await launched(150, page_size=2)
    await herald.work()
    assert (await herald.totals())["audience"] == len(people)
    assert (await herald.ledger.statistics("c")).pending == 0
    assert len(herald.vendor.sent_keys) == len({*herald.vendor.sent_keys}) == len(people)


async def test_retry_reads_its_people_and_nothing_of_the_index() -> None:
    """The failures of one page are in all buckets: they would load the whole index."""
    herald, _ = await launched(100)
    await herald.work()
    herald.restart()
    herald.read = []
    await herald.act(lambda lifecycle: lifecycle.retry, times=1)
    retries = [event for event in herald.publisher.events if isinstance(event, Retry)]
    assert retries
    await herald.work()
    assert herald.blocks() == []
    statistics = await herald.ledger.statistics("c")
    assert statistics.pending == 0


async def test_address_counts_as_checked_when_its_row_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another page may refresh the audience meanwhile: what changed since is looked at before the message is sent."""
    herald, people = await launched(10)
    rows = Audience.rows
    read_at: list[datetime | None] = []

    async def read_then_refresh(audience: Audience, ids: Sequence[str]) -> Any:
        read_at.append(audience.read_at)
        found = await rows(audience, ids)
        await herald.documents.commit([Put("customers/other", {"spend": 1})])
        await audience.refresh()
        return found

    monkeypatch.setattr(Audience, "rows", read_then_refresh)
    await herald.deliver(FanOut(campaign_id="c", bucket=bucket_of(people[0])))
    [checked] = {one.address_checked_at for one in herald.publisher.events if isinstance(one, RecipientSelected)}
    assert checked == read_at[0]


class LateStampStore(MemoryDocuments):
    """Says that it read the manifest a little later than it did, as the emulator does: a compaction comes between."""

    is_late = True

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        found = await super().get(path, at=at)
        if path == CUSTOMERS.manifest_path and at is None and self.is_late:
            self.is_late = False
            await compact_all(self)
            return replace(found, at=(await super().get("things/any")).at)
        return found


async def test_manifest_of_another_instant_than_the_rest_is_read_again() -> None:
    """Otherwise the rows of the deltas that the compaction has merged are in nothing that is loaded."""
    documents = LateStampStore()
    await documents.commit(customer_delta([CustomerRow(id=f"p{n}", bucket=n, version=1) for n in range(5)]))
    assert await Audience(documents, zone=ZONE).count_all() == 5
    assert not documents.is_late
