"""Which operators rules offer for each kind of field. To add an operator, begin with its node in `nodes.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from common.rules.fields import RuleKind

OperandKind = Literal[RuleKind, "flag"]
"""A flag is a consent to a channel. In the tree it has the kind `any`, like an attribute."""

COMPARISONS = ("=", "!=", ">", ">=", "<", "<=", "between", "in")
TEXT_SEARCH = ("contains", "starts_with", "ends_with")
PRESENCE = ("is_set", "is_missing")
RELATIVE_DATES = ("in_last", "in_next")

OPERATORS: Mapping[OperandKind, tuple[str, ...]] = {
    "text": (*COMPARISONS, *TEXT_SEARCH, *PRESENCE),
    "money": (*COMPARISONS, *PRESENCE),
    "whole": (*COMPARISONS, *PRESENCE),
    "date": (*COMPARISONS, *PRESENCE, *RELATIVE_DATES),
    "list": ("contains", *PRESENCE),
    "any": (*COMPARISONS, *TEXT_SEARCH, *PRESENCE, *RELATIVE_DATES),
    "flag": ("=", "!=", *PRESENCE),
}
"""The `op` of the nodes that can test a field of the kind. A test compares it with the validation of the nodes."""
