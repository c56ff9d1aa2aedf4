"""Which of several rules one customer matches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from common.audience.reader import Audience
from common.rules.nodes import Rule


async def which_match(audience: Audience, rules: Sequence[Rule], now: datetime, customer_id: str) -> list[bool]:
    """The answer for each rule, in one query. A customer who does not exist matches none."""
    conditions = [await audience.where(rule, now) for rule in rules]
    columns = ", ".join(f"({condition.sql})" for condition in conditions)
    parameters = [parameter for condition in conditions for parameter in condition.parameters]
    sql = f"SELECT {columns} FROM customers WHERE id = ?"
    answers = await audience.select(sql, [*parameters, customer_id])
    return [bool(answer) for answer in answers[0]] if answers else [False] * len(rules)
