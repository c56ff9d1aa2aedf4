"""Deletes the claims of campaigns that were closed long ago. The claims of an open campaign are kept: they prove
that a message was sent, or may have been.

    campaigns/{id}   claims_until     set when the campaign is finished: when its claims are deleted
                     claims_deleted   true from then on: the campaign cannot be retried any more
"""

from __future__ import annotations

from datetime import datetime, timedelta

from common.storage.documents import Delete, Documents, Query, Update, Where

CLAIM_RETENTION = timedelta(days=90)
PAGE_SIZE = 400
MAX_PAGES = 25
"""In one call: 10,000 claims."""


async def delete_old_claims(documents: Documents, *, now: datetime) -> None:
    """Deletes up to 10,000 claims of one campaign; the next call continues.

    First the campaign is marked, over the version that was read, so that no retry can begin.
    """
    due = [Where("claims_until", "<=", now)]
    for campaign in await documents.query(Query(collection="campaigns", where=due, limit=1)):
        if not campaign.get("claims_deleted"):
            await documents.commit([Update(campaign.path, {"claims_deleted": True}, campaign.version)])
        if await _delete_claims(documents, campaign.id):
            await documents.commit([Update(campaign.path, {"claims_until": None})])


async def _delete_claims(documents: Documents, campaign_id: str) -> bool:
    """Whether none is left."""
    of_campaign = [Where("campaign", "==", campaign_id)]
    for _ in range(MAX_PAGES):
        query = Query(collection="claims", where=of_campaign, limit=PAGE_SIZE, fields=())
        claims = await documents.query(query)
        await documents.commit([Delete(claim.path) for claim in claims])
        if len(claims) < PAGE_SIZE:
            return True
    return False
