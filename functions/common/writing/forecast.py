"""Forecasts the calls and the tokens of a campaign from some of its people, without asking Gemini."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from .prompt import Request, build_prompt
from .writer import MAX_RECIPIENTS_PER_CALL, WritingTask

ANSWER_TOKENS = 20  # of the JSON around one text
ASCII_PER_TOKEN, OTHERS_PER_TOKEN = 4, 2  # letters; Google counts about four of English, and fewer of Hindi


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenForecast:
    """What Gemini is expected to be asked and to answer. Texts that are asked for again are not in it."""

    calls: int
    input_tokens: int
    output_tokens: int


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has."""
    ascii_letters = sum(map(str.isascii, text))
    return ceil(ascii_letters / ASCII_PER_TOKEN + (len(text) - ascii_letters) / OTHERS_PER_TOKEN)


def forecast(sample: Sequence[WritingTask], people: int) -> TokenForecast:
    """The forecast for so many people, of whom `sample` is typical. Its groups are as large as their shares."""
    groups: dict[tuple[Any, ...], list[WritingTask]] = defaultdict(list)
    for task in sample:
        groups[task.group].append(task)
    calls = input_tokens = output_tokens = 0.0
    for tasks in groups.values():
        number = _texts(tasks, people * len(tasks) / len(sample))
        full = _prompt_tokens([tasks[place % len(tasks)] for place in range(MAX_RECIPIENTS_PER_CALL)])
        one = _prompt_tokens(tasks[:1])
        each = (full - one) / (MAX_RECIPIENTS_PER_CALL - 1)
        calls += (needed := ceil(number / MAX_RECIPIENTS_PER_CALL))
        input_tokens += needed * (one - each) + number * each
        output_tokens += number * _answer_tokens(tasks[0])
    return TokenForecast(calls=int(calls), input_tokens=round(input_tokens), output_tokens=round(output_tokens))


def _texts(tasks: Sequence[WritingTask], people: float) -> float:
    """How many texts a group needs: one for each of its people, or a few for each kind of them that was sampled."""
    variants = tasks[0].variants
    return min(people, variants * len({task.alike for task in tasks})) if variants else people


def _prompt_tokens(tasks: Sequence[WritingTask]) -> int:
    prompt = build_prompt([Request(task.message, task.traits) for task in tasks], tasks[0].brief)
    return estimated_tokens(prompt.instructions) + estimated_tokens(json.dumps(prompt.data, ensure_ascii=False))


def _answer_tokens(task: WritingTask) -> int:
    """Gemini writes about as much as the manager."""
    return ANSWER_TOKENS + estimated_tokens(task.message.subject) + estimated_tokens(task.message.body)
