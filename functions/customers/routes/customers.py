"""HTTP routes for customers."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from common.addresses.address import addresses_of
from common.audience.people_lists import find_lists_with
from common.audience.reader import query_time_limit
from common.audience.search import (
    MAX_SEARCH_LENGTH,
    CustomerPage,
    CustomerSearch,
    count_matches,
    forgive_typos,
    parse_sort,
    search_customers,
)
from common.catalogue.channels import ADDRESS_KINDS
from common.errors import Forbidden, Invalid, NotFound
from common.money import to_major_units
from common.rules import Everyone, Rule, parse
from common.rules.references import resolve_references
from common.storage.documents import Snapshot
from common.web.app import MAX_UPLOAD_BYTES, DocumentId, cancel_on_disconnect
from common.web.auth import AdminNow, Manager, ManagerNow, Viewer, guarded_router
from common.web.idempotency import IdempotentUploadDep
from common.web.principal import Principal
from common.web.private_queries import not_in_url
from common.web.rate_limits import costs

from ..formats.columns import CUSTOMERS
from ..imports.jobs import ImportSpec
from ..imports.submit import UpsertCustomersResponse
from ..model.customer import Customer, CustomerInput, CustomerPatch, CustomerReplacement
from ..records import export as exports
from ..records.person_records import PersonRecordSet
from ..records.suppressed_addresses import read_suppressed_addresses
from ..records.timeline import CustomerDetails, campaign_names, customer_details
from ..services import CustomerServices, ServicesDep
from .request_bodies import CustomerImportOptions, one_or_many_body
from .row_requests import accept_rows

router = guarded_router("/api/customers", tag="customers")
HIDDEN_FROM_VIEWERS = frozenset({*ADDRESS_KINDS, "external_id"})
"""The cursor of a list has the value by which it is sorted."""
Sort = Annotated[str, Field(max_length=50, description="a field; `-spend` sorts the largest first")]
Cursor = Annotated[str | None, Field(max_length=1_000, description="`next` of the previous page")]
PageSize = Annotated[int, Field(ge=1, le=500)]


class CustomerExport(BaseModel):
    """All data that is stored about one person."""

    customer: Customer
    activities: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    receipts: list[dict[str, Any]]
    lists: list[str] = Field(description="the names of the static segments that have the person, or wait for them")


class CustomerQuery(BaseModel):
    """Which customers: those that match the rule, and in whom each word of the search occurs."""

    model_config = ConfigDict(extra="forbid")

    filter: str | None = Field(default=None, max_length=10_000, description="a rule, for example `spend > 10000`")
    search: str = Field(default="", max_length=MAX_SEARCH_LENGTH, description="parts of a name, an e-mail or a phone")


class SearchCustomersRequest(CustomerQuery):
    """Which customers, in which order, and which page of them."""

    sort: Sort = "-created_at"
    after: Cursor = None
    limit: PageSize = 50


class CustomerList(BaseModel):
    """One page of customers."""

    items: list[Customer]
    next: str | None
    total: int  # of all pages
    forgave_typos: bool = Field(default=False, description="nobody matches exactly: the names are similar")


@router.post(
    "",
    openapi_extra=one_or_many_body(CustomerInput),
    operation_id="upsert_customers",
    max_body_size=MAX_UPLOAD_BYTES,
    responses={202: {"model": UpsertCustomersResponse, "description": "Accepted as an import"}},
)
async def upsert_customers(
    request: Request,
    response: Response,
    services: ServicesDep,
    member: Manager,
    *,
    idempotent: IdempotentUploadDep,
    options: Annotated[CustomerImportOptions, Query()],
) -> UpsertCustomersResponse:
    """Creates or updates one customer (an object) or many: a JSON array, NDJSON, or CSV, up to 32 MB.

    A customer is identified by `external_id`, else `email`, else `phone`. A row with an `external_id` belongs to the
    customer with that id, whatever their addresses are (a family may share one). A row with only an `email` or `phone`
    belongs to the customer who was created with that address and without an `external_id`, or else to the customer who
    has the address. If several have it, it is rejected with the code `several_customers`, or belongs to the oldest one
    (`on_several_customers`); if nobody has it, it is a new customer. The result has the customer's `id`.

    Fields that are not given stay unchanged, and tags are added to those that the customer has (`tags`). Two rows of
    the same customer are merged in order. Every row gets a result, and valid rows are written even if others are
    invalid. More than 500 rows are accepted (202) as an import and processed in the background.

    A CSV may have any separator and any common encoding; a workbook (.xlsx) and files compressed with gzip or zip are
    read, too. Columns are recognized by their names in any case, by common synonyms, or by `columns`; all others become
    attributes. Empty cells change nothing. A cell that does not fit is left out, and the row has a warning. `POST
    /api/imports/previews` shows all this before anything is written. In JSON, ids and phone numbers may be numbers, and
    null clears a field.

    With an `Idempotency-Key`, a repeated request gets the first answer, and a file becomes one import.
    """
    spec = ImportSpec(
        what="customers",
        dry_run=options.dry_run,
        on_several_customers=options.on_several_customers,
        by=member.actor,
        consent=options.consent,
        consent_channels=tuple(options.consent_channels),
        file=options.file,
        tags=options.tags,
        tag=options.tag,
    )
    return await accept_rows(
        UpsertCustomersResponse,
        spec,
        CUSTOMERS,
        options,
        request=request,
        response=response,
        services=services,
        member=member,
        idempotent=idempotent,
    )


@router.get(
    "",
    operation_id="list_customers",
    dependencies=[*costs(3), *not_in_url("filter", "search", instead="POST /api/customers/search")],
)
async def list_customers(
    request: Request,
    services: ServicesDep,
    member: Viewer,
    *,
    limit: Annotated[PageSize, Query()] = 50,
    after: Annotated[Cursor, Query()] = None,
    sort: Annotated[Sort, Query()] = "-created_at",
) -> CustomerList:
    """Lists all customers. Customers without a value in the sorted field come last."""
    return await _list(SearchCustomersRequest(sort=sort, after=after, limit=limit), request, services, member)


@router.post("/search", operation_id="search_customers", dependencies=costs(3))
async def search_for_customers(
    body: SearchCustomersRequest, request: Request, services: ServicesDep, member: Viewer
) -> CustomerList:
    """Lists the customers that match the filter and the search, as `GET /api/customers` lists all of them.

    It is a POST, because a name or an address in a URL would end up in logs. If nobody matches the words exactly, it
    finds names that differ by a letter or two, and says so (`forgave_typos`).
    """
    return await _list(body, request, services, member)


async def _list(
    wanted: SearchCustomersRequest, request: Request, services: CustomerServices, member: Principal
) -> CustomerList:
    """One page, and the number of all that match. Raises `Forbidden` for an order by what the member does not see."""
    order = parse_sort(wanted.sort)
    if order.field in HIDDEN_FROM_VIEWERS and not member.sees_addresses:
        raise Forbidden("Viewers do not see addresses, so they cannot sort by them.")
    listing = CustomerSearch(
        rule=await parse_filter(wanted.filter, services),
        search=wanted.search,
        order=order,
        after=wanted.after,
        limit=wanted.limit,
    )
    page, total, found = await cancel_on_disconnect(request, _search(listing, services))
    items = [Customer.from_document(row.id, asdict(row)) for row in page.rows]
    return CustomerList(items=items, next=page.next, total=total, forgave_typos=found.forgives_typos and total > 0)


async def parse_filter(text: str | None, services: CustomerServices) -> Rule:
    """Parse the filter; no filter means everyone. Errors are reported for the field `filter`."""
    if not text or not text.strip():
        return Everyone()
    try:
        return await resolve_references(services.documents, parse(text, services.currency))
    except Invalid as error:
        raise Invalid(
            str(error), fields=[replace(field_error, field="filter") for field_error in error.fields]
        ) from None


async def _search(listing: CustomerSearch, services: CustomerServices) -> tuple[CustomerPage, int, CustomerSearch]:
    """One page, the number of all matches, and what was searched, in an audience index that is up to date."""
    await services.audience.refresh()
    now = services.clock()
    with query_time_limit():
        found = await forgive_typos(services.audience, listing, now)
        page = await search_customers(services.audience, found, now)
        return page, await count_matches(services.audience, found, now), found


@router.get(
    ".csv",
    operation_id="export_customers",
    response_class=StreamingResponse,
    dependencies=[*costs(50), *not_in_url("filter", "search", instead="POST /api/customers/export")],
)
async def export_customers(services: ServicesDep, member: ManagerNow) -> StreamingResponse:
    """Exports all customers as CSV. It is safe to open in a spreadsheet, and an import of it changes nothing.

    The heading of an attribute says the type of its values where an import would guess otherwise:
    `attributes.ward (text)`. With `(json)`, each cell is JSON.
    """
    return await _export(CustomerQuery(), services, member)


@router.post("/export", operation_id="export_found_customers", response_class=StreamingResponse, dependencies=costs(50))
async def export_found_customers(body: CustomerQuery, services: ServicesDep, member: ManagerNow) -> StreamingResponse:
    """Exports the customers that match the filter and the search, as `GET /api/customers.csv` exports all of them."""
    return await _export(body, services, member)


async def _export(query: CustomerQuery, services: CustomerServices, member: Principal) -> StreamingResponse:
    wanted = CustomerSearch(rule=await parse_filter(query.filter, services), search=query.search)
    await services.log_action("customers exported", member, filtered=bool(query.filter or query.search))
    await services.audience.refresh()
    lines = exports.export_csv(services.audience, wanted, services.clock())
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8")


@router.get("/{customer_id}/export", operation_id="export_customer", dependencies=costs(5))
async def export_customer(customer_id: DocumentId, services: ServicesDep, member: ManagerNow) -> CustomerExport:
    """Exports all data that is stored about one person."""
    records = await services.person_records.read_all(customer_id)
    if records.customer.data is None:
        raise NotFound(f"Not found: customer {customer_id!r}.")
    await services.log_action("customer exported", member, customer=services.hashes.customer_hash(records.customer.id))
    return CustomerExport(
        customer=Customer.from_document(records.customer.id, records.customer.data),
        activities=[_public_fields(document) for document in records.activities],
        messages=[_public_fields(document) for document in records.claims],
        receipts=[_public_fields(document) for document in records.receipts],
        lists=await _lists_of(services, records),
    )


async def _lists_of(services: CustomerServices, records: PersonRecordSet) -> list[str]:
    """The names of the static segments that the person is in, by an id or an address of theirs."""
    hashes = [services.hashes.hash(address) for address in addresses_of(records.customer.data or {})]
    found = await find_lists_with(services.documents, records.ids, hashes)
    segments = await services.documents.get_all([f"segments/{segment_id}" for segment_id in found])
    return sorted(segment["name"] for segment in segments if segment.exists)


def _public_fields(document: Snapshot) -> dict[str, Any]:
    """The document's fields without internal ones, with money in major units."""
    internal = {"customer", "owner", "lease_until", "slot", "expires_at"}
    shown = {name: value for name, value in (document.data or {}).items() if name not in internal}
    return shown | ({"amount": to_major_units(shown["amount"])} if "amount" in shown else {})


