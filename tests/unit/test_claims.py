"""Whoever takes a message over does what the claim says, whatever copy of the message they were given."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.errors import Busy, Unavailable
from common.events import MessagePersonalized, ReceiptsReported
from common.ids import message_id
from common.messages.campaign_state import Controls
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.messages.suppressions import Address, Watch, suppression
from common.storage.documents import Create, Update
from common.storage.memory import MemoryDocuments, MemoryPublisher
from tests.support import HASHES, ForgetfulDocuments
from vendor.claims import Claims, Taken
from vendor.delivery import Deliverer
from vendor.vendor import Accepted

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def message(body: str, **changes: Any) -> MessagePersonalized:
    given = {
        "message_id": message_id("c", "1"),
        "campaign_id": "c",
        "customer_id": "1",
        "to": "a@example.com",
        "subject": "Hi",
        "body": body,
        "channel": "email",
        "vendor": "dying",
        "personalized_by": "gemini",
    }
    return MessagePersonalized.model_validate(given | changes)


class Vendor:
    """Takes every message; the first time its caller never learns of it."""

    def __init__(self) -> None:
        self.room = nullcontext()
        self.sent: list[MessagePersonalized] = []

    async def send(self, message: MessagePersonalized) -> Accepted:
        self.sent.append(message)
        if len(self.sent) == 1:
            raise RuntimeError("the process dies")
        return Accepted(final=True)


class Publisher(MemoryPublisher):
    """Cannot be reached the first time."""

    down = True

    async def publish(self, events: Any) -> None:
        if self.down:
            self.down = False
            raise Unavailable()
        await super().publish(events)


class World:
    def __init__(self, publisher: MemoryPublisher) -> None:
        self.now = NOW
        self.documents = MemoryDocuments()
        self.publisher = publisher
        self.vendor = Vendor()
        self.claims = Claims(self.documents, owner="me", lease=LEASE, clock=lambda: self.now)

    def deliverer(self) -> Deliverer:
        """An instance that remembers nothing."""
        return Deliverer(
            claims=self.claims,
            controls=Controls(self.documents),
            held=DeferredMessages(self.documents, self.publisher),
            suppressions=Watch(self.documents, HASHES, clock=lambda: self.now),
            vendors={"dying": self.vendor},
            publisher=self.publisher,
            clock=lambda: self.now,
        )

    def receipts(self) -> list[tuple[str, str | None]]:
        reported = [event for event in self.publisher.events if isinstance(event, ReceiptsReported)]
        return [(receipt.kind, receipt.reason) for event in reported for receipt in event.receipts]


async def test_a_message_that_is_taken_over_is_sent_with_the_text_that_was_claimed() -> None:
    """Personalized twice, it has two texts; the vendor may have the first, and the campaign's page shows it."""
    world = World(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await world.deliverer().deliver(message("By Gemini"))
    with pytest.raises(Busy):
        await world.deliverer().deliver(message("By template", personalized_by="template", fallback="late"))
    world.now += LEASE
    await world.deliverer().deliver(message("By template", personalized_by="template", fallback="late"))
    assert [(one.body, one.personalized_by, one.fallback) for one in world.vendor.sent] == [
        ("By Gemini", "gemini", None)
    ] * 2
    assert world.receipts() == [("sent", None)]


async def test_who_is_suppressed_after_being_claimed_is_not_written_to_again() -> None:
    world = World(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await world.deliverer().deliver(message("Come"))
    address = Address(kind="email", value="a@example.com")
    suppressed = suppression(HASHES.path(address), "email", reason="unsubscribed", by="them", now=world.now)
    await world.documents.commit([suppressed])
    world.now += LEASE
    await world.deliverer().deliver(message("", to="", subject="", skip="erased"))
    assert len(world.vendor.sent) == 1
    assert world.receipts() == [("skipped", "suppressed")]


async def test_a_claim_that_was_emptied_has_nothing_to_send() -> None:
    world = World(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await world.deliverer().deliver(message("Come"))
    await world.documents.commit([Update(f"claims/{message('').key}", {"to": "", "subject": "", "body": ""})])
    world.now += LEASE
    await world.deliverer().deliver(message("Come"))
    assert len(world.vendor.sent) == 1
    assert world.receipts() == [("skipped", "erased")]


async def test_who_lost_their_address_after_being_claimed_is_asked_about_with_what_was_claimed() -> None:
    """The message without an address that comes then is not what the vendor knows."""
    world = World(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await world.deliverer().deliver(message("Come"))
    world.now += LEASE
    await world.deliverer().deliver(message("", to="", subject="", skip="no_address"))
    assert [(one.to, one.body) for one in world.vendor.sent] == [("a@example.com", "Come")] * 2
    assert world.receipts() == [("sent", None)]


@pytest.mark.parametrize("later", ["running", "cancelled"])
async def test_who_was_claimed_to_be_skipped_stays_skipped(later: str) -> None:
    """Also where whoever did so died before they told anybody."""
    world = World(Publisher())
    await world.documents.commit([Create("campaigns/c", {"state": "cancelled"})])
    with pytest.raises(Unavailable):
        await world.deliverer().deliver(message("Come"))
    world.documents = MemoryDocuments() if later == "running" else world.documents  # the state is read anew
    world.now += LEASE
    await world.deliverer().deliver(message("Come"))
    assert world.receipts() == [("skipped", "cancelled")]
    assert world.vendor.sent == []


async def test_of_copies_that_come_together_one_is_sent() -> None:
    world = World(MemoryPublisher())
    copies = [message("One"), message("Two"), message("Three")]
    claims = await asyncio.gather(*(world.claims.take(copy) for copy in copies))
    assert claims == [copies[0], Taken.BUSY, Taken.BUSY]
    world.now += LEASE
    assert await asyncio.gather(*(world.claims.take(copy) for copy in copies)) == [copies[0], Taken.BUSY, Taken.BUSY]


async def test_a_claim_whose_answer_was_lost_is_ours_all_the_same() -> None:
    """Else its messages would be refused until the lease is over. Somebody else's claim is not taken for ours."""
    world = World(MemoryPublisher())
    documents = ForgetfulDocuments(lost=1)
    mine = Claims(documents, owner="me", lease=LEASE, clock=lambda: world.now)
    one, two = message("One"), message("Two", message_id=message_id("c", "2"))
    assert await asyncio.gather(*(mine.take(claim) for claim in (one, one, two))) == [one, Taken.BUSY, two]
    others = Claims(documents, owner="other", lease=LEASE, clock=lambda: world.now)
    assert await others.take(one) is Taken.BUSY


async def test_what_has_its_outcome_is_finished() -> None:
    world = World(MemoryPublisher())
    await world.claims.take(message("Come"))
    await world.deliverer()._report(message("Come"), "sent")
    [event] = world.publisher.events
    assert isinstance(event, ReceiptsReported)
    await Ledger(world.documents, shard="one").record(event.receipts)
    assert await asyncio.gather(*(world.claims.take(message("Come")) for _ in range(2))) == [Taken.FINISHED] * 2
