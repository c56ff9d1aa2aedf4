"""Preview of a rule: how many customers it and each of its parts match, counted in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from common.audience.index.rows import CustomerRow
from common.audience.reader import Audience, OncePerValue, OneGroup
from common.rules.nodes import Rule
from common.rules.parts import RulePart, decompose
from common.rules.sql import Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class AudiencePreview:
    """The customers that a rule matches, as counts and samples."""

    count: int
    parts: list[tuple[RulePart, int]]  # each part, the whole rule first, and how many customers it matches by itself
    excluded: dict[str, int]  # of the matched customers, how many get no message, by reason
    marked: int  # of the customers who are not excluded by a rule, how many are marked
    samples: list[CustomerRow]


async def preview(
    audience: Audience,
    rule: Rule,
    now: datetime,
    *,
    exclusion_rules: Mapping[str, Rule | Condition],
    samples: int,
    once: OncePerValue | None = None,
    group: OneGroup | None = None,
    marked: Rule | None = None,
) -> AudiencePreview:
    """The preview. `exclusion_rules` say by reason who gets no message; the first that matches is the reason.

    Of those who have one value in the field of `once`, all but one are excluded too; and of those who are left, the
    `group`. Those to whom the rule `marked` applies are counted apart.
    """
    decomposed = decompose(rule, await audience.prepare(rule, now))
    parts, columns = decomposed.parts, decomposed.columns()
    reasons = [(await audience.where(excluding, now)) for excluding in exclusion_rules.values()]
    reason_columns = "".join(f", coalesce({reason.sql}, false) AS reason{i}" for i, reason in enumerate(reasons))
    mark = await audience.where(marked, now) if marked else Condition("false", ())
    member = group.condition if group else Condition("false", ())
    extra_columns = f"coalesce({mark.sql}, false) AS marked, {once.field if once else 'NULL'} AS value"
    extra_columns += f", {member.sql} AS in_group"
    parameters = [*columns.parameters, *(value for reason in reasons for value in reason.parameters)]
    parameters += [*mark.parameters, *member.parameters]
    counts = [f"count(*) FILTER (WHERE {part.sql})" for part in parts]
    counts += [f"count(*) FILTER (WHERE {sql})" for sql in _first_matches(len(reasons), parts[0].sql)]
    reached = " AND ".join([parts[0].sql, *(f"NOT reason{number}" for number in range(len(reasons)))])
    counts.append(f"count(value) FILTER (WHERE {reached}) - count(DISTINCT value) FILTER (WHERE {reached})")
    counts.append(f"count(*) FILTER (WHERE {reached} AND marked)")
    inner = f"SELECT id, bucket, {columns.sql}{reason_columns}, {extra_columns} FROM customers"
    if group and once:
        first = f"row_number() OVER (PARTITION BY value, {reached} ORDER BY bucket, id) = 1"
        inner = f"SELECT *, value IS NULL OR {first} AS counts FROM ({inner})"
    counts.append(f"count(*) FILTER (WHERE {reached} AND in_group{' AND counts' if group and once else ''})")
    sample_ids = f"min(id, {int(samples)}) FILTER (WHERE {parts[0].sql})"
    sql = f"SELECT {', '.join(counts)}, {sample_ids} FROM ({inner})"
    [(*numbers, repeated, marked_count, members, ids)] = await audience.select(sql, parameters)
    rows = await audience.rows(ids or ())
    excluded = dict(zip(exclusion_rules, numbers[len(parts) :], strict=True))
    excluded |= ({once.label: repeated} if once else {}) | ({group.label: members} if group else {})
    return AudiencePreview(
        count=numbers[0],
        parts=list(zip(parts, numbers, strict=False)),
        excluded={name: size for name, size in excluded.items() if size},
        marked=marked_count,
        samples=[rows[customer_id] for customer_id in ids or () if customer_id in rows],
    )


def _first_matches(reasons: int, whole: str) -> list[str]:
    """Conditions of the reasons 0, 1 …, each without the customers to whom an earlier reason applies."""
    return [
        " AND ".join([whole, *(f"NOT reason{earlier}" for earlier in range(number)), f"reason{number}"])
        for number in range(reasons)
    ]
