"""Addresses that must not be written to, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError

from common.errors import FieldError
from common.events import field_errors
from common.ids import BUCKETS
from common.messages.suppressions import Address
from common.rules import Everyone
from common.web.auth import Admin, Manager

from ..commands.suppress import SuppressionIn
from ..formats.columns import SUPPRESSIONS
from ..formats.json_rows import Given
from ..imports.submit import FieldProblem
from ..imports.upload import Upload
from ..records.export import written_row
from ..services import Services, With
from .request_bodies import one_or_many

router = APIRouter(prefix="/api/suppressions", tags=["suppressions"])
AT_ONCE = 300
COLUMNS = ["email", "phone", "reason", "by", "at", "hash"]


class RejectedRow(BaseModel):
    row: int
    errors: list[FieldProblem]


class SuppressionsAnswer(BaseModel):
    suppressed: int
    rejected: list[RejectedRow]


@router.post("", openapi_extra=one_or_many(SuppressionIn), operation_id="suppress")
async def suppress(
    request: Request, services: With, member: Manager, columns: Annotated[str | None, Query(max_length=20_000)] = None
) -> SuppressionsAnswer:
    """Addresses that must not be written to any more: one (an object) or many (a JSON array, NDJSON, or CSV)."""
    upload = Upload(request, SUPPRESSIONS, columns)
    answer = SuppressionsAnswer(suppressed=0, rejected=[])
    while rows := await upload.take(AT_ONCE):
        checks = [(row.number, _checked(row)) for row in rows]
        good = [one for _, one in checks if isinstance(one, SuppressionIn)]
        await services.suppressing.suppress(good, by=member.email)
        answer.suppressed += len(good)
        answer.rejected += [
            RejectedRow(row=number, errors=FieldProblem.of(one)) for number, one in checks if isinstance(one, tuple)
        ]
    return answer


def _checked(row: Given) -> SuppressionIn | tuple[FieldError, ...]:
    if row.errors:
        return row.errors
    try:
        return SuppressionIn.model_validate(row.data)
    except ValidationError as error:
        return tuple(field_errors(error))


@router.post("/lift", status_code=204, operation_id="lift_suppression")
async def lift(body: SuppressionIn, services: With, member: Admin) -> None:
    """The address may be written to again: the person asked for it."""
    await services.suppressing.lift(body.address, by=member.email)


@router.get(".csv", operation_id="export_suppressions", response_class=StreamingResponse)
async def export(services: With, member: Manager) -> StreamingResponse:
    """The whole list. An address is shown where a customer has it; of all others only the keyed hash is known."""
    await services.audience.refresh()
    return StreamingResponse(_table(services), media_type="text/csv; charset=utf-8")


async def _table(services: Services) -> AsyncIterator[str]:
    known = await _known(services)
    yield "\ufeff" + written_row(COLUMNS)
    async for one in services.suppressing.listed():
        address = known.get(one.id)
        cells: dict[str, Any] = {
            **(one.data or {}),
            "hash": one.id,
            **({address.kind: address.value} if address else {}),
        }
        yield written_row([cells.get(column) for column in COLUMNS])


async def _known(services: Services) -> dict[str, Address]:
    """By hash, the suppressed addresses of customers."""
    known: dict[str, Address] = {}
    for bucket in range(BUCKETS):
        last = ""
        while people := await services.audience.page(
            Everyone(), datetime.now(UTC), bucket=bucket, after_id=last, limit=1000
        ):
            some = [Address(kind=kind, value=getattr(one, kind)) for one in people for kind in one.suppressed]  # type: ignore[arg-type]
            known |= {services.hashes.of(address): address for address in some}
            last = people[-1].id
    return known
