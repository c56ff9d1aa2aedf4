"""Preview of a rule: how many customers it and each of its parts match, counted in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from common.audience.index.rows import CustomerRow
from common.audience.reader import Audience
from common.rules.nodes import Rule
from common.rules.parts import RulePart, decompose


@dataclass(frozen=True, kw_only=True, slots=True)
class AudiencePreview:
    """The customers that a rule matches, as counts and samples."""

    count: int
    parts: list[tuple[RulePart, int]]  # each part, the whole rule first, and how many customers it matches by itself
    excluded: dict[str, int]  # of the matched customers, how many get no message, by reason
    samples: list[CustomerRow]


async def preview(
    audience: Audience, rule: Rule, now: datetime, *, exclusion_rules: Mapping[str, Rule], samples: int
) -> AudiencePreview:
    """The preview. `exclusion_rules` say by reason who gets no message; the first that matches is the reason."""
    decomposed = decompose(rule, await audience.prepare(rule, now))
    parts, columns = decomposed.parts, decomposed.columns()
    reasons = [(await audience.where(excluding, now)) for excluding in exclusion_rules.values()]
    reason_columns = "".join(f", coalesce({reason.sql}, false) AS reason{i}" for i, reason in enumerate(reasons))
    parameters = [*columns.parameters, *(value for reason in reasons for value in reason.parameters)]
    counts = [f"count(*) FILTER (WHERE {part.sql})" for part in parts]
    counts += [f"count(*) FILTER (WHERE {sql})" for sql in _first_matches(len(reasons), parts[0].sql)]
    sample_ids = f"min(id, {int(samples)}) FILTER (WHERE {parts[0].sql})"
    sql = f"SELECT {', '.join(counts)}, {sample_ids} FROM (SELECT id, {columns.sql}{reason_columns} FROM customers)"
    [(*numbers, ids)] = await audience.select(sql, parameters)
    rows = await audience.rows(ids or ())
    return AudiencePreview(
        count=numbers[0],
        parts=list(zip(parts, numbers, strict=False)),
        excluded={name: size for name, size in zip(exclusion_rules, numbers[len(parts) :], strict=True) if size},
        samples=[rows[customer_id] for customer_id in ids or () if customer_id in rows],
    )


def _first_matches(reasons: int, whole: str) -> list[str]:
    """Conditions of the reasons 0, 1 …, each without the customers to whom an earlier reason applies."""
    return [
        " AND ".join([whole, *(f"NOT reason{earlier}" for earlier in range(number)), f"reason{number}"])
        for number in range(reasons)
    ]
