"""The rule tree: one class for each kind of node. In JSON, a node is an object that names its kind in `op`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from common.rules.dates import MAX_DAYS, RelativeDay, Value, is_date
from common.rules.fields import (
    MAX_NUMBER,
    MAX_TEXT_LENGTH,
    check_comparable,
    check_member,
    field_named,
    replace_surrogates,
    rule_error,
)

MAX_DEPTH = 20
MAX_NODES = 200
MAX_WEIGHT = 220
"""Of a rule in all: how much work it is, in conditions on plain fields. See `weight_of`."""
MAX_VALUES = 500

Operator = Literal["=", "!=", ">", ">=", "<", "<="]
Days = Annotated[StrictInt, Field(ge=1, le=MAX_DAYS)]
LiteralValue = StrictBool | StrictInt | StrictFloat | StrictStr | RelativeDay


UNCHECKED = 0
"""Replaces a value whose field is invalid: the value cannot be checked then."""


def _check_storable(text: str) -> str:
    if text != replace_surrogates(text):
        raise rule_error("type", "the text contains a lone surrogate, which is not a valid character")
    return text


Name = Annotated[StrictStr, Field(min_length=1, max_length=MAX_TEXT_LENGTH), AfterValidator(_check_storable)]


class Node(BaseModel):
    """Base of all nodes: immutable, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Everyone(Node):
    """Matches every customer."""

    op: Literal["everyone"] = "everyone"


class Inactive(Node):
    """Last active `days` days ago or earlier. Does not match customers who were never active."""

    op: Literal["inactive"] = "inactive"
    days: Days


class Active(Node):
    """Last active less than `days` days ago. The opposite of `Inactive` for customers who were ever active."""

    op: Literal["active"] = "active"
    days: Days


class FieldNode(Node):
    """Base of the nodes that test one field of a customer."""

    field: str

    @field_validator("field")
    @classmethod
    def _check_field(cls, name: str) -> str:
        return field_named(name).name


def _check_value(value: object, info: ValidationInfo) -> Any:
    """The value as the tree keeps it, if the node's field can be compared with it."""
    name = info.data.get("field")
    return check_comparable(field_named(name), _parse_relative_day(value)) if name else UNCHECKED


def _parse_relative_day(value: object) -> object:
    """JSON writes a day relative to today as an object; other values are returned as they are."""
    if not isinstance(value, dict):
        return value
    try:
        return RelativeDay.model_validate(value)
    except ValidationError:
        message = 'a day relative to today is written {"days_ago": 0}, at most 36,500 days before or after'
        raise rule_error("type", message) from None


class Comparison(FieldNode):
    """`field op value`. Money is a decimal; dates are ISO texts, or relative to today."""

    op: Operator
    value: LiteralValue

    _check = field_validator("value", mode="before")(_check_value)


class Between(FieldNode):
    """From `low` to `high`, both inclusive; a date includes the whole day."""

    op: Literal["between"] = "between"
    low: LiteralValue
    high: LiteralValue

    _check = field_validator("low", "high", mode="before")(_check_value)

    @field_validator("high")
    @classmethod
    def _check_range(cls, high: Value, info: ValidationInfo) -> Value:
        low = info.data.get("low", high)
        if value_kind(low) != value_kind(high) or value_kind(low) == "flag":
            raise rule_error("type", "between needs two numbers, two texts or two dates")
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            raise rule_error("range", "between needs the lower value first")
        return high


class In(FieldNode):
    """Equal to one of the values."""

    op: Literal["in"] = "in"
    values: tuple[LiteralValue, ...]

    @field_validator("values", mode="before")
    @classmethod
    def _check_values(cls, values: object, info: ValidationInfo) -> Any:
        if not isinstance(values, list | tuple) or not 0 < len(values) <= MAX_VALUES:
            raise rule_error("range", f"a list has 1 to {MAX_VALUES} values")
        return tuple(_check_value(value, info) for value in values)


class Contains(FieldNode):
    """A text that contains the value, or a list with the value as a member. Ignores case."""

    op: Literal["contains"] = "contains"
    value: LiteralValue

    @field_validator("value", mode="before")
    @classmethod
    def _check_member(cls, value: object, info: ValidationInfo) -> Any:
        name = info.data.get("field")
        return check_member(field_named(name), value) if name else UNCHECKED


class TextEdgeNode(FieldNode):
    """Base of the nodes that look at the beginning or the end of a text."""

    value: str

    @field_validator("value")
    @classmethod
    def _check_text(cls, value: str, info: ValidationInfo) -> Any:
        name = info.data.get("field")
        if name and field_named(name).kind == "list":
            raise rule_error("type", f"{name} is a list: use contains, is set or is missing")
        return check_member(field_named(name), value) if name else value


class StartsWith(TextEdgeNode):
    """A text that begins with the value. Ignores case."""

    op: Literal["starts_with"] = "starts_with"


class EndsWith(TextEdgeNode):
    """A text that ends with the value. Ignores case."""

    op: Literal["ends_with"] = "ends_with"


class IsSet(FieldNode):
    """The field has a value. An empty text or list counts as missing."""

    op: Literal["is_set"] = "is_set"


class IsMissing(FieldNode):
    """The opposite of `IsSet`."""

    op: Literal["is_missing"] = "is_missing"


class HasTag(Node):
    """The customer has the tag. Ignores case."""

    op: Literal["has_tag"] = "has_tag"
    tag: Name


