"""The tree: what a rule is, however it was written. In JSON each node is an object that names its kind in `op`."""

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

from common.rules.dates import MOST_DAYS, Day, Value, is_date
from common.rules.fields import LARGEST_NUMBER, LONGEST_TEXT, comparable, field_named, member, storable, wrong

DEEPEST = 20
MOST_NODES = 200
MOST_VALUES = 500

Operator = Literal["=", "!=", ">", ">=", "<", "<="]
Days = Annotated[StrictInt, Field(ge=1, le=MOST_DAYS)]
Given = StrictBool | StrictInt | StrictFloat | StrictStr | Day


UNSEEN = 0
"""Stands for a value where the field itself was refused: nothing can be said about it."""


def _storable(text: str) -> str:
    if text != storable(text):
        raise wrong("type", "the text holds half a character (a lone surrogate)")
    return text


Name = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_storable)]


class Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Everyone(Node):
    op: Literal["everyone"] = "everyone"


class Inactive(Node):
    """Last active `days` days ago, or longer."""

    op: Literal["inactive"] = "inactive"
    days: Days


class Active(Node):
    """Last active less than `days` days ago."""

    op: Literal["active"] = "active"
    days: Days


class OfField(Node):
    field: str

    @field_validator("field")
    @classmethod
    def _exists(cls, name: str) -> str:
        return field_named(name).name


def _comparable(value: object, info: ValidationInfo) -> Any:
    name = info.data.get("field")
    return comparable(field_named(name), _read(value)) if name else UNSEEN


def _read(value: object) -> object:
    """A day counted from today comes as an object."""
    if not isinstance(value, dict):
        return value
    try:
        return Day.model_validate(value)
    except ValidationError:
        message = 'a day counted from today is {"days_ago": 0}, up to 36,500 days before or after'
        raise wrong("type", message) from None


class Comparison(OfField):
    """`field op value`. Money is a decimal here; dates are ISO texts, or counted from today."""

    op: Operator
    value: Given

    _is_comparable = field_validator("value", mode="before")(_comparable)


class Between(OfField):
    """From `low` to `high`, both included; of dates, both days as a whole."""

    op: Literal["between"] = "between"
    low: Given
    high: Given

    _are_comparable = field_validator("low", "high", mode="before")(_comparable)

    @field_validator("high")
    @classmethod
    def _are_alike(cls, high: Value, info: ValidationInfo) -> Value:
        low = info.data.get("low", high)
        if kind_of(low) != kind_of(high) or kind_of(low) == "flag":
            raise wrong("type", "between needs two numbers, two texts or two dates")
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            raise wrong("range", "between goes from the lower to the higher")
        return high


class Among(OfField):
    """Equal to one of the values."""

    op: Literal["in"] = "in"
    values: tuple[Given, ...]

    @field_validator("values", mode="before")
    @classmethod
    def _are_comparable(cls, values: object, info: ValidationInfo) -> Any:
        if not isinstance(values, list | tuple) or not 0 < len(values) <= MOST_VALUES:
            raise wrong("range", f"a list has 1 to {MOST_VALUES} values")
        return tuple(_comparable(value, info) for value in values)


class Contains(OfField):
    """A text with that part in it, or a list with that member."""

    op: Literal["contains"] = "contains"
    value: Given

    @field_validator("value", mode="before")
    @classmethod
    def _can_be_a_member(cls, value: object, info: ValidationInfo) -> Any:
        name = info.data.get("field")
        return member(field_named(name), value) if name else UNSEEN


class StartsWith(OfField):
    op: Literal["starts_with"] = "starts_with"
    value: str

    @field_validator("value")
    @classmethod
    def _is_text(cls, value: str, info: ValidationInfo) -> Any:
        name = info.data.get("field")
        if name and field_named(name).kind == "list":
            raise wrong("type", f"{name} is a list: ask what it contains, or whether it is set")
        return member(field_named(name), value) if name else value


