"""HTTP routes for suppressed addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.addresses.address import Address, addresses_of, channels_of
from common.addresses.state import latest_suppression
from common.audience import CustomerRow
from common.audience.search import CustomerSearch, search_customers
from common.csv_row import csv_row
from common.ids import BUCKETS
from common.rules import IsMissing, Not
from common.storage.documents import Query as DocumentQuery
from common.storage.documents import Snapshot, Where
from common.web.app import MAX_UPLOAD_BYTES
from common.web.auth import Admin, Manager, ManagerNow, guarded_router
from common.web.idempotency import IdempotentUploadDep
from common.web.pagination import decode_cursor, encode_cursor
from common.web.private_queries import not_in_url
from common.web.rate_limits import costs

from ..commands.suppress import LiftRequest, SuppressionInput
from ..formats.columns import SUPPRESSIONS
from ..imports.submit import FieldErrorResponse
from ..imports.suppression_rows import validate_suppressions
from ..imports.upload import Upload
from ..services import CustomerServices, ServicesDep
from .request_bodies import one_or_many_body

router = guarded_router("/api/suppressions", tag="suppressions")
Cursor = Annotated[str | None, Field(max_length=1_000, description="`next` of the previous page")]
PageSize = Annotated[int, Field(ge=1, le=200)]
BATCH_SIZE = 300
HAS_SUPPRESSED = Not(of=IsMissing(field="suppressed"))
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
    idempotent: IdempotentUploadDep,
    columns: Annotated[str | None, Query(max_length=20_000)] = None,
) -> SuppressAddressesResponse:
    """Suppresses one address (an object) or many (a JSON array, NDJSON, or CSV): no message is sent to them from now
    on. With an `Idempotency-Key`, a repeated request gets the first answer."""

    async def suppress_all(_: str) -> SuppressAddressesResponse:
        upload = Upload(idempotent.source(request), SUPPRESSIONS, columns, defaults=services.reading)
        outcome = await _suppress_rows(upload, services, by=member.actor)
        if outcome.suppressed:
            await services.log_action("addresses suppressed", member, addresses=outcome.suppressed)
        return outcome

    return await idempotent.run(
        SuppressAddressesResponse, suppress_all, documents=services.documents, member=member, clock=services.clock
    )


async def _suppress_rows(upload: Upload, services: CustomerServices, *, by: str) -> SuppressAddressesResponse:
    """Suppress the valid rows, batch by batch; the others are rejected."""
    outcome = SuppressAddressesResponse(suppressed=0, rejected=[])
    while rows := await upload.read_rows(BATCH_SIZE):
        validated = [(row.number, *validate_suppressions(row)) for row in rows]
        valid = [entry for _, entries, _ in validated for entry in entries]
        await services.suppression_list.suppress(valid, by=by)
        outcome.suppressed += len(valid)
        outcome.rejected += [
            RejectedRow(row=number, errors=FieldErrorResponse.from_errors(errors))
            for number, _, errors in validated
            if errors
        ]
    return outcome


class RemainingSuppression(BaseModel):
    """Why an address is still suppressed, after the latest suppression was lifted."""

    channels: list[str]
    reason: str
    by: str
    at: datetime


class LiftResponse(BaseModel):
    """What lifting the suppression has left."""

    remaining: RemainingSuppression | None = Field(
        description="null: the address may be contacted again. Otherwise a no that lifting a bounce does not end"
    )


@router.post("/lift", operation_id="lift_suppression")
async def lift_suppression(body: LiftRequest, services: ServicesDep, member: Admin) -> LiftResponse:
    """Lifts the suppression of an address on all channels: it may be contacted again. The reason is kept in the audit
    log.

    Of an address whose latest reason is that it bounced, only that is lifted: if the person unsubscribed or complained
    before, that remains, and lifting it needs another call. `lifts` says which reason is meant.
    """
    left = await services.suppression_list.lift(body.address, reason=body.reason, by=member.actor, lifts=body.lifts)
    remaining = RemainingSuppression(channels=sorted(left), **latest_suppression(left)) if left else None
    return LiftResponse(remaining=remaining)


class SuppressionEntry(BaseModel):
    """One suppressed address."""

    id: str  # the keyed hash of the address
    kind: str  # email or phone
    channels: list[str]  # on which nothing is sent
    address: str | None  # only known if a customer has it
    reason: str
    by: str
    at: datetime


class SuppressionPage(BaseModel):
    """A page of suppressed addresses, the latest first; `next` is the cursor of the next page."""

    items: list[SuppressionEntry]
    next: str | None
    total: int  # of all suppressed addresses, whatever the search


class SearchSuppressionsRequest(BaseModel):
    """Which suppressed addresses, and which page of them."""

    model_config = ConfigDict(extra="forbid")

    search: str = Field(
        default="", max_length=200, description="a whole address, or parts of the name or address of a customer"
    )
    after: Cursor = None
    limit: PageSize = 50


@router.get(
    "",
    operation_id="list_suppressions",
    dependencies=[*costs(5), *not_in_url("search", instead="POST /api/suppressions/search")],
)
async def list_suppressions(
    services: ServicesDep,
    member: Manager,
    *,
    limit: Annotated[PageSize, Query()] = 50,
    after: Annotated[Cursor, Query()] = None,
) -> SuppressionPage:
    """All suppressed addresses, the latest first. An address is shown if a customer has it."""
    return await _list(SearchSuppressionsRequest(after=after, limit=limit), services)


@router.post("/search", operation_id="search_suppressions", dependencies=costs(5))
async def search_suppressions(
    body: SearchSuppressionsRequest, services: ServicesDep, member: Manager
) -> SuppressionPage:
    """The suppressed addresses that the search finds; without a search all, the latest first.

    Only the keyed hash of an address is stored: one that no customer has is found by the whole address only.
    """
    return await _list(body, services)


async def _list(wanted: SearchSuppressionsRequest, services: CustomerServices) -> SuppressionPage:
    """A page of those that the search finds, or of all."""
    await services.audience.refresh()
    suppressed = [Where("suppressed", "==", True)]
    total = (await services.documents.sums(DocumentQuery(collection="addresses", where=suppressed), []))["count"]
    if search := wanted.search.strip():
        items, cursor = await _find(services, search, wanted.after, wanted.limit)
        return SuppressionPage(items=items, next=cursor, total=total)
    query = DocumentQuery(
        collection="addresses",
        where=suppressed,
        order_by=("at", "desc"),
        after=decode_cursor(wanted.after) if wanted.after else None,
        limit=wanted.limit,
    )
    page = await services.documents.query(query)
    addresses = await _addresses_by_hash(services) if page else {}
    items = [_entry(stored, addresses.get(stored.id)) for stored in page]
    return SuppressionPage(items=items, next=_next_cursor(page, wanted.limit), total=total)


def _next_cursor(page: list[Snapshot], limit: int) -> str | None:
    return encode_cursor(page[-1]["at"], page[-1].id) if len(page) == limit else None


async def _find(
    services: CustomerServices, search: str, after: str | None, limit: int
) -> tuple[list[SuppressionEntry], str | None]:
    """The suppressed addresses of the customers that the search finds; on the first page also the address itself."""
    exact = _exact_addresses(search) if after is None else []
    listing = CustomerSearch(rule=HAS_SUPPRESSED, search=search, after=after, limit=limit)
    page = await search_customers(services.audience, listing, services.clock())
    addresses = list(dict.fromkeys([*exact, *(one for row in page.rows for one in _suppressed_of(row))]))
    entries = await services.documents.get_all([services.hashes.path(address) for address in addresses])
    pairs = zip(entries, addresses, strict=True)
    return [_entry(entry, address) for entry, address in pairs if entry.get("suppressed")], page.next


def _exact_addresses(search: str) -> list[Address]:
    """The address that the search is, if it is a whole one."""
    found = []
    for kind in ("email", "phone"):
        with suppress(ValidationError):
            found.append(SuppressionInput.model_validate({kind: search}).address)
    return found


def _entry(stored: Snapshot, address: Address | None) -> SuppressionEntry:
    return SuppressionEntry(
        id=stored.id,
        kind=stored["kind"],
        channels=sorted(stored["suppressions"]),
        address=address.value if address else None,
        **latest_suppression(stored["suppressions"]),
    )


@router.get(".csv", operation_id="export_suppressions", dependencies=costs(50), response_class=StreamingResponse)
async def export_suppressions(services: ServicesDep, member: ManagerNow) -> StreamingResponse:
    """Exports the whole list. An address is shown if a customer has it; of all others only the keyed hash is known."""
    await services.log_action("suppressions exported", member)
    await services.audience.refresh()
    return StreamingResponse(_csv_lines(services), media_type="text/csv; charset=utf-8")


async def _csv_lines(services: CustomerServices) -> AsyncIterator[str]:
    """Yield the header and one line per suppressed address."""
    addresses = await _addresses_by_hash(services)
    yield "\ufeff" + csv_row(EXPORT_COLUMNS)
    async for entry in services.suppression_list.list_suppressed():
        address = addresses.get(entry.id)
        cells: dict[str, Any] = {
            **latest_suppression(entry["suppressions"]),
            "hash": entry.id,
            **({address.kind: address.value} if address else {}),
        }
        yield csv_row([cells.get(column) for column in EXPORT_COLUMNS])


async def _addresses_by_hash(services: CustomerServices) -> dict[str, Address]:
    """The suppressed addresses of customers, by hash. The index finds the customers who have one."""
    addresses: dict[str, Address] = {}
    for bucket in range(BUCKETS):
        last = ""
        while customers := await services.audience.page(
            HAS_SUPPRESSED, services.clock(), bucket=bucket, after_id=last, limit=1000
        ):
            page_addresses = [address for customer in customers for address in _suppressed_of(customer)]
            addresses |= {services.hashes.hash(address): address for address in page_addresses}
            last = customers[-1].id
    return addresses


def _suppressed_of(customer: CustomerRow) -> list[Address]:
    suppressed = set(customer.suppressed)
    return [address for address in addresses_of(asdict(customer)) if suppressed & set(channels_of(address.kind))]
