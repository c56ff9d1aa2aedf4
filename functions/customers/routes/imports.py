"""Imports over HTTP: how far they have come, and what became of each row."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from common.web.app import Id
from common.web.auth import Manager, Viewer

from ..formats.columns import ACTIVITIES, CUSTOMERS, REJECTED, Kind
from ..formats.json_rows import SHOWN
from ..imports.jobs import State, What
from ..imports.upload import Upload
from ..records.export import written_row
from ..services import With
from .request_bodies import TABLE

router = APIRouter(prefix="/api/imports", tags=["imports"])
EXAMPLES = 20
"""Rows that are looked at."""

INNER = {"sent", "known"}
"""Kept with a result, but for other ends."""

KINDS: Mapping[What, Kind] = {"customers": CUSTOMERS, "activities": ACTIVITIES}


class ImportStatus(BaseModel):
    id: str
    what: What
    state: State = Field(
        description="broken: the upload broke off, and nothing of it was brought in; "
        "failed: a part of the rows could not be worked off, so send all of them again"
    )
    reason: str | None = Field(default=None, description="why it failed")
    dry_run: bool
    by: str
    at: datetime
    rows: int
    done: int  # rows that have their answer
    created: int
    updated: int
    unchanged: int
    counted: int
    duplicate: int
    rejected: int
    columns: dict[str, str] = {}


class Column(BaseModel):
    header: str
    field: str = Field(description='what it would be taken for; "" where it would be left out')
    example: str = Field(description="of the first rows, the first value that there is")


class ColumnsFound(BaseModel):
    columns: list[Column]
    fields: list[str] = Field(description="that a column can be mapped to, besides `attributes.…`")


@router.post("/columns", operation_id="look_at_columns", openapi_extra=TABLE)
async def look_at_columns(request: Request, member: Manager, what: What = "customers") -> ColumnsFound:
    """What the columns of a table would be taken for: send its beginning, before all of it is brought in."""
    kind = KINDS[what]
    columns, rows = Upload(request, kind, None).table(await request.body()).look(EXAMPLES)
    examples = [next(filter(None, cells), "")[:SHOWN] for cells in zip_longest(*rows, fillvalue="")]
    found = zip_longest(columns.headers, columns.fields, examples[: len(columns.headers)], fillvalue="")
    return ColumnsFound(
        columns=[Column(header=header, field=field, example=example) for header, field, example in found],
        fields=sorted(kind.fields),
    )


@router.get("/{import_id}", operation_id="get_import")
async def get_import(import_id: Id, services: With, member: Viewer) -> ImportStatus:
    """How far an import has come. It is kept for 7 days."""
    return ImportStatus.model_validate(await services.imports.status(import_id))


@router.get("/{import_id}/results", operation_id="get_import_results", response_class=StreamingResponse)
async def get_results(
    import_id: Id,
    services: With,
    member: Manager,
    status: Annotated[str | None, Query(description="only these, such as `rejected`")] = None,
    limit: Annotated[int | None, Query(ge=1, description="no more than so many")] = None,
) -> StreamingResponse:
    """What became of each row that is done, as NDJSON; in no particular order."""
    _, results = await services.imports.results(import_id)
    return StreamingResponse(_ndjson(results, status, limit), media_type="application/x-ndjson")


async def _ndjson(results: AsyncIterator[dict[str, Any]], status: str | None, limit: int | None) -> AsyncIterator[str]:
    given = 0
    async for one in results:
        if status in {None, one["status"]}:
            yield json.dumps({name: value for name, value in one.items() if name not in INNER}) + "\n"
            given += 1
        if given == limit:
            return


@router.get("/{import_id}/rejected.csv", operation_id="get_rejected_rows", response_class=StreamingResponse)
async def get_rejected(import_id: Id, services: With, member: Manager) -> StreamingResponse:
    """The rejected rows as they were sent, with the number of each and the reason, to be put right and sent again."""
    headers, results = await services.imports.results(import_id)
    return StreamingResponse(_rejected(results, headers), media_type="text/csv; charset=utf-8")


async def _rejected(results: AsyncIterator[dict[str, Any]], headers: list[str]) -> AsyncIterator[str]:
    yield written_row([*headers, *REJECTED])
    async for one in results:
        if one["status"] == "rejected":
            reason = "; ".join(f"{error['field']}: {error['message']}" for error in one["errors"])
            yield written_row([*((one["sent"] or {}).get(header) for header in headers), one["row"], reason])
