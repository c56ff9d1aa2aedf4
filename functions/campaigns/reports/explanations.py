"""Explains why one customer got a campaign's message or did not: whether the customer is in the audience, which parts
of the rule match, whether the customer is excluded, and what happened to the message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from common.audience import CustomerRow
from common.audience.explain import explain
from common.audience.merged_customers import find_kept
from common.errors import NotFound
from common.ids import bucket_of, message_id
from common.messages.deferred import DeferReason
from common.rules import Language
from common.storage.documents import Documents, Query, Snapshot

from ..model.campaign import Campaign
from ..sending.recipients import exclusion_reason
from ..services import CampaignServices
from .messages import RecipientMessage, RecipientMessages
from .rule_parts import PartMatch


class Deferral(BaseModel):
    """Why a message is deferred, and until when at least."""

    reason: DeferReason
    until: datetime  # the earliest time of sending


class MessageExplanation(BaseModel):
    """Why one person got the message of a campaign, or did not."""

    customer_id: str
    name: str | None
    in_audience: bool | None  # whether fan-out selected the customer; null if it has not reached them yet
    matches: bool | None  # whether the rule matches the customer's current data; null if the customer was erased
    parts: list[PartMatch]  # the whole rule first, and each part before the parts that it consists of
    excluded: str | None  # why the customer gets no message: as recorded by fan-out, or else as of now
    deferred: Deferral | None  # why the message is waiting, if it is
    message: RecipientMessage | None  # null if nothing has happened to it yet


async def build_explanation(
    services: CampaignServices, stored: Snapshot, customer_id: str, language: Language
) -> MessageExplanation:
    """Relative dates are counted from the launch, or from now for a draft. Raises `NotFound` for unknown customers."""
    campaign = Campaign.from_snapshot(stored)
    await services.audience.refresh()
    row = await _current_row(services, customer_id)
    page, in_audience = await _find_page(services.documents, campaign.id, customer_id)
    if row is None and page is None:
        raise NotFound(f"Not found: customer {customer_id!r}.")
    parts = await _explain_parts(services, campaign, row.id, language) if row else []
    message = message_id(campaign.id, customer_id)
    return MessageExplanation(
        customer_id=customer_id,
        name=row.name if row else None,
        in_audience=in_audience,
        matches=parts[0].matches if parts else None,
        parts=parts,
        excluded=page["skipped"].get(customer_id)
        if page
        else row and exclusion_reason(campaign, row, unknown_allowed=services.unknown_allowed),
        deferred=await _find_deferral(services.documents, message),
        message=await RecipientMessages(services.documents).get(campaign.id, message),
    )


async def _current_row(services: CampaignServices, customer_id: str) -> CustomerRow | None:
    """The customer, or the one into whom this one was merged; None if they were erased."""
    if row := (await services.audience.rows([customer_id])).get(customer_id):
        return row
    kept = await find_kept(services.documents, [customer_id])
    rows = await services.audience.rows(kept.values())
    return next(iter(rows.values()), None)


async def _find_page(documents: Documents, campaign_id: str, customer_id: str) -> tuple[Snapshot | None, bool | None]:
    """The fan-out page that contains the customer, and whether there is one; None while it may still be created."""
    prefix = f"{campaign_id}.{bucket_of(customer_id)}."
    pages = await documents.query(Query(collection="pages", id_from=prefix, id_before=f"{prefix}~"))
    page = next((page for page in pages if customer_id in page["planned"]), None)
    if page:
        return page, True
    return None, False if any(page["final"] for page in pages) else None


async def _explain_parts(
    services: CampaignServices, campaign: Campaign, customer_id: str, language: Language
) -> Sequence[PartMatch]:
    now = campaign.launched_at or services.clock()
    results = await explain(services.audience, campaign.rule.to_rule(), now, customer_id)
    return [PartMatch.from_result(result, services.currency, language) for result in results]


async def _find_deferral(documents: Documents, message: str) -> Deferral | None:
    """The deferral of the message's last attempt that is deferred."""
    deferred = await documents.query(Query(collection="deferred", id_from=message, id_before=f"{message}.~"))
    last = max(deferred, key=lambda entry: entry["until"], default=None)
    return Deferral(reason=last["reason"], until=last["until"]) if last else None
