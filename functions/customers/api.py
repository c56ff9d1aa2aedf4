"""Customers over HTTP."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel

from common.access import Access, Manager, Viewer
from common.api import create_app, while_awaited
from common.audience import Audience
from common.audience.listing import LONGEST_SEARCH, Listing, Page, listed, order_of
from common.documents import Documents
from common.errors import FieldError, Invalid, NotFound
from common.events import CustomersReceived
from common.publishing import Publisher
from common.references import resolved
from common.rules import Everyone, Rule, parse

from .customer import Customer, CustomerIn
from .ingestion import Checked, Ingestion, RowResult, Status, check

MOST_AT_ONCE = 500
"""More rows than this are worked off in the background."""

router = APIRouter(prefix="/api/customers", tags=["customers"])
ONE_OR_MANY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        CustomerIn.model_json_schema(),
                        {"type": "array", "items": CustomerIn.model_json_schema(), "minItems": 1},
                    ]
                }
            }
        },
    }
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """What the endpoints are given."""

    documents: Documents
    ingestion: Ingestion
    publisher: Publisher
    audience: Audience


def create_customers_app(*, access: Access, services: Services) -> FastAPI:
    app = create_app("Herald customers")
    app.state.access = access
    app.state.services = services
    app.include_router(router)
    return app


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


With = Annotated[Services, Depends(_services)]


class FieldProblem(BaseModel):
    field: str
    code: str
    message: str


class RowAnswer(BaseModel):
    row: int
    status: Status
    id: str | None
    errors: list[FieldProblem]


class UpsertAnswer(BaseModel):
    """What became of each row, and how many of each there are."""

    results: list[RowAnswer]
    created: int
    updated: int
    unchanged: int
    accepted: int
    rejected: int


class CustomerList(BaseModel):
    items: list[Customer]
    next: str | None


@router.post("", openapi_extra=ONE_OR_MANY, operation_id="upsert_customers")
async def upsert_customers(request: Request, response: Response, services: With, member: Manager) -> UpsertAnswer:
    """Creates or changes one customer (an object) or many (an array).

    A person is known by `external_id`, else `email`, else `phone`; fields that are not given stay as they are. Every
    row gets an answer, and good rows go in although others are bad. More than 500 rows are accepted (202) and worked
    off in the background.
    """
    body = _json(await request.body())
    rows = [check(row) for row in (body if isinstance(body, list) else [body])]
    if not isinstance(body, list) and not isinstance(rows[0], CustomerIn):
        raise Invalid("The customer is not valid.", fields=rows[0])
    statuses = await _written(services, [row for row in rows if isinstance(row, CustomerIn)])
    response.status_code = 202 if "accepted" in statuses else 200
    return _answer(rows, statuses)


@router.get("", operation_id="list_customers")
async def list_customers(
    request: Request,
    services: With,
    member: Viewer,
    *,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
    filter: Annotated[str | None, Query(max_length=10_000, description="a rule, such as `spend > 10000`")] = None,
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


@router.get("/{customer_id}", operation_id="get_customer")
async def get_customer(customer_id: str, services: With, member: Viewer) -> Customer:
    found = await services.documents.get(f"customers/{customer_id}")
    if found.data is None:
        raise NotFound("There is no such customer.")
    return Customer.of(found.id, found.data)


async def _written(services: Services, rows: Sequence[CustomerIn]) -> Sequence[Status]:
    if len(rows) <= MOST_AT_ONCE:
        return await services.ingestion.upsert(rows)
    plain = [row.model_dump(mode="json", exclude_unset=True) for row in rows]
    chunks = [plain[start : start + MOST_AT_ONCE] for start in range(0, len(plain), MOST_AT_ONCE)]
    await services.publisher.publish([CustomersReceived(rows=chunk) for chunk in chunks])
    return ["accepted"] * len(rows)


def _json(body: bytes) -> Any:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        place = FieldError(field="body", code="json", message=f"This is not JSON: {error}")
        raise Invalid("The body is not JSON.", fields=[place]) from error
    if not isinstance(parsed, dict | list) or not parsed:
        place = FieldError(field="body", code="type", message="Send a customer, or a list of at least one.")
        raise Invalid("The body is not a customer.", fields=[place])
    return parsed


def _answer(rows: Sequence[Checked], statuses: Sequence[Status]) -> UpsertAnswer:
    written = iter(statuses)
    results = [_result(number, row, written) for number, row in enumerate(rows, 1)]
    counted = Counter(result.status for result in results)
    every: dict[str, int] = {status: counted[status] for status in Status.__args__}  # type: ignore[attr-defined]
    return UpsertAnswer.model_validate({"results": [asdict(result) for result in results], **every})


def _result(number: int, row: Checked, written: Any) -> RowResult:
    if isinstance(row, CustomerIn):
        return RowResult(row=number, status=next(written), id=row.id)
    return RowResult(row=number, status="rejected", errors=row)
