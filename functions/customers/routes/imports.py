"""HTTP routes for imports: the progress, and the result of each row."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from common.addresses.consent import ConsentState
from common.csv_row import csv_row
from common.web.app import DocumentId
from common.web.auth import Manager, ManagerNow, Viewer, guarded_router
from common.web.rate_limits import costs

from ..formats.columns import ACTIVITIES, CUSTOMERS, REJECTION_COLUMNS, RowSchema
from ..formats.json_rows import MAX_EXCERPT_LENGTH
from ..imports.jobs import ImportState, RowType
from ..imports.upload import Upload
from ..services import ServicesDep
from .request_bodies import CSV_BODY

router = guarded_router("/api/imports", tag="imports")
SAMPLE_ROWS = 20
"""How many rows are read for the preview."""

INTERNAL_FIELDS = {"sent", "identities"}
"""Stored with a result, but not returned."""

SCHEMAS: Mapping[RowType, RowSchema] = {"customers": CUSTOMERS, "activities": ACTIVITIES}


class ImportStatus(BaseModel):
    """The progress of one import."""

    id: str
    what: RowType
    state: ImportState = Field(
        description="aborted: the upload was cut off, and none of it was imported; "
        "failed: some rows could not be processed, so send all of them again"
    )
    reason: str | None = Field(default=None, description="why it failed")
    dry_run: bool
    by: str
    at: datetime
    rows: int
    done: int  # rows that have a result
    created: int
    updated: int
    unchanged: int
    counted: int
    duplicate: int
    rejected: int
    warned: int = Field(default=0, description="rows of which cells were left out")
    columns: dict[str, str] = {}
    consent: ConsentState | None = None  # the answer whether these people agreed to get messages
    file: str | None = None


class ColumnPreview(BaseModel):
    """How one column of a table would be imported."""

    header: str
    field: str = Field(description='the field it would be imported as; "" if it would be left out')
    example: str = Field(description="the first value in the first rows that is not empty")


class InspectColumnsResponse(BaseModel):
    """The columns of a table and the fields that they can be mapped to."""

    columns: list[ColumnPreview]
    fields: list[str] = Field(description="the fields that a column can be mapped to, besides `attributes.…`")


@router.post("/columns", operation_id="inspect_columns", openapi_extra=CSV_BODY)
async def inspect_columns(
    request: Request, services: ServicesDep, member: Manager, what: RowType = "customers"
) -> InspectColumnsResponse:
    """Shows how the columns of a table would be imported: send the start of the file before you import all of it,
    at most 256 kB."""
    schema = SCHEMAS[what]
    table = Upload(request, schema, None, defaults=services.reading).preview_table(await request.body())
    columns, rows = await asyncio.to_thread(table.peek, SAMPLE_ROWS)
    examples = [next(filter(None, cells), "")[:MAX_EXCERPT_LENGTH] for cells in zip_longest(*rows, fillvalue="")]
    previews = zip_longest(columns.headers, columns.fields, examples[: len(columns.headers)], fillvalue="")
    return InspectColumnsResponse(
        columns=[ColumnPreview(header=header, field=field, example=example) for header, field, example in previews],
        fields=sorted(schema.fields),
    )


@router.get("/{import_id}", operation_id="get_import")
async def get_import(import_id: DocumentId, services: ServicesDep, member: Viewer) -> ImportStatus:
    """Returns the progress of an import. An import is kept for 7 days."""
    return ImportStatus.model_validate(await services.import_jobs.status(import_id))


@router.get(
    "/{import_id}/results", operation_id="get_import_results", dependencies=costs(10), response_class=StreamingResponse
)
async def get_results(
    import_id: DocumentId,
    services: ServicesDep,
    member: ManagerNow,
    status: Annotated[str | None, Query(description="only rows with this status, for example `rejected`")] = None,
    limit: Annotated[int | None, Query(ge=1, description="at most this many rows")] = None,
) -> StreamingResponse:
    """Returns the result of each processed row, as NDJSON, in no particular order."""
    _, results = await services.import_jobs.results(import_id)
    await services.log_action("import results exported", member, **{"import": import_id})
    return StreamingResponse(_ndjson(results, status, limit), media_type="application/x-ndjson")


async def _ndjson(results: AsyncIterator[dict[str, Any]], status: str | None, limit: int | None) -> AsyncIterator[str]:
    sent = 0
    async for result in results:
        if status in {None, result["status"]}:
            yield json.dumps({name: value for name, value in result.items() if name not in INTERNAL_FIELDS}) + "\n"
            sent += 1
        if sent == limit:
            return


@router.get(
    "/{import_id}/rejected.csv",
    operation_id="get_rejected_rows",
    dependencies=costs(10),
    response_class=StreamingResponse,
)
async def get_rejected_rows(import_id: DocumentId, services: ServicesDep, member: ManagerNow) -> StreamingResponse:
    """Returns the rejected rows as they were sent, with row number and reason, so that they can be fixed and sent
    again."""
    headers, results = await services.import_jobs.results(import_id)
    await services.log_action("rejected rows exported", member, **{"import": import_id})
    return StreamingResponse(_write_rejected_csv(results, headers), media_type="text/csv; charset=utf-8")


async def _write_rejected_csv(results: AsyncIterator[dict[str, Any]], headers: Mapping[str, str]) -> AsyncIterator[str]:
    """Yield every column as it was sent, whether its heading stands there once or twice, and the reasons."""
    yield csv_row([*headers.values(), *REJECTION_COLUMNS])
    async for result in results:
        if result["status"] == "rejected":
            reason = "; ".join(f"{error['field']}: {error['message']}" for error in result["errors"])
            yield csv_row([*((result["sent"] or {}).get(header) for header in headers), result["row"], reason])
