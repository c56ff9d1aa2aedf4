"""Who answers for the sentences of a campaign that the checks refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.events import MessageTemplate
from common.writing.sentences import Sentence


def stored_sentences(
    given: Sequence[Sentence], known: Sequence[Sentence], *, by: str, is_other_message: bool
) -> list[dict[str, Any]]:
    """The sentences as they are stored: each approved one with the name of who approved it first, as it is.

    An approval is for a sentence beside one message. If the message changes in the same request, those that were
    approved before have to be looked at again.
    """
    approvals = {_key(sentence): sentence.approved_by for sentence in known if sentence.approved}
    return [_stored(sentence, approvals, by=by, is_other_message=is_other_message) for sentence in given]


def says_something_else(message: MessageTemplate, before: MessageTemplate) -> bool:
    """Whether people would read something else; what mail programs show beside the subject is no part of the text."""
    return _texts(message) != _texts(before)


def _texts(message: MessageTemplate) -> list[tuple[object, ...]]:
    return [(name, text.subject, text.body, text.marked) for name, text in message.texts.items()]


def _stored(
    sentence: Sentence, approvals: dict[tuple[str, ...], str | None], *, by: str, is_other_message: bool
) -> dict[str, Any]:
    known = _key(sentence) in approvals
    approved = sentence.approved and not (known and is_other_message)
    who = (approvals[_key(sentence)] if known else by) if approved else None
    return sentence.model_copy(update={"approved": approved, "approved_by": who}).model_dump(mode="json")


def _key(sentence: Sentence) -> tuple[str, ...]:
    return sentence.place, sentence.text, sentence.language, *sentence.traits
