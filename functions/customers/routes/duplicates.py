"""HTTP routes for customers who may be one person."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from common.audience.duplicates import (
    MAX_SHOWN_PER_GROUP,
    DuplicateGroup,
    DuplicatePage,
    DuplicateRow,
    count_duplicates,
    list_duplicates,
)
from common.audience.reader import query_time_limit
from common.catalogue.channels import AddressKind
from common.money import to_major_units
from common.web.app import cancel_on_disconnect
from common.web.auth import Manager, Viewer, guarded_router
from common.web.rate_limits import costs

from ..model.customer import Customer
from ..services import CustomerServices, ServicesDep

CustomerId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

router = guarded_router("/api/customers", tag="customers")


class DuplicateCustomer(BaseModel):
    """One of several customers with the same address."""

    id: str
    name: str | None
    external_id: str | None
    spend: float  # in the deployment's currency
    orders: int
    created_at: datetime

    @classmethod
    def from_row(cls, row: DuplicateRow) -> Self:
        return cls.model_validate({**asdict(row), "spend": to_major_units(row.spend)})


class CustomersWithAddress(BaseModel):
    """The customers who have one address."""

    kind: AddressKind
    address: str
    total: int
    customers: list[DuplicateCustomer] = Field(description=f"the oldest {MAX_SHOWN_PER_GROUP} of them")

    @classmethod
    def from_group(cls, group: DuplicateGroup) -> Self:
        customers = [DuplicateCustomer.from_row(row) for row in group.customers]
        return cls.model_validate(
            {"kind": group.kind, "address": group.address, "total": group.total, "customers": customers}
        )


class DuplicateList(BaseModel):
    """One page of addresses that several customers have."""

    items: list[CustomersWithAddress]
    next: str | None
    total: int  # of all pages


@router.get("/duplicates", operation_id="list_duplicates", dependencies=costs(3))
async def get_duplicates(
    request: Request,
    services: ServicesDep,
    member: Viewer,
    *,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(description="`next` of the previous page")] = None,
) -> DuplicateList:
    """Lists the e-mail addresses and phone numbers that several customers have, each with the oldest 20 of them.

    They may be one person who came in twice, or a family.
    """
    page, total = await cancel_on_disconnect(request, _read_page(services, after, limit))
    items = [CustomersWithAddress.from_group(group) for group in page.groups]
    return DuplicateList(items=items, next=page.next, total=total)


class MergeRequest(BaseModel):
    """Two customers who are one person."""

    model_config = ConfigDict(extra="forbid")

    keep: CustomerId = Field(description="the id of the customer who stays")
    merge: CustomerId = Field(description="the id of the customer who becomes a part of the other one")
    confirm: bool = Field(default=False, description="without it, nothing is changed")


class LostValue(BaseModel):
    """A field that both customers have, with different values."""

    field: str
    kept: JsonValue
    dropped: JsonValue


class MergeResponse(BaseModel):
    """What the merge will do, or has done."""

    done: bool
    customer: Customer = Field(description="the kept customer after the merge")
    activities: int = Field(description="the activities of the other customer")
    messages: int = Field(description="the messages to the other customer")
    conflicts: list[LostValue] = Field(description="what the other customer had and the kept one does not get")


@router.post("/merge", operation_id="merge_customers")
async def merge_customers(body: MergeRequest, services: ServicesDep, member: Manager) -> MergeResponse:
    """Merges two customers into one. This cannot be undone: without `confirm`, the answer only says what would happen.

    Figures are added up, of each channel the stronger consent holds, and empty fields are filled from the other
    customer; where both have a value, that of the kept one stays. From then on the id of the other customer, and what
    identified them, lead to the kept one, who also has their activities and messages. Merged already, they stay so, and
    the answer says `done`.
    """
    command = services.merges.merge if body.confirm else services.merges.preview
    outcome = await command(body.keep, body.merge, by=member.email)
    return MergeResponse.model_validate(outcome, from_attributes=True)


async def _read_page(services: CustomerServices, after: str | None, limit: int) -> tuple[DuplicatePage, int]:
    """One page and the number of all groups, in an audience index that is up to date."""
    await services.audience.refresh()
    with query_time_limit():
        page = await list_duplicates(services.audience, after=after, limit=limit)
        return page, await count_duplicates(services.audience)
