"""Checks a text that Gemini wrote around slots, repairs what is harmless, and fills the slots.

What is in no slot is prose: the validators of `common/guard` find nothing in it. So nothing can be promised that the
message does not promise, and nothing of the message is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from common.guard.findings import Action, Prose, Validator
from common.guard.folding import FACT_MARK, MARKS, VALUE_MARK, words_of
from common.guard.languages import HINGLISH, language_of
from common.guard.validators import VALIDATORS
from common.guard.vocabulary import VOCABULARY
from common.messages.slots import CLOSING, OPENING, SLOT, Slot, SlottedMessage
from common.messages.templates import MessageText

from .brief import LANGUAGES, Brief
from .splitting import without_own_sentences

MAX_SUBJECT_LENGTH = 200
WITHOUT_LIMITS = frozenset({"value", "link", "email", "phone", "code"})  # no word beside these changes what they say
ANY = Brief()
UNREAD = (*VALIDATORS, VOCABULARY)
"""For texts that nobody reads before they are sent; a manager reads drafts, whose words may be others."""
NOT_IN: Mapping[str, frozenset[str]] = {"en": frozenset({"hi", HINGLISH}), "hi": frozenset({"en", HINGLISH})}
"""What a text is surely not written in, if it shall be in a language."""
BODY_LIMITS: Mapping[str | None, tuple[int, int]] = {"short": (1, 150), None: (2, 600), "long": (3, 900)}
"""How many times the message, and how many letters more."""
MAX_REFUSED = 400
FEWEST_WORDS = 4  # of a body, slots included
_SPACES = re.compile(r"[^\S\n]")
_OTHER_BRACKETS = re.compile(r"\[\[([\w. ]{1,100})\]\]|\{\{([\w. ]{1,100})\}\}|\[([\w.]{1,100})\]|\{([\w.]{1,100})\}")
_EMPHASIS = re.compile(r"\*\*([^*\n]{1,300})\*\*|__([^_\n]{1,300})__")
_MAY_TOUCH_BEFORE = frozenset(" \n\t(\"'“‘—–…,:")
_MAY_TOUCH_AFTER = frozenset(" \n\t)\"'’”—–…,:;!?.।")


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Why a text cannot be sent: the name of the check, and what Gemini is told."""

    name: str
    advice: str
    action: Action = "ask_again"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text with its slots filled, or what is wrong with it."""

    text: MessageText | None
    problem: TextProblem | None = None
    repairs: tuple[str, ...] = ()  # the names of the repairs
    refused: str | None = None  # the beginning of the part with the problem, with its slots: no value of anybody
    slotted: MessageText | None = None  # of a good text: with its slots, to be filled for somebody else
    mended: TextProblem | None = None  # of a good text: why sentences of it were replaced
    lost: str | None = None  # these sentences


Part = Literal["subject", "body"]


def check(written: MessageText, message: SlottedMessage, brief: Brief = ANY) -> Checked:
    """The text as the recipient reads it, if both of its parts are good."""
    repairs: list[str] = []
    texts: dict[Part, str] = {"subject": ""}
    parts: tuple[tuple[Part, str], ...] = (("subject", written.subject), ("body", written.body))
    for part, raw in parts:
        if part == "subject" and not message.subject:  # a channel without subjects
            continue
        text = repair(raw, message, repairs)
        if problem := _problem(text, part, message, brief):
            return Checked(None, problem, refused=text[:MAX_REFUSED].strip() or None)
        texts[part] = text
    slotted = MessageText(subject=texts["subject"], body=texts["body"])
    filled = MessageText(subject=message.fill(slotted.subject), body=message.fill(slotted.body))
    return Checked(filled, repairs=tuple(repairs), slotted=slotted)


def repair(text: str, message: SlottedMessage, repairs: list[str]) -> str:
    """The text with ordinary spaces, without emphasis, and with slots for facts that are written out."""
    steps = (("spaces", _with_spaces), ("emphasis", _without_emphasis))
    for name, step in steps:
        if (repaired := step(text)) != text:
            text = repaired
            repairs.append(name)
    for name, repaired in (("brackets", _with_our_brackets(text, message)), ("verbatim", "")):
        result = repaired if name == "brackets" else _with_slots(text, message)
        if result != text:
            text = result
            repairs.append(name)
    return text


def _with_spaces(text: str) -> str:
    return _SPACES.sub(" ", text)


def _without_emphasis(text: str) -> str:
    return _EMPHASIS.sub(lambda match: match.group(1) or match.group(2), text)


def _with_our_brackets(text: str, message: SlottedMessage) -> str:
    """`[offer]` and `{{ offer }}` as ⟦offer⟧, if there is such a slot."""

    def replaced(match: re.Match[str]) -> str:
        name = next(group for group in match.groups() if group).strip()
        return f"{OPENING}{name}{CLOSING}" if name in message.slots else match.group()

    return _OTHER_BRACKETS.sub(replaced, text)


def _with_slots(text: str, message: SlottedMessage) -> str:
    """Facts and values that are written out exactly become their slots: the longest first.

    Not a number of a person: Gemini does not know it, so "our top 10 styles" has nothing to do with their 10 orders.
    """
    written = (slot for slot in message.slots.values() if len(slot.text) > 1 and not _is_own_number(slot))
    slots = sorted(written, key=lambda slot: -len(slot.text))
    for slot in slots:
        if slot.text not in text:
            continue
        pattern = rf"(?<![\w{OPENING}]){re.escape(slot.text)}(?![\w{CLOSING}])"
        pieces = re.split(rf"({OPENING}[^{CLOSING}]{{1,120}}{CLOSING})", text)
        replaced = [
            piece if number % 2 else re.sub(pattern, f"{OPENING}{slot.name}{CLOSING}", piece)
            for number, piece in enumerate(pieces)
        ]
        text = "".join(replaced)
    return text


def _is_own_number(slot: Slot) -> bool:
    return slot.kind == "value" and not any(map(str.isalpha, slot.text))


def _problem(text: str, part: Part, message: SlottedMessage, brief: Brief) -> TextProblem | None:
    """The first problem of one part of a text; None if it can be sent."""
    return next(_problems(text, part, message, brief), None)


def _problems(text: str, part: Part, message: SlottedMessage, brief: Brief) -> Iterator[TextProblem]:
    """Everything that is wrong with one part, the most telling first."""
    if not text.strip():
        yield TextProblem("empty", f"The {part} is empty.")
    yield from slot_problems(text, part, message)  # before the slots are filled for the first time
    yield from size_problems(text, part, message, brief)
    yield from prose_problems(without_own_sentences(text, message), message, brief, UNREAD)
    yield from language_problems(text, message, brief)


def prose_problems(
    text: str, message: SlottedMessage, brief: Brief, validators: Sequence[Validator] = VALIDATORS
) -> Iterator[TextProblem]:
    """What the guard finds outside the slots."""
    if any(mark in text for mark in MARKS):
        yield TextProblem("invisible", "Write visible characters only.", "refuse")
    background = replace(message.background, forbidden=brief.forbidden)
    yield from findings_in(Prose(with_marks(text, message), background), validators)


def findings_in(prose: Prose, validators: Sequence[Validator]) -> Iterator[TextProblem]:
    """What the validators find in a text in which marks stand for the slots."""
    for validator in validators:
        for finding in validator.find(prose):
            found = finding.text.translate({ord(mark): "…" for mark in MARKS})[:60]
            yield TextProblem(validator.name, f"{validator.advice.format(found=found)}", validator.action)


def language_problems(text: str, message: SlottedMessage, brief: Brief) -> Iterator[TextProblem]:
    """Whether the text is surely in another language than the brief asks for."""
    if brief.language and language_of(with_marks(text, message)) in NOT_IN[brief.language]:
        yield TextProblem("language", f"Write in {LANGUAGES[brief.language]}.")


def size_problems(text: str, part: Part, message: SlottedMessage, brief: Brief) -> Iterator[TextProblem]:
    times, more = BODY_LIMITS[brief.length]
    limit = MAX_SUBJECT_LENGTH if part == "subject" else times * len(message.body) + more
    if len(text) > limit or (part == "subject" and len(message.fill(text)) > MAX_SUBJECT_LENGTH + 100):
        yield TextProblem("too_long", f"The {part} is too long.")
    words = [word for word in words_of(with_marks(text, message)) if word.text != "."]
    if part == "body" and len(words) < min(FEWEST_WORDS, len(message.body.split())):
        yield TextProblem("too_short", "The body is too short.")


def slot_problems(text: str, part: Part, message: SlottedMessage) -> Iterator[TextProblem]:
    """Every slot of the part exactly once (or up to as often as in the message), and no other."""
    required, used = message.required(part), Counter(SLOT.findall(text))
    for name in used:
        allowed = required[name] or (
            part == "subject" and name in message.slots and message.slots[name].kind == "value"
        )
        if not allowed:
            yield TextProblem("slot", f"There is no slot {OPENING}{name}{CLOSING} in the {part}.")
        elif used[name] > max(1, required[name]):
            yield TextProblem("slot", f"The slot {OPENING}{name}{CLOSING} is in the {part} more than once.")
    for name in required:
        if not used[name]:
            yield TextProblem("slot", f"The slot {OPENING}{name}{CLOSING} is missing in the {part}.")
    for match in SLOT.finditer(text):
        if not stands_alone(text, match):
            yield TextProblem("slot", f"No letter may touch {match.group()}.")


def stands_alone(text: str, slot: re.Match[str]) -> bool:
    """Whether a slot touches nothing that it could become one word or one link with."""
    before, after = text[: slot.start()][-1:], text[slot.end() : slot.end() + 2]
    if before and before not in _MAY_TOUCH_BEFORE:
        return False
    if after[:1] in {".", "'", "’"}:
        return after[1:] == "" or after[1:] in " \n\"')”’s"
    return not after or after[0] in _MAY_TOUCH_AFTER


def with_marks(text: str, message: SlottedMessage) -> str:
    """The text with a mark for each slot."""
    return SLOT.sub(lambda match: _mark_of(match.group(1), message), text)


def _mark_of(name: str, message: SlottedMessage) -> str:
    slot = message.slots.get(name)
    return VALUE_MARK if slot and slot.kind in WITHOUT_LIMITS else FACT_MARK
