"""The tree: what a rule is, however it was written. In JSON each node is an object that names its kind in `op`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, ValidationInfo, field_validator

from common.rules.fields import FIELDS, Value, comparable, field_named, wrong

DEEPEST = 20
MOST_NODES = 200

Operator = Literal["=", "!=", ">", ">=", "<", "<="]


class Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Everyone(Node):
    op: Literal["everyone"] = "everyone"


class Inactive(Node):
    """Last active `days` days ago, or longer."""

    op: Literal["inactive"] = "inactive"
    days: StrictInt = Field(ge=1, le=36_500)


class Comparison(Node):
    """`field op value`. Money is a decimal here; dates are ISO texts."""

    op: Operator
    field: str
    value: Value

    @field_validator("field")
    @classmethod
    def _exists(cls, name: str) -> str:
        return field_named(name).name

    @field_validator("value", mode="plain", json_schema_input_type=Value)
    @classmethod
    def _is_comparable(cls, value: object, info: ValidationInfo) -> Any:
        name = info.data.get("field")  # absent where the field itself was refused
        return comparable(FIELDS[name], value) if name else value


def _not_empty(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if not rules:
        raise wrong("empty", "a group needs at least one rule; everyone is written everyone")
    return rules


class AllOf(Node):
    op: Literal["and"] = "and"
    of: Annotated[tuple[Rule, ...], AfterValidator(_not_empty)]


class AnyOf(Node):
    op: Literal["or"] = "or"
    of: Annotated[tuple[Rule, ...], AfterValidator(_not_empty)]


def _without_needless_group(rule: Rule) -> Rule:
    """A group of one is that one: text has no way to write it."""
    return rule.of[0] if isinstance(rule, AllOf | AnyOf) and len(rule.of) == 1 else rule


Rule = Annotated[
    Everyone | Inactive | Comparison | AllOf | AnyOf, Field(discriminator="op"), AfterValidator(_without_needless_group)
]

AllOf.model_rebuild()
AnyOf.model_rebuild()
