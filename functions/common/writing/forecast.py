"""Forecasts the calls and the tokens of a campaign from some of its people, without asking Gemini."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from common.llm.language_model import Prompt

from .choice_prompt import build_choice_prompt
from .pool import Pool
from .prompt import Request, build_prompt
from .proposal import WANTED, build_proposal_prompt
from .sentences import Sentence, SentenceSet
from .tasks import WritingTask
from .traits import TRAITS
from .writer import MAX_CHOICES_PER_CALL, MAX_RECIPIENTS_PER_CALL, UNLIKE

ANSWER_TOKENS = 20  # of the JSON around one text
CHOICE_TOKENS = 25  # the ids of a subject and a few sentences, with the JSON around them
USUAL_SENTENCE = "A sentence of about the length in which they are usually written."
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
        packed = MAX_CHOICES_PER_CALL if tasks[0].from_sentences else MAX_RECIPIENTS_PER_CALL
        full = _prompt_tokens([tasks[place % len(tasks)] for place in range(packed)])
        one = _prompt_tokens(tasks[:1])
        each = (full - one) / (packed - 1)
        calls += (needed := ceil(share / packed))
        input_tokens += needed * (one - each) + share * each
        output_tokens += share * _answer_tokens(tasks[0])
    proposals = {task.language: task for task in sample if task.from_sentences and task.sentences is None}
    calls += len(proposals)
    input_tokens += sum(_proposal_tokens(task) for task in proposals.values())
    output_tokens += len(proposals) * sum(WANTED.values()) * (ANSWER_TOKENS + estimated_tokens(USUAL_SENTENCE))
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
    requests = [Request(task.message, task.traits) for task in tasks]
    first = tasks[0]
    if not first.from_sentences:
        return _tokens_of(build_prompt(requests, first.brief))
    pool = Pool.create(first.sentences or _usual_sentences(first.language), first.message, first.brief)
    return _tokens_of(build_choice_prompt(pool, requests, first.brief))


def _proposal_tokens(task: WritingTask) -> int:
    """Of the prompt for a campaign's sentences in one language."""
    return _tokens_of(build_proposal_prompt(task.message, task.brief, traits=TRAITS))


def _tokens_of(prompt: Prompt) -> int:
    return estimated_tokens(prompt.instructions) + estimated_tokens(json.dumps(prompt.data, ensure_ascii=False))


def _usual_sentences(language: str) -> SentenceSet:
    """As many and as long as Gemini is asked for."""
    places = [place for place, number in WANTED.items() for _ in range(number)]
    usual = [Sentence(place=place, text=USUAL_SENTENCE, language=language, approved=True) for place in places]
    return SentenceSet.create(usual)


def _answer_tokens(task: WritingTask) -> int:
    """A few ids; or a text, of which Gemini writes about as much as the manager."""
    if task.from_sentences:
        return CHOICE_TOKENS
    return ANSWER_TOKENS + estimated_tokens(task.message.subject) + estimated_tokens(task.message.body)
