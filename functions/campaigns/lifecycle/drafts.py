"""Drafts: what a copy of a campaign keeps, and the end of a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common.errors import Conflict, Refused
from common.ids import random_id
from common.storage.documents import Create, Delete, Documents, Snapshot

from ..model.campaign import CreateCampaignRequest

AUDIENCE_FIELDS = frozenset({"text", "rules", "segment_id"})
"""The audience in a request."""
CONTENT_FIELDS = frozenset(CreateCampaignRequest.model_fields) - AUDIENCE_FIELDS
"""What else a manager decides about a campaign. A field has the same name in requests and in the database."""
STORED_AUDIENCE_FIELDS = AUDIENCE_FIELDS | {"words", "rule_text"}

NO_AUDIENCE: dict[str, Any] = dict.fromkeys(STORED_AUDIENCE_FIELDS)
"""The stored fields of a draft whose audience is not decided."""


def draft_fields(*, by: str, now: datetime) -> dict[str, Any]:
    """The fields of a new draft besides its content."""
    return {"state": "draft", "created_at": now, "created_by": by}


def copied_fields(campaign: Snapshot) -> dict[str, Any]:
    """What a copy has of the original: content and audience, nothing of its life."""
    return {name: value for name, value in (campaign.data or {}).items() if name in _COPIED}


_COPIED = CONTENT_FIELDS | STORED_AUDIENCE_FIELDS


async def delete_draft(documents: Documents, campaign: Snapshot, *, by: str, now: datetime) -> None:
    """Deletes the campaign, with an entry in the audit log.

    Raises `Refused` if it is not a draft, or was changed at the same time.
    """
    if campaign["state"] != "draft":
        raise Refused(f"The campaign is {campaign['state']}; only a draft can be deleted.")
    entry = {"at": now, "who": by, "what": "delete", "campaign": campaign.id, "name": campaign["name"]}
    try:
        await documents.commit([Delete(campaign.path, campaign.version), Create(f"audit/{random_id()}", entry)])
    except Conflict:
        raise Refused("Someone else changed the campaign at the same time; look at it again.") from None
