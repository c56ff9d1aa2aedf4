"""Everyday words of German, Spanish and French, with the endings that they may have.

Who gives, keeps, sends or pays has no word here, and no ending is of the future: so a promise has nothing to be said in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from common.guard import vocabulary_french, vocabulary_german, vocabulary_spanish
from common.guard.folding import word_set

_SHORTEST_STEM = 3
_SHORTEST_PART = 4  # of a German compound


@dataclass(frozen=True)
class Language:
    """The words of a language, and what may stand before and after them."""

    text: str
    verbs: str
    endings: tuple[str, ...]
    verb_endings: tuple[str, ...]
    prefixes: tuple[str, ...] = ()  # of verbs
    joints: tuple[str, ...] = ()  # between the two words of a compound
    elided: tuple[str, ...] = ()  # what a short word may begin with: `cest` is c'est

    @cached_property
    def words(self) -> frozenset[str]:
        """Built at the first text, so that cold starts stay short."""
        return word_set(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of verbs."""
        return word_set(self.verbs)

    def has(self, word: str) -> bool:
        """Whether a folded word is a form of an everyday word, or of two in one."""
        return (
            self._is_form(word)
            or any(self._is_verb(form) for form in self._without_prefix(word))
            or self.is_compound(word, self.words)
            or any(word.startswith(letters) and word.removeprefix(letters) in self.words for letters in self.elided)
        )

    def is_compound(self, word: str, lasts: Collection[str]) -> bool:
        """`Winterabend` of Winter and Abend, `Lieblingstasse` with an s between; the last word is one of these."""
        if not self.joints:
            return False
        for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            left, right = word[:place], word[place:]
            ends = right in lasts or any(stem in lasts for stem in _stems(right, self.endings))
            if ends and any(left.removesuffix(joint) in self.words for joint in self.joints):
                return True
        return False

    def _is_form(self, word: str) -> bool:
        return word in self.words or any(stem in self.words for stem in _stems(word, self.endings))

    def _is_verb(self, word: str) -> bool:
        return word in self.stems or any(stem in self.stems for stem in _stems(word, self.verb_endings))

    def _without_prefix(self, word: str) -> Iterator[str]:
        """A verb without "ge", and without what German puts before it: `angeklopft`, `auszuruhen`."""
        yield word
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) > len(prefix) + _SHORTEST_STEM:
                rest = word.removeprefix(prefix)
                yield rest
                yield from (rest.removeprefix(middle) for middle in ("ge", "zu") if rest.startswith(middle))


def _stems(word: str, endings: tuple[str, ...]) -> Iterator[str]:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            yield word.removesuffix(ending)


LANGUAGES = {
    "de": Language(
        vocabulary_german.WORDS,
        vocabulary_german.VERBS,
        endings=(
            "e",
            "en",
            "er",
            "es",
            "em",
            "n",
            "s",
            "st",
            "t",
            "et",
            "te",
            "ten",
            "ern",
            "chen",
            "lein",
            "lich",
            "nen",
            "in",
            "innen",
        ),
        verb_endings=(
            "e",
            "en",
            "st",
            "est",
            "t",
            "et",
            "te",
            "ten",
            "test",
            "end",
            "ende",
            "enden",
            "ender",
            "endes",
            "n",
            "tes",
            "ter",
            "tem",
            "ern",
            "ert",
            "le",
            "el",
        ),
        prefixes=(
            "ge",
            "an",
            "auf",
            "aus",
            "ein",
            "mit",
            "nach",
            "vor",
            "vorbei",
            "hin",
            "her",
            "hinein",
            "herein",
            "hinaus",
            "heraus",
            "um",
            "zurueck",
            "zuruck",
            "wieder",
            "be",
            "er",
            "durch",
            "uber",
            "weiter",
            "zusammen",
            "zu",
        ),
        joints=("", "s", "n", "es", "en", "e"),
    ),
    "es": Language(
        vocabulary_spanish.WORDS,
        vocabulary_spanish.VERBS,
        endings=(
            "s",
            "es",
            "n",
            "mos",
            "ndo",
            "r",
            "rse",
            "rte",
            "rlo",
            "rla",
            "ito",
            "ita",
            "itos",
            "itas",
            "te",
            "mente",
            "ado",
            "ada",
        ),
        verb_endings=(
            "o",
            "as",
            "a",
            "amos",
            "ais",
            "an",
            "e",
            "es",
            "emos",
            "en",
            "imos",
            "ar",
            "er",
            "ir",
            "arse",
            "erse",
            "irse",
            "arte",
            "erte",
            "irte",
            "arlo",
            "arla",
            "arlos",
            "arlas",
            "ando",
            "iendo",
            "yendo",
            "ado",
            "ada",
            "ados",
            "adas",
            "ido",
            "ida",
            "idos",
            "idas",
            "aba",
            "aban",
            "abamos",
            "ia",
            "ian",
            "iamos",
            "aron",
            "ieron",
            "io",
            "ate",
            "ete",
            "ame",
            "anos",
            "enos",
            "arnos",
            "ernos",
            "irnos",
        ),
    ),
    "fr": Language(
        vocabulary_french.WORDS,
        vocabulary_french.VERBS,
        endings=("s", "x", "e", "es", "ment", "ette", "ettes"),
        verb_endings=(
            "e",
            "es",
            "ons",
            "ez",
            "ent",
            "er",
            "ee",
            "ees",
            "ant",
            "ante",
            "ants",
            "antes",
            "ait",
            "aient",
            "ais",
            "i",
            "it",
            "is",
            "ir",
            "issent",
            "issez",
            "issons",
            "ie",
            "ies",
            "ions",
            "iez",
            "a",
            "ai",
        ),
        elided=("c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quelqu"),
    ),
}


@lru_cache(maxsize=20_000)
def is_everyday_in(language: str | None, word: str) -> bool:
    """Whether a folded word is a form of one on the list of this language; false of a language without one."""
    return language is not None and language in LANGUAGES and LANGUAGES[language].has(word)


@lru_cache(maxsize=20_000)
def is_compound_with(language: str | None, word: str, known: frozenset[str]) -> bool:
    """Whether a folded word ends in one of the message: `Lieblingsbecher` where the message has `Becher`."""
    return language is not None and language in LANGUAGES and LANGUAGES[language].is_compound(word, known)
