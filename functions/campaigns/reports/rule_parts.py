"""The parts of a rule in responses."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, JsonValue

from common.audience.explain import PartResult
from common.rules import Language, describe, to_text
from common.rules.parts import RulePart


class PartResponse(BaseModel):
    """One part of a rule, in plain words."""

    path: str  # of the part in the tree: `rules.of.0`
    text: str
    words: str


class PartCount(PartResponse):
    """One part of a rule, and how many customers match it by itself."""

    count: int  # of all customers who match this part by itself

    @classmethod
    def from_part(cls, part: RulePart, count: int, currency: str, language: Language) -> Self:
        return cls(path=part.path, text=to_text(part.rule), words=describe(part.rule, currency, language), count=count)


class PartMatch(PartResponse):
    """One part of a rule, whether one customer matches it, and the value that decides."""

    matches: bool
    value: JsonValue | datetime  # the customer's value; null if it is missing, or if the part consists of other parts

    @classmethod
    def from_result(cls, result: PartResult, currency: str, language: Language) -> Self:
        part = result.part
        words = describe(part.rule, currency, language)
        return cls(path=part.path, text=to_text(part.rule), words=words, matches=result.matches, value=result.value)
