"""An instance that takes over a message does what its claim says, whichever copy of the message it has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.addresses.state import suppression_write
from common.errors import Busy, Unavailable
from common.events import MessageReady, ReceiptsReported
from common.ids import message_id
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.storage.documents import Create, Update, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from tests.support import CLAIM_PATHS, HASHER, ResponseLosingStore, email, recipient_check
from vendor.circuit import Circuit
from vendor.claims import ClaimDenied, Claims, MessageLease
from vendor.delivery import Deliverer
from vendor.vendor import Accepted, VendorUnavailable

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def message(body: str, **changes: Any) -> MessageReady:
    """A message to one recipient, with `changes` to its fields."""
    fields = {
        "message_id": message_id("c", "1"),
        "campaign_id": "c",
        "customer_id": "1",
        "to": "a@example.com",
        "subject": "Hi",
        "body": body,
        "channel": "email",
        "vendor": "simulator",
        "personalized_by": "gemini",
    }
    return MessageReady.model_validate(fields | changes)


class CrashingVendor:
    """Accepts every message; the first caller crashes before it gets the answer."""

    def __init__(self) -> None:
        self.concurrency_limit = nullcontext()
        self.sent: list[MessageReady] = []

    async def send(self, message: MessageReady) -> Accepted:
        self.sent.append(message)
        if len(self.sent) == 1:
            raise RuntimeError("the process dies")
        return Accepted(final=True)


class UnreachablePublisher(MemoryPublisher):
    """Is unavailable for the first call."""

    down = True

    async def publish(self, events: Any) -> None:
        if self.down:
            self.down = False
            raise Unavailable()
        await super().publish(events)


class DeliveryFixture:
    """Delivery in memory, with a vendor whose first caller crashes."""

    def __init__(self, publisher: MemoryPublisher) -> None:
        self.now = NOW
        self.documents = MemoryDocuments()
        self.publisher = publisher
        self.vendor = CrashingVendor()
        self.claims = Claims(
            self.documents,
            owner="me",
            lease=LEASE,
            **CLAIM_PATHS,
            clock=lambda: self.now,
        )

    def deliverer(self) -> Deliverer:
        """A new instance without cached states."""
        return Deliverer(
            claims=self.claims,
            campaign_states=CampaignStates(self.documents),
            deferred=DeferredMessages(self.documents, self.publisher),
            recipient_check=recipient_check(self.documents, clock=lambda: self.now),
            vendors={"simulator": self.vendor, "letter": self.vendor},
            circuits={"simulator": Circuit(), "letter": Circuit()},
            publisher=self.publisher,
            clock=lambda: self.now,
        )

    def receipts(self) -> list[tuple[str, str | None]]:
        reported = [event for event in self.publisher.events if isinstance(event, ReceiptsReported)]
        return [(receipt.kind, receipt.reason) for event in reported for receipt in event.receipts]


async def test_message_after_a_takeover_is_sent_with_the_claimed_text() -> None:
    """The message has two texts; the vendor may have the first one, and the campaign's page shows it."""
    fixture = DeliveryFixture(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await fixture.deliverer().deliver(message("By Gemini"))
    with pytest.raises(Busy):
        await fixture.deliverer().deliver(message("By template", personalized_by="template", fallback="late"))
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("By template", personalized_by="template", fallback="late"))
    assert [(sent.body, sent.personalized_by, sent.fallback) for sent in fixture.vendor.sent] == [
        ("By Gemini", "gemini", None)
    ] * 2
    assert fixture.receipts() == [("sent", None)]


async def test_recipient_suppressed_after_the_claim_is_unknown() -> None:
    """The message is not sent a second time, but it may have been sent: it is not recorded as skipped."""
    fixture = DeliveryFixture(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await fixture.deliverer().deliver(message("Come"))
    address = email("a@example.com")
    suppressed = suppression_write(HASHER.path(address), address, reason="unsubscribed", by="them", now=fixture.now)
    await fixture.documents.commit([suppressed])
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("", to="", subject="", skip_reason="erased"))
    assert len(fixture.vendor.sent) == 1
    assert fixture.receipts() == [("unknown", "suppressed after it may have been sent")]


