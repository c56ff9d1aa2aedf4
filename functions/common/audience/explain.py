"""Explaining why a customer is in an audience or not: the result of each part of the rule, and the customer's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.audience.index.rows import CustomerRow
from common.audience.reader import Audience
from common.errors import NotFound
from common.money import to_major_units
from common.rules.fields import RuleField, field_named
from common.rules.nodes import Active, ActivityNode, EngagementNode, FieldNode, HasTag, Inactive, Rule
from common.rules.parts import RulePart, decompose
from common.rules.sql import ReferenceTime, measure_query


@dataclass(frozen=True, kw_only=True, slots=True)
class PartResult:
    """The result of one part of a rule for one customer."""

    part: RulePart
    matches: bool
    value: Any  # the customer's, as the part compares it; None if missing, or if the part has children


async def explain(audience: Audience, rule: Rule, now: datetime, customer_id: str) -> list[PartResult]:
    """The results of all parts, the whole rule first. Raises `NotFound` for an unknown customer."""
    reference = await audience.prepare(rule, now)
    decomposed = decompose(rule, reference)
    columns = decomposed.columns()
    conditions = ", ".join(part.sql for part in decomposed.parts)
    sql = f"SELECT {conditions} FROM (SELECT {columns.sql} FROM customers WHERE id = ?)"
    results = await audience.select(sql, [*columns.parameters, customer_id])
    customer = (await audience.rows([customer_id])).get(customer_id)
    if not results or customer is None:
        raise NotFound("Customer not found.")
    return [
        PartResult(part=part, matches=matches, value=await _customer_value(audience, part.rule, customer, reference))
        for part, matches in zip(decomposed.parts, results[0], strict=True)
    ]


async def _customer_value(audience: Audience, rule: Rule, customer: CustomerRow, now: ReferenceTime) -> Any:
    """The value that the node tests, as the API returns it."""
    match rule:
        case FieldNode(field=name):
            return _field_value(customer, field_named(name))
        case Inactive() | Active():
            return customer.last_active_at
        case HasTag():
            return list(customer.tags)
        case EngagementNode() | ActivityNode():
            return await _event_value(audience, rule, customer, now)
    return None


def _field_value(customer: CustomerRow, field: RuleField) -> Any:
    value = getattr(customer, field.column)
    for step in field.path:
        value = value.get(step) if isinstance(value, Mapping) else None
    if field.kind == "money" and value is not None:
        return to_major_units(value)
    return list(value) if isinstance(value, tuple) else value


async def _event_value(
    audience: Audience, rule: EngagementNode | ActivityNode, customer: CustomerRow, now: ReferenceTime
) -> Any:
    """When the engagement last happened, or how often or for how much the customer ordered or visited."""
    query = measure_query(rule, customer.id, now)
    [(measured,)] = await audience.select(query.sql, query.parameters)
    return to_major_units(measured) if isinstance(rule, ActivityNode) and rule.measure == "amount" else measured
