"""The audit log: who did what, and when. Only read here; nothing changes an entry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from fastapi import Query as QueryParameter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from common.audit import audit_entry, commit_entry
from common.clock import UtcDatetime
from common.csv_row import csv_row
from common.storage.documents import DocumentReader, Query, Snapshot, Where
from common.web.auth import Admin, AdminNow, Viewer, guarded_router
from common.web.pagination import decode_cursor, encode_cursor
from common.web.principal import Principal
from common.web.private_queries import not_in_url

from ..services import MemberServices, ServicesDep

router = guarded_router("/api/audit", tag="audit")
EXPORT_PAGE = 500
MAX_ID = 100
MOVE_SECONDS = 5.0
"""How long a reader waits for what is still in the outbox."""
EXPORT_COLUMNS = ("when", "who", "what", "about", "before", "after")
OWN_FIELDS = frozenset({"what", "by", "at", "before", "after"})
"""The stored fields of every entry; all others say what the action concerned."""
PageSize = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str | None, Field(max_length=1_000, description="`next` of the previous page")]


class AuditEntry(BaseModel):
    """One action: who did what, and when."""

    id: str
    who: str = Field(description="the e-mail of a member, or the name and the id of an API key")
    what: str = Field(description="the action, such as `launch`")
    when: datetime
    about: dict[str, JsonValue] = Field(description="what it concerned: ids and numbers, no personal data of customers")
    before: dict[str, JsonValue] | None = Field(description="the values that it changed")
    after: dict[str, JsonValue] | None

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> AuditEntry:
        """The entry of a document."""
        about = {name: value for name, value in (stored.data or {}).items() if name not in OWN_FIELDS}
        return cls(
            id=stored.id,
            who=stored["by"],
            what=stored["what"],
            when=stored["at"],
            about=_as_json(about),
            before=_as_json(stored.get("before")),
            after=_as_json(stored.get("after")),
        )


def _as_json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {name: _as_json(one) for name, one in value.items()}
        case list() | tuple():
            return [_as_json(one) for one in value]
    return value


class AuditList(BaseModel):
    """A page of the audit log, newest first; `next` is the cursor of the next page."""

    items: list[AuditEntry]
    next: str | None


class AuditPeriod(BaseModel):
    """Which actions are wanted, and of which time."""

    model_config = ConfigDict(extra="forbid")

    what: str | None = Field(default=None, max_length=100, description="the action")
    from_: UtcDatetime | None = Field(default=None, alias="from", description="the first instant")
    to: UtcDatetime | None = Field(default=None, description="the instant after the last one")


class AuditFilter(AuditPeriod):
    """Which entries are wanted."""

    who: str | None = Field(default=None, max_length=500, description="as in the entries, in lower case")

    def query(self, *, after: tuple[datetime, str] | None, limit: int) -> Query:
        """One page, newest first."""
        conditions = (("by", "==", self.who), ("what", "==", self.what), ("at", ">=", self.from_), ("at", "<", self.to))
        where = [Where(field, operator, value) for field, operator, value in conditions if value is not None]  # type: ignore[arg-type]
        return Query(collection="audit", where=where, order_by=("at", "desc"), after=after, limit=limit)


class ListAuditRequest(AuditPeriod):
    """Which actions, and which page of them."""

    limit: PageSize = 50
    after: Cursor = None


class SearchAuditRequest(AuditFilter, ListAuditRequest):
    """Which entries, and which page of them."""


@router.get("", operation_id="list_audit", dependencies=not_in_url("who", instead="POST /api/audit/search"))
async def list_audit(
    services: ServicesDep, member: Admin, wanted: Annotated[ListAuditRequest, QueryParameter()]
) -> AuditList:
    """Who did what until now, newest first. Of thousands of actions at once, the last ones follow within a minute."""
    return await _list(SearchAuditRequest(**wanted.model_dump(by_alias=True)), services)


class CampaignAction(BaseModel):
    """What a member or an API key did with a campaign."""

    id: str
    who: str = Field(description="the e-mail of a member, or the name and the id of an API key")
    what: str = Field(description="the action, such as `launch`")
    when: datetime


class CampaignActionList(BaseModel):
    """A page of what was done with a campaign, newest first; `next` is the cursor of the next page."""

    items: list[CampaignAction]
    next: str | None


class ListCampaignActionsRequest(BaseModel):
    """Which page is wanted."""

    model_config = ConfigDict(extra="forbid")

    limit: PageSize = 50
    after: Cursor = None


@router.get("/campaigns/{campaign_id}", operation_id="list_campaign_actions")
async def list_campaign_actions(
    services: ServicesDep,
    member: Viewer,
    campaign_id: Annotated[str, Path(max_length=MAX_ID)],
    wanted: Annotated[ListCampaignActionsRequest, QueryParameter()],
) -> CampaignActionList:
    """Who did what with a campaign, newest first: what everybody who sees the campaign may know of the audit log.

    Of a campaign that does not exist, or with which nobody has done anything, there is nothing. Actions are in the list
    as long as in the audit log (`AUDIT_DAYS`).
    """
    await services.outbox.move(seconds=MOVE_SECONDS)
    after = decode_cursor(wanted.after) if wanted.after else None
    of_campaign = [Where("campaign", "==", campaign_id)]
    query = Query(collection="audit", where=of_campaign, order_by=("at", "desc"), after=after, limit=wanted.limit)
    page = await services.access.query(query)
    items = [CampaignAction(id=one.id, who=one["by"], what=one["what"], when=one["at"]) for one in page]
    return CampaignActionList(items=items, next=_next_cursor(page, wanted.limit))


@router.post("/search", operation_id="search_audit")
async def search_audit(body: SearchAuditRequest, services: ServicesDep, member: Admin) -> AuditList:
    """The entries that the filter finds, as `GET /api/audit` lists those of everybody.

    It is a POST, because an e-mail address in a URL would end up in logs.
    """
    return await _list(body, services)


async def _list(wanted: SearchAuditRequest, services: MemberServices) -> AuditList:
    await services.outbox.move(seconds=MOVE_SECONDS)
    after = decode_cursor(wanted.after) if wanted.after else None
    page = await services.access.query(wanted.query(after=after, limit=wanted.limit))
    return AuditList(items=[AuditEntry.from_snapshot(stored) for stored in page], next=_next_cursor(page, wanted.limit))


def _next_cursor(page: Sequence[Snapshot], limit: int) -> str | None:
    """The cursor after a page; none after the last one."""
    return encode_cursor(page[-1]["at"], page[-1].id) if len(page) == limit else None


@router.get(
    ".csv",
    operation_id="export_audit",
    response_class=StreamingResponse,
    dependencies=not_in_url("who", instead="POST /api/audit/export"),
)
async def export_audit(
    services: ServicesDep, member: AdminNow, wanted: Annotated[AuditPeriod, QueryParameter()]
) -> StreamingResponse:
    """The same entries as CSV, all of them. The export is in the log itself."""
    return await _export(AuditFilter(**wanted.model_dump(by_alias=True)), services, member)


@router.post("/export", operation_id="export_filtered_audit", response_class=StreamingResponse)
async def export_filtered_audit(body: AuditFilter, services: ServicesDep, member: AdminNow) -> StreamingResponse:
    """The entries that the filter finds as CSV, as `GET /api/audit.csv` exports those of everybody."""
    return await _export(body, services, member)


async def _export(wanted: AuditFilter, services: MemberServices, member: Principal) -> StreamingResponse:
    entry = audit_entry("audit log exported", by=member.actor, at=services.clock())
    await commit_entry(services.documents, entry)
    await services.outbox.move(seconds=MOVE_SECONDS)
    return StreamingResponse(_csv_lines(services.access, wanted), media_type="text/csv; charset=utf-8")


async def _csv_lines(access: DocumentReader, wanted: AuditFilter) -> AsyncIterator[str]:
    yield "\ufeff" + csv_row(EXPORT_COLUMNS)
    after = None
    while page := await access.query(wanted.query(after=after, limit=EXPORT_PAGE)):
        for stored in page:
            entry = AuditEntry.from_snapshot(stored)
            yield csv_row([getattr(entry, column) for column in EXPORT_COLUMNS])
        after = (page[-1]["at"], page[-1].id)
