"""A form cannot be used to write again and again to a mailbox that is dead, or whose owner complains."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.events import Receipt, ReceiptsReported
from common.storage.documents import Delete, Query
from customers.commands.suppress import SuppressionList
from customers.commands.upsert import CustomerUpserts
from customers.forms.requests import ASK_AGAIN_AFTER
from customers.model.customer import CustomerInput
from tests.component.test_api_receipts import ReceiptsFixture, body
from tests.component.test_forms import INBOX, FormSite
from tests.component.test_sendgrid_vendor import parse_events
from tests.support import HASHER, email
from vendor.vendor import Rejected

FINAL: dict[str, Any] = {"kind": "bounced", "permanent": True, "reason": "550 5.1.1 no such user"}


async def asked() -> FormSite:
    """A form that was sent once; the mail went out."""
    shop = await FormSite.with_form()
    await shop.ask()
    return shop


async def report(shop: FormSite, **fields: Any) -> None:
    """The vendor reports something about the newest mail."""
    mail = shop.vendor.mails[-1]
    ids = {"message_id": mail.message_id, "campaign_id": mail.campaign_id, "customer_id": mail.customer_id}
    receipt = Receipt.model_validate({**ids, "at": shop.herald.now, **fields})
    await shop.herald.publisher.publish([ReceiptsReported(receipts=[receipt])])
    await shop.herald.work()


async def mails_after_another_ask(shop: FormSite) -> int:
    await shop.wait(max(ASK_AGAIN_AFTER, timedelta(hours=25)))
    await shop.send()
    await shop.herald.work()
    return len(shop.vendor.mails)


async def lift(shop: FormSite) -> None:
    suppressions = SuppressionList(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    await suppressions.lift(INBOX, reason="asked by phone", by="admin@example.com")


async def test_address_that_the_server_refuses_gets_no_other_mail() -> None:
    """The vendor says so at once, with the address in the receipt."""
    shop = await FormSite.with_form()
    shop.vendor.refusal = Rejected("550 5.1.1 no such user", permanent=True, bounced=True)
    await shop.send()
    await shop.herald.work()
    assert await shop.suppressed_because() == "bounced"
    shop.vendor.refusal = None
    assert await mails_after_another_ask(shop) == 0


@pytest.mark.parametrize("fields", [FINAL, {"kind": "complained"}, {"kind": "unsubscribed"}])
async def test_later_report_suppresses_the_address(fields: dict[str, Any]) -> None:
    """As the report about a campaign's mail does. It may have no address in it: then the claim has it."""
    shop = await asked()
    await report(shop, **fields)
    assert await shop.suppressed_because() == fields["kind"]
    stored = await shop.herald.documents.get(HASHER.path(INBOX))
    assert stored["suppressions"]["email"]["by"] == "smtp"
    is_own = fields["kind"] == "unsubscribed"
    assert await mails_after_another_ask(shop) == (2 if is_own else 1)


async def test_report_after_the_claim_is_deleted_needs_its_address_which_the_request_proves() -> None:
    """People complain days later. An address that is not that of the request is not suppressed."""
    shop = await asked()
    [claim] = await shop.herald.documents.query(Query(collection="claims"))
    await shop.herald.documents.commit([Delete(claim.path)])
    await report(shop, kind="complained")
    await report(shop, kind="complained", to="ben@example.com")
    assert await shop.suppressed_because() is None
    assert not (await shop.herald.documents.get(HASHER.path(email("ben@example.com")))).exists
    await report(shop, kind="complained", to=INBOX.value)
    assert await shop.suppressed_because() == "complained"


async def test_report_about_another_form_says_nothing_about_the_address() -> None:
    """The id of a request is the hash of its own form and address."""
    shop = await asked()
    await report(shop, kind="complained", campaign_id="form-other", to=INBOX.value)
    assert await shop.suppressed_because() is None


@pytest.mark.parametrize(
    "fields", [FINAL | {"permanent": False}, FINAL | {"blames_address": False}, {"kind": "failed"}, {"kind": "opened"}]
)
async def test_what_is_not_the_addresss_fault_suppresses_nobody(fields: dict[str, Any]) -> None:
    """A full mailbox, a text that a filter refuses, and what is no refusal at all."""
    shop = await asked()
    await report(shop, **fields)
    assert await shop.suppressed_because() is None
    assert await mails_after_another_ask(shop) == 2


async def test_report_that_comes_again_does_not_undo_a_members_decision() -> None:
    """The vendor repeats its report after the suppression was lifted; a new bounce counts."""
    shop = await asked()
    at = shop.herald.now
    await report(shop, **FINAL, at=at)
    await lift(shop)
    await report(shop, **FINAL, at=at)
    assert await shop.suppressed_because() is None
    await shop.wait(timedelta(minutes=1))
    await report(shop, **FINAL)
    assert await shop.suppressed_because() == "bounced"


async def test_customer_with_the_address_is_suppressed_too() -> None:
    """A campaign skips them, and nothing is counted for the form's mail."""
    shop = await FormSite.with_form()
    upserts = CustomerUpserts(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    await upserts.upsert([CustomerInput(email=INBOX.value)])
    await shop.ask()
    await report(shop, kind="complained")
    assert (await shop.person())["suppressed"] == ["email"]
    assert await shop.herald.documents.query(Query(collection="receipts")) == []


async def test_complaint_counts_more_than_an_unsubscription_in_one_report() -> None:
    """A mail program sends both for whoever reports spam: the owner cannot come back with a form then."""
    shop = await asked()
    mail = shop.vendor.mails[-1]
    ids = {"message_id": mail.message_id, "campaign_id": mail.campaign_id, "customer_id": mail.customer_id}
    both = [Receipt(**ids, kind=kind, at=shop.herald.now) for kind in ("complained", "unsubscribed")]
    await shop.herald.publisher.publish([ReceiptsReported(receipts=both)])
    await shop.herald.work()
    assert await shop.suppressed_because() == "complained"
    assert await mails_after_another_ask(shop) == 1


async def test_callback_about_a_forms_mail_is_accepted() -> None:
    """Its message id is that of one of several mails, which only Herald knows."""
    fixture, shop = ReceiptsFixture(), await asked()
    mail = shop.vendor.mails[-1]
    ids = {"message_id": mail.message_id, "campaign_id": mail.campaign_id, "customer_id": mail.customer_id}
    answer = await fixture.report(body({**ids, **FINAL, "at": "2026-01-01T12:00:00Z"}))
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "refused": []})


def test_event_of_sendgrid_about_a_forms_mail_has_the_address() -> None:
    """Of a campaign's mail it has none: the message is known."""
    ids = {"herald_customer": "0", "herald_attempt": "1", "timestamp": 1_790_000_000, "email": INBOX.value}
    parsed = parse_events(*({**ids, "event": "spamreport", "herald_campaign": one} for one in ("form-f", "c")))
    assert [(receipt.kind, receipt.to) for receipt in parsed.receipts if receipt.kind == "complained"] == [
        ("complained", INBOX.value),
        ("complained", None),
    ]
