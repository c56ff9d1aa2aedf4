"""Segments over HTTP: rules kept under a name."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, JsonValue

from common import cursors
from common.access import Manager, Viewer
from common.api import Id
from common.documents import Create, Delete, Snapshot, Update
from common.documents import Query as DocumentQuery
from common.errors import NotFound
from common.ids import random_id

from .api import Services, With
from .targeting import Name, RuleIn, complete_rule, rule_fields

router = APIRouter(prefix="/api/segments", tags=["segments"])


class SegmentIn(RuleIn):
    name: Name


class Segment(BaseModel):
    id: str
    name: str
    rules: dict[str, JsonValue]
    text: str
    words: str
    count: int  # when it was saved
    created_at: datetime

    @classmethod
    def of(cls, stored: Snapshot) -> Segment:
        return cls.model_validate({**(stored.data or {}), "id": stored.id, "rules": json.loads(stored["rules"])})


class SegmentList(BaseModel):
    items: list[Segment]
    next: str | None


async def stored_segment(services: Services, segment_id: str) -> Snapshot:
    found = await services.documents.get(f"segments/{segment_id}") if "/" not in segment_id else None
    if found is None or not found.exists:
        raise NotFound("There is no such segment.")
    return found


@router.post("", status_code=201, operation_id="create_segment")
async def create_segment(given: SegmentIn, services: With, member: Manager) -> Segment:
    """Keeps a rule under a name."""
    path = f"segments/{random_id()}"
    fields = await _fields(given, services)
    created = {"created_at": services.clock(), "created_by": member.email}
    await services.documents.commit([Create(path, fields | created)])
    return Segment.of(await services.documents.get(path))


@router.get("", operation_id="list_segments")
async def list_segments(
    services: With,
    member: Viewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> SegmentList:
    """Newest first."""
    found = await services.documents.query(newest_first("segments", after=after, limit=limit))
    return SegmentList(items=[Segment.of(one) for one in found], next=next_of(found, limit))


@router.get("/{segment_id}", operation_id="get_segment")
async def get_segment(segment_id: Id, services: With, member: Viewer) -> Segment:
    return Segment.of(await stored_segment(services, segment_id))


@router.put("/{segment_id}", operation_id="replace_segment")
async def replace_segment(segment_id: Id, given: SegmentIn, services: With, member: Manager) -> Segment:
    """Campaigns launched before keep the rule they were launched with."""
    found = await stored_segment(services, segment_id)
    await services.documents.commit([Update(found.path, await _fields(given, services), found.version)])
    return Segment.of(await services.documents.get(found.path))


@router.delete("/{segment_id}", status_code=204, operation_id="delete_segment")
async def delete_segment(segment_id: Id, services: With, member: Manager) -> None:
    found = await stored_segment(services, segment_id)
    await services.documents.commit([Delete(found.path)])


async def _fields(given: SegmentIn, services: Services) -> dict[str, object]:
    rule = await complete_rule(given, services.documents, saved_as=given.name)
    await services.audience.refresh()
    count = await services.audience.count(rule, now=services.clock())
    return {"name": given.name, "count": count, **rule_fields(rule, services.currency)}


def newest_first(collection: str, *, after: str | None, limit: int) -> DocumentQuery:
    """A page of a list by time of creation."""
    return DocumentQuery(
        collection=collection,
        order_by=("created_at", "desc"),
        after=cursors.read(after) if after else None,
        limit=limit,
    )


def next_of(found: list[Snapshot], limit: int) -> str | None:
    return cursors.written(found[-1]["created_at"], found[-1].id) if len(found) == limit else None
