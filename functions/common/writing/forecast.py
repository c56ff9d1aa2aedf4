"""Forecasts the calls and the tokens of a campaign from some of its people, without asking Gemini."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from .prompt import Request, build_prompt
from .writer import MAX_RECIPIENTS_PER_CALL, UNLIKE, WritingTask

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
    """The forecast for so many people, of whom `sample` is typical. Its groups are as large as their shares.

    People alike who share texts take a call of their own, of each instance that writes for them, and again after an
    hour. The forecast is for one instance and one hour.
    """
    groups: dict[tuple[Any, ...], list[WritingTask]] = defaultdict(list)
    for task in sample:
        groups[task.group].append(task)
    calls = input_tokens = output_tokens = 0.0
    for tasks in groups.values():
        share = people * len(tasks) / len(sample)
        if variants := tasks[0].variants:
            number = kinds(Counter(task.alike for task in tasks), share)
            calls += number
            input_tokens += number * _shared_tokens(tasks, variants)
            output_tokens += number * variants * _answer_tokens(tasks[0])
            continue
        full = _prompt_tokens([tasks[place % len(tasks)] for place in range(MAX_RECIPIENTS_PER_CALL)])
        one = _prompt_tokens(tasks[:1])
        each = (full - one) / (MAX_RECIPIENTS_PER_CALL - 1)
        calls += (needed := ceil(share / MAX_RECIPIENTS_PER_CALL))
        input_tokens += needed * (one - each) + share * each
        output_tokens += share * _answer_tokens(tasks[0])
    return TokenForecast(calls=int(calls), input_tokens=round(input_tokens), output_tokens=round(output_tokens))


def kinds(sampled: Counter[Any], people: float) -> int:
    """How many kinds of people there are, with those that the sample missed, from how many it met only once or twice.

    Chao's estimate (1984), never more than there are people.
    """
    once, twice = (sum(number == times for number in sampled.values()) for times in (1, 2))
    missed = once * (once - 1) / (2 * (twice + 1))
    return ceil(min(people, len(sampled) + missed))


def _shared_tokens(tasks: Sequence[WritingTask], variants: int) -> float:
    """Of one call for the texts of people alike, on average."""
    tokens = [
        _prompt_tokens([replace(task, traits=(*task.traits, UNLIKE))] * variants)
        for task in {task.alike: task for task in tasks}.values()
    ]
    return sum(tokens) / len(tokens)


def _prompt_tokens(tasks: Sequence[WritingTask]) -> int:
    prompt = build_prompt([Request(task.message, task.traits) for task in tasks], tasks[0].brief)
    return estimated_tokens(prompt.instructions) + estimated_tokens(json.dumps(prompt.data, ensure_ascii=False))


def _answer_tokens(task: WritingTask) -> int:
    """Gemini writes about as much as the manager."""
    return ANSWER_TOKENS + estimated_tokens(task.message.subject) + estimated_tokens(task.message.body)
