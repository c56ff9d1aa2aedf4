"""What a summary may say about a campaign: its slots, by topic, each with the words that the server fills in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from common.catalogue.failures import failure_code
from common.catalogue.fields import Language
from common.ids import stable_hash
from common.messages.ledger import Statistics
from common.money import group_indian

from .phrases import WORDINGS, Wording
from .rates import Rate, RateName, StandingOut, rates_of
from .steps import Step, next_steps

Topic = Literal["outcome", "later", "standing_out", "reasons", "next"]
TOPICS: Sequence[Topic] = get_args(Topic)
MAX_REASONS = 3
MAX_NAME = 80
OUTCOMES = ("audience", "sent", "failed", "skipped", "unknown", "pending")
ALWAYS = frozenset({"audience", "sent"})  # other figures are left out if they are 0
LATER = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "converted")
SHARES: Mapping[Topic, Sequence[RateName]] = {"outcome": ("failed",), "later": ("opened", "clicked")}
REQUIRED: frozenset[Topic] = frozenset({"standing_out", "next"})  # everything under these topics must be said


@dataclass(frozen=True, kw_only=True, slots=True)
class SummarySlot:
    """A part of a summary that the server writes."""

    name: str
    topic: Topic
    text: str

    @property
    def is_required(self) -> bool:
        return self.topic in REQUIRED or self.name in ALWAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryFacts:
    """Everything that a summary can be made of."""

    language: Language
    name: str  # of the campaign
    slots: Mapping[str, SummarySlot]  # by name, in the order in which they are told
    standing_out: Sequence[StandingOut]

    @property
    def version(self) -> str:
        """Equal for equal numbers: a summary is written once for each version."""
        return stable_hash(self.language, self.name, json.dumps({name: one.text for name, one in self.slots.items()}))

    def of_topic(self, topic: Topic) -> list[SummarySlot]:
        return [slot for slot in self.slots.values() if slot.topic == topic]


def build_facts(
    name: str, statistics: Statistics, standing_out: Sequence[StandingOut], language: Language
) -> SummaryFacts:
    """The facts of one campaign in a language."""
    words = _Words(WORDINGS[language], language)
    slots = [
        *words.figures("outcome", OUTCOMES, statistics.totals),
        *words.shares("outcome", rates_of(statistics)),
        *words.figures("later", LATER, statistics.kinds),
        *words.shares("later", rates_of(statistics)),
        *(words.standing_out(one) for one in standing_out),
        *words.reasons(statistics),
        *(words.step(step) for step in next_steps(statistics, standing_out)),
    ]
    short = name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"
    by_name = {slot.name: slot for slot in slots}
    return SummaryFacts(language=language, name=f"“{short}”", slots=by_name, standing_out=standing_out)


@dataclass(frozen=True, slots=True)
class _Words:
    """Writes the slots in one language."""

    wording: Wording
    language: Language

    def figures(self, topic: Topic, names: Sequence[str], numbers: Mapping[str, int]) -> Iterator[SummarySlot]:
        for name in names:
            if (number := numbers.get(name, 0)) or name in ALWAYS:
                text = self.wording.figures[name][number != 1].format(n=self._number(number))
                yield SummarySlot(name=name, topic=topic, text=text)

    def shares(self, topic: Topic, rates: Mapping[RateName, Rate]) -> Iterator[SummarySlot]:
        for name in SHARES[topic]:
            if (rate := rates[name]).count:
                text = self.wording.rates[name].format(share=_percent(rate.share))
                yield SummarySlot(name=f"{name}_share", topic=topic, text=text)

    def standing_out(self, one: StandingOut) -> SummarySlot:
        template = self.wording.higher if one.is_higher else self.wording.lower
        rate = self.wording.rates[one.rate].format(share=_percent(one.share))
        text = template.format(rate=rate, usual=_percent(one.usual))
        return SummarySlot(name=f"{one.rate}_stands_out", topic="standing_out", text=text)

    def reasons(self, statistics: Statistics) -> Iterator[SummarySlot]:
        """The most frequent reasons of skipped people and of failures, together."""
        failures: Counter[str] = Counter()
        for reason, count in statistics.failed_reasons.items():
            failures[failure_code(reason)] += count
        counted = [(count, self.wording.skipped, code) for code, count in statistics.skipped_reasons.items()]
        counted += [(count, self.wording.failed, code) for code, count in failures.items()]
        for place, (count, template, code) in enumerate(sorted(counted, key=lambda one: (-one[0], one[2]))):
            if count > 0 and place < MAX_REASONS:
                reason = self.wording.reasons.get(code, code.replace("_", " "))
                text = template.format(n=self._number(count), reason=reason)
                yield SummarySlot(name=f"reason_{place + 1}", topic="reasons", text=text)

    def step(self, step: Step) -> SummarySlot:
        return SummarySlot(name=f"do_{step}", topic="next", text=self.wording.steps[step])

    def _number(self, number: int) -> str:
        return group_indian(str(number)) if self.language == "hi" else f"{number:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
