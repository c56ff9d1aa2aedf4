"""HTTP routes for the people of static segments. The segments themselves belong to the function `campaigns`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Self

from fastapi import Query, Request
from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from common.audience.people_lists import MAX_ENTRIES
from common.audience.reader import query_time_limit
from common.audience.search import CustomerSearch, matching_ids
from common.errors import FieldError, Invalid
from common.events import field_errors
from common.web.app import MAX_UPLOAD_BYTES, DocumentId
from common.web.auth import Manager, guarded_router
from common.web.rate_limits import costs

from ..commands.static_segments import ListMode, ListOutcome
from ..formats.columns import PEOPLE
from ..formats.json_rows import ParsedRow
from ..imports.submit import FieldErrorResponse
from ..imports.upload import Upload
from ..model.person_reference import PersonReference
from ..services import ServicesDep
from .customers import CustomerQuery, parse_filter
from .request_bodies import ColumnsOption, SheetOption
from .suppressions import RejectedRow

router = guarded_router("/api/segments", tag="segments")
BATCH_SIZE = 1_000
MAX_ROWS = 2 * MAX_ENTRIES
"""Of one request: the same person may be in it twice."""
MAX_SHOWN = 100

Rejected = tuple[int, tuple[FieldError, ...]]
"""The number of a row that names nobody, and why."""

PEOPLE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "items": {
                        "oneOf": [
                            {"type": "string", "description": "an id, an e-mail or a phone number"},
                            {"$ref": "#/components/schemas/PersonReference"},
                        ]
                    },
                }
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                "schema": {"type": "string", "format": "binary"}
            },
        },
    }
}

Mode = Annotated[ListMode, Query(description="what happens to the people whom the list has")]
DryRun = Annotated[bool, Query(description="return the same response without writing anything")]


class ChangePeopleResponse(BaseModel):
    """Who is in the list now, and which rows were left out."""

    known: int = Field(description="people of the request whom Herald knows")
    unknown: int = Field(description="people of the request whom nobody is yet; they join the segment when they come")
    repeated: int = Field(description="rows with a person of another row")
    rejected: int = Field(description="rows that name nobody")
    rejections: list[RejectedRow] = Field(description="the first 100 of them, with the reasons")
    entries: int = Field(description="of the list; 100,000 at most")
    customers: int = Field(description="in the segment now")


class MatchingPeopleRequest(CustomerQuery):
    """Customers who match now: they stay in the list whatever becomes of them."""

    mode: ListMode = "add"

    @model_validator(mode="after")
    def _require_choice(self) -> Self:
        if not ((self.filter or "").strip() or self.search.strip()):
            raise PydanticCustomError("missing", "Give a filter or a search; the filter `everyone` is everybody")
        return self


@router.post(
    "/{segment_id}/people",
    openapi_extra=PEOPLE_BODY,
    operation_id="change_people_of_segment",
    max_body_size=MAX_UPLOAD_BYTES,
    dependencies=costs(10),
)
async def change_people_of_segment(
    segment_id: DocumentId,
    request: Request,
    services: ServicesDep,
    member: Manager,
    *,
    mode: Mode = "add",
    dry_run: DryRun = False,
    columns: Annotated[ColumnsOption, Query()] = None,
    sheet: Annotated[SheetOption, Query()] = None,
) -> ChangePeopleResponse:
    """Adds people to a static segment, removes them from it, or replaces all of them: up to 100,000.

    The body is a JSON array (of ids, e-mails and phone numbers as texts, or of objects), NDJSON, CSV or a workbook with
    a column of one of them; other columns are ignored, so an export of customers can be sent as it is. Of an object or
    a row, the first of customer id, `external_id`, `email` and `phone` counts by which somebody is known. Who is known
    stays in the list when their address changes. Who is not known is kept as a keyed hash, and is in the segment once
    a customer with that id or address exists. A row that names nobody is left out, with the reason. To send a request
    again is safe.
    """
    upload = Upload(request, PEOPLE, columns, sheet=sheet, defaults=services.reading)
    references, rejected = await _read_people(upload)
    if rejected and not references:
        raise Invalid("No row names a person.", fields=rejected[0][1])
    if not references and mode != "replace":
        message = "Give at least one person."
        raise Invalid(message, fields=[FieldError(field="people", code="empty", message=message)])
    outcome = await services.static_segments.change(segment_id, references, mode, by=member.actor, dry_run=dry_run)
    return _response(outcome, rows=len(references), rejected=rejected)


@router.post("/{segment_id}/people/matching", operation_id="change_matching_people_of_segment", dependencies=costs(10))
async def change_matching_people_of_segment(
    segment_id: DocumentId, body: MatchingPeopleRequest, services: ServicesDep, member: Manager
) -> ChangePeopleResponse:
    """The same with the customers who match a rule and a search now, at most 100,000."""
    wanted = CustomerSearch(rule=await parse_filter(body.filter, services), search=body.search)
    await services.audience.refresh()
    with query_time_limit():
        ids = await matching_ids(services.audience, wanted, services.clock(), limit=MAX_ENTRIES + 1)
    if len(ids) > MAX_ENTRIES:  # a part of them would be left out without a word
        raise _too_many()
    references = [PersonReference(customer_id=id_) for id_ in ids]
    outcome = await services.static_segments.change(segment_id, references, body.mode, by=member.actor)
    return _response(outcome, rows=len(references), rejected=[])


async def _read_people(upload: Upload) -> tuple[list[PersonReference], list[Rejected]]:
    """The people of the body, and the rows that name nobody. Raises `Invalid` if there are too many rows."""
    references: list[PersonReference] = []
    rejected: list[Rejected] = []
    while rows := await upload.read_rows(BATCH_SIZE):
        outcomes = await asyncio.to_thread(lambda batch: [_validate(row) for row in batch], rows)
        references += [one for one in outcomes if isinstance(one, PersonReference)]
        rejected += [one for one in outcomes if not isinstance(one, PersonReference)]
        if len(references) + len(rejected) > MAX_ROWS:
            raise _too_many()
    return references, rejected


def _too_many() -> Invalid:
    message = f"A list may have {MAX_ENTRIES:,} people."
    return Invalid(message, fields=[FieldError(field="people", code="too_many", message=message, limit=MAX_ENTRIES)])


def _validate(row: ParsedRow) -> PersonReference | Rejected:
    """The person of a row, or its number with the reasons why it names nobody."""
    if row.errors:
        return row.number, row.errors
    try:
        return PersonReference.model_validate(row.data)
    except ValidationError as error:
        return row.number, (*row.warnings, *field_errors(error))


def _response(outcome: ListOutcome, *, rows: int, rejected: Sequence[Rejected]) -> ChangePeopleResponse:
    """The answer for so many valid rows."""
    return ChangePeopleResponse(
        known=outcome.known,
        unknown=outcome.unknown,
        repeated=rows - outcome.known - outcome.unknown,
        rejected=len(rejected),
        rejections=[
            RejectedRow(row=number, errors=FieldErrorResponse.from_errors(errors))
            for number, errors in rejected[:MAX_SHOWN]
        ],
        entries=outcome.entries,
        customers=outcome.customers,
    )
