"""Segments over HTTP: rules kept under a name that rules can call them by, so no two have the same.

segments/{id}   name, and the rule
names/{hash}    segment   which of them has that name, in whatever case: created and removed along with it
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, JsonValue

from common.errors import Exists, FieldError, NotFound, Refused
from common.ids import hashed, random_id
from common.storage.documents import Create, Delete, Documents, Snapshot, Update, Write
from common.storage.documents import Query as DocumentQuery
from common.web import pagination as cursors
from common.web.app import Id
from common.web.auth import Manager, Viewer

from ..app import Services, With
from ..model.audience import Name, RuleIn, complete_rule, rule_fields

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
    """Keeps a rule under a name that no other segment has, in whatever case (409)."""
    segment = random_id()
    path = f"segments/{segment}"
    fields = await _fields(given, services)
    created = {"created_at": services.clock(), "created_by": member.email}
    naming = Create(_name_path(given.name), {"segment": segment})
    await _commit(services.documents, [Create(path, fields | created), naming], naming)
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
    """Campaigns launched before keep the rule they were launched with. Another segment's name is refused (409)."""
    found = await stored_segment(services, segment_id)
    update = Update(found.path, await _fields(given, services), found.version)
    before, naming = _name_path(found["name"]), Create(_name_path(given.name), {"segment": segment_id})
    renaming: list[Write] = [] if before == naming.path else [Delete(before), naming]
    await _commit(services.documents, [update, *renaming], naming)
    return Segment.of(await services.documents.get(found.path))


@router.delete("/{segment_id}", status_code=204, operation_id="delete_segment")
async def delete_segment(segment_id: Id, services: With, member: Manager) -> None:
    found = await stored_segment(services, segment_id)
    await services.documents.commit([Delete(found.path, found.version), Delete(_name_path(found["name"]))])


def _name_path(name: str) -> str:
    return f"names/{hashed('segment', name.casefold())}"


async def _commit(documents: Documents, writes: Sequence[Write], naming: Create) -> None:
    """Raises `Refused` where the name is another segment's; one that is ours already was this commit, made again."""
    try:
        await documents.commit(writes)
    except Exists:
        if (await documents.get(naming.path)).get("segment") == naming.data["segment"]:
            return
        place = FieldError(field="name", code="taken", message="Another segment has this name; give it one of its own.")
        raise Refused("There is a segment of that name already.", fields=[place]) from None


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
