"""The timeline of one customer: their activities and messages, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, JsonValue

from common.catalogue.failures import failure_code, unknown_code
from common.events import ReceiptKind
from common.messages.feedback import most_severe
from common.messages.ledger import OUTCOMES
from common.money import to_major_units
from common.storage.documents import Documents, Snapshot

from ..model.customer import Customer
from .person_records import PersonRecordSet
from .suppressed_addresses import SuppressedAddress

MAX_SHOWN = 100
"""Per kind; the customer's export has all."""


class RecordedActivity(BaseModel):
    """One activity of the customer."""

    event_id: str
    type: str
    at: datetime
    amount: float | None = None  # in the deployment's currency
    fields: dict[str, JsonValue] = {}


class TimelineEvent(BaseModel):
    """One event of a message: sent, failed, skipped, opened and so on."""

    kind: str
    at: datetime
    reason: str | None = None


class CustomerMessage(BaseModel):
    """One message to the customer, with its events."""

    id: str
    campaign: str
    at: datetime  # of the latest event
    to: str | None = None
    subject: str | None = None  # None if the customer was excluded and nothing was written
    body: str | None = None
    personalized_by: str | None = None  # gemini or template
    fallback: str | None = None  # why the template was used although the campaign asks for Gemini
    campaign_name: str | None = None  # None if the campaign is gone
    state: Literal["sent", "failed", "skipped", "unknown", "pending"]
    reason: str | None = None  # why it failed, was skipped or is unknown
    cause: str | None = None  # the same as a code: of `FAILURE_CODES`, or the reason for skipping, or `unknown_code`
    feedback: ReceiptKind | None = None  # the most severe of what came back about it
    retryable: bool = False  # of a failed message: whether a retry may deliver it
    history: list[TimelineEvent]


class CustomerDetails(Customer):
    """One customer with the newest 100 activities and the newest 100 messages."""

    activities: list[RecordedActivity]
    messages: list[CustomerMessage]
    suppressions: list[SuppressedAddress]  # of the customer's addresses
    merged_from: list[str]  # the ids of the customers who were merged into this one


def customer_details(records: PersonRecordSet, suppressions: list[SuppressedAddress]) -> CustomerDetails:
    """The details of a customer who exists, without the names of campaigns."""
    customer = Customer.from_document(records.customer.id, records.customer.data or {})
    newest = sorted(records.activities, key=lambda activity: activity["at"], reverse=True)[:MAX_SHOWN]
    return CustomerDetails(
        **customer.model_dump(),
        activities=[_activity(activity) for activity in newest],
        messages=_messages(records),
        suppressions=suppressions,
        merged_from=records.customer.get("merged_from", []),
    )


def _activity(activity: Snapshot) -> RecordedActivity:
    data: dict[str, Any] = dict(activity.data or {})
    amount = {"amount": to_major_units(data["amount"])} if "amount" in data else {}
    return RecordedActivity.model_validate({**data, **amount})


def _messages(records: PersonRecordSet) -> list[CustomerMessage]:
    """One message per id: a message that was tried again has the text of its last attempt."""
    receipts: dict[str, list[Snapshot]] = defaultdict(list)
    for receipt in records.receipts:
        receipts[receipt["message"]].append(receipt)
    by_attempt = sorted(records.claims, key=lambda claim: claim.get("attempt", 1))
    claims = {claim.id.partition(".")[0]: claim for claim in by_attempt}
    messages = [_message(id_, claims.get(id_), receipts[id_]) for id_ in receipts.keys() | claims.keys()]
    return sorted(messages, key=lambda message: message.at, reverse=True)[:MAX_SHOWN]


def _message(message_id: str, claim: Snapshot | None, receipts: Sequence[Snapshot]) -> CustomerMessage:
    """Combine the claim and the receipts of one message."""
    history = sorted(
        (TimelineEvent.model_validate(receipt.data) for receipt in receipts), key=lambda receipt: receipt.at
    )
    names = ("to", "subject", "body", "personalized_by", "fallback")
    text = {name: claim.get(name) or None for name in names} if claim else {}
    campaign = (claim or receipts[0])["campaign"]
    at = history[-1].at if history else (claim or receipts[0])["at"]
    return CustomerMessage(
        id=message_id,
        campaign=campaign,
        at=at,
        history=history,
        feedback=most_severe(receipt["kind"] for receipt in receipts),
        **text,
        **_outcome(receipts),
    )


def _outcome(receipts: Sequence[Snapshot]) -> dict[str, Any]:
    """The state of a message after its last attempt, and the cause; a retry that has no outcome yet is pending."""
    steps = [receipt for receipt in receipts if receipt["kind"] in OUTCOMES | {"retried"}]
    last = max(steps, key=lambda step: (step.get("attempt", 1), step["kind"] != "retried", step["at"]), default=None)
    if last is None or last["kind"] == "retried":
        return {"state": "pending"}
    reason = last.get("reason")
    if last["kind"] == "failed":
        cause = {"cause": failure_code(reason), "retryable": not last.get("permanent")}
        return {"state": "failed", "reason": reason, **cause}
    causes = {"skipped": reason, "unknown": unknown_code(reason)}
    return {"state": last["kind"], "reason": reason, "cause": causes.get(last["kind"])}


async def campaign_names(documents: Documents, campaign_ids: Collection[str]) -> dict[str, str]:
    """The names of the campaigns that exist, by id."""
    campaigns = await documents.get_all([f"campaigns/{campaign}" for campaign in sorted(campaign_ids)])
    return {campaign.id: campaign["name"] for campaign in campaigns if campaign.exists}
