"""Segments over HTTP. A segment is a rule with a unique name; other rules refer to it by that name.

A static segment has a list of people instead (`common/audience/people_lists.py`), which the function `customers`
changes. Its rule is `in segment "…"` with its own name.

segments/{id}   name, rule, count, and the sizes of the last days
names/{hash}    segment   the id of the segment with that name, in any case; created and deleted with the segment
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query as QueryParameter
from pydantic import BaseModel

from common.audience.people_lists import list_paths
from common.audience.reader import query_time_limit
from common.audit import audit_entry, audit_path
from common.errors import Exists, FieldError, Invalid, Refused
from common.ids import stable_hash
from common.rules import InSegment, Language
from common.storage.documents import Create, Delete, Documents, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry
from common.web.app import DocumentId
from common.web.auth import Manager, Viewer, guarded_router
from common.web.idempotency import IdempotencyDep
from common.web.rate_limits import costs

from ..lifecycle.segment_uses import rename_writes, require_unused
from ..model.audience import parse_request, resolve_rule, rule_fields
from ..model.segment import Segment, SegmentRequest, get_segment_or_404
from ..model.segment_sizes import add_size
from ..model.states import State
from ..reports.customer_segments import SegmentsOfCustomer, find_segments_of
from ..services import CampaignServices, ServicesDep
from .languages import DescriptionLanguage
from .pagination import newest_first_query, next_cursor

router = guarded_router("/api/segments", tag="segments")
MAX_CAMPAIGNS = 50


class SegmentInList(Segment):
    """A segment with the number of campaigns whose audience it is."""

    used_by: int


class CampaignOfSegment(BaseModel):
    """A campaign whose audience is a segment."""

    id: str
    name: str
    state: State


class SegmentDetails(SegmentInList):
    """A segment with the campaigns that use it, and how many customers match it now."""

    campaigns: list[CampaignOfSegment]  # at most 50
    count_now: int | None  # null if something that the rule refers to is gone


class SegmentList(BaseModel):
    """A page of segments, newest first; `next` is the cursor of the next page."""

    items: list[SegmentInList]
    next: str | None
    total: int  # of all segments


@router.post("", status_code=201, operation_id="create_segment", dependencies=costs(3))
async def create_segment(
    body: SegmentRequest, services: ServicesDep, member: Manager, request: IdempotencyDep
) -> Segment:
    """Saves a rule under a name. The name must be unique, regardless of case (409).

    With the kind `static` it has a list of people instead of a rule, which is empty: `POST /api/segments/{id}/people`
    adds them.

    With an `Idempotency-Key`, a repeated request creates one.
    """

    async def create(segment: str) -> Segment:
        """Write the segment with this id."""
        path = f"segments/{segment}"
        if body.kind == "static":
            fields: dict[str, Any] = {**_static_fields(body, services, segment), "count": 0, "people": 0, "waiting": 0}
        else:
            fields = await _segment_fields(body, services)
            fields |= _add_size({}, fields, services)
        now = services.clock()
        created = {"created_at": now, "created_by": member.actor}
        entry = audit_entry("segment created", by=member.actor, at=now, subject={"segment": segment})
        create_name = Create(_name_path(body.name), {"segment": segment})
        await _commit(services.documents, [Create(path, fields | created), create_name, entry], create_name)
        return Segment.from_snapshot(await services.documents.get(path))

    return await request.run(Segment, create, documents=services.documents, member=member, clock=services.clock)


@router.get("", operation_id="list_segments")
async def list_segments(
    services: ServicesDep,
    member: Viewer,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    after: Annotated[str | None, QueryParameter(description="`next` of the previous page")] = None,
    language: DescriptionLanguage = "en",
) -> SegmentList:
    """Newest first. `count` is the number of customers when the segment was last saved or counted."""
    page = await services.documents.query(newest_first_query("segments", after=after, limit=limit))
    total = await services.documents.sums(Query(collection="segments"), [])
    used_by = await asyncio.gather(*(_count_campaigns(services.documents, stored.id) for stored in page))
    items = [
        SegmentInList(**_read(stored, services, language).model_dump(), used_by=number)
        for stored, number in zip(page, used_by, strict=True)
    ]
    return SegmentList(items=items, next=next_cursor(page, limit), total=total["count"])


def _read(stored: Snapshot, services: CampaignServices, language: Language) -> Segment:
    segment = Segment.from_snapshot(stored)
    return segment.model_copy(update={"rule": segment.rule.in_language(language, services.currency)})


def _campaigns_query(segment_id: str, *, limit: int | None = None) -> Query:
    of_segment = [Where("segment_id", "==", segment_id)]
    return Query(collection="campaigns", where=of_segment, limit=limit)


async def _count_campaigns(documents: Documents, segment_id: str) -> int:
    return (await documents.sums(_campaigns_query(segment_id), []))["count"]


@router.get("/{segment_id}", operation_id="get_segment", dependencies=costs(3))
async def get_segment(
    segment_id: DocumentId, services: ServicesDep, member: Viewer, language: DescriptionLanguage = "en"
) -> SegmentDetails:
    """One segment, the campaigns whose audience it is, and how many customers match it now."""
    stored = await get_segment_or_404(services.documents, segment_id)
    campaigns = await services.documents.query(_campaigns_query(segment_id, limit=MAX_CAMPAIGNS))
    return SegmentDetails(
        **_read(stored, services, language).model_dump(),
        used_by=await _count_campaigns(services.documents, segment_id),
        campaigns=[CampaignOfSegment(id=one.id, name=one["name"], state=one["state"]) for one in campaigns],
        count_now=await _count_now(services, segment_id),
    )


async def _count_now(services: CampaignServices, segment_id: str) -> int | None:
    try:
        rule = await services.lifecycle.segment_rule(segment_id)
    except Invalid:
        return None
    await services.audience.refresh()
    with query_time_limit():
        return await services.audience.count(rule, now=services.clock())


@router.get("/of/{customer_id}", operation_id="list_segments_of_customer", dependencies=costs(3))
async def list_segments_of_customer(
    customer_id: DocumentId, services: ServicesDep, member: Viewer
) -> SegmentsOfCustomer:
    """The segments that the customer is in now, of the newest 200."""
    return await find_segments_of(services, customer_id)


@router.put("/{segment_id}", operation_id="replace_segment", dependencies=costs(3))
async def replace_segment(
    segment_id: DocumentId, body: SegmentRequest, services: ServicesDep, member: Manager
) -> Segment:
    """Campaigns that were launched before keep their rule. The name of another segment is refused (409).

    A static segment keeps its people: this changes its name only.

    A changed rule begins anew with `sizes`: those of the rule before say nothing about it.

    Other segments, drafts and scheduled campaigns whose rules name the segment get its new name in the same commit.
    """
    segment = await get_segment_or_404(services.documents, segment_id)
    if body.kind != segment.get("kind", "rule"):
        message = "A segment keeps its kind: one with a rule gets no list of people, and the other way round."
        raise Invalid(message, fields=[FieldError(field="kind", code="read_only", message=message)])
    if body.kind == "static":
        fields = _static_fields(body, services, segment_id)
    else:
        fields = await _segment_fields(body, services)
        if _name_path(segment["name"]) != _name_path(body.name):
            # others still name it so
            await resolve_rule(body, services.documents, services.currency, saved_as=segment["name"])

    entry_path = audit_path()

    async def build(attempt: int) -> tuple[None, list[Write]]:
        """The new segment, its name and its entry in the audit log; no writes if they were committed before."""
        if attempt and (await services.documents.get(entry_path)).exists:
            return None, []
        stored = await get_segment_or_404(services.documents, segment_id)
        renamed = stored["name"] != body.name
        uses = await rename_writes(services.documents, stored, body.name, currency=services.currency) if renamed else ()
        names = await _name_writes(services.documents, stored["name"], body.name, segment_id)
        about = {"segment": segment_id, "renamed": renamed}
        entry = audit_entry("segment changed", by=member.actor, at=services.clock(), path=entry_path, subject=about)
        changes = fields if body.kind == "static" else fields | _add_size(stored.data or {}, fields, services)
        return None, [Update(stored.path, changes, stored.version), *names, *uses, entry]

    await commit_with_retry(services.documents, build)
    return Segment.from_snapshot(await services.documents.get(segment.path))


async def _name_writes(documents: Documents, old: str, new: str, segment_id: str) -> list[Write]:
    """The writes that give the segment its new name. Raises `Refused` if another segment has the name."""
    if _name_path(old) == _name_path(new):
        return []
    name = await documents.get(_name_path(new))
    if name.exists and name["segment"] != segment_id:
        raise _name_taken()
    return [Delete(_name_path(old)), *([] if name.exists else [Create(name.path, {"segment": segment_id})])]


@router.delete("/{segment_id}", status_code=204, operation_id="delete_segment")
async def delete_segment(segment_id: DocumentId, services: ServicesDep, member: Manager) -> None:
    """Refused (409), with their names, while scheduled or running campaigns or other segments use it."""
    segment = await get_segment_or_404(services.documents, segment_id)
    await require_unused(services.documents, segment)
    entry = audit_entry("segment deleted", by=member.actor, at=services.clock(), subject={"segment": segment_id})
    people = [Delete(path) for path in list_paths(segment_id)] if segment.get("kind") == "static" else []
    deleted = [Delete(segment.path, segment.version), Delete(_name_path(segment["name"])), *people]
    await services.documents.commit([*deleted, entry])


def _name_path(name: str) -> str:
    return f"names/{stable_hash('segment', name.casefold())}"


async def _commit(documents: Documents, writes: Sequence[Write], create_name: Create) -> None:
    """Raises `Refused` if another segment has the name.

    If this segment has it already, the same commit succeeded before, and its response was lost.
    """
    try:
        await documents.commit(writes)
    except Exists:
        if (await documents.get(create_name.path)).get("segment") == create_name.data["segment"]:
            return
        raise _name_taken() from None


def _name_taken() -> Refused:
    error = FieldError(field="name", code="taken", message="Another segment has this name; choose another name.")
    return Refused("A segment with this name exists already.", fields=[error])


def _static_fields(body: SegmentRequest, services: CampaignServices, segment_id: str) -> dict[str, object]:
    """The fields of a static segment that do not depend on its list. Raises `Invalid` if there is a rule as well."""
    rule = InSegment(segment=body.name, members_of=segment_id)
    given = parse_request(body, services.currency) if body.text or body.rules else rule  # as GET gives it
    if not isinstance(given, InSegment) or given.segment.casefold() != body.name.casefold():
        message = "A static segment has a list of people: give no rule, or make a segment of the kind rule."
        raise Invalid(message, fields=[FieldError(field="text", code="one_of", message=message)])
    return {"name": body.name, "kind": body.kind, **rule_fields(rule, services.currency)}


def _add_size(stored: Mapping[str, Any], fields: Mapping[str, Any], services: CampaignServices) -> dict[str, object]:
    """The sizes of a segment that is saved with these fields: today's, after those of the days with the same rule."""
    sizes = stored.get("sizes", {}) if stored.get("text") == fields["text"] else {}
    return {"sizes": add_size(sizes, services.clock().astimezone(services.zone).date(), fields["count"])}


async def _segment_fields(body: SegmentRequest, services: CampaignServices) -> dict[str, Any]:
    rule = await resolve_rule(body, services.documents, services.currency, saved_as=body.name)
    await services.audience.refresh()
    with query_time_limit():
        count = await services.audience.count(rule, now=services.clock())
    return {"name": body.name, "count": count, **rule_fields(rule, services.currency)}
