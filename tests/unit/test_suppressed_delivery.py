"""An address that is suppressed after fan-out has found it is not delivered to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from common.events import FanOut
from common.ids import message_id
from common.messages.suppressions import SEEN_AGAIN, Address, Known, Watch, suppression
from common.storage.documents import Put, Query, Snapshot
from common.storage.memory import MemoryDocuments
from tests.in_memory_herald import NOW, Herald
from tests.support import HASHES


async def test_who_is_suppressed_after_fan_out_is_skipped_and_nothing_of_them_is_kept() -> None:
    herald = Herald(copies=2)
    people = await herald.customers(20)
    campaign = await herald.launch()
    while commands := [event for event in herald.publisher.events if isinstance(event, FanOut)]:
        herald.publisher.events = [event for event in herald.publisher.events if not isinstance(event, FanOut)]
        for command in commands:
            await herald.fan_out.run(command)
    found = len(herald.publisher.events)
    late = Address(kind="email", value="p3@example.com")
    gone = suppression(HASHES.path(late), "email", reason="asked", by="me", now=NOW)
    await herald.documents.commit([gone])
    await herald.work()
    statistics = await herald.ledger.statistics(campaign)
    assert (found, statistics.skipped_reasons, statistics.pending) == (20, {"suppressed": 1}, 0)
    message = message_id(campaign, people[3])
    assert message not in {one.partition(".")[0] for one in herald.vendor.book}
    kept = await herald.documents.query(Query(collection="claims", id_from=message, id_before=f"{message}~"))
    receipts = await herald.documents.query(Query(collection="receipts", id_from=message, id_before=f"{message}~"))
    assert "p3@example.com" not in f"{kept}{receipts}"
    assert [one["to"] for one in kept] == [""]


class Counting(MemoryDocuments):
    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    async def query(self, query: Query) -> list[Snapshot]:
        found = await super().query(query)
        self.read += len(found)
        return found

    async def suppress(self, number: int, at: datetime) -> Address:
        address = Address(kind="email", value=f"s{number}@example.com")
        await self.commit([self.suppression(address, at)])
        return address

    def suppression(self, address: Address, at: datetime) -> Put:
        return suppression(HASHES.path(address), address.kind, reason="asked", by="me", now=at)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


async def filled(number: int) -> tuple[Counting, Clock, Sequence[Address]]:
    """Many were suppressed in one moment, as by an import."""
    documents = Counting()
    return documents, Clock(), [await documents.suppress(n, NOW) for n in range(number)]


async def test_what_was_suppressed_in_bulk_is_not_read_again_for_ever() -> None:
    documents, clock, listed = await filled(500)
    known, watch = Known(documents, HASHES, clock=clock), Watch(documents, HASHES, clock=clock)
    assert await known.among(listed[:1]) == set(listed[:1])  # it has counted them, too
    for minutes in (0, 2.5, 3, 60):
        clock.now = NOW + timedelta(minutes=minutes)
        watch._asked -= 2  # two seconds pass
        documents.read = 0
        assert await known.among(listed) == set(listed)
        assert await watch.holds(listed[0], checked_at=clock.now)
        assert documents.read == (1_000 if minutes < 3 else 0)


async def test_a_writer_whose_clock_is_behind_is_not_missed() -> None:
    documents, clock, listed = await filled(3)
    known, watch = Known(documents, HASHES, clock=clock), Watch(documents, HASHES, clock=clock)
    clock.now += timedelta(hours=1)
    assert await known.among(listed) == set(listed)
    assert not await watch.holds(Address(kind="email", value="other@example.com"), checked_at=clock.now)
    late = await documents.suppress(7, clock.now - SEEN_AGAIN)
    watch._asked -= 2
    assert await known.among([late]) == {late}
    assert await watch.holds(late, checked_at=clock.now)