class RelativeDateNode(FieldNode):
    """Base of the nodes that compare a date with the current instant."""

    @field_validator("field")
    @classmethod
    def _check_date(cls, name: str) -> str:
        if field_named(name).kind not in {"date", "any"}:
            raise rule_error("type", f"{name} is not a date")
        return name


class InLast(RelativeDateNode):
    """Less than `days` times 24 hours ago."""

    op: Literal["in_last"] = "in_last"
    days: Days


class InNext(RelativeDateNode):
    """From the start of today until `days` times 24 hours from now. All of today is included."""

    op: Literal["in_next"] = "in_next"
    days: Days


class EngagementNode(Node):
    """A message of the named campaign, or of any campaign, was sent to the customer, was opened, or was clicked in.

    `campaigns` are the ids of all campaigns with that name; `common/rules/references.py` sets them.
    """

    op: Literal["received", "opened", "clicked"]
    campaign: Name | None = None
    days: Days | None = None
    campaigns: tuple[Name, ...] | None = None


class ActivityNode(Node):
    """How often the customer ordered or visited, or the total amount ordered. Without any event, it is 0 times."""

    op: Literal["ordered", "visited"]
    measure: Literal["times", "amount"] = "times"
    compare: Operator = ">="
    value: StrictInt | StrictFloat = Field(default=1, le=MAX_NUMBER, ge=0)
    days: Days | None = None

    @field_validator("measure")
    @classmethod
    def _check_measure(cls, measure: str, info: ValidationInfo) -> str:
        if measure == "amount" and info.data.get("op") == "visited":
            raise rule_error("type", "a visit has no amount: count the visits with times")
        return measure

    @field_validator("value")
    @classmethod
    def _check_precision(cls, value: float, info: ValidationInfo) -> int | float:
        places = 2 if info.data.get("measure") == "amount" else 0
        if round(value, places) != value:
            raise rule_error(
                "type", "times must be a whole number" if not places else "an amount may have at most two decimals"
            )
        return int(value) if value == int(value) else value


class InSegment(Node):
    """Matches whom the saved segment of that name has.

    `common/rules/references.py` sets `rule` to the segment's rule, or for a static segment `members_of` to its id.
    """

    op: Literal["in_segment"] = "in_segment"
    segment: Name
    rule: Rule | None = None
    members_of: Name | None = None


class Not(Node):
    """Matches the customers that `of` does not match."""

    op: Literal["not"] = "not"
    of: Rule


def _check_not_empty(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if not rules:
        raise rule_error("empty", "a group needs at least one rule; use everyone to match all customers")
    return rules


class AllOf(Node):
    """Matches if every rule in `of` matches."""

    op: Literal["and"] = "and"
    of: Annotated[tuple[Rule, ...], AfterValidator(_check_not_empty)]


class AnyOf(Node):
    """Matches if at least one rule in `of` matches."""

    op: Literal["or"] = "or"
    of: Annotated[tuple[Rule, ...], AfterValidator(_check_not_empty)]


def _unwrap_single(rule: Rule) -> Rule:
    """A group of one rule becomes that rule, because the text form cannot write such a group."""
    return rule.of[0] if isinstance(rule, AllOf | AnyOf) and len(rule.of) == 1 else rule


Leaf = (
    Everyone
    | Inactive
    | Active
    | Comparison
    | Between
    | In
    | Contains
    | StartsWith
    | EndsWith
    | IsSet
    | IsMissing
    | HasTag
    | InLast
    | InNext
    | EngagementNode
    | ActivityNode
)

Rule = Annotated[Leaf | InSegment | Not | AllOf | AnyOf, Field(discriminator="op"), AfterValidator(_unwrap_single)]

InSegment.model_rebuild()
Not.model_rebuild()
AllOf.model_rebuild()
AnyOf.model_rebuild()

NODE_CLASSES = (*get_args(Leaf), InSegment, Not, AllOf, AnyOf)
EVENT_OPS = frozenset(
    op for node_class in (EngagementNode, ActivityNode) for op in get_args(node_class.model_fields["op"].annotation)
)
EVENT_WEIGHT, ATTRIBUTE_WEIGHT = 20, 3
"""Measured: a condition on events goes over all of them, one on an attribute takes JSON apart for each customer."""


def weight_of(op: object, field: object) -> int:
    """How much work a node is, from its `op` and its `field`, both as they came from outside."""
    if isinstance(op, str) and op in EVENT_OPS:
        return EVENT_WEIGHT
    return ATTRIBUTE_WEIGHT if isinstance(field, str) and field.startswith("attributes.") else 1


NODE_OPS = tuple(name for node_class in NODE_CLASSES for name in get_args(node_class.model_fields["op"].annotation))
"""The values that `op` may have."""


def value_kind(value: Value) -> Literal["flag", "number", "date", "text"]:
    """The kind of the value. An attribute is compared with it as a value of this kind."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    return "date" if is_date(value) else "text"


def children(rule: Rule) -> tuple[Rule, ...]:
    """The direct child rules of a node."""
    match rule:
        case AllOf(of=parts) | AnyOf(of=parts):
            return parts
        case Not(of=part):
            return (part,)
        case InSegment(rule=part) if part:
            return (part,)
    return ()


def walk(rule: Rule) -> Iterator[Rule]:
    """The rule and all rules inside it, each parent before its children."""
    yield rule
    for part in children(rule):
        yield from walk(part)
