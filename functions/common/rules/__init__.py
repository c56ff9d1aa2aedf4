"""The rule language: one tree, read from text or JSON, described in plain words, and compiled to SQL.

    rule = parse("spend > 10000 AND visits < 3 OR inactive for 90 days")
    to_text(rule), describe(rule, "INR"), where(rule, ReferenceTime(now, zone))

What a rule means:

- Comparisons of text ignore case. An empty text or list counts as missing.
- A comparison with a missing field is false, also with `!=`; NOT of it is true.
- The kind of the value decides how an attribute is compared: as number, text, true or false, or date. An attribute of
  another kind counts as missing.
- `inactive for N days` compares `last_active_at` with now. It does not match a customer who was never active.
- A date without a time is the whole day in the deployment's time zone; so are `today` and `30 days ago`.
- `in the last N days` means less than N times 24 hours ago.
- `in segment "…"` and `campaign "…"` refer to saved objects by name; `resolve_references` adds what they mean.
"""

from common.rules.dates import RelativeDay
from common.rules.describe import Language, describe
from common.rules.formatting import to_text
from common.rules.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    Contains,
    EngagementNode,
    Everyone,
    Inactive,
    InSegment,
    IsMissing,
    Not,
    Rule,
)
from common.rules.sql import Condition, ReferenceTime, where
from common.rules.validation import parse, validate

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "Contains",
    "EngagementNode",
    "Everyone",
    "InSegment",
    "Inactive",
    "IsMissing",
    "Language",
    "Not",
    "ReferenceTime",
    "RelativeDay",
    "Rule",
    "describe",
    "parse",
    "to_text",
    "validate",
    "where",
]
