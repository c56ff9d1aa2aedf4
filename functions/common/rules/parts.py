"""A rule taken apart, so that each of its parts can be counted, or explained, in one pass over the customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from common.rules.nodes import AllOf, AnyOf, InSegment, Not, Rule, parts_of
from common.rules.sql import Condition, Now, leaf


@dataclass(frozen=True, slots=True)
class Part:
    path: str  # as errors name it: `rules.of.0`
    rule: Rule
    sql: str  # over `leaf0`, `leaf1` …


@dataclass(frozen=True, slots=True)
class Parts:
    """The rule itself comes first, each part before what it is made of."""

    parts: tuple[Part, ...]
    leaves: tuple[Condition, ...]

    def columns(self) -> Condition:
        """`leaf0`, `leaf1` … as columns: true or false for each customer."""
        sql = ", ".join(f"coalesce({one.sql}, false) AS leaf{number}" for number, one in enumerate(self.leaves))
        return Condition(sql, tuple(chain(*(one.parameters for one in self.leaves))))


def taken_apart(rule: Rule, now: Now) -> Parts:
    leaves: list[Condition] = []
    return Parts(tuple(_parts(rule, "rules", now, leaves)), tuple(leaves))


def _parts(rule: Rule, path: str, now: Now, leaves: list[Condition]) -> list[Part]:
    below = [_parts(part, place, now, leaves) for place, part in _below(rule, path)]
    sql = [parts[0].sql for parts in below]
    match rule:
        case AllOf():
            whole = f"({' AND '.join(sql)})"
        case AnyOf():
            whole = f"({' OR '.join(sql)})"
        case Not():
            whole = f"(NOT {sql[0]})"
        case InSegment():
            whole = sql[0]
        case _:
            whole = f"leaf{len(leaves)}"
            leaves.append(leaf(rule, now))
    return [Part(path, rule, whole), *chain(*below)]


def _below(rule: Rule, path: str) -> Iterator[tuple[str, Rule]]:
    name = "rule" if isinstance(rule, InSegment) else "of"
    for number, part in enumerate(parts_of(rule)):
        yield f"{path}.{name}.{number}" if isinstance(rule, AllOf | AnyOf) else f"{path}.{name}", part
