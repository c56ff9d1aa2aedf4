"""A rule in plain words, one module for each language."""

from __future__ import annotations

from common.catalogue.fields import Language
from common.rules.describe import english
from common.rules.nodes import Rule

__all__ = ["Language", "describe"]


def describe(rule: Rule, currency: str, language: Language = "en") -> str:
    """The rule in plain words; amounts are in `currency`, an ISO 4217 code."""
    if language == "hi":
        from common.rules.describe import hindi  # most requests need English only

        return hindi.describe(rule, currency)
    return english.describe(rule, currency)
