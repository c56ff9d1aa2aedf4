"""The customers' own attributes over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from common.audience.attribute_types import MAX_ATTRIBUTES, AttributeType, AttributeUse, list_attributes
from common.audience.chosen_types import (
    CHOSEN_TYPES_PATH,
    MAX_CHOSEN,
    ChosenType,
    chosen_types,
    read_chosen_types,
    to_document,
)
from common.audience.reader import query_time_limit
from common.audit import audit_entry, audit_path
from common.errors import FieldError, Invalid, NotFound
from common.rules.fields import attribute_field
from common.storage.documents import Create, Put, Write
from common.storage.optimistic_commit import commit_with_retry
from common.web.app import cancel_on_disconnect
from common.web.auth import Manager, guarded_router
from common.web.rate_limits import costs

from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/attributes", tag="customers")


class Attribute(BaseModel):
    """An attribute that some customers have."""

    name: str
    field: str = Field(description="how rules name it, like `attributes.plan`")
    type: AttributeType = Field(description="the type that was chosen, or else that of most of its values")
    is_chosen: bool = Field(description="whether somebody chose the type")
    people: int = Field(description="how many customers have it")
    types: dict[AttributeType, int] = Field(
        description="how many customers have a value of each type; a rule that compares with one type misses the others"
    )
    others: int = Field(description="how many customers have a value of another type than `type`")
    other_examples: list[str] = Field(description="up to 5 of these values")
    examples: list[str] = Field(description="up to 5 values of the most frequent type")

    @classmethod
    def from_use(cls, use: AttributeUse, chosen: AttributeType | None) -> Attribute:
        """The attribute, if this type is or were chosen for it."""
        type_ = chosen or use.type
        others = use.others(type_)
        examples = [example for name in others for example in use.examples_by_type[name]]
        return cls(
            name=use.name,
            field=attribute_field(use.name),
            type=type_,
            is_chosen=chosen is not None,
            people=use.people,
            types=use.types,
            others=sum(others.values()),
            other_examples=examples[:5],
            examples=use.examples,
        )


class AttributeList(BaseModel):
    """The attributes by name."""

    items: list[Attribute] = Field(description=f"at most {MAX_ATTRIBUTES:,}")


class AttributeChange(BaseModel):
    """The type of an attribute. What else `GET` gives of it is not read."""

    model_config = ConfigDict(extra="ignore")

    type: ChosenType | None = Field(description="null: again that of most of its values")


@router.get("", operation_id="list_attributes", dependencies=costs(3))
async def get_attributes(request: Request, services: ServicesDep, member: Manager) -> AttributeList:
    """Lists the attributes that customers have: the types of their values, how many people have each, and examples.

    It is for managers, because the examples are data of people.
    """
    uses = await cancel_on_disconnect(request, _read(services))
    chosen = await read_chosen_types(services.documents)
    return AttributeList(items=[Attribute.from_use(use, chosen.get(use.name)) for use in uses])


@router.put("/{name:path}", operation_id="choose_attribute_type", dependencies=costs(3))
async def choose_attribute_type(
    name: Annotated[str, Path(max_length=100)],
    body: AttributeChange,
    services: ServicesDep,
    member: Manager,
    *,
    dry_run: Annotated[bool, Query(description="return the same response without writing anything")] = False,
) -> Attribute:
    """Chooses the type of an attribute: columns of files are read as this type from now on.

    Nothing that is stored changes. Values of another type (`others`) stay as they are, and a rule that compares the
    attribute with the chosen type does not find the people who have them; a preview says how many they are.
    """
    use = next((one for one in await _read(services) if one.name == name), None)
    if use is None:
        raise NotFound(f"Not found: no customer has the attribute {name!r}.")
    if not dry_run:
        await _store(services, name, body.type, by=member.actor)
    return Attribute.from_use(use, body.type)


async def _store(services: CampaignServices, name: str, type_: ChosenType | None, *, by: str) -> None:
    """Write the type, with an entry of the audit log, unless it is chosen already."""
    entry_path = audit_path()

    async def build(_: int) -> tuple[None, Sequence[Write]]:
        """The writes; none if nothing changes."""
        stored = await services.documents.get(CHOSEN_TYPES_PATH)
        before = chosen_types(stored)
        after = _with_type(before, name, type_)
        if after == before:
            return None, []
        fields = to_document(after)
        write = Put(CHOSEN_TYPES_PATH, fields, stored.version) if stored.exists else Create(CHOSEN_TYPES_PATH, fields)
        about = {"attribute": name, "type": type_ or "of most values"}
        return None, [
            write,
            audit_entry("attribute type changed", by=by, at=services.clock(), path=entry_path, subject=about),
        ]

    await commit_with_retry(services.documents, build)


def _with_type(before: Mapping[str, ChosenType], name: str, type_: ChosenType | None) -> dict[str, ChosenType]:
    others = {other: chosen for other, chosen in before.items() if other != name}
    if type_ is None:
        return others
    if len(others) >= MAX_CHOSEN:
        message = f"At most {MAX_CHOSEN:,} attributes can have a chosen type."
        raise Invalid(message, fields=[FieldError(field="type", code="too_many", message=message, limit=MAX_CHOSEN)])
    return {**others, name: type_}


async def _read(services: CampaignServices) -> list[AttributeUse]:
    await services.audience.refresh()
    with query_time_limit():
        return await list_attributes(services.audience)
