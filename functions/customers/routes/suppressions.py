"""HTTP routes for suppressed addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError

from common.csv_row import csv_row
from common.errors import FieldError
from common.events import field_errors
from common.ids import BUCKETS
from common.messages.suppressions import Address
from common.rules import Everyone
from common.web.app import MAX_UPLOAD_BYTES
from common.web.auth import Admin, Manager, guarded_router

from ..commands.suppress import SuppressionInput
from ..formats.columns import SUPPRESSIONS
from ..formats.json_rows import ParsedRow
from ..imports.submit import FieldErrorResponse
from ..imports.upload import Upload
from ..services import CustomerServices, ServicesDep
from .request_bodies import one_or_many_body

router = guarded_router("/api/suppressions", tag="suppressions")
BATCH_SIZE = 300
EXPORT_COLUMNS = ["email", "phone", "reason", "by", "at", "hash"]


class RejectedRow(BaseModel):
    """A row that was rejected, and why."""

    row: int
    errors: list[FieldErrorResponse]


class SuppressAddressesResponse(BaseModel):
    """How many addresses are suppressed, and the rejected rows."""

    suppressed: int
    rejected: list[RejectedRow]


@router.post(
    "",
    openapi_extra=one_or_many_body(SuppressionInput),
    operation_id="suppress_addresses",
    max_body_size=MAX_UPLOAD_BYTES,
)
async def suppress_addresses(
    request: Request,
    services: ServicesDep,
    member: Manager,
    columns: Annotated[str | None, Query(max_length=20_000)] = None,
) -> SuppressAddressesResponse:
    """Suppresses one address (an object) or many (a JSON array, NDJSON, or CSV): no message is sent to them from now
    on."""
    upload = Upload(request, SUPPRESSIONS, columns)
    outcome = SuppressAddressesResponse(suppressed=0, rejected=[])
    while rows := await upload.read_rows(BATCH_SIZE):
        validated = [(row.number, _validate(row)) for row in rows]
        valid = [checked for _, checked in validated if isinstance(checked, SuppressionInput)]
        await services.suppression_list.suppress(valid, by=member.email)
        outcome.suppressed += len(valid)
        outcome.rejected += [
            RejectedRow(row=number, errors=FieldErrorResponse.from_errors(checked))
            for number, checked in validated
            if isinstance(checked, tuple)
        ]
    return outcome


def _validate(row: ParsedRow) -> SuppressionInput | tuple[FieldError, ...]:
    if row.errors:
        return row.errors
    try:
        return SuppressionInput.model_validate(row.data)
    except ValidationError as error:
        return tuple(field_errors(error))


@router.post("/lift", status_code=204, operation_id="lift_suppression")
async def lift_suppression(body: SuppressionInput, services: ServicesDep, member: Admin) -> None:
    """Lifts the suppression because the person asked for it: the address may be contacted again."""
    await services.suppression_list.remove(body.address, by=member.email)


@router.get(".csv", operation_id="export_suppressions", response_class=StreamingResponse)
async def export_suppressions(services: ServicesDep, member: Manager) -> StreamingResponse:
    """Exports the whole list. An address is shown if a customer has it; of all others only the keyed hash is known."""
    await services.audience.refresh()
    return StreamingResponse(_csv_lines(services), media_type="text/csv; charset=utf-8")


async def _csv_lines(services: CustomerServices) -> AsyncIterator[str]:
    """Yield the header and one line per suppressed address."""
    addresses = await _addresses_by_hash(services)
    yield "\ufeff" + csv_row(EXPORT_COLUMNS)
    async for entry in services.suppression_list.active_entries():
        address = addresses.get(entry.id)
        cells: dict[str, Any] = {
            **(entry.data or {}),
            "hash": entry.id,
            **({address.kind: address.value} if address else {}),
        }
        yield csv_row([cells.get(column) for column in EXPORT_COLUMNS])


async def _addresses_by_hash(services: CustomerServices) -> dict[str, Address]:
    """The suppressed addresses of customers, by hash."""
    addresses: dict[str, Address] = {}
    for bucket in range(BUCKETS):
        last = ""
        while customers := await services.audience.page(
            Everyone(), services.clock(), bucket=bucket, after_id=last, limit=1000
        ):
            page_addresses = [
                Address(kind=kind, value=getattr(customer, kind))  # type: ignore[arg-type]  # `suppressed` has kinds only
                for customer in customers
                for kind in customer.suppressed
            ]
            addresses |= {services.hashes.hash(address): address for address in page_addresses}
            last = customers[-1].id
    return addresses