class IsSet(OfField):
    """There is a value. An empty text or list counts as missing."""

    op: Literal["is_set"] = "is_set"


class IsMissing(OfField):
    op: Literal["is_missing"] = "is_missing"


class HasTag(Node):
    op: Literal["has_tag"] = "has_tag"
    tag: Name


class Near(OfField):
    @field_validator("field")
    @classmethod
    def _is_date(cls, name: str) -> str:
        if field_named(name).kind not in {"date", "any"}:
            raise wrong("type", f"{name} is not a date")
        return name


class InLast(Near):
    """Less than `days` times 24 hours ago."""

    op: Literal["in_last"] = "in_last"
    days: Days


class InNext(Near):
    """From the beginning of today until `days` times 24 hours from now: what is due today is still to come."""

    op: Literal["in_next"] = "in_next"
    days: Days


class Received(Node):
    """A message of that campaign, or of any, was sent to them, or they opened it, or clicked in it.

    `campaigns` are the ids of those with that name, as `common/rules/references.py` found them.
    """

    op: Literal["received", "opened", "clicked"]
    campaign: Name | None = None
    days: Days | None = None
    campaigns: tuple[Name, ...] | None = None


class Did(Node):
    """How often they ordered or visited, or for how much they ordered in all; who never did it did it 0 times."""

    op: Literal["ordered", "visited"]
    measure: Literal["times", "amount"] = "times"
    compare: Operator = ">="
    value: StrictInt | StrictFloat = Field(default=1, le=LARGEST_NUMBER, ge=0)
    days: Days | None = None

    @field_validator("measure")
    @classmethod
    def _has_amount(cls, measure: str, info: ValidationInfo) -> str:
        if measure == "amount" and info.data.get("op") == "visited":
            raise wrong("type", "a visit has no amount: count how many times they visited")
        return measure

    @field_validator("value")
    @classmethod
    def _is_exact(cls, value: float, info: ValidationInfo) -> int | float:
        places = 2 if info.data.get("measure") == "amount" else 0
        if round(value, places) != value:
            raise wrong("type", "times are a whole number" if not places else "an amount has at most two decimals")
        return int(value) if value == int(value) else value


class InSegment(Node):
    """Whoever the saved segment of that name finds. `rule` is that segment's, as `common/rules/references.py` found it."""

    op: Literal["in_segment"] = "in_segment"
    segment: Name
    rule: Rule | None = None


class Not(Node):
    op: Literal["not"] = "not"
    of: Rule


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


Leaf = (
    Everyone
    | Inactive
    | Active
    | Comparison
    | Between
    | Among
    | Contains
    | StartsWith
    | IsSet
    | IsMissing
    | HasTag
    | InLast
    | InNext
    | Received
    | Did
)

Rule = Annotated[
    Leaf | InSegment | Not | AllOf | AnyOf, Field(discriminator="op"), AfterValidator(_without_needless_group)
]

InSegment.model_rebuild()
Not.model_rebuild()
AllOf.model_rebuild()
AnyOf.model_rebuild()

KINDS = (*get_args(Leaf), InSegment, Not, AllOf, AnyOf)
OPERATORS = tuple(name for kind in KINDS for name in get_args(kind.model_fields["op"].annotation))
"""What a node may be called in `op`."""


def kind_of(value: Value) -> Literal["flag", "number", "date", "text"]:
    """As what an attribute is compared with this value."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    return "date" if is_date(value) else "text"


def parts_of(rule: Rule) -> tuple[Rule, ...]:
    """What the node is directly made of."""
    match rule:
        case AllOf(of=parts) | AnyOf(of=parts):
            return parts
        case Not(of=part):
            return (part,)
        case InSegment(rule=part) if part:
            return (part,)
    return ()


def walk(rule: Rule) -> Iterator[Rule]:
    """The rule and everything in it."""
    yield rule
    for part in parts_of(rule):
        yield from walk(part)
