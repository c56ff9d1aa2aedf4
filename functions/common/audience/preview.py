"""Whom a rule finds, part by part, in one pass over the customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from common.audience.index.rows import Row
from common.audience.reader import Audience
from common.rules.nodes import Rule
from common.rules.parts import Part, taken_apart


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    count: int
    parts: list[tuple[Part, int]]  # the rule itself first, and how many each part matches by itself
    left_out: dict[str, int]  # of those found, how many will not be written to, by reason
    samples: list[Row]


async def previewed(
    audience: Audience, rule: Rule, now: datetime, *, reasons: Mapping[str, Rule], samples: int
) -> Preview:
    """`reasons` are rules for who is left out, the first that matches being the reason."""
    ready = await audience.ready(rule, now)
    apart = taken_apart(rule, ready)
    parts = apart.parts
    why = [(await audience.where(reason, now)) for reason in reasons.values()]
    columns = apart.columns()
    tested = "".join(f", coalesce({one.sql}, false) AS reason{number}" for number, one in enumerate(why))
    parameters = [*columns.parameters, *(value for one in why for value in one.parameters)]
    counts = [f"count(*) FILTER (WHERE {part.sql})" for part in parts]
    counts += [f"count(*) FILTER (WHERE {sql})" for sql in _first_of(len(why), parts[0].sql)]
    few = f"min(id, {int(samples)}) FILTER (WHERE {parts[0].sql})"
    sql = f"SELECT {', '.join(counts)}, {few} FROM (SELECT id, {columns.sql}{tested} FROM customers)"
    [(*numbers, ids)] = await audience.select(sql, parameters)
    people = await audience.rows(ids or ())
    return Preview(
        count=numbers[0],
        parts=list(zip(parts, numbers, strict=False)),
        left_out={name: number for name, number in zip(reasons, numbers[len(parts) :], strict=True) if number},
        samples=[people[one] for one in ids or () if one in people],
    )


def _first_of(reasons: int, whole: str) -> list[str]:
    """Each reason holds where no earlier one does."""
    return [
        " AND ".join([whole, *(f"NOT reason{before}" for before in range(number)), f"reason{number}"])
        for number in range(reasons)
    ]
