"""The words of everyday prose: what generated text may consist of, besides slots and the words of its message.

The other validators list what is wrong, and no list is complete. This one lists what is allowed: any other word is a
finding, so that a claim that nobody thought of has no words to be made in. Endings are taken off.
Names, ingredients, proofs, places and services are on no list: the message must have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import MARKS, fold, word_set
from common.guard.languages import MAYBE_HINDI
from common.guard.vocabulary_english import ENGLISH
from common.guard.vocabulary_european import is_compound_with, is_everyday_in
from common.guard.vocabulary_hindi import HINDI, STEMS

VIRAMA, ANUSVARA = "\u094d", "\u0902"
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "est", "r", "st", "ly", "y", "n", "en", "ness", "ful")
_VERB_ENDINGS = [
    "ना",
    "ने",
    "नी",
    "ता",
    "ती",
    "ते",
    "कर",
    "के",
    "ा",
    "ी",
    "े",
    "ो",
    "िए",
    "िये",
    "इए",
    "इये",
    "िएगा",
    "इएगा",
    "ें",
    "एं",
    "एँ",
    "ये",
    "ओ",
    "या",
    "यी",
    "ई",
    "ए",
]
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("y", ""),
        ("w", "v"),
        ("q", "k"),
        ("z|jh", "j"),
        ("ph", "f"),
        ("chh", "ch"),
        ("shh?", "s"),
        ("(?<=[aeiou])h$", ""),
        ("^(h|kh|k)um", r"\1am"),
        ("ai|ei", "e"),
        ("ii|ee|ie", "i"),
        ("oo|uu", "u"),
        ("au|ou", "o"),
        ("n(?=[^aeiou]|$)", ""),
        ("[ae]", ""),
        (r"(.)\1+", r"\1"),
    )
)
_CONSONANTS = dict(
    zip(
        "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसहञङ",
        [
            "k",
            "kh",
            "g",
            "gh",
            "ch",
            "chh",
            "j",
            "jh",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
            "n",
            "n",
        ],
        strict=True,
    )
)
_VOWELS = dict(zip("अआइईउऊएऐओऔऋऑ", ["a", "a", "i", "i", "u", "u", "e", "e", "o", "au", "ri", "o"], strict=True))
_SIGNS = dict(zip("ािीुूेैोौृॉ", ["a", "i", "i", "u", "u", "e", "e", "o", "au", "ri", "o"], strict=True))


def find(prose: Prose) -> Iterator[Finding]:
    """Each word that is neither everyday nor the message's."""
    language = prose.background.language
    for word in prose.words:
        text = word.text
        if text == "." or text in MARKS or text in prose.background.words or len(text) == 1:
            continue
        hindi = language in MAYBE_HINDI or not text.isascii()
        if is_everyday_in(language, text) or is_compound_with(language, text, prose.background.words):
            continue
        if not is_everyday(text, hindi=hindi) and not _is_form_of_message(text, prose.background.words):
            yield prose.finding(word.start, word.end)


@lru_cache(maxsize=20_000)
def is_everyday(word: str, *, hindi: bool) -> bool:
    """Whether a folded word is on the list of its language. In Hindi messages, English words may be used, too."""
    if word.isascii() and any(base in _english() for base in _bases(word)):
        return True
    return hindi and sound(word) in _hindi()


def _is_form_of_message(word: str, known: frozenset[str]) -> bool:
    """`scarves` or लड्डुओं where the message has `scarf` or लड्डू."""
    if not word.isascii():
        heard = sound(word)[:3]
        return any(other[:2] == word[:2] and sound(other)[:3] == heard for other in known)
    bases = set(_bases(word))
    return any(not bases.isdisjoint(_bases(other)) for other in known if other[:3] == word[:3])


@lru_cache(maxsize=20_000)
def _bases(word: str) -> tuple[str, ...]:
    """What an English word may be a form of, itself first."""
    bases = [word]
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        bases += [stem, stem + "e"]
        if stem[-1] == stem[-2]:
            bases.append(stem[:-1])
        if stem[-1] == "i":
            bases.append(stem[:-1] + "y")
        if ending == "es" and stem[-1] == "v":
            bases += [stem[:-1] + "f", stem[:-1] + "fe"]
        if stem[-1] == "i" and len(stem) > 4:
            bases.append(stem[:-1])
    return tuple(bases)


@cache
def _english() -> frozenset[str]:
    return frozenset(
        word.replace("'", "")
        for block in ENGLISH
        for part in block.split()
        for word in word_set(part.replace("-", " "))
    )


@cache
def _hindi() -> frozenset[str]:
    """How the words and the forms of the stems sound."""
    words = {sound(form) for block in HINDI for word in block.split() for form in _noun_forms(word)}
    forms = {sound(stem + ending) for stem in STEMS.split() for ending in ("", *_VERB_ENDINGS)}
    return frozenset(words | forms)


def _noun_forms(word: str) -> tuple[str, ...]:
    """A Hindi word, and what it is if it is a noun of which there are several: शब्द and शब्दों, खिड़की and खिड़कियों."""
    if word.endswith("ी"):
        return word, f"{word[:-1]}ियाँ", f"{word[:-1]}ियों"
    stem = word.removesuffix("ा")
    return word, f"{stem}े", f"{stem}ों", f"{stem}ें"


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """What stays of a Hindi word in any spelling, in either script: consonants without breath, and clear vowels."""
    text = _in_latin(fold(word))
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return text


def _in_latin(word: str) -> str:
    """A folded word in Latin letters; each consonant has its vowel, or `a`."""
    letters: list[str] = []
    for letter in word:
        if letter in _SIGNS or letter == VIRAMA:
            letters = [*letters[:-1], letters[-1].removesuffix("a") + _SIGNS.get(letter, "")] if letters else []
        elif letter in _CONSONANTS:
            letters.append(_CONSONANTS[letter] + "a")
        elif letter == ANUSVARA:
            letters.append("n")
        else:
            letters.append(_VOWELS.get(letter, letter if letter.isascii() else ""))
    return "".join(letters).removesuffix("a")


VOCABULARY = Validator(
    name="vocabulary", find=find, advice="Say {found!r} in an everyday word, or in one of the message."
)