@pytest.mark.parametrize(("state", "skip_reason"), [("running", None), ("cancelled", None), ("running", "cancelled")])
async def test_message_that_is_skipped_leaves_no_data_of_an_erased_recipient(
    state: str, skip_reason: str | None
) -> None:
    """The person was erased while the message was on its way: it must not write the name and the address again."""
    fixture = DeliveryFixture(MemoryPublisher())
    address = email("a@example.com")
    erased = suppression_write(HASHER.path(address), address, reason="erased", by="me", now=fixture.now)
    await fixture.documents.commit([erased, Create("campaigns/c", {"state": state})])
    await fixture.deliverer().deliver(message("Dear Asha", name="Asha", skip_reason=skip_reason))
    [claim], [event] = fixture.documents.stored("claims"), fixture.publisher.events
    assert isinstance(event, ReceiptsReported)
    assert [claim.get(name) for name in ("name", "to", "subject", "body")] == [None, "", "", ""]
    assert (event.receipts[0].kind, event.receipts[0].name, event.receipts[0].to) == ("skipped", None, None)
    assert fixture.vendor.sent == []


async def test_claim_without_personal_data_is_unknown() -> None:
    """The recipient was erased after the claim: nothing is sent, but the message may have been sent before."""
    fixture = DeliveryFixture(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await fixture.deliverer().deliver(message("Come"))
    await fixture.documents.commit(
        [Update(f"claims/{message('').idempotency_key}", {"to": "", "subject": "", "body": ""})]
    )
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("Come"))
    assert len(fixture.vendor.sent) == 1
    assert fixture.receipts() == [("unknown", "erased after it may have been sent")]


async def test_recipient_without_an_address_after_the_claim_gets_the_claimed_message() -> None:
    """The vendor knows only the claimed message, not the later copy without an address."""
    fixture = DeliveryFixture(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await fixture.deliverer().deliver(message("Come"))
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("", to="", subject="", skip_reason="no_address"))
    assert [(sent.to, sent.body) for sent in fixture.vendor.sent] == [("a@example.com", "Come")] * 2
    assert fixture.receipts() == [("sent", None)]


@pytest.mark.parametrize("later", ["running", "cancelled"])
async def test_message_claimed_to_be_skipped_stays_skipped(later: str) -> None:
    """The instance that skipped the message crashed before it published the receipt."""
    fixture = DeliveryFixture(UnreachablePublisher())
    await fixture.documents.commit([Create("campaigns/c", {"state": "cancelled"})])
    with pytest.raises(Unavailable):
        await fixture.deliverer().deliver(message("Come"))
    fixture.documents = MemoryDocuments() if later == "running" else fixture.documents  # a new state is read
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("Come"))
    assert fixture.receipts() == [("skipped", "cancelled")]
    assert fixture.vendor.sent == []


async def test_copies_in_one_batch_get_one_claim() -> None:
    """The first copy gets the claim, also when the claim is taken over later."""
    fixture = DeliveryFixture(MemoryPublisher())
    copies = [message("One"), message("Two"), message("Three")]
    for _ in range(2):
        first, *others = await asyncio.gather(*(fixture.claims.acquire(copy) for copy in copies))
        assert isinstance(first, MessageLease)
        assert first.message == copies[0]
        assert others == [ClaimDenied.BUSY] * 2
        fixture.now += LEASE


async def test_claim_with_a_lost_response_is_acquired() -> None:
    """Otherwise the messages would be refused until the lease ends. Another instance's claim is still denied."""
    fixture = DeliveryFixture(MemoryPublisher())
    documents = ResponseLosingStore(lost=1)
    own = Claims(documents, owner="me", lease=LEASE, **CLAIM_PATHS, clock=lambda: fixture.now)
    one, two = message("One"), message("Two", message_id=message_id("c", "2"), to="b@example.com")
    first, copy, second = await asyncio.gather(*(own.acquire(claim) for claim in (one, one, two)))
    assert isinstance(first, MessageLease)
    assert isinstance(second, MessageLease)
    assert (first.message, copy, second.message) == (one, ClaimDenied.BUSY, two)
    others = Claims(documents, owner="other", lease=LEASE, **CLAIM_PATHS, clock=lambda: fixture.now)
    assert await others.acquire(one) is ClaimDenied.BUSY


async def test_claim_of_a_message_with_an_outcome_is_denied_as_finished() -> None:
    """A message that has an outcome is not sent again."""
    fixture = DeliveryFixture(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await fixture.deliverer().deliver(message("Come"))
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("Come"))
    [event] = fixture.publisher.events
    assert isinstance(event, ReceiptsReported)
    await Ledger(fixture.documents, shard="one").record(event.receipts)
    assert (
        await asyncio.gather(*(fixture.claims.acquire(message("Come")) for _ in range(2))) == [ClaimDenied.FINISHED] * 2
    )


