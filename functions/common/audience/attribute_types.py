"""The attributes that customers have: the kinds of their values, how many people have each, and examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from common.audience.reader import Audience
from common.rules.dates import DATE_PATTERN

AttributeType = Literal["number", "text", "flag", "date", "list", "map"]
MAX_ATTRIBUTES = 1_000
MAX_EXAMPLES = 5
MAX_EXAMPLE_LENGTH = 100

ENTRIES = """
SELECT unnest(map_entries(CAST(attributes AS MAP(VARCHAR, JSON)))) AS entry FROM customers WHERE attributes IS NOT NULL
"""
TYPED = f"""
SELECT entry.key AS name, left(entry.value ->> '$', {MAX_EXAMPLE_LENGTH}) AS example, CASE json_type(entry.value)
    WHEN 'VARCHAR' THEN
        CASE WHEN regexp_full_match(entry.value ->> '$', '{DATE_PATTERN}') THEN 'date' ELSE 'text' END
    WHEN 'BOOLEAN' THEN 'flag' WHEN 'ARRAY' THEN 'list' WHEN 'OBJECT' THEN 'map' ELSE 'number' END AS type
FROM ({ENTRIES}) WHERE CAST(entry.value AS VARCHAR) NOT IN ('null', '""', '[]', '{{}}')
"""
COUNTED = f"""
SELECT name, type, count(*) AS people, min(DISTINCT example, {MAX_EXAMPLES}) AS examples
FROM ({TYPED}) GROUP BY name, type
QUALIFY dense_rank() OVER (ORDER BY name) <= {MAX_ATTRIBUTES} ORDER BY name, people DESC, type
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeUse:
    """An attribute, and how many people have it."""

    name: str
    people: int
    types: dict[AttributeType, int]  # how many people have a value of each type, the most frequent first
    examples: list[str]  # of the most frequent type
    examples_by_type: dict[AttributeType, list[str]]

    @property
    def type(self) -> AttributeType:
        """The type of most values."""
        return next(iter(self.types))

    def others(self, type_: AttributeType) -> dict[AttributeType, int]:
        """The types of the values that rules do not find when they compare with this type. A date is a text, too."""
        fitting = {type_, "date"} if type_ == "text" else {type_}
        return {name: people for name, people in self.types.items() if name not in fitting}


async def list_attributes(audience: Audience) -> list[AttributeUse]:
    """The attributes that anybody has, by name. An empty value is none."""
    records = await audience.select(COUNTED, [])
    return [_to_use(name, group) for name, group in groupby(records, key=lambda record: str(record[0]))]


def _to_use(name: str, records: Iterable[tuple[Any, ...]]) -> AttributeUse:
    """The attribute of the records, one for each type."""
    kinds = [*records]
    types = {type_: people for _, type_, people, _ in kinds}
    examples = {type_: list(some) for _, type_, _, some in kinds}
    return AttributeUse(
        name=name,
        people=sum(types.values()),
        types=types,
        examples=examples[kinds[0][1]],
        examples_by_type=examples,
    )
