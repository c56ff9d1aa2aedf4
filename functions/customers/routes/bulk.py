"""HTTP routes that change many customers at once."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from common.audience.reader import query_time_limit
from common.audience.search import CustomerSearch, count_matches, search_customers
from common.web.app import cancel_on_disconnect
from common.web.auth import ManagerNow, guarded_router
from common.web.rate_limits import costs

from ..commands.bulk import BulkOutcome
from ..model.customer import LimitedText, Tag
from ..services import CustomerServices, ServicesDep
from .customers import CustomerQuery, parse_filter
from .duplicates import CustomerId

MAX_IDS = 500
MAX_PART = 1_000
"""Customers who are changed by one request, if they are chosen by a filter or a search."""

Tags = Annotated[list[Tag], Field(max_length=20)]

router = guarded_router("/api/customers/bulk", tag="customers")


class BulkChoice(CustomerQuery):
    """Which customers to change: by their ids, or those that match the filter and the search, or everybody."""

    model_config = ConfigDict(extra="forbid")

    ids: list[CustomerId] = Field(default=[], max_length=MAX_IDS)
    everybody: bool = Field(default=False, description="needed if there are no ids, no filter and no search")
    after: str | None = Field(default=None, max_length=1_000, description="`next` of the previous answer")

    @model_validator(mode="after")
    def _require_choice(self) -> Self:
        by_query = bool((self.filter or "").strip() or self.search.strip())
        if (bool(self.ids), by_query, self.everybody).count(True) != 1:
            message = "Give ids, or a filter and a search, or everybody; only one of these"
            raise PydanticCustomError("one_of", message)
        return self


class ChangeTagsRequest(BulkChoice):
    """Which customers get which tags, and lose which ones."""

    add: Tags = Field(default=[])
    remove: Tags = Field(default=[])

    @model_validator(mode="after")
    def _require_tags(self) -> Self:
        if not (self.add or self.remove):
            raise PydanticCustomError("missing", "Give tags to add or to remove")
        return self


class SuppressCustomersRequest(BulkChoice):
    """Whose addresses get no messages any more, and why."""

    reason: Annotated[LimitedText, Field(min_length=1)] = "by hand"


class BulkResponse(BaseModel):
    """What became of the customers of this part, and where the next part begins."""

    changed: list[str] = Field(description="ids of those who are different now")
    unchanged: int = Field(description="those who were as wanted before, or who have no address")
    missing: int = Field(description="ids that no customer has any more")
    rejected: int = Field(description="those whose data would be too large")
    total: int = Field(description="in the first answer all whom the request is about; later those who still match")
    next: str | None = Field(description="send the request again with this as `after`, until it is null")


@router.post("/tags", operation_id="change_tags", dependencies=costs(10))
async def change_tags(
    body: ChangeTagsRequest, request: Request, services: ServicesDep, member: ManagerNow
) -> BulkResponse:
    """Adds and removes tags of many customers. Each commit has an entry in the audit log.

    With a filter or a search, one request changes up to 1,000 customers, newest first: send it again with `after` until
    `next` is null. Each customer is changed once, also if they do not match any more after the change. To send a
    request again that got no answer is safe.
    """
    ids, total, following = await cancel_on_disconnect(request, _choose(body, services))
    outcome = await services.bulk_changes.change_tags(ids, add=body.add, remove=body.remove, by=member.actor)
    return _response(outcome, total, following)


@router.post("/suppress", operation_id="suppress_customers", dependencies=costs(10))
async def suppress_customers(
    body: SuppressCustomersRequest, request: Request, services: ServicesDep, member: ManagerNow
) -> BulkResponse:
    """Suppresses the addresses of many customers, as `POST /api/suppressions` does; part by part, as for tags.

    Everybody who has one of these addresses gets no message any more. What is suppressed already keeps its reason.
    """
    ids, total, following = await cancel_on_disconnect(request, _choose(body, services))
    outcome = await services.bulk_changes.suppress(ids, reason=body.reason, by=member.actor)
    return _response(outcome, total, following)


async def _choose(body: BulkChoice, services: CustomerServices) -> tuple[list[str], int, str | None]:
    """The ids of this part, how many customers there are in all, and the cursor of the next part."""
    if body.ids:
        return body.ids, len(set(body.ids)), None
    rule = await parse_filter(body.filter, services)
    wanted = CustomerSearch(rule=rule, search=body.search, after=body.after, limit=MAX_PART)
    await services.audience.refresh()
    now = services.clock()
    with query_time_limit():
        page = await search_customers(services.audience, wanted, now)
        return [row.id for row in page.rows], await count_matches(services.audience, wanted, now), page.next


def _response(outcome: BulkOutcome, total: int, following: str | None) -> BulkResponse:
    return BulkResponse(
        changed=outcome.changed,
        unchanged=len(outcome.unchanged),
        missing=len(outcome.missing),
        rejected=len(outcome.rejected),
        total=total,
        next=following,
    )