async def test_release_after_a_takeover_leaves_the_others_lease() -> None:
    """A woke up late: B is sending by now, and C must not send at the same time."""
    fixture = DeliveryFixture(MemoryPublisher())
    a = await fixture.claims.acquire(message("Come"))
    fixture.now += LEASE
    b = await fixture.claims.acquire(message("Come"))
    assert isinstance(a, MessageLease)
    assert isinstance(b, MessageLease)
    await fixture.claims.release(a, may_have_accepted=True)
    assert await fixture.claims.acquire(message("Come")) is ClaimDenied.BUSY
    await fixture.claims.release(b, may_have_accepted=True)
    assert isinstance(await fixture.claims.acquire(message("Come")), MessageLease)


async def test_copy_of_a_message_goes_on_with_its_tries() -> None:
    """The watchdog may send a message again that is only on its way. So it is given up nevertheless; a retry starts
    anew."""
    fixture = DeliveryFixture(MemoryPublisher())
    lease = await fixture.claims.acquire(message("Come", delivery_tries=3))
    assert isinstance(lease, MessageLease)
    await fixture.claims.release(lease, may_have_accepted=False, tries=4)
    copy = await fixture.claims.acquire(message("Come"))
    assert isinstance(copy, MessageLease)
    assert copy.message.delivery_tries == 4
    await fixture.claims.release(copy, may_have_accepted=False, tries=5)
    retry = await fixture.claims.acquire(message("Come", attempt=2, retry_of_attempt=1, ask_again=True))
    assert isinstance(retry, MessageLease)
    assert retry.message.delivery_tries == 0


class FreezingStore(MemoryDocuments):
    """The platform freezes the instance right after its first claim, for a quarter of an hour."""

    def __init__(self, fixture: DeliveryFixture) -> None:
        super().__init__()
        self._fixture = fixture

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        if isinstance(writes[0], Create) and writes[0].path.startswith("claims/"):
            self._fixture.now += timedelta(minutes=15)


async def test_instance_that_was_frozen_before_it_sent_does_not_send() -> None:
    """It finds on waking that its lease is over: another instance may be sending."""
    fixture = DeliveryFixture(MemoryPublisher())
    fixture.documents = FreezingStore(fixture)
    fixture.claims = Claims(
        fixture.documents,
        owner="me",
        lease=LEASE,
        **CLAIM_PATHS,
        clock=lambda: fixture.now,
    )
    with pytest.raises(Busy):
        await fixture.deliverer().deliver(message("Come"))
    assert fixture.vendor.sent == []


async def test_vendor_without_idempotency_gets_a_message_at_most_once() -> None:
    """The instance died after it had entered `send`: nobody knows, and it is not sent again."""
    fixture = DeliveryFixture(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await fixture.deliverer().deliver(message("Come", vendor="letter"))
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("Come", vendor="letter"))
    assert len(fixture.vendor.sent) == 1
    [(kind, _)] = fixture.receipts()
    assert kind == "unknown"


@pytest.mark.parametrize(("may_have_accepted", "kinds"), [(True, ["unknown"]), (False, [])])
async def test_vendor_without_idempotency_that_is_down_gets_a_message_again_only_if_it_refused(
    may_have_accepted: bool, kinds: list[str]
) -> None:
    """After a time-out nobody knows; a vendor that said no can be asked again."""
    fixture = DeliveryFixture(MemoryPublisher())

    async def refuse(message: MessageReady) -> Accepted:
        fixture.vendor.sent.append(message)
        if len(fixture.vendor.sent) > 1:
            return Accepted(final=True)
        raise VendorUnavailable("no", may_have_accepted=may_have_accepted)

    fixture.vendor.send = refuse  # type: ignore[method-assign]
    await fixture.deliverer().deliver(message("Come", vendor="letter"))
    assert [kind for kind, _ in fixture.receipts()] == kinds
    fixture.now += LEASE
    await fixture.deliverer().deliver(message("Come", vendor="letter"))
    assert len(fixture.vendor.sent) == (1 if may_have_accepted else 2)


async def test_key_that_the_vendor_forgot_is_not_posted_again() -> None:
    """The vendor recognizes a key for a day."""
    fixture = DeliveryFixture(MemoryPublisher())
    with pytest.raises(RuntimeError):
        await fixture.deliverer().deliver(message("Come"))
    fixture.now += timedelta(days=1)
    await fixture.deliverer().deliver(message("Come"))
    assert len(fixture.vendor.sent) == 1
    [(kind, _)] = fixture.receipts()
    assert kind == "unknown"
