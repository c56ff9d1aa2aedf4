"""Customers over HTTP."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from common.audience.search import LONGEST_SEARCH, Listing, Page, listed, order_of
from common.errors import Invalid, NotFound
from common.money import decimal
from common.rules import Everyone, Rule, parse
from common.rules.references import resolved
from common.storage.documents import Snapshot
from common.web.app import Id, while_awaited
from common.web.auth import Admin, Manager, Viewer

from ..formats.columns import CUSTOMERS
from ..imports.jobs import Order
from ..imports.submit import CustomersAnswer
from ..imports.upload import Upload
from ..model.customer import Customer, CustomerIn, CustomerPatch
from ..records import export as exports
from ..records.timeline import CustomerDetails, details
from ..services import Services, With
from .request_bodies import Reading, one_or_many

router = APIRouter(prefix="/api/customers", tags=["customers"])


Filter = Annotated[str | None, Query(max_length=10_000, description="a rule, such as `spend > 10000`")]


class PersonExport(BaseModel):
    customer: Customer
    activities: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    receipts: list[dict[str, Any]]


class CustomerList(BaseModel):
    items: list[Customer]
    next: str | None


@router.post(
    "",
    openapi_extra=one_or_many(CustomerIn),
    operation_id="upsert_customers",
    response_model=CustomersAnswer,
    responses={202: {"model": CustomersAnswer, "description": "Accepted as an import"}},
)
async def upsert_customers(
    request: Request, response: Response, services: With, member: Manager, reading: Annotated[Reading, Query()]
) -> object:
    """Creates or changes one customer (an object) or many: a JSON array, NDJSON, or CSV, up to 32 MB.

    A person is known by `external_id`, else `email`, else `phone`: a row with an `external_id` is of whoever came in
    with that, whatever their addresses (a family may share one); a row without one is of whoever came in without one
    and with that address. Fields that are not given stay as they are. Two rows for the same person are merged in order.
    Every row gets an answer, and good rows go in although others are bad. More than 500 rows are accepted (202) as an
    import and worked off in the background.

    A CSV may have any separator and common encoding. Columns are known by their names in any case, by common synonyms,
    or by `columns`; all others become attributes. Empty cells say nothing.
    """
    order = Order(what="customers", dry_run=reading.dry_run, by=member.email)
    upload = Upload(request, CUSTOMERS, reading.columns)
    answer = await services.intake.take(order, upload, background=reading.background)
    response.status_code = 202 if answer.import_id else 200
    return answer


@router.get("", operation_id="list_customers")
async def list_customers(
    request: Request,
    services: With,
    member: Viewer,
    *,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
    filter: Filter = None,
    search: Annotated[str, Query(max_length=LONGEST_SEARCH, description="parts of a name, an e-mail or a phone")] = "",
    sort: Annotated[str, Query(max_length=50, description="a field; `-spend` for the largest first")] = "-created_at",
) -> CustomerList:
    """Those whom a rule finds and a search leaves over. Who has no value in the sorted field comes last."""
    order = order_of(sort)
    rule = await _filter(filter, services)
    listing = Listing(rule=rule, search=search, order=order, after=after, limit=limit)
    page = await while_awaited(request, _page(listing, services))
    return CustomerList(items=[Customer.of(row.id, asdict(row)) for row in page.rows], next=page.next)


async def _filter(text: str | None, services: Services) -> Rule:
    """Its errors are on the field `filter`."""
    if not text or not text.strip():
        return Everyone()
    try:
        return await resolved(services.documents, parse(text))
    except Invalid as error:
        raise Invalid(str(error), fields=[replace(one, field="filter") for one in error.fields]) from None


async def _page(listing: Listing, services: Services) -> Page:
    await services.audience.refresh()
    return await listed(services.audience, listing, datetime.now(UTC))


@router.get(".csv", operation_id="export_customers", response_class=StreamingResponse)
async def export_customers(services: With, member: Manager, filter: Filter = None) -> StreamingResponse:
    """All customers, or those that a rule finds, as CSV: fit for a spreadsheet, and to be brought in again."""
    rule = await _filter(filter, services)
    await services.audience.refresh()
    lines = exports.table(services.audience, rule, datetime.now(UTC))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8")


@router.get("/{customer_id}/export", operation_id="export_customer")
async def export_customer(customer_id: Id, services: With, member: Manager) -> PersonExport:
    """Everything that Herald knows of one person."""
    found = await services.traces.of(customer_id)
    if found.customer.data is None:
        raise NotFound("There is no such customer.")
    return PersonExport(
        customer=Customer.of(customer_id, found.customer.data),
        activities=[_shown(one) for one in found.activities],
        messages=[_shown(one) for one in found.claims],
        receipts=[_shown(one) for one in found.receipts],
    )


def _shown(one: Snapshot) -> dict[str, Any]:
    inner = {"customer", "owner", "lease_until", "slot", "expires_at"}
    shown = {name: value for name, value in (one.data or {}).items() if name not in inner}
    return shown | ({"amount": decimal(shown["amount"])} if "amount" in shown else {})


@router.delete("/{customer_id}", status_code=204, operation_id="erase_customer")
async def erase_customer(customer_id: Id, services: With, member: Admin) -> None:
    """Erases a person: the customer, what they did, and what was written to them. Numbers stay; the address is kept
    from being written to again by a keyed hash alone."""
    await services.erasure.erase(customer_id, by=member.email)


@router.get("/{customer_id}", operation_id="get_customer")
async def get_customer(customer_id: Id, services: With, member: Viewer) -> CustomerDetails:
    """One customer with what they did and what was written to them, the newest 100 of each."""
    found = await services.traces.newest(customer_id)
    if not found.customer.exists:
        raise NotFound("There is no such customer.")
    return details(found)


@router.patch("/{customer_id}", operation_id="change_customer")
async def change_customer(customer_id: Id, body: CustomerPatch, services: With, member: Manager) -> Customer:
    """Changes what is given and leaves the rest. Null takes away what is there.

    What a customer is known by – the `external_id`, or where there is none the address they came in with – stays.
    """
    return await services.changing.change(customer_id, body)
