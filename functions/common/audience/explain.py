"""Why one person is in an audience, or is not: each part of the rule, whether it is true of them, what they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.audience.index.rows import Row
from common.audience.reader import Audience
from common.errors import NotFound
from common.money import decimal
from common.rules.fields import Field, field_named
from common.rules.nodes import Active, Did, HasTag, Inactive, OfField, Received, Rule
from common.rules.parts import Part, taken_apart
from common.rules.sql import Now, measured


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    part: Part
    matches: bool
    value: Any  # the person's own, as the part compares it; None where they have none, or it is made of parts


async def explained(audience: Audience, rule: Rule, now: datetime, customer_id: str) -> list[Verdict]:
    """The rule itself first. Raises `NotFound`."""
    ready = await audience.ready(rule, now)
    apart = taken_apart(rule, ready)
    columns = apart.columns()
    tested = ", ".join(part.sql for part in apart.parts)
    sql = f"SELECT {tested} FROM (SELECT {columns.sql} FROM customers WHERE id = ?)"
    found = await audience.select(sql, [*columns.parameters, customer_id])
    person = (await audience.rows([customer_id])).get(customer_id)
    if not found or person is None:
        raise NotFound("There is no such customer.")
    return [
        Verdict(part=part, matches=matches, value=await _value(audience, part.rule, person, ready))
        for part, matches in zip(apart.parts, found[0], strict=True)
    ]


async def _value(audience: Audience, rule: Rule, person: Row, now: Now) -> Any:
    match rule:
        case OfField(field=name):
            return _of_field(person, field_named(name))
        case Inactive() | Active():
            return person.last_active_at
        case HasTag():
            return list(person.tags)
        case Received() | Did():
            return await _measured(audience, rule, person, now)
    return None


def _of_field(person: Row, field: Field) -> Any:
    found = getattr(person, field.column)
    for step in field.path:
        found = found.get(step) if isinstance(found, Mapping) else None
    if field.kind == "money" and found is not None:
        return decimal(found)
    return list(found) if isinstance(found, tuple) else found


async def _measured(audience: Audience, rule: Received | Did, person: Row, now: Now) -> Any:
    """When it last happened, how often, or for how much."""
    condition = measured(rule, person.id, now)
    [(found,)] = await audience.select(condition.sql, condition.parameters)
    return decimal(found) if isinstance(rule, Did) and rule.measure == "amount" else found
