"""HTTP routes for imports: the progress, and the result of each row."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from common.addresses.consent import ConsentState
from common.csv_row import csv_row_as_sent
from common.errors import FieldError
from common.web.app import MAX_UPLOAD_BYTES, DocumentId
from common.web.auth import Manager, ManagerNow, Viewer, guarded_router
from common.web.pagination import decode_cursor, encode_cursor
from common.web.rate_limits import costs

from ..formats.column_types import ColumnType
from ..formats.columns import REJECTION_COLUMNS
from ..formats.csv_table import CsvTable
from ..formats.json_rows import MAX_EXCERPT_LENGTH
from ..formats.order_rows import OrderCounts
from ..imports.jobs import ImportState, RowType
from ..imports.preview import ColumnFacts, FilePreview, PreviewType, preview_file
from ..imports.submit import FieldErrorResponse
from ..imports.upload import Upload
from ..services import ServicesDep
from .import_mappings import SCHEMAS, SavedMapping
from .request_bodies import CSV_BODY, FILE_BODY, ActivityTypeOption, ColumnsOption, SheetOption

router = guarded_router("/api/imports", tag="imports")
SAMPLE_ROWS = 20
"""How many rows are read for the preview."""

INTERNAL_FIELDS = {"sent", "identities"}
"""Stored with a result, but not returned."""


class KeptPeople(BaseModel):
    """People whom an undo kept, or of whom it kept something: how many, by reason."""

    activities: int = Field(default=0, description="they ordered or visited since")
    messages: int = Field(default=0, description="a campaign reached them since")
    named: int = Field(default=0, description="another import or a request gave the same since")
    changed: int = Field(default=0, description="something changed them since")
    merged: int = Field(default=0, description="they were merged with somebody since")
    erased: int = Field(default=0, description="they were erased since")


class UndoStatus(BaseModel):
    """The progress of the undo of an import."""

    state: Literal["running", "done", "failed"]
    reason: str | None = Field(description="why it failed; send the request again")
    by: str
    at: datetime
    removed: int = Field(description="people whom the import had created")
    put_back: int = Field(description="people whom it had changed, and who are as before")
    kept: KeptPeople
    opt_outs: int = Field(description="people who said no in the file: that stays")


class ImportStatus(BaseModel):
    """The progress of one import."""

    id: str
    what: RowType
    state: ImportState = Field(
        description="aborted: the upload was cut off, and none of it was imported; "
        "failed: some rows could not be processed, so send all of them again; "
        "cancelled: the rows that have a result are written, and the others never are"
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
    undo_until: datetime | None = Field(default=None, description="null if it cannot be undone")
    undo: UndoStatus | None = None


class ImportList(BaseModel):
    """One page of imports."""

    items: list[ImportStatus]
    next: str | None


class ColumnPreview(BaseModel):
    """How one column of a table would be imported."""

    header: str
    field: str = Field(description='the field it would be imported as; "" if it would be left out')
    example: str = Field(description="the first value in the first rows that is not empty")


class InspectColumnsResponse(BaseModel):
    """The columns of a table and the fields that they can be mapped to."""

    columns: list[ColumnPreview]
    fields: list[str] = Field(description="the fields that a column can be mapped to, besides `attributes.…`")


class PreviewOptions(BaseModel):
    """How a file is looked at."""

    what: PreviewType = Field(
        default="customers",
        description="what the rows are; if the file looks like something else, `looks_like` says so",
    )
    columns: ColumnsOption = None
    sheet: SheetOption = None
    type: ActivityTypeOption = None


class RowProblem(FieldErrorResponse):
    """What is wrong with one row."""

    row: int


class ConsentWord(BaseModel):
    """A word in a column of consent."""

    word: str
    meaning: Literal["granted", "denied", "unknown", "nothing"]
    count: int


class UnderstoodColumn(BaseModel):
    """How one column of a table is understood."""

    header: str = Field(description="as it stands in the file")
    key: str = Field(description="its name in `columns`: the header, with a number if it stands there before")
    field: str = Field(description='"" if the column is left out')
    type: ColumnType
    format: str | None = Field(description="the order of a date, the decimal sign of a number, or `opposite`")
    decided_by: Literal["caller", "values", "settings"] = Field(
        description="what decides the type and the format: `columns`, the values of the column, or the deployment"
    )
    is_alternative: bool = Field(description="used only where the column before it with this field is empty")
    may_be_consent: bool = Field(description="its heading speaks of consent, but nothing in it counts as such: map it")
    filled: int
    samples: list[str]
    misfits: int = Field(description="cells that would be left out")
    misfit_examples: list[RowProblem]
    words: list[ConsentWord] = Field(description="of a column of consent: what each word means")


class ActivityFacts(BaseModel):
    """What is in a file of orders and visits."""

    types: dict[str, int] = Field(description="rows by type")
    joined: int = Field(description="lines that belong to the order of the line before, and are one order with it")
    refunded: int = Field(description="orders of which a part was given back: the rest counts")
    undone: int = Field(
        description="orders that were refunded in full or cancelled: they are rejected, and count nothing"
    )
    currencies: dict[str, int] = Field(description="orders by what their column of currency says")
    currency: str = Field(description="that of all amounts; orders in another one are rejected")
    found_by: dict[str, int] = Field(description="of the compared rows: by what the customer was found")
    unknown: int = Field(description="of the compared rows: no customer has this id or address")


class ImportPreview(BaseModel):
    """What an import would do with a file."""

    format: Literal["json", "ndjson", "csv", "xlsx"]
    looks_like: Literal["customers", "activities", "suppressions"]
    encoding: str | None
    separator: str | None
    header_row: int | None = Field(description="of a table: which line names the columns; 0 if none does")
    type: str | None = Field(description="of activities: the type of all rows, if no column has it")
    sheets: list[str] = Field(description="of a workbook; `sheet` chooses one")
    columns: list[UnderstoodColumn]
    fields: list[str] = Field(description="the fields that a column can be mapped to, besides `attributes.…`")
    problem: str | None = Field(description="why the file cannot be imported with these columns")
    rows: int
    rejected: int
    rejected_examples: list[RowProblem]
    warned: int = Field(description="rows of which cells would be left out")
    repeated: int = Field(description="rows about a person, or an order, that is in the file before")
    shared_addresses: int = Field(description="addresses that several people in the file have")
    compared: int = Field(description="rows at the beginning that were compared with the customers")
    new: int = Field(description="of the compared rows: people, or orders, that Herald does not have")
    known: int = Field(description="of the compared rows")
    unclear: int = Field(description="of the compared rows: several customers have the address")
    activities: ActivityFacts | None = Field(description="of a file of orders and visits")
    mappings: list[SavedMapping] = Field(
        default=[], description="saved for a file with these headings, the newest first; none is used by itself"
    )

    @classmethod
    def from_file(cls, upload: Upload, preview: FilePreview, what: PreviewType, *, currency: str) -> ImportPreview:
        """The response for a file that was read to its end."""
        table, mapping = upload.table, upload.column_mapping
        statuses = preview.statuses
        return cls(
            format=upload.format or "json",
            looks_like=preview.looks_like(mapping, what),
            encoding=table.encoding if isinstance(table, CsvTable) else None,
            separator=table.separator if isinstance(table, CsvTable) else None,
            header_row=table.header_row if table else None,
            type=table.type if table else None,
            sheets=upload.sheets,
            columns=[_understood(facts, upload) for facts in preview.columns],
            fields=sorted(SCHEMAS[what].fields),
            problem=mapping.problem if mapping else None,
            rows=preview.rows,
            rejected=preview.rejected,
            rejected_examples=[_problem(row, error) for row, errors in preview.rejected_examples for error in errors],
            warned=preview.warned,
            repeated=preview.repeated,
            shared_addresses=preview.shared_addresses,
            compared=preview.compared,
            new=statuses["created"] + statuses["counted"],
            known=statuses["updated"] + statuses["unchanged"] + statuses["duplicate"],
            unclear=statuses["rejected"] - preview.unknown,
            activities=_activity_facts(upload, preview, currency) if what == "activities" else None,
        )


def _activity_facts(upload: Upload, preview: FilePreview, currency: str) -> ActivityFacts:
    """What was counted while the table was read, and of the compared rows."""
    orders = upload.table.orders if upload.table else OrderCounts()
    return ActivityFacts(
        types=preview.types,
        joined=orders.joined,
        refunded=orders.refunded,
        undone=orders.undone,
        currencies=orders.currencies,
        currency=currency,
        found_by=preview.found_by,
        unknown=preview.unknown,
    )


def _understood(facts: ColumnFacts, upload: Upload) -> UnderstoodColumn:
    """How the column is understood, with its values and with the cells that do not fit."""
    column = facts.column
    decided_by = "caller" if upload.is_chosen(column.key) else "values" if column.format.is_decided else "settings"
    return UnderstoodColumn(
        header=column.header,
        key=column.key,
        field=column.field,
        type=column.format.type,
        format=column.format.format,
        decided_by=decided_by,
        is_alternative=column.is_alternative,
        may_be_consent=column.may_be_consent and decided_by != "caller",
        filled=facts.filled,
        samples=list(facts.samples),
        misfits=facts.misfits,
        misfit_examples=[_problem(row, error) for row, error in facts.examples],
        words=[
            ConsentWord.model_validate({"word": word, "meaning": facts.meaning_of(word), "count": count})
            for word, count in facts.words.most_common()
        ],
    )


def _problem(row: int, error: FieldError) -> RowProblem:
    return RowProblem(row=row, field=error.field, code=error.code, message=error.message, value=error.value)


@router.post("/columns", operation_id="inspect_columns", openapi_extra=CSV_BODY)
async def inspect_columns(
    request: Request, services: ServicesDep, member: Manager, what: RowType = "customers"
) -> InspectColumnsResponse:
    """Shows how the columns of a table would be imported: send the start of the file before you import all of it,
    at most 256 kB."""
    schema = SCHEMAS[what]
    defaults = await services.reading_defaults(request)
    table = Upload(request, schema, None, defaults=defaults).preview_table(await request.body())
    columns, rows = await asyncio.to_thread(table.peek, SAMPLE_ROWS)
    examples = [next(filter(None, cells), "")[:MAX_EXCERPT_LENGTH] for cells in zip_longest(*rows, fillvalue="")]
    previews = zip_longest(columns.headers, columns.fields, examples[: len(columns.headers)], fillvalue="")
    return InspectColumnsResponse(
        columns=[ColumnPreview(header=header, field=field, example=example) for header, field, example in previews],
        fields=sorted(schema.fields),
    )


@router.post(
    "/previews",
    operation_id="preview_import",
    openapi_extra=FILE_BODY,
    max_body_size=MAX_UPLOAD_BYTES,
    dependencies=costs(20),
)
async def preview_import(
    request: Request, services: ServicesDep, member: Manager, options: Annotated[PreviewOptions, Query()]
) -> ImportPreview:
    """Shows what an import would do with a file, and writes nothing: how it is read, what each column is understood
    as with values and with the cells that do not fit, and how many rows are new, known or twice in the file.

    Change what is wrong with `columns`, look again, and send the file with the same `columns` to `/api/customers` or
    `/api/activities`. A file of people who must not be written to (`looks_like` is `suppressions`) may be sent to
    `/api/suppressions` instead.
    """
    schema = SCHEMAS[options.what]
    upload = Upload(
        request,
        schema,
        options.columns,
        sheet=options.sheet,
        defaults=await services.reading_defaults(request),
        activity_type=options.type,
    )
    preview = await preview_file(upload, options.what, import_jobs=services.import_jobs, hashes=services.hashes)
    shown = ImportPreview.from_file(upload, preview, options.what, currency=services.currency)
    if shown.columns:
        saved = await services.saved_mappings.for_file(options.what, [column.key for column in shown.columns])
        shown.mappings = [SavedMapping.from_snapshot(one) for one in saved]
    return shown


@router.get("", operation_id="list_imports", dependencies=costs(5))
async def list_imports(
    services: ServicesDep,
    member: Viewer,
    after: Annotated[str | None, Query(max_length=1_000, description="`next` of the previous page")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> ImportList:
    """Returns the imports of the last 7 days with their progress, the newest first."""
    start = decode_cursor(after) if after else None
    found = await services.import_actions.newest(after=start, limit=limit)
    items = [ImportStatus.model_validate(one) for one in found]
    last = encode_cursor(items[-1].at, items[-1].id) if len(items) == limit else None
    return ImportList(items=items, next=last)


@router.get("/{import_id}", operation_id="get_import")
async def get_import(import_id: DocumentId, services: ServicesDep, member: Viewer) -> ImportStatus:
    """Returns the progress of an import. An import is kept for 7 days."""
    return ImportStatus.model_validate(await services.import_jobs.status(import_id))


@router.post("/{import_id}/cancel", operation_id="cancel_import")
async def cancel_import(import_id: DocumentId, services: ServicesDep, member: Manager) -> ImportStatus:
    """Stops an import. What is written stays, and the rest is never written; `done` says how many rows are.

    409 if it has ended. A repeated request changes nothing.
    """
    return ImportStatus.model_validate(await services.import_actions.cancel(import_id, by=member.actor))


@router.post("/{import_id}/undo", operation_id="undo_import", status_code=202, dependencies=costs(10))
async def undo_import(import_id: DocumentId, services: ServicesDep, member: ManagerNow) -> ImportStatus:
    """Undoes an import, in the background, within a day: who was created by it is removed, and what it changed is put
    back.

    What is newer stays: people who have activities or messages since, or who were changed or merged, are kept, and so
    is each value that was changed since. `undo` counts them by reason. A yes that the import recorded is taken back; a
    no stays, and so does every suppression. Imported activities are removed, and taken out of the figures. An import
    that is being processed is cancelled first. A repeated request changes nothing, and starts again what failed.
    """
    return ImportStatus.model_validate(await services.import_actions.undo(import_id, by=member.actor))


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
    yield "\ufeff" + csv_row_as_sent([*headers.values(), *REJECTION_COLUMNS])
    async for result in results:
        if result["status"] == "rejected":
            reason = "; ".join(f"{error['field']}: {error['message']}" for error in result["errors"])
            yield csv_row_as_sent([*((result["sent"] or {}).get(header) for header in headers), result["row"], reason])