@router.delete("/{customer_id}", status_code=204, operation_id="erase_customer", dependencies=costs(5))
async def erase_customer(customer_id: DocumentId, services: ServicesDep, member: AdminNow) -> None:
    """Erases a customer with their activities and messages. Statistics stay. The address is suppressed by a keyed
    hash."""
    await services.erasure.erase(customer_id, by=member.actor)


@router.get("/{customer_id}", operation_id="get_customer")
async def get_customer(customer_id: DocumentId, services: ServicesDep, member: Viewer) -> CustomerDetails:
    """Returns one customer with the newest 100 activities and the newest 100 messages.

    Each message has the name of its campaign, its state and the cause, each suppressed address when and why.
    """
    records = await services.person_records.read_newest(customer_id)
    if not records.customer.exists:
        raise NotFound(f"Not found: customer {customer_id!r}.")
    suppressions = await read_suppressed_addresses(services.documents, services.hashes, records.customer.data or {})
    details = customer_details(records, suppressions)
    names = await campaign_names(services.documents, {message.campaign for message in details.messages})
    for message in details.messages:
        message.campaign_name = names.get(message.campaign)
    return details


@router.patch("/{customer_id}", operation_id="change_customer")
async def change_customer(
    customer_id: DocumentId, body: CustomerPatch, services: ServicesDep, member: Manager
) -> Customer:
    """Changes the given fields and leaves the others unchanged. Null clears a field.

    What identifies the customer cannot change: the `external_id`, or without one the address they were created with.
    """
    return await services.customer_updates.update(customer_id, body, by=member.actor)


@router.put("/{customer_id}", operation_id="replace_customer")
async def replace_customer(
    customer_id: DocumentId, body: CustomerReplacement, services: ServicesDep, member: Manager
) -> Customer:
    """Replaces the fields of a customer: takes what `GET` gives, changed or not. A field that is not given is cleared.

    What Herald itself writes (`id`, `updated_at`, `consents`, activities, messages …) is not read. Consents and
    `created_at` stay if they are not given. What identifies the customer cannot change.
    """
    return await services.customer_updates.replace(customer_id, body, by=member.actor)
