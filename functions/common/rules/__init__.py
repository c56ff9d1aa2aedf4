"""The rule language: one tree, written as text or as JSON, read back in words, and turned into SQL.

    rule = parse("spend > 10000 AND visits < 3 OR inactive for 90 days")
    write(rule), in_words(rule, "INR"), where(rule, Now(now, zone))

What a rule means:

- Text is compared without regard to case, and an empty text or list counts as missing.
- A comparison with a missing field is false, `!=` too; NOT of it is true.
- An attribute is compared as what the value is: number, text, true or false, date. One of another kind is missing.
- `inactive for N days` compares `last_active_at` with now: who was never active is not found by it.
- A date without a time is the whole day, in the deployment's time zone; so are `today` and `30 days ago`.
- `in the last N days` is less than N times 24 hours ago.
- `in segment "…"` and `campaign "…"` name what others saved: `resolve` puts in what they mean (references.py).
"""

from common.rules.dates import Day
from common.rules.describe.english import Language, in_words
from common.rules.formatting import write
from common.rules.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    Contains,
    Everyone,
    Inactive,
    InSegment,
    IsMissing,
    Not,
    Received,
    Rule,
)
from common.rules.sql import Condition, Now, where
from common.rules.validation import check, parse

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "Contains",
    "Day",
    "Everyone",
    "InSegment",
    "Inactive",
    "IsMissing",
    "Language",
    "Not",
    "Now",
    "Received",
    "Rule",
    "check",
    "in_words",
    "parse",
    "where",
    "write",
]
