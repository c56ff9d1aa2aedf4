"""What validators read and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from common.guard.folding import MARKS, Word, words_of
from common.guard.phrases import Phrases
from common.guard.vocabulary_european import is_everyday_in

Action = Literal["refuse", "ask_again"]
"""What happens to a generated text with a finding: the template is used, or Gemini is told and writes again."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of a text that prose must not have."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Background:
    """What a text may take for granted: the words and the subjects of the message that it is written for."""

    words: frozenset[str] = frozenset()  # of the message's prose and facts, folded
    topics: frozenset[str] = frozenset()  # what the message itself speaks of: `discount`, `deadline`, `code` …
    language: str | None = None  # of the message; None if it is not known
    forbidden: tuple[str, ...] = ()  # words and phrases of the campaign and of the deployment


@dataclass(frozen=True)
class Prose:
    """A text in which marks stand for the slots."""

    text: str
    background: Background = field(default_factory=Background)

    @cached_property
    def words(self) -> Sequence[Word]:
        return words_of(self.text)

    @cached_property
    def distinct_words(self) -> frozenset[str]:
        return frozenset(word.text for word in self.words)

    @cached_property
    def _covered(self) -> dict[Phrases, set[int]]:
        return {}

    @cached_property
    def letters(self) -> frozenset[str]:
        """Each character once: most texts have none of those that a validator looks for."""
        return frozenset(self.text)

    def finding(self, start: int, end: int) -> Finding:
        return Finding(start, end, self.text[start:end])

    def is_of_the_message(self, finding: Finding) -> bool:
        """Whether the message itself uses all words of the finding, or they are everyday words of its language.

        "Die" and "hand" are harmless in German, whatever they are in English.
        """
        return all(map(self.is_at_home, self.words_in(finding)))

    def is_at_home(self, word: str) -> bool:
        """Whether the message has a word, or its language has it in another sense than English."""
        return word in self.background.words or is_everyday_in(self.background.language, word)

    def words_in(self, finding: Finding) -> Iterator[str]:
        """The words of a finding, without marks and ends of sentences."""
        words = (word.text for word in self.words if finding.start <= word.start < finding.end)
        return (word for word in words if word != "." and word not in MARKS)

    def of_words(self, ranges: Iterable[tuple[int, int]]) -> Iterator[Finding]:
        """The findings for ranges of words, without marks and ends of sentences around them."""
        for first, end in ranges:
            kept = [word for word in self.words[first:end] if word.text not in MARKS and word.text != "."]
            if kept:
                yield self.finding(kept[0].start, kept[-1].end)

    def covered_by(self, phrases: Phrases) -> set[int]:
        """The places of all words that are in one of the phrases. Several validators ask for the same idioms."""
        if phrases not in self._covered:
            self._covered[phrases] = phrases.covers(self.words)
        return self._covered[phrases]

    def phrases(self, phrases: Phrases, *, idioms: Phrases | None = None) -> Iterator[Finding]:
        """The findings for the phrases, without those whose words are all in an idiom."""
        ranges = list(phrases.find(self.words, self.distinct_words))
        if not ranges:
            return iter(())
        harmless = self.covered_by(idioms) if idioms else set()
        return self.of_words(span for span in ranges if not harmless.issuperset(range(*span)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Validator:
    """A check with a name, under which its findings are counted."""

    name: str
    find: Callable[[Prose], Iterator[Finding]]
    advice: str  # what Gemini is told; {found} is what was found
    action: Action = "ask_again"
    is_fact: bool = False  # where the manager wrote it, it is a fact: kept as it is, in a slot
    find_facts: Callable[[Prose], Iterator[Finding]] | None = None  # in a manager's message, where it is another

    def find_in_message(self, prose: Prose) -> Iterator[Finding]:
        """The facts that a manager's message has."""
        return (self.find_facts or self.find)(prose)
