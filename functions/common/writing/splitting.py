"""The sentences of a text with slots."""

from __future__ import annotations

import re

from common.messages.slots import SLOT, SlottedMessage

_SENTENCE = re.compile(r"[^.!?।\n]*[.!?।]+[\"'”’)]*(?=\s|$)\s*|[^\n]+?(?:\n+|$)|\n+")


def sentences_of(text: str) -> list[str]:
    """The sentences and lines of a text, with the blanks after each. What is in a slot ends none."""
    hidden = SLOT.sub(lambda match: "x" * len(match.group()), text)
    return [text[match.start() : match.end()] for match in _SENTENCE.finditer(hidden)]


def without_own_sentences(text: str, message: SlottedMessage) -> str:
    """The text without whole sentences that the manager wrote: nobody else has to answer for these."""
    own = {sentence.strip() for part in (message.subject, message.body) for sentence in sentences_of(part)}
    return "".join(sentence for sentence in sentences_of(text) if sentence.strip() not in own)
