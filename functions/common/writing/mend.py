"""Replaces the sentences of a generated text that have a problem by the manager's own.

A sentence without slots is left out. One with slots is replaced by the sentences of the message that have these
slots; then other generated sentences with slots of these go, too, so that each slot still stands once. The result must
pass the whole check. If none of the generated sentences is left, the person gets the template.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from common.messages.slots import SLOT, SlottedMessage
from common.messages.templates import MessageText

from .brief import Brief
from .check import ANY, MAX_REFUSED, UNREAD, Checked, check, prose_problems, repair
from .splitting import sentences_of, without_own_sentences

REPAIR = "sentence"


def check_or_mend(written: MessageText, message: SlottedMessage, brief: Brief = ANY) -> Checked:
    """The checked text; or, if a problem is one of prose, the text with the sentences concerned replaced."""
    checked = check(written, message, brief)
    if checked.problem is None or checked.problem.action == "refuse":
        return checked
    subject = repair(written.subject, message, [])
    if _has_problem(subject, message, brief):
        subject = message.subject
    body = mend(repair(written.body, message, []), message, brief)
    if body is None:
        return checked
    again = check(MessageText(subject=subject, body=body), message, brief)
    if again.problem:
        return checked
    lost = _lost(written, again.slotted or written, message)
    return replace(again, repairs=(*again.repairs, REPAIR), mended=checked.problem, lost=lost)


def mend(body: str, message: SlottedMessage, brief: Brief) -> str | None:
    """The body without the sentences that have a problem; None if nothing of it would be left."""
    sentences = sentences_of(body)
    bad = {place for place, sentence in enumerate(sentences) if _has_problem(sentence, message, brief)}
    own = sentences_of(message.body)
    bad, inserted = _with_same_slots(sentences, bad, own)
    if not any(_has_prose(sentence) for place, sentence in enumerate(sentences) if place not in bad):
        return None
    first = min((place for place in bad if slots_of(sentences[place])), default=-1)
    pieces: list[str] = []
    for place, sentence in enumerate(sentences):
        if place == first:
            pieces += [_on_its_own(own[number]) for number in sorted(inserted)]
        if place not in bad:
            pieces.append(sentence)
    return _joined(pieces)


def _lost(written: MessageText, mended: MessageText, message: SlottedMessage) -> str | None:
    """What Gemini wrote and nobody reads; of the subject, only if it is another now."""
    kept = {sentence.strip().casefold() for sentence in sentences_of(mended.body)}
    gone = [sentence.strip() for sentence in sentences_of(repair(written.body, message, []))]
    lost = [sentence for sentence in gone if sentence and sentence.casefold() not in kept]
    if message.subject and mended.subject != (subject := repair(written.subject, message, [])):
        lost.insert(0, subject)
    return " ".join(lost)[:MAX_REFUSED] or None


def slots_of(text: str) -> frozenset[str]:
    return frozenset(SLOT.findall(text))


def _has_prose(sentence: str) -> bool:
    return any(map(str.isalpha, SLOT.sub("", sentence)))


def _has_problem(text: str, message: SlottedMessage, brief: Brief) -> bool:
    return any(True for _ in prose_problems(without_own_sentences(text, message), message, brief, UNREAD))


def _with_same_slots(sentences: Sequence[str], bad: Set[int], own: Sequence[str]) -> tuple[set[int], set[int]]:
    """What goes and which of the manager's sentences come, so that each slot stands as often as before."""
    gone, come = set(bad), set[int]()
    while True:
        slots = frozenset[str]().union(*(slots_of(sentences[place]) for place in gone))
        come = {place for place, sentence in enumerate(own) if slots & slots_of(sentence)}
        slots = slots.union(*(slots_of(own[place]) for place in come))
        more = {place for place, sentence in enumerate(sentences) if slots & slots_of(sentence)} - gone
        if not more:
            return gone, come
        gone |= more


def _on_its_own(sentence: str) -> str:
    """A sentence of the manager with a blank after it."""
    return sentence if sentence[-1].isspace() else f"{sentence} "


def _joined(pieces: Sequence[str]) -> str:
    """The sentences as one text. What follows the end of a sentence begins with a capital letter."""
    text = ""
    for piece in pieces:
        ends = text.rstrip()[-1:] in {".", "!", "?"}
        if text and not text[-1].isspace():
            text += " "
        text += piece[:1].upper() + piece[1:] if ends else piece
    return text.strip()
