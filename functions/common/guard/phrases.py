"""Finds phrases of a word list in a text, in time that is linear in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from common.guard.folding import FACT_MARK, VALUE_MARK, Word, fold

_PLACEHOLDERS = {"<fact>": FACT_MARK, "<value>": VALUE_MARK}
_SHORTEST_PREFIX = 3
_MAX_KNOWN = 20_000


@dataclass(slots=True)
class _Node:
    """What may follow in a phrase: a word, a word with a prefix, or any word."""

    words: dict[str, _Node] = field(default_factory=dict)
    prefixes: dict[str, _Node] = field(default_factory=dict)
    any_word: _Node | None = None
    ends: bool = False


class Phrases:
    """Phrases, one on each line: `on the house`, `guarante*`, `no (fee|fees)`, `only _ left`, `up to <fact>`.

    `*` ends a prefix of at least three letters, `_` is any word, `<fact>` and `<value>` are marks. Commas and hyphens in
    the text do not matter; the end of a sentence interrupts a phrase.
    """

    def __init__(self, *blocks: str) -> None:
        self.lines = [line.strip() for block in blocks for line in block.splitlines() if line.strip()]

    @cached_property
    def _root(self) -> _Node:
        """Built at the first text, so that cold starts stay short."""
        root = _Node()
        for line in self.lines:
            for phrase in _expand(line):
                _add(root, phrase.split())
        return root

    def find(self, words: Sequence[Word], distinct: frozenset[str] | None = None) -> Iterator[tuple[int, int]]:
        """The longest phrase at each place, as a range of words. Phrases may overlap.

        `distinct` are the texts of all words: a caller that looks for many phrases in one text makes the set once.
        """
        first = self._first_words
        if not first.any_among(frozenset(word.text for word in words) if distinct is None else distinct):
            return
        for start, word in enumerate(words):
            if children := first.children.get(word.text):
                end = max(self._longest(child, words, start + 1) for child in children)
                if end:
                    yield start, end

    @cached_property
    def _first_words(self) -> _FirstWords:
        return _FirstWords(self._root)

    def covers(self, words: Sequence[Word]) -> set[int]:
        """The places of all words that are in a phrase."""
        return {place for start, end in self.find(words) for place in range(start, end)}

    def _longest(self, node: _Node, words: Sequence[Word], place: int) -> int:
        """The end of the longest phrase that goes on at `place`; 0 if there is none."""
        longest = place if node.ends else 0
        if place == len(words):
            return longest
        word = words[place].text
        if node.prefixes or node.any_word:
            return max(longest, *(self._longest(child, words, place + 1) for child in _children(node, word)), 0)
        child = node.words.get(word)  # most words of phrases are whole ones
        return (child and self._longest(child, words, place + 1)) or longest


class _FirstWords:
    """The words with which a phrase can start. It remembers what it was asked: texts have most words in common."""

    def __init__(self, root: _Node) -> None:
        self._root = root
        self._known: set[str] = set()
        self.children: dict[str, tuple[_Node, ...]] = {}  # of the words with which a phrase can start: what may follow

    def any_among(self, words: frozenset[str]) -> bool:
        """Whether a phrase can start with one of the words. Afterwards `children` knows all of them."""
        if unknown := words - self._known:
            if len(self._known) > _MAX_KNOWN:
                self._known, self.children, unknown = set(), {}, words
            found = {word: tuple(_children(self._root, word)) for word in unknown}
            self.children.update((word, children) for word, children in found.items() if children)
            self._known.update(unknown)
        return not self.children.keys().isdisjoint(words)


def _add(node: _Node, phrase: Sequence[str]) -> None:
    """Adds the words of a phrase below the node."""
    for word in phrase:
        if word == "_":
            node.any_word = node.any_word or _Node()
            node = node.any_word
            continue
        children = node.prefixes if word[-1] == "*" else node.words
        key = _normal(word)
        if (child := children.get(key)) is None:
            child = children[key] = _Node()
        node = child
    node.ends = True


def _children(node: _Node, word: str) -> Iterator[_Node]:
    if word in node.words:
        yield node.words[word]
    if node.prefixes:
        for length in range(_SHORTEST_PREFIX, len(word) + 1):
            if word[:length] in node.prefixes:
                yield node.prefixes[word[:length]]
    if node.any_word and word != ".":
        yield node.any_word


def _expand(line: str) -> Iterator[str]:
    """`no (fee|fees)` is `no fee` and `no fees`; an empty alternative leaves the word out. Groups may be nested."""
    start = line.find("(")
    if start < 0:
        yield line
        return
    end = _closing(line, start)
    for alternative in _alternatives(line[start + 1 : end]):
        for first in _expand(alternative):
            for rest in _expand(line[end + 1 :]):
                yield f"{line[:start]}{first}{rest}"


def _closing(line: str, start: int) -> int:
    """The place of the bracket that closes the one at `start`."""
    depth = 0
    for place, letter in enumerate(line[start:], start):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place
    raise ValueError(f"No bracket closes: {line}")


def _alternatives(group: str) -> Iterator[str]:
    """The parts between the bars that are in no inner group."""
    depth = begin = 0
    for place, letter in enumerate(group):
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            yield group[begin:place]
            begin = place + 1
    yield group[begin:]


@lru_cache(maxsize=20_000)  # the same words are in many phrases
def _normal(word: str) -> str:
    """A word of a phrase as it is in a folded text, without the `*` of a prefix."""
    return _PLACEHOLDERS.get(word) or fold(word.removesuffix("*")).replace("'", "")
