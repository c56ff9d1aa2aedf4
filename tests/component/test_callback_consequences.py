"""What a vendor reports about an address counts for the address, from the commit that records it on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.addresses.state import AddressState
from common.events import Receipt, ReceiptKind, ReceiptsReported
from common.ids import message_id
from common.messages.feedback import most_severe
from common.storage.documents import Create, Query
from customers.commands.suppress import SuppressionList
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER, customer_id, email, planned_pages

PERSON = customer_id("external_id", "0")
INBOX = email("p0@example.com")


async def herald_with_messages(number: int) -> InMemoryHerald:
    """One customer, to whom a message of each of some campaigns was sent."""
    herald = InMemoryHerald()
    await herald.add_customers(1)
    for campaign in (f"c{n}" for n in range(number)):
        sent = {"campaign": campaign, "customer": PERSON, "to": INBOX.value, "channel": "email", "vendor": "webhook"}
        await herald.documents.commit(
            [
                Create(f"campaigns/{campaign}", {"state": "running"}),
                Create(f"claims/{message_id(campaign, PERSON)}", {**sent, "at": herald.now}),
                *planned_pages(campaign, [PERSON]),
            ]
        )
    return herald


async def report(herald: InMemoryHerald, campaign: str, kind: ReceiptKind, **fields: Any) -> None:
    """The vendor calls back; every report comes twice, and a minute passes."""
    ids = {"message_id": message_id(campaign, PERSON), "campaign_id": campaign, "customer_id": PERSON}
    receipt = Receipt.model_validate({**ids, "kind": kind, "at": herald.now, **fields})
    await herald.publisher.publish([ReceiptsReported(receipts=[receipt])] * 2)
    await herald.work()
    herald.now += timedelta(minutes=1)


async def suppression(herald: InMemoryHerald) -> tuple[str | None, list[str]]:
    """Why the address is suppressed on e-mail, and the flags of its customer."""
    stored = await herald.documents.get(HASHER.path(INBOX))
    customer = await herald.documents.get(f"customers/{PERSON}")
    return stored.get("suppressions", {}).get("email", {}).get("reason"), customer["suppressed"]


@pytest.mark.parametrize(("kind", "permanent"), [("unsubscribed", False), ("complained", False), ("bounced", True)])
async def test_refusal_suppresses_the_address_in_the_commit_that_records_it(kind: ReceiptKind, permanent: bool) -> None:
    """Only on the message's channel; the flag of the customer is set, so that the next campaign leaves them out."""
    herald = await herald_with_messages(1)
    await report(herald, "c0", kind, permanent=permanent)
    assert await suppression(herald) == (kind, ["email"])
    [receipt] = await herald.documents.query(Query(collection="receipts"))
    stored = await herald.documents.get(HASHER.path(INBOX))
    assert receipt.version == stored.version


async def test_complaint_stays_the_reason_if_the_mail_program_unsubscribes_too() -> None:
    """Both reports come in one event: what the owner of the address cannot undo is not hidden by what they can."""
    herald = await herald_with_messages(1)
    ids = {"message_id": message_id("c0", PERSON), "campaign_id": "c0", "customer_id": PERSON, "at": herald.now}
    kinds = ("complained", "unsubscribed")
    receipts = [Receipt.model_validate({**ids, "kind": kind}) for kind in kinds]
    await herald.publisher.publish([ReceiptsReported(receipts=receipts)])
    await herald.work()
    state = AddressState.from_snapshot(await herald.documents.get(HASHER.path(INBOX)))
    assert (set(state.suppressed), set(state.left)) == ({"email"}, set())


async def test_third_soft_bounce_in_a_row_suppresses_the_address() -> None:
    """One message that bounces several times is one bounce."""
    herald = await herald_with_messages(3)
    for campaign in ("c0", "c0", "c1"):
        await report(herald, campaign, "bounced")
        assert await suppression(herald) == (None, [])
    await report(herald, "c2", "bounced")
    assert await suppression(herald) == ("bounced three times", ["email"])


async def test_delivery_between_soft_bounces_starts_the_count_anew() -> None:
    """Two bounces, a delivery, and two more: only the next one is the third in a row."""
    herald = await herald_with_messages(6)
    for campaign, kind in (("c0", "bounced"), ("c1", "bounced"), ("c2", "delivered"), ("c3", "bounced")):
        await report(herald, campaign, kind)  # type: ignore[arg-type]
    await report(herald, "c4", "bounced")
    assert await suppression(herald) == (None, [])
    await report(herald, "c5", "bounced")
    assert await suppression(herald) == ("bounced three times", ["email"])


async def test_bounce_that_turns_out_to_be_permanent_suppresses_the_address() -> None:
    """The vendor reports a temporary bounce first, and gives up later."""
    herald = await herald_with_messages(1)
    await report(herald, "c0", "bounced")
    await report(herald, "c0", "bounced", permanent=True)
    assert await suppression(herald) == ("bounced", ["email"])
    assert (await herald.ledger.statistics("c0")).kinds["bounced"] == 1


async def test_report_that_comes_again_does_not_undo_the_lifting_of_a_suppression() -> None:
    """An admin lifts it with a reason, which the audit log keeps; then the vendor repeats its callback."""
    herald = await herald_with_messages(2)
    await report(herald, "c0", "complained")
    suppressions = SuppressionList(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    await suppressions.lift(INBOX, reason="asked by phone", by="admin@example.com")
    await report(herald, "c0", "complained")
    assert await suppression(herald) == (None, [])
    [entry] = await herald.documents.query(Query(collection="audit_outbox"))
    assert (entry["what"], entry["reason"], entry["by"]) == (
        "suppression lifted", "asked by phone", "admin@example.com"
    )  # fmt: skip


def test_late_delivery_never_hides_a_complaint() -> None:
    """What came back about a message is its most severe report, whatever the order."""
    assert most_severe(["complained", "sent", "delivered"]) == "complained"
    assert most_severe(["bounced", "delivered", "opened"]) == "bounced"
    assert most_severe(["sent", "retried"]) is None
