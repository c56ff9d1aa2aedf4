"""An address that is suppressed after fan-out has found it is not delivered to."""

from __future__ import annotations

from common.documents import Query
from common.events import FanOut
from common.ids import message_id
from common.suppressions import Address, suppression
from tests.herald import NOW, Herald
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
