"""Gemini's answer about several recipients: one entry for each, named by the id that the prompt gave them."""

from __future__ import annotations

from collections import Counter
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from common.errors import Invalid


class AnswerEntry(BaseModel):
    """What Gemini answers for one recipient."""

    id: str


Kind = TypeVar("Kind", bound=AnswerEntry)


class GeminiAnswer(BaseModel, Generic[Kind]):
    """The whole answer."""

    messages: list[Kind]


def read_entries(answer: type[GeminiAnswer[Kind]], content: Any, recipients: int) -> list[Kind | None]:
    """The entries in the recipients' order; None where an id is missing or came more than once.

    Raises `Invalid` if the answer has another shape.
    """
    try:
        entries = answer.model_validate(content).messages
    except ValidationError as error:
        raise Invalid("Gemini's answer does not have the requested shape.") from error
    times = Counter(entry.id for entry in entries)
    by_id = {entry.id: entry for entry in entries if times[entry.id] == 1}
    return [by_id.get(str(number)) for number in range(1, recipients + 1)]
