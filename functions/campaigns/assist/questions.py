"""Checks a rule against the words that it was made from: what they do not say is asked back, never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from common.guard.folding import fold
from common.guard.scripts import scripts_of
from common.rules.dates import RelativeDay, is_date
from common.rules.nodes import Comparison, FieldNode, HasTag, In, Inactive, Node, Not, Rule, walk

from .numbers import numbers_in

QuestionCode = Literal["number", "name", "date", "rule", "unclear", "audience"]
NoteCode = Literal["missing_included", "missing_left_out", "never_active_left_out"]
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class AssistQuestion(BaseModel):
    """What must be said before there is a rule."""

    code: QuestionCode  # number, name, date: the rule has one that was not said; rule: it is not valid; unclear;
    #                     audience: a goal does not say who is to be written to
    about: str  # the number, name or date; otherwise the question or the error in words


class AssistNote(BaseModel):
    """How something was taken that could be taken in two ways."""

    code: NoteCode
    field: str


def unsaid(rule: Rule, words: str) -> list[AssistQuestion]:
    """One question for each number, name and date of the rule that the words do not have."""
    said = numbers_in(words)
    found = [question for node in walk(rule) for question in _unsaid_values(node, words, said)]
    return [question for place, question in enumerate(found) if question not in found[:place]]


def _unsaid_values(node: Node, words: str, said: set[float]) -> Iterator[AssistQuestion]:
    """A question for each value of one node that was not said."""
    for value in _values(node):
        match value:
            case bool():
                continue
            case int() | float() if float(value) not in said:
                yield AssistQuestion(code="number", about=f"{value:g}" if value < 1e6 else str(value))
            case RelativeDay(days_ago=days) if abs(days) not in said:
                yield AssistQuestion(code="number", about=str(abs(days)))
            case str() if is_date(value):
                if not _is_said_date(value, words, said):
                    yield AssistQuestion(code="date", about=value)
            case str() if not _is_said(value, words):
                yield AssistQuestion(code="name", about=value)


def _values(node: Node) -> Iterator[Any]:
    """What a node compares with: all of its values besides the names of fields and operators."""
    for name, value in node:
        if name in {"op", "field", "of", "rule", "measure", "compare", "campaigns"} or value is None:
            continue
        yield from value if isinstance(value, tuple) else (value,)


def _is_said(name: str, words: str) -> bool:
    """Whether a name is in the words. In another script nobody can compare letters: the manager sees the rule."""
    return fold(name) in fold(words) or not scripts_of(name) <= scripts_of(words) or "DEVANAGARI" in scripts_of(words)


def _is_said_date(text: str, words: str, said: set[float]) -> bool:
    """Whether the day of the month or the name of the month is in the words, or the year for its first or last day."""
    day = date.fromisoformat(text[:10])
    is_edge = (day.month, day.day) in {(1, 1), (12, 31)} and day.year in said
    return day.day in said or MONTHS[day.month - 1] in fold(words) or is_edge


def notes_on(rule: Rule) -> list[AssistNote]:
    """How negatives and absence were taken."""
    found: list[AssistNote] = []
    for node in walk(rule):
        match node:
            case Comparison(op="!=", field=field):
                found.append(AssistNote(code="missing_left_out", field=field))
            case Not(of=Comparison(field=field) | In(field=field)):
                found.append(AssistNote(code="missing_included", field=field))
            case Not(of=HasTag()):
                found.append(AssistNote(code="missing_included", field="tags"))
            case Not(of=FieldNode(field=field)):
                found.append(AssistNote(code="missing_included", field=field))
            case Inactive():
                found.append(AssistNote(code="never_active_left_out", field="last_active_at"))
    return [note for place, note in enumerate(found) if note not in found[:place]]
