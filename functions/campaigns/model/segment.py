"""A segment in requests, in the database and in responses: a rule that is saved under a unique name."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from common.errors import NotFound
from common.storage.documents import Documents, Snapshot

from .audience import Name, RuleRequest, RuleResponse


class SegmentRequest(RuleRequest):
    """A segment to create or replace: a rule with a name."""

    name: Name


class Segment(BaseModel):
    """A saved rule. Other rules can refer to it by its name."""

    id: str
    name: str
    rule: RuleResponse
    count: int  # of matching customers when it was saved
    created_at: datetime

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> Segment:
        rule = RuleResponse.from_snapshot(stored)
        return cls.model_validate({**(stored.data or {}), "id": stored.id, "rule": rule})


async def get_segment_or_404(documents: Documents, segment_id: str) -> Snapshot:
    """The stored segment. Raises `NotFound`."""
    segment = await documents.get(f"segments/{segment_id}") if "/" not in segment_id else None
    if segment is None or not segment.exists:
        raise NotFound(f"Not found: segment {segment_id!r}.")
    return segment
