"""An address that is suppressed after fan-out gets no message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from common.addresses.address import Address
from common.addresses.changes import MAX_LOOKED_UP, OVERLAP, AddressLookup, RecentAddressChanges
from common.addresses.state import lift_write, suppression_write
from common.events import FanOut
from common.ids import message_id
from common.storage.documents import Merge, Query, Snapshot
from common.storage.memory import MemoryDocuments
from tests.in_memory_herald import NOW, InMemoryHerald
from tests.support import HASHER


async def test_recipient_suppressed_after_fan_out_is_skipped_without_personal_data() -> None:
    """Neither the claim nor the receipt has the recipient's address."""
    herald = InMemoryHerald(copies=2)
    people = await herald.add_customers(20)
    campaign = await herald.launch()
    while commands := [event for event in herald.publisher.events if isinstance(event, FanOut)]:
        herald.publisher.events = [event for event in herald.publisher.events if not isinstance(event, FanOut)]
        for command in commands:
            await herald.fan_out.run(command)
    selected = len(herald.publisher.events)
    late = Address(kind="email", value="p3@example.com")
    suppressed = suppression_write(HASHER.path(late), late, reason="asked", by="me", now=NOW)
    await herald.documents.commit([suppressed])
    await herald.work()
    statistics = await herald.ledger.statistics(campaign)
    assert (selected, statistics.skipped_reasons, statistics.pending) == (20, {"suppressed": 1}, 0)
    message = message_id(campaign, people[3])
    assert message not in {key.partition(".")[0] for key in herald.vendor.sent_keys}
    claims = await herald.documents.query(Query(collection="claims", id_from=message, id_before=f"{message}~"))
    receipts = await herald.documents.query(Query(collection="receipts", id_from=message, id_before=f"{message}~"))
    assert "p3@example.com" not in f"{claims}{receipts}"
    assert [claim["to"] for claim in claims] == [""]


class ReadCountingDocuments(MemoryDocuments):
    """Counts the documents that queries read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    async def query(self, query: Query) -> list[Snapshot]:
        snapshots = await super().query(query)
        self.read += len(snapshots)
        return snapshots

    async def suppress(self, number: int, at: datetime) -> Address:
        address = Address(kind="email", value=f"s{number}@example.com")
        await self.commit([self.write_for(address, at)])
        return address

    def write_for(self, address: Address, at: datetime) -> Merge:
        return suppression_write(HASHER.path(address), address, reason="asked", by="me", now=at)


class AdjustableClock:
    """A clock that the test sets, and a monotonic one on which two seconds pass between two readings."""

    now = NOW

    def __init__(self) -> None:
        self.monotonic = map(float, count(step=2)).__next__

    def __call__(self) -> datetime:
        return self.now


async def suppression_fixture(number: int) -> tuple[ReadCountingDocuments, AdjustableClock, Sequence[Address]]:
    """Documents with that many suppressions, all of the same time, as an import makes them."""
    documents = ReadCountingDocuments()
    return documents, AdjustableClock(), [await documents.suppress(n, NOW) for n in range(number)]


async def test_suppressions_made_in_bulk_are_read_once() -> None:
    """No refresh reads an entry again that it has read, during the overlap or later."""
    documents, clock, listed = await suppression_fixture(500)
    lookup = AddressLookup(documents, HASHER, clock=clock)
    recent = RecentAddressChanges(documents, HASHER, clock=clock, monotonic=clock.monotonic)
    few = listed[: MAX_LOOKED_UP + 1]
    assert (await lookup.find(few)).keys() == set(few)  # the first call also counts the suppressions
    for minutes in (0, 1, 2.5, 3, 60):
        clock.now = NOW + timedelta(minutes=minutes)
        documents.read = 0
        assert (await lookup.find(listed)).keys() == set(listed)
        assert (await recent.get(listed[0], checked_at=clock.now)).suppressed
        assert documents.read == (500 if minutes == 0 else 0)


async def test_bulk_suppression_does_not_stall_the_refreshes() -> None:
    """While 5,000 addresses are suppressed within a minute, the refreshes together read each of them about once."""
    documents, clock, _ = await suppression_fixture(0)
    recent = RecentAddressChanges(documents, HASHER, clock=clock, monotonic=clock.monotonic)
    largest = 0
    for second in range(50):
        clock.now = NOW + timedelta(seconds=second)
        addresses = [Address(kind="email", value=f"b{second}.{n}@example.com") for n in range(100)]
        await documents.commit([documents.write_for(address, clock.now) for address in addresses])
        documents.read, before = 0, documents.read
        assert (await recent.get(addresses[-1], checked_at=clock.now)).suppressed
        largest = max(largest, documents.read)
        documents.read += before
    assert (documents.read, largest) == (5_000, 100)


async def test_suppression_committed_late_during_a_bulk_is_found() -> None:
    """An entry with an earlier time than entries that are read already is found at the next refresh."""
    documents, clock, listed = await suppression_fixture(50)
    recent = RecentAddressChanges(documents, HASHER, clock=clock, monotonic=clock.monotonic)
    assert (await recent.get(listed[0], checked_at=clock.now)).suppressed
    late = await documents.suppress(99, NOW - timedelta(seconds=90))
    clock.now += timedelta(seconds=1)
    assert (await recent.get(late, checked_at=clock.now)).suppressed


async def test_suppression_removed_and_set_again_out_of_order_is_found() -> None:
    """The later suppression counts, although its entry only moves within the overlap."""
    documents, clock, [address, _] = await suppression_fixture(2)
    recent = RecentAddressChanges(documents, HASHER, clock=clock, monotonic=clock.monotonic)
    path, at = HASHER.path(address), NOW - timedelta(seconds=50)
    await documents.commit([lift_write(await documents.get(path), at)])
    assert not (await recent.get(address, checked_at=clock.now)).suppressed
    await documents.commit([documents.write_for(address, at + timedelta(seconds=10))])
    assert (await recent.get(address, checked_at=clock.now)).suppressed


async def test_suppression_by_a_writer_with_a_slow_clock_is_found() -> None:
    """The overlap of the refreshes covers clock differences of two minutes."""
    documents, clock, listed = await suppression_fixture(MAX_LOOKED_UP + 1)
    lookup = AddressLookup(documents, HASHER, clock=clock)
    recent = RecentAddressChanges(documents, HASHER, clock=clock, monotonic=clock.monotonic)
    clock.now += timedelta(hours=1)
    assert (await lookup.find(listed)).keys() == set(listed)
    assert not (await recent.get(Address(kind="email", value="other@example.com"), checked_at=clock.now)).suppressed
    late = await documents.suppress(7, clock.now - OVERLAP)
    assert (await lookup.find([late, *listed])).keys() == {late, *listed}
    assert (await lookup.find([late])).keys() == {late}
    assert (await recent.get(late, checked_at=clock.now)).suppressed
