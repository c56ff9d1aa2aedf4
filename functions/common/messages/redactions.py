"""Redactions: what campaigns store about somebody who was erased.

    redactions/{campaign}.{customer}   campaign, customer   an erased person whose id the campaign may still name

Claims and receipts are redacted by the erasure itself. The plan and the pages of a campaign need the ids for as long
as the campaign is open: otherwise nobody would know whose outcome is missing. So an erasure leaves a note for each
campaign that may name the person. A tick redacts what is left as soon as the campaign is over, and then removes the
note.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from common.ids import ERASED_CUSTOMER_ID
from common.storage.documents import Put, Snapshot, Update

NO_TEXTS = {
    "customer": ERASED_CUSTOMER_ID,
    "name": None,
    "to": "",
    "subject": "",
    "body": "",
    "preview": None,
    "refused_text": None,
}


def redaction_note(campaign_id: str, customer_id: str) -> Put:
    return Put(f"redactions/{campaign_id}.{customer_id}", {"campaign": campaign_id, "customer": customer_id})


def redact_claim(claim: Snapshot) -> Update:
    """Also the reason in the vendor's answer, which may name the address. Whether it was sent stays known."""
    answer = claim.get("answer")
    reason = {"answer": {**answer, "reason": "erased"}} if answer and "reason" in answer else {}
    return Update(claim.path, {**NO_TEXTS, **reason})


def redact_receipt(receipt: Snapshot, known_addresses: Collection[str] = ()) -> Update:
    """Replaces a failure reason, too, if it contains its own address or a known one, which are in lower case."""
    text, own = (receipt.get("reason") or "").casefold(), (receipt.get("to") or "").casefold()
    is_named = any(address in text for address in (own, *known_addresses) if address)
    reason = {"reason": "erased"} if is_named else {}
    return Update(receipt.path, {"customer": ERASED_CUSTOMER_ID, "name": None, "to": None, **reason})


def redact_page(page: Snapshot, customer_id: str) -> Update | None:
    """The write that takes the person out of a page of a campaign that is over; None if the page does not have them.

    The number of people on the page stays.
    """
    if customer_id not in page["planned"]:
        return None
    fields: dict[str, Any] = {
        "planned": [ERASED_CUSTOMER_ID if id_ == customer_id else id_ for id_ in page["planned"]],
        "skipped": {id_: reason for id_, reason in page["skipped"].items() if id_ != customer_id},
        "after": ERASED_CUSTOMER_ID if page["after"] == customer_id else page["after"],
    }
    return Update(page.path, fields, page.version)
