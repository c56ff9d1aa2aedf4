"""A writing task: a recipient whose text Gemini writes, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.events import WritingStyle
from common.guard.languages import SUPPORTED
from common.messages.slots import SlottedMessage
from common.messages.templates import MessageText
from common.settings import HouseRuleSettings

from .brief import Brief, create_brief
from .check import Checked, TextProblem
from .sentences import SentenceSet, language_of_sentences
from .traits import traits_of


@dataclass(frozen=True, slots=True)
class PersonalizedText:
    """Gemini's text, or the reason why the template is used instead."""

    text: MessageText | None
    fallback: str | None = None  # None also where Gemini is not asked
    refused: str | None = None  # the beginning of the text that did not pass, or what a mended text lost, with slots
    slotted: MessageText | None = None  # the text that passed, with its slots
    mended: str | None = None  # why sentences of it were replaced


@dataclass(frozen=True, eq=False, slots=True)
class WritingTask:
    """A recipient whose text Gemini writes. Two copies of one recipient's event have equal ids."""

    message_id: str
    campaign_id: str
    message: SlottedMessage
    traits: Sequence[str]
    brief: Brief
    max_calls: int | None = None  # of Gemini for the campaign
    variants: int | None = None  # how many texts people alike share; None: everybody has their own
    from_sentences: bool = False  # Gemini only chooses among checked sentences
    sentences: SentenceSet | None = None  # these, as soon as they are known

    @property
    def group(self) -> tuple[Any, ...]:
        """Tasks of one group can share a call."""
        return self.campaign_id, self.message.shape, self.brief

    @property
    def alike(self) -> tuple[Any, ...]:
        """Equal for recipients of whom Gemini would be told the same."""
        return (*self.group, tuple(self.traits), self.variants)

    @property
    def language(self) -> str:
        """The language of the sentences that the recipient's text is made of."""
        return language_of_sentences(self.message, self.brief)


def create_task(
    message_id: str,
    campaign_id: str,
    message: SlottedMessage,
    values: Mapping[str, Any],
    *,
    style: WritingStyle,
    house: HouseRuleSettings,
    today: date,
) -> WritingTask | PersonalizedText:
    """What Gemini is asked for a recipient with these plain values, or the reason why it cannot be asked."""
    language = message.background.language
    if language is not None and language not in SUPPORTED:
        return PersonalizedText(None, f"language: Gemini's texts cannot be checked in {language!r}.")
    brief = create_brief(style, house, values)
    return WritingTask(
        message_id,
        campaign_id,
        message,
        traits_of(values, today=today, allowed=brief.traits),
        brief,
        max_calls=style.max_calls,
        variants=style.variants_per_group,
        from_sentences=style.writing == "sentences",
    )


def result_of(checked: Checked) -> PersonalizedText:
    """What a recipient gets of a checked text."""
    if checked.problem is None:
        mended = _reason(checked.mended) if checked.mended else None
        return PersonalizedText(checked.text, refused=checked.lost, slotted=checked.slotted, mended=mended)
    return PersonalizedText(None, _reason(checked.problem), checked.refused)


def _reason(problem: TextProblem) -> str:
    return f"{problem.name}: {problem.advice}"[:300]


def fallback_name(fallback: str) -> str:
    """The name of the check in a stored reason: `promise: …`."""
    return fallback.partition(":")[0]
