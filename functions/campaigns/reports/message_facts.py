"""A message cut into prose, values and facts, as Gemini will get it: the editor shows what stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from common.events import MessageTemplate
from common.messages.slots import SLOT, Slot, SlotKind, SlottedMessage, message_facts
from common.messages.templates import validate_template


class MessagePart(BaseModel):
    """A part of the subject or the body."""

    text: str  # of a value: the name of its field
    kind: SlotKind | None = None  # null: prose, which Gemini writes anew


class MessageFact(BaseModel):
    """A part that stays as it is."""

    text: str  # with … where a value stands
    kind: SlotKind


class MarkedFact(BaseModel):
    """A phrase that the manager has marked."""

    phrase: str
    is_found: bool  # whether the message has it


class MessageFacts(BaseModel):
    """What of a message is a fact."""

    subject: list[MessagePart]
    body: list[MessagePart]
    facts: list[MessageFact]  # each once
    marked: list[MarkedFact]


def facts_of(message: MessageTemplate) -> MessageFacts:
    """Raises `Invalid` if the message is no valid template."""
    validate_template(message)
    cut = message_facts(message)
    facts = [MessageFact(text=_shown(slot), kind=slot.kind) for slot in cut.slots.values() if slot.kind != "value"]
    return MessageFacts(
        subject=[*_parts(cut.subject, cut)],
        body=[*_parts(cut.body, cut)],
        facts=facts,
        marked=[_marked(phrase, facts) for phrase in message.marked or ()],
    )


def _parts(text: str, message: SlottedMessage) -> Iterator[MessagePart]:
    for number, piece in enumerate(SLOT.split(text)):
        if number % 2:
            slot = message.slots[piece]
            yield MessagePart(text=_shown(slot), kind=slot.kind)
        elif piece:
            yield MessagePart(text=piece)


def _shown(slot: Slot) -> str:
    return slot.name if slot.shown is None else slot.shown


def _marked(phrase: str, facts: Sequence[MessageFact]) -> MarkedFact:
    wanted = phrase.strip().casefold()
    return MarkedFact(phrase=phrase, is_found=any(wanted in fact.text.casefold() for fact in facts))
