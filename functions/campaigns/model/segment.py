"""A segment in requests, in the database and in responses: a rule, or a list of people, under a unique name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, model_validator

from common.errors import NotFound
from common.storage.documents import Documents, Snapshot
from common.web.given_by_herald import without_computed

from .audience import Name, RuleRequest, RuleResponse, rule_as_given
from .segment_sizes import SegmentSize, sizes_from_stored

SegmentKind = Literal["rule", "static"]
"""A static segment has a list of people; its rule says only that they are in it."""


COMPUTED = frozenset({"id", "count", "entries", "created_at", "used_by", "campaigns", "count_now", "sizes"})
"""What segments have in responses, and only Herald writes."""


class SegmentRequest(RuleRequest):
    """A segment to create or replace: a name with a rule, or for a static segment without one."""

    name: Name
    kind: SegmentKind = "rule"

    @model_validator(mode="before")
    @classmethod
    def _as_given(cls, value: Any) -> Any:
        """A segment as `GET` gives it."""
        return rule_as_given(without_computed(value, known_by={"id", "created_at"}, computed=COMPUTED))


class Segment(BaseModel):
    """A saved rule, or a list of people. Other rules can refer to it by its name."""

    id: str
    name: str
    kind: SegmentKind = "rule"
    rule: RuleResponse
    count: int  # of customers in it when it was saved, its list was changed, or it was counted, which is done daily
    entries: int | None = None  # of a static segment: the people of its list, also those whom nobody is yet
    sizes: list[SegmentSize] = []  # of the last days on which it was counted, at most 30; the oldest first
    created_at: datetime

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> Segment:
        rule = RuleResponse.from_snapshot(stored)
        fields = {**(stored.data or {}), "id": stored.id, "rule": rule}
        fields["sizes"] = sizes_from_stored(stored.get("sizes", {}))
        if stored.get("kind") == "static":
            fields["entries"] = stored["people"] + stored["waiting"]
        return cls.model_validate(fields)


async def get_segment_or_404(documents: Documents, segment_id: str) -> Snapshot:
    """The stored segment. Raises `NotFound`."""
    segment = await documents.get(f"segments/{segment_id}") if "/" not in segment_id else None
    if segment is None or not segment.exists:
        raise NotFound(f"Not found: segment {segment_id!r}.")
    return segment
