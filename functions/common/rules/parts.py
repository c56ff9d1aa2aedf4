"""Decomposing a rule, so that each of its parts can be counted or explained in one pass over the customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from common.rules.nodes import AllOf, AnyOf, InSegment, Not, Rule, children
from common.rules.sql import Condition, ReferenceTime, leaf_condition


@dataclass(frozen=True, slots=True)
class RulePart:
    """A node of the rule with its position and its condition."""

    path: str  # as validation errors name it: `rules.of.0`
    rule: Rule
    sql: str  # in terms of the columns `leaf0`, `leaf1` …


@dataclass(frozen=True, slots=True)
class DecomposedRule:
    """All parts of a rule: the whole rule first, each part before its children. `leaves` are the leaf conditions."""

    parts: tuple[RulePart, ...]
    leaves: tuple[Condition, ...]

    def columns(self) -> Condition:
        """The columns `leaf0`, `leaf1` … of a SELECT: true or false for each customer, never NULL."""
        sql = ", ".join(f"coalesce({leaf.sql}, false) AS leaf{number}" for number, leaf in enumerate(self.leaves))
        return Condition(sql, tuple(chain(*(leaf.parameters for leaf in self.leaves))))


def decompose(rule: Rule, now: ReferenceTime) -> DecomposedRule:
    """The parts of the rule. Its references must be resolved."""
    leaves: list[Condition] = []
    return DecomposedRule(tuple(_decompose_node(rule, "rules", now, leaves)), tuple(leaves))


def _decompose_node(rule: Rule, path: str, now: ReferenceTime, leaves: list[Condition]) -> list[RulePart]:
    """The node and all nodes inside it; adds the conditions of its leaves to `leaves`."""
    children_parts = [_decompose_node(child, at, now, leaves) for at, child in _child_paths(rule, path)]
    sql = [parts[0].sql for parts in children_parts]
    match rule:
        case AllOf():
            whole = f"({' AND '.join(sql)})"
        case AnyOf():
            whole = f"({' OR '.join(sql)})"
        case Not():
            whole = f"(NOT {sql[0]})"
        case InSegment() if sql:
            whole = sql[0]
        case _:
            whole = f"leaf{len(leaves)}"
            leaves.append(leaf_condition(rule, now))
    return [RulePart(path, rule, whole), *chain(*children_parts)]


def _child_paths(rule: Rule, path: str) -> Iterator[tuple[str, Rule]]:
    """The children of a node, each after its path."""
    name = "rule" if isinstance(rule, InSegment) else "of"
    for number, child in enumerate(children(rule)):
        yield f"{path}.{name}.{number}" if isinstance(rule, AllOf | AnyOf) else f"{path}.{name}", child
