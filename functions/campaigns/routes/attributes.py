"""The customers' own attributes over HTTP."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import Request
from pydantic import BaseModel, Field

from common.audience.attribute_types import MAX_ATTRIBUTES, AttributeType, AttributeUse, list_attributes
from common.audience.reader import query_time_limit
from common.rules.fields import attribute_field
from common.web.app import cancel_on_disconnect
from common.web.auth import Manager, guarded_router
from common.web.rate_limits import costs

from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/attributes", tag="customers")


class Attribute(BaseModel):
    """An attribute that some customers have."""

    name: str
    field: str = Field(description="how rules name it, like `attributes.plan`")
    type: AttributeType = Field(description="the type of most of its values")
    people: int = Field(description="how many customers have it")
    types: dict[AttributeType, int] = Field(
        description="how many customers have a value of each type; a rule that compares with one type misses the others"
    )
    examples: list[str] = Field(description="up to 5 values of its type")


class AttributeList(BaseModel):
    """The attributes by name."""

    items: list[Attribute] = Field(description=f"at most {MAX_ATTRIBUTES:,}")


@router.get("", operation_id="list_attributes", dependencies=costs(3))
async def get_attributes(request: Request, services: ServicesDep, member: Manager) -> AttributeList:
    """Lists the attributes that customers have: the types of their values, how many people have each, and examples.

    It is for managers, because the examples are data of people.
    """
    uses = await cancel_on_disconnect(request, _read(services))
    return AttributeList(
        items=[Attribute(type=use.type, field=attribute_field(use.name), **asdict(use)) for use in uses]
    )


async def _read(services: CampaignServices) -> list[AttributeUse]:
    await services.audience.refresh()
    with query_time_limit():
        return await list_attributes(services.audience)
