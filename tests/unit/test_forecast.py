"""The forecast of shared texts: kinds of people that the sample missed count, and each kind takes its own call."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from common.events import MessageTemplate
from common.messages.slots import cut_message
from common.writing.check import ANY
from common.writing.forecast import forecast, kinds
from common.writing.tasks import WritingTask

MESSAGE = cut_message(MessageTemplate(subject="New", body="Hi {{ first_name }}, 10% off."), {"first_name": "Asha"})


def task(trait: str, variants: int | None = 3) -> WritingTask:
    return WritingTask(trait, "c1", MESSAGE, (trait,), ANY, variants=variants)


@pytest.mark.parametrize(
    ("sampled", "people", "expected"),
    [
        ({"a": 15, "b": 15}, 1_000, 2),  # each was met often: there are no others
        ({"a": 28, "b": 1, "c": 1}, 1_000, 4),
        ({"a": 20, "b": 2, "c": 2, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "i": 1}, 1_000, 14),
        (dict.fromkeys("abcdefghij", 1), 1_000, 55),  # everybody was of another kind
        (dict.fromkeys("abcdefghij", 1), 20, 20),  # never more than there are people
    ],
)
def test_kinds_that_the_sample_missed_are_estimated(sampled: dict[str, int], people: float, expected: int) -> None:
    """The more of them were met once, the more were missed."""
    assert kinds(Counter(sampled), people) == expected


def test_each_kind_takes_a_call_of_its_own() -> None:
    """Two kinds do not share a call, though their texts would fit into one."""
    sample = [task("new")] * 15 + [task("loyal")] * 15
    found = forecast(sample, 1_000)
    assert found.calls == 2
    one = forecast(sample[:15], 1_000)
    assert found.output_tokens == 2 * one.output_tokens
    assert found.input_tokens > 1.9 * one.input_tokens


def test_more_variants_take_more_tokens_and_no_more_calls() -> None:
    """All variants of a kind come in one answer."""
    few, many = ([replace(task("new"), variants=number)] * 30 for number in (2, 8))
    assert forecast(few, 500).calls == forecast(many, 500).calls == 1
    assert forecast(many, 500).output_tokens == 4 * forecast(few, 500).output_tokens
    assert forecast(many, 500).input_tokens > forecast(few, 500).input_tokens
