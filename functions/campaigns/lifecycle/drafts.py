"""Drafts: what a copy of a campaign keeps, and the end of a draft."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from common.audit import audit_entry, audit_path
from common.errors import Conflict, Exists, Refused
from common.storage.documents import Create, Delete, Documents, Snapshot

from ..model.campaign import CampaignResponse, CreateCampaignRequest

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


async def create_draft(
    documents: Documents, campaign_id: str, content: dict[str, Any], *, by: str, now: datetime, planned: bool = False
) -> CampaignResponse:
    """Creates the draft, unless an earlier request with the same key did. `planned`: Gemini made it of a goal."""
    path = f"campaigns/{campaign_id}"
    marked = {"transactional": True} if content.get("transactional") else {}
    subject = {"campaign": campaign_id, **marked, **({"planned": True} if planned else {})}
    entry = audit_entry("create", by=by, at=now, subject=subject)
    with suppress(Exists):
        await documents.commit([Create(path, content | draft_fields(by=by, now=now)), entry])
    return CampaignResponse.from_snapshot(await documents.get(path))


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
    path = audit_path()
    entry = audit_entry("delete", by=by, at=now, path=path, subject={"campaign": campaign.id})
    try:
        await documents.commit([Delete(campaign.path, campaign.version), entry])
    except (Conflict, Exists):
        if not (await documents.get(path)).exists:  # otherwise this commit succeeded, and its response was lost
            raise Refused("Someone else changed the campaign at the same time; look at it again.") from None
