"""Codes: words in capitals, words in CamelCase, letters with digits, and whatever follows "code"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import MARKS, fold, word_set
from common.guard.phrases import Phrases

CANDIDATE = re.compile(
    r"(?<![^\W_])(?:[A-Z]{1,30}[a-z]{1,30}){2,6}(?![^\W_])|(?<![^\W_])[A-Z][A-Z0-9_-]{1,40}(?![^\W_])|"
    r"(?<![^\W_])(?!\d{1,4}(?:st|nd|rd|th|am|pm|h|hrs|k)\b)(?=[A-Za-z]{0,30}\d)(?=\d{0,30}[A-Za-z])[A-Za-z0-9]{3,40}(?![^\W_])"
)
ORDINARY = frozenset(
    [
        "OK",
        "TV",
        "SMS",
        "USA",
        "UK",
        "EU",
        "PS",
        "DIY",
        "FAQ",
        "QR",
        "APP",
        "HI",
        "HEY",
        "HELLO",
        "DEAR",
        "NEW",
        "NOW",
        "YOU",
        "YOUR",
        "WE",
        "OUR",
        "AND",
        "THE",
        "THANK",
        "THANKS",
        "RSVP",
        "HQ",
        "AC",
        "LED",
        "WhatsApp",
        "YouTube",
        "LinkedIn",
        "iPhone",
        "McDonald",
    ]
)
MAY_FOLLOW = word_set(
    """
    at to when in before is and below for with on from or if here . as during while you we it online by above will
    apne ka ki ke se aur hai aapke का की के से और है को में पर आपके
    """
)
CODE_WORDS = Phrases("(code|codes|promocode|passcode|कोड)")
COUPON_WORDS = Phrases("(coupon|coupons|promo|voucher|vouchers|कूपन|वाउचर|प्रोमो)")


def find(prose: Prose) -> Iterator[Finding]:
    """Codes, and words for a code that no slot follows."""
    for match in CANDIDATE.finditer(prose.text):
        word = match.group()
        if word not in ORDINARY and (fold(word) not in prose.background.words or not word.isalpha()):
            yield prose.finding(*match.span())
    for start, end in COUPON_WORDS.find(prose.words, prose.distinct_words):
        if prose.words[start].text not in prose.background.words:
            yield from prose.of_words([(start, end)])
    for start, end in CODE_WORDS.find(prose.words, prose.distinct_words):
        if "code" not in prose.background.topics:
            yield from prose.of_words([(start, end)])
        elif _is_a_code(prose, end):
            yield from prose.of_words([(end, end + 1 + (prose.words[end].text == "."))])


def _is_a_code(prose: Prose, place: int) -> bool:
    """Whether the word after "code", or after "code:", stands where the code would."""
    following = prose.words[place : place + 3]
    if following and following[0].text == "." and prose.text[following[0].start] == ":":
        following = following[1:]
    if not following or following[0].text == ".":
        return False
    if following[0].text in COPULAS and len(following) > 1:
        following = following[1:]
        return following[0].text not in MARKS | AFTER_A_COPULA
    return following[0].text not in MARKS | MAY_FOLLOW | CODE_FOLLOWERS


COPULAS = frozenset(("is", "are", "was"))
AFTER_A_COPULA = word_set(
    """
    ready here below yours waiting easy just simple at in on all what as right . the
    """
)
CODE_FOLLOWERS = frozenset(("code", "coupon", "voucher"))
CODES = Validator(name="code", find=find, advice="Write no code such as {found!r}; only its slot.", is_fact=True)
