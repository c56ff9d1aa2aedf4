"""What each part of a rule says, as the caller gets it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, JsonValue

from common.audience.explain import Verdict
from common.rules import Language, in_words, write
from common.rules.parts import Part


class PartOut(BaseModel):
    path: str  # where it stands in the tree: `rules.of.0`
    text: str
    words: str


class PartCount(PartOut):
    count: int  # of all customers, whom this part matches by itself

    @classmethod
    def of(cls, part: Part, count: int, currency: str, language: Language) -> Self:
        return cls(path=part.path, text=write(part.rule), words=in_words(part.rule, currency, language), count=count)


class PartVerdict(PartOut):
    matches: bool
    value: JsonValue | datetime  # the person's own; null where they have none, or it is made of other parts

    @classmethod
    def of(cls, verdict: Verdict, currency: str, language: Language) -> Self:
        part = verdict.part
        words = in_words(part.rule, currency, language)
        return cls(path=part.path, text=write(part.rule), words=words, matches=verdict.matches, value=verdict.value)
