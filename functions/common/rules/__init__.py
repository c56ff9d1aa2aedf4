"""The rule language: one tree, written as text or as JSON, read back in words, and turned into SQL.

    rule = parse("spend > 10000 AND visits < 3 OR inactive for 90 days")
    write(rule), in_words(rule, "INR"), where(rule, now)

What a rule means:

- Text is compared without regard to case, and an empty text counts as missing.
- A comparison with a missing field is false, `!=` too.
- `inactive for N days` compares `last_active_at` with now: who was never active is not found by it.
- A date without a time is the whole day, in UTC.
"""

from common.rules.checks import check, parse
from common.rules.sql import Condition, where
from common.rules.text import write
from common.rules.tree import AllOf, AnyOf, Comparison, Everyone, Inactive, Rule
from common.rules.words import in_words

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "Everyone",
    "Inactive",
    "Rule",
    "check",
    "in_words",
    "parse",
    "where",
    "write",
]
