"""History: what one customer did, and what was written to them, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, JsonValue

from common.money import decimal
from common.storage.documents import Snapshot

from ..model.customer import Customer
from .person_records import Found

MOST = 100
"""Of each; the export has all."""


class Activity(BaseModel):
    event_id: str
    type: str
    at: datetime
    amount: float | None = None  # in the deployment's currency
    fields: dict[str, JsonValue] = {}


class Happened(BaseModel):
    """What became of a message: sent, failed, skipped, opened and so on."""

    kind: str
    at: datetime
    reason: str | None = None


class Message(BaseModel):
    id: str
    campaign: str
    at: datetime  # of the last that happened
    to: str | None = None
    subject: str | None = None  # None where nothing was written, for they were left out
    body: str | None = None
    history: list[Happened]


class CustomerDetails(Customer):
    """One customer with what they did and what was written to them, the newest 100 of each."""

    activities: list[Activity]
    messages: list[Message]


def details(found: Found) -> CustomerDetails:
    """Of a customer who exists."""
    customer = Customer.of(found.customer.id, found.customer.data or {})
    newest = sorted(found.activities, key=lambda one: one["at"], reverse=True)[:MOST]
    return CustomerDetails(
        **customer.model_dump(), activities=[_activity(one) for one in newest], messages=_messages(found)
    )


def _activity(one: Snapshot) -> Activity:
    data: dict[str, Any] = dict(one.data or {})
    amount = {"amount": decimal(data["amount"])} if "amount" in data else {}
    return Activity.model_validate({**data, **amount})


def _messages(found: Found) -> list[Message]:
    """A message that was tried again is one message, with the text of the last attempt."""
    receipts: dict[str, list[Snapshot]] = defaultdict(list)
    for one in found.receipts:
        receipts[one["message"]].append(one)
    claims = {one.id.partition(".")[0]: one for one in sorted(found.claims, key=lambda one: one.get("attempt", 1))}
    messages = [_message(one, claims.get(one), receipts[one]) for one in receipts.keys() | claims.keys()]
    return sorted(messages, key=lambda one: one.at, reverse=True)[:MOST]


def _message(message_id: str, claim: Snapshot | None, receipts: Sequence[Snapshot]) -> Message:
    history = sorted((Happened.model_validate(one.data) for one in receipts), key=lambda one: one.at)
    text = {name: claim.get(name) or None for name in ("to", "subject", "body")} if claim else {}
    campaign = (claim or receipts[0])["campaign"]
    at = history[-1].at if history else (claim or receipts[0])["at"]
    return Message(id=message_id, campaign=campaign, at=at, history=history, **text)
