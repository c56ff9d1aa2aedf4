"""Checked sentences: what the texts of a campaign are built of, if Gemini only chooses and orders them.

Gemini proposes them once for a campaign, the guard checks each of them, and a manager may change them. One that the
guard refuses is used only if a person has approved it, who then answers for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from common.guard.findings import Background, Prose
from common.guard.folding import MARKS
from common.guard.invisible import INVISIBLE
from common.guard.languages import SUPPORTED
from common.guard.placeholders import PLACEHOLDERS
from common.ids import stable_hash
from common.messages.slots import SLOT, SlottedMessage

from .brief import Brief
from .check import UNREAD, Part, TextProblem, findings_in, language_problems, repair, stands_alone, with_marks
from .traits import Trait

Place = Literal["subject", "opening", "argument", "closing"]
PLACES: Sequence[Place] = ("subject", "opening", "argument", "closing")
MAX_SENTENCES = 120
MAX_LENGTH = 300
ALSO_IF_APPROVED = (INVISIBLE, PLACEHOLDERS)
"""Whatever a person says: what nobody can see, and what looks like a slot and would stay as it is."""


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


SentenceText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=MAX_LENGTH),
    AfterValidator(_on_one_line),
    Field(description="with slots such as ⟦offer⟧, as `POST /api/campaigns/facts` names them"),
]
SentenceLanguage = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z][a-z]{3})?$")]


class Sentence(BaseModel):
    """One sentence of the texts of a campaign."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: Place
    text: SentenceText
    language: SentenceLanguage = Field(default="en", description="of the texts that it is for: en, hi …")
    traits: tuple[Trait, ...] = Field(
        default=(), max_length=5, description="it is for people of whom all of these are true; empty: for everybody"
    )
    approved: bool = Field(
        default=False, description="a person answers for it, although the checks refuse it; not beside another message"
    )
    approved_by: str | None = Field(default=None, max_length=320, description="who; Herald sets it")


class JudgedSentence(Sentence):
    """A sentence, and what the checks say of it."""

    problem: str | None = None  # `promise: …`; null if it can be used

    @property
    def is_usable(self) -> bool:
        return self.problem is None


@dataclass(frozen=True)
class SentenceSet:
    """The sentences of a campaign in one language, as they were frozen. Equal sets have equal sentences."""

    sentences: tuple[Sentence, ...] = field(compare=False)
    version: str

    @classmethod
    def create(cls, sentences: Sequence[Sentence]) -> SentenceSet:
        content = [sentence.model_dump(mode="json", exclude={"problem"}) for sentence in sentences]
        return cls(tuple(sentences), stable_hash("sentences", json.dumps(content, sort_keys=True)))


def language_of_sentences(message: SlottedMessage, brief: Brief) -> str:
    """The language of a text: as the brief says, or the message's."""
    language = brief.language or message.background.language
    return language if language in SUPPORTED else "en"


def sentence_problem(sentence: Sentence, message: SlottedMessage, brief: Brief) -> TextProblem | None:
    """Why a sentence cannot be used in texts for this message; None if it can."""
    return next(_problems(sentence, message, brief), None)


def judge(sentence: Sentence, message: SlottedMessage, brief: Brief) -> JudgedSentence:
    """The sentence with what the checks say of it."""
    problem = sentence_problem(sentence, message, brief)
    said = f"{problem.name}: {problem.advice}"[:300] if problem else None
    return JudgedSentence(**sentence.model_dump(include={*Sentence.model_fields}), problem=said)


def tidy(text: str, place: Place, message: SlottedMessage) -> str:
    """The text of a sentence with our brackets, ordinary spaces, and an end where it needs one."""
    text = _on_one_line(repair(text, message, []))
    if place in ("opening", "argument") and (text[-1:].isalnum() or text[-1:] == "⟧"):
        text += "।" if _is_devanagari(text) else "."
    return text


def _is_devanagari(text: str) -> bool:
    return any("ऀ" <= letter <= "ॿ" for letter in text)


def _problems(sentence: Sentence, message: SlottedMessage, brief: Brief) -> Iterator[TextProblem]:
    """What is wrong with a sentence, the most telling first."""
    yield from _slot_problems(sentence, message)
    prose = with_marks(sentence.text, message)
    if sum(letter in MARKS for letter in prose) > len(SLOT.findall(sentence.text)):
        yield TextProblem("invisible", "Write visible characters only.", "refuse")
    if not any(map(str.isalpha, SLOT.sub("", sentence.text))):
        yield TextProblem("empty", "The sentence has no words.")
    if sentence.approved:
        yield from findings_in(Prose(prose, message.background), ALSO_IF_APPROVED)
        return
    if problem := _guard_problem(prose, replace(message.background, forbidden=brief.forbidden)):
        yield problem
    yield from language_problems(sentence.text, message, brief)


@lru_cache(maxsize=5_000)
def _guard_problem(prose: str, background: Background) -> TextProblem | None:
    """The first finding of the guard; remembered, because a set is used for many people."""
    return next(findings_in(Prose(prose, background), UNREAD), None)


def _slot_problems(sentence: Sentence, message: SlottedMessage) -> Iterator[TextProblem]:
    """Slots that the message does not have in this part, that come twice, or that touch something."""
    part: Part = "subject" if sentence.place == "subject" else "body"
    required, names = message.required(part), SLOT.findall(sentence.text)
    for name in names:
        slot = message.slots.get(name)
        is_allowed = required[name] or (part == "subject" and slot is not None and slot.kind == "value")
        if not is_allowed or names.count(name) > 1:
            yield TextProblem("slot", f"The slot ⟦{name}⟧ cannot stand here in the {part}, or not twice.")
    for match in SLOT.finditer(sentence.text):
        if not stands_alone(sentence.text, match):
            yield TextProblem("slot", f"No letter may touch {match.group()}.")
