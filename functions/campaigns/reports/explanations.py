"""Why one person got a campaign's message, or did not: in the audience or not, and by which part of the rule; written
to or not; what happened to their message, and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from common.audience.explain import explained
from common.errors import NotFound
from common.ids import bucket_of, message_id
from common.messages.deferred import Reason
from common.rules import Language
from common.storage.documents import Documents, Query, Snapshot

from ..app import Services
from ..model.campaign import Campaign
from ..sending.recipients import left_out
from .messages import Messages, PersonMessage
from .rule_parts import PartVerdict


class Waits(BaseModel):
    reason: Reason
    until: datetime  # at least


class Explanation(BaseModel):
    customer_id: str
    name: str | None
    in_audience: bool | None  # whether they were found by the campaign; null before it has looked at them
    matches: bool | None  # whether the rule finds them by what is known of them today; null once they are erased
    parts: list[PartVerdict]  # of that: the rule as a whole first, each part before what it is made of
    left_out: str | None  # why they are not to be written to all the same, as it was when they were found, else is now
    waits: Waits | None  # why their message has not gone out yet, where it has to wait
    message: PersonMessage | None  # null where nothing has happened to it yet


async def explanation(services: Services, stored: Snapshot, customer_id: str, language: Language) -> Explanation:
    """Days are counted from the launch, else from now. Raises `NotFound` where nothing is known of the person."""
    campaign = Campaign.of(stored)
    await services.audience.refresh()
    person = (await services.audience.rows([customer_id])).get(customer_id)
    page, in_audience = await _found(services.documents, campaign.id, customer_id)
    if person is None and page is None:
        raise NotFound("There is no such customer.")
    parts = await _parts(services, campaign, customer_id, language) if person else []
    message = message_id(campaign.id, customer_id)
    return Explanation(
        customer_id=customer_id,
        name=person.name if person else None,
        in_audience=in_audience,
        matches=parts[0].matches if parts else None,
        parts=parts,
        left_out=page["skipped"].get(customer_id) if page else person and left_out(campaign, person),
        waits=await _waits(services.documents, message),
        message=await Messages(services.documents).of(campaign.id, message),
    )


async def _found(documents: Documents, campaign_id: str, customer_id: str) -> tuple[Snapshot | None, bool | None]:
    """The page of the fan-out that has them, and whether there is one; None as long as there may still be one."""
    bucket = f"{campaign_id}.{bucket_of(customer_id)}."
    pages = await documents.query(Query(collection="pages", id_from=bucket, id_before=f"{bucket}~"))
    page = next((one for one in pages if customer_id in one["planned"]), None)
    if page:
        return page, True
    return None, False if any(one["final"] for one in pages) else None


async def _parts(services: Services, campaign: Campaign, customer_id: str, language: Language) -> Sequence[PartVerdict]:
    now = campaign.launched_at or services.clock()
    verdicts = await explained(services.audience, campaign.rule, now, customer_id)
    return [PartVerdict.of(one, services.currency, language) for one in verdicts]


async def _waits(documents: Documents, message: str) -> Waits | None:
    held = await documents.get(f"held/{message}")
    return Waits(reason=held["reason"], until=held["until"]) if held.exists else None
