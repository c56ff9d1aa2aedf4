"""A message with slots: what one recipient's text must have, each fact and value under a name.

`⟦offer⟧` stands for a fact of the message, `⟦first_name⟧` for a value of the recipient. Gemini writes prose around the
slots; the server fills them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from common.events import MessageTemplate
from common.guard.findings import Background
from common.guard.folding import MARKS, VALUE_MARK, words_of
from common.guard.languages import language_of
from common.messages.facts import Fact, FactKind, find_facts, topics_of
from common.messages.template_language import language_of_template
from common.messages.template_nodes import FilledValue, Segment, evaluate
from common.messages.template_parser import parse
from common.messages.templates import MessageText

OPENING, CLOSING = "⟦", "⟧"
SLOT = re.compile(rf"{OPENING}([^{OPENING}{CLOSING}\n]{{1,120}}){CLOSING}")
_RESERVED = str.maketrans(dict.fromkeys([OPENING, CLOSING, *MARKS]))
SlotKind = Literal["value"] | FactKind
_NAMES: Mapping[FactKind, str] = {"marked": "phrase"}  # of slots, where they differ from the kind


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the text that the server fills in."""

    name: str
    kind: SlotKind
    text: str  # what this recipient reads
    shown: str | None  # what Gemini may know of it: the fact, with … for values; None for a value


@dataclass(frozen=True, kw_only=True)
class SlottedMessage:
    """The campaign's message for one recipient, cut into prose and slots."""

    subject: str
    body: str
    slots: Mapping[str, Slot]
    background: Background = field(default_factory=Background)

    @property
    def shape(self) -> tuple[Any, ...]:
        """Equal for recipients whose messages differ only in their values."""
        return self.subject, self.body, tuple((slot.name, slot.shown) for slot in self.slots.values())

    def required(self, part: Literal["subject", "body"]) -> Counter[str]:
        """How often each slot stands in a part of the message."""
        return Counter(SLOT.findall(getattr(self, part)))

    def fill(self, text: str) -> str:
        """The text as the recipient reads it."""
        return SLOT.sub(lambda match: self.slots[match.group(1)].text, text)

    @property
    def plain_text(self) -> MessageText:
        """The manager's own text for this recipient."""
        return MessageText(subject=" ".join(self.fill(self.subject).split()), body=self.fill(self.body))


def cut_message(template: MessageTemplate, values: Mapping[str, Any]) -> SlottedMessage:
    """The message for a recipient with these plain values (`plain_values.plain_fields`)."""
    slots = _Slots()
    words = language_of_template(template.subject, template.body)
    parts = [list(evaluate(parse(text), values, words)) for text in (template.subject, template.body)]
    flat = [_flat(segments) for segments in parts]
    background = _background("\n".join(flat))
    marked = tuple(template.marked or ())
    subject, body = (
        slots.cut(text, _values(segments), _facts(text, marked, background.language))
        for text, segments in zip(flat, parts, strict=True)
    )
    return SlottedMessage(subject=" ".join(subject.split()), body=body, slots=slots.by_name, background=background)


def message_facts(template: MessageTemplate) -> SlottedMessage:
    """The facts and values of a message for its editor: with an example for each value, and every choice taken."""
    return cut_message(template, _Examples())


class _Examples(dict[str, Any]):
    """A value for every field."""

    def get(self, key: str, default: Any = None) -> Any:
        return _Examples() if key == "attributes" else f"{key}"


def _flat(segments: Sequence[Segment]) -> str:
    return "".join(
        VALUE_MARK if isinstance(segment, FilledValue) else segment.translate(_RESERVED) for segment in segments
    )


def _values(segments: Sequence[Segment]) -> list[FilledValue]:
    return [segment for segment in segments if isinstance(segment, FilledValue)]


@lru_cache(maxsize=500)
def _background(text: str) -> Background:
    words = frozenset(word.text for word in words_of(text))
    return Background(words=words, topics=topics_of(text), language=language_of(text))


@lru_cache(maxsize=500)
def _facts(text: str, marked: tuple[str, ...], language: str | None) -> Sequence[Fact]:
    return find_facts(text, marked=marked, language=language)


class _Slots:
    """Gives names to facts and values; what reads the same has one name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Slot] = {}

    def cut(self, text: str, values: Sequence[FilledValue], facts: Sequence[Fact]) -> str:
        """The text with slots instead of facts and values."""
        pieces: list[str] = []
        remaining = iter(values)
        position = 0
        for fact in facts:
            pieces.append(self._cut_values(text[position : fact.start], remaining))
            pieces.append(self._fact(fact.kind, text[fact.start : fact.end], remaining))
            position = fact.end
        return "".join([*pieces, self._cut_values(text[position:], remaining)])

    def _cut_values(self, text: str, remaining: Iterator[FilledValue]) -> str:
        return _replace_marks(text, lambda: self._value(next(remaining)))

    def _value(self, value: FilledValue) -> str:
        return self._slot(value.name, "value", value.text, None)

    def _fact(self, kind: FactKind, phrase: str, remaining: Iterator[FilledValue]) -> str:
        text = _replace_marks(phrase, lambda: next(remaining).text)
        return self._slot(_NAMES.get(kind, kind), kind, text, phrase.replace(VALUE_MARK, "…"))

    def _slot(self, wanted: str, kind: SlotKind, text: str, shown: str | None) -> str:
        name, number = wanted, 1
        while (known := self.by_name.get(name)) and (known.kind, known.text) != (kind, text):
            number += 1
            name = f"{wanted}_{number}"
        self.by_name.setdefault(name, Slot(name, kind, text, shown))
        return f"{OPENING}{name}{CLOSING}"


def _replace_marks(text: str, replacement: Callable[[], str]) -> str:
    return re.sub(VALUE_MARK, lambda _: replacement(), text)
