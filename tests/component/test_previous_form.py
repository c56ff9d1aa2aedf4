"""Today's code takes on what the code before it has written: nobody is forgotten, and nobody is messaged twice.

`tests/previous_form/` has campaigns as that code left them, each at another moment: its documents and the messages that
were on their way. It knew no outcome `unknown`, planned the audience page by page, keyed a claim by its own attempt and
not by the attempt whose idempotency key it uses, and did not store since when the vendor may have a message. Its
receipts do not say what they replace, and its deferred messages are in no queue.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from common.events import Event, FanOut, MessageReady, ReceiptsReported, RecipientSelected, Retry
from common.ids import message_id, stable_hash
from common.storage.documents import Create, Query
from tests.in_memory_herald import InMemoryHerald
from vendor.vendors.simulator.sender import stable_fraction

FOLDER = Path(__file__).parents[1] / "previous_form"
CAMPAIGNS = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "customers")
PEOPLE = [stable_hash("customer", "external_id", str(number)) for number in range(5)]
EVENTS: Mapping[str, type[Event]] = {
    "recipients": RecipientSelected,
    "deliveries": MessageReady,
    "receipts": ReceiptsReported,
}


def decode(value: Any) -> Any:
    """A stored value: times and bytes are marked."""
    if isinstance(value, dict) and "$time" in value:
        return datetime.fromisoformat(value["$time"])
    if isinstance(value, dict) and "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    if isinstance(value, dict):
        return {name: decode(item) for name, item in value.items()}
    return [decode(item) for item in value] if isinstance(value, list) else value


def decode_event(topic: str, data: Any) -> Event:
    command: type[Event] = Retry if data.get("command") == "retry" else FanOut
    kind = EVENTS.get(topic, command)
    return kind.decode(json.dumps(data).encode())


async def taken_over(name: str) -> InMemoryHerald:
    """Today's functions with the database, the messages and the vendor as they were left."""
    left = json.loads((FOLDER / f"{name}.json").read_text())
    herald = InMemoryHerald(page_size=2)
    documents = json.loads((FOLDER / "customers.json").read_text()) | left["documents"]
    await herald.documents.commit([Create(path, decode(data)) for path, data in documents.items()])
    herald.now = datetime.fromisoformat(left["now"])
    herald.vendor.sent_keys = left["sent_keys"]
    await herald.publisher.publish([decode_event(topic, data) for topic, data in left["events"]])
    return herald


@pytest.mark.parametrize("name", CAMPAIGNS)
async def test_campaign_of_the_previous_form_finishes_exactly(name: str) -> None:
    """Whatever it was doing: each person has one outcome, which is the vendor's, and the numbers agree."""
    herald = await taken_over(name)
    await herald.work()
    if (await herald.campaign())["state"] == "paused":
        await herald.lifecycle.resume(await herald.campaign(), by="me")
    for _ in range(50):
        if not (await herald.campaign())["open"]:
            break
        await herald.tick(minutes=60)
    campaign, totals = await herald.campaign(), await herald.totals()
    assert (campaign["state"], campaign.get("discrepancy"), campaign["totals"]) == ("finished", None, totals)
    assert (totals["audience"], totals["pending"]) == (len(PEOPLE), 0)
    assert await herald.documents.query(Query(collection="deferred")) == []
    assert_nobody_was_reached_twice(herald)
    await assert_outcomes_are_the_vendors(herald)


def delivered(key: str) -> bool:
    """Whether the vendor delivers the message with this key: see `InMemoryVendor`."""
    is_permanent = stable_fraction("outcome", key.partition(".")[0]) < 0.1
    return not is_permanent and stable_fraction("outcome", key) >= 0.3


def assert_nobody_was_reached_twice(herald: InMemoryHerald) -> None:
    reached = Counter(key.partition(".")[0] for key in set(herald.vendor.sent_keys) if delivered(key))
    assert set(reached) <= {message_id("c", person) for person in PEOPLE}
    assert set(reached.values()) <= {1}


async def assert_outcomes_are_the_vendors(herald: InMemoryHerald) -> None:
    """Who was reached is recorded as sent."""
    receipts = await herald.documents.query(Query(collection="receipts"))
    sent = {receipt["message"] for receipt in receipts if receipt["kind"] == "sent"}
    assert sent == {key.partition(".")[0] for key in herald.vendor.sent_keys if delivered(key)}
