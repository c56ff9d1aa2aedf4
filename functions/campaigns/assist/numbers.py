"""The numbers that somebody has said, in digits and in words: English, Hindi, and Hindi in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from common.guard.folding import fold, words_of

DIGITS = re.compile(r"\d+(?:,\d+)*(?:\.\d+)?")
_SMALL = """
0 zero shunya शून्य no never none
1 one a an ek एक once
2 two do दो twice couple
3 three teen तीन thrice
4 four char chaar चार
5 five paanch panch पांच पाँच
6 six chhe che छह छः
7 seven saat सात
8 eight aath आठ
9 nine nau नौ
10 ten das dus दस
11 eleven gyarah ग्यारह
12 twelve barah बारह dozen darjan दर्जन
13 thirteen
14 fourteen fortnight
15 fifteen pandrah पंद्रह पन्द्रह
16 sixteen
17 seventeen
18 eighteen
19 nineteen
20 twenty bees bis बीस
25 pachees pachis पच्चीस
30 thirty tees tis तीस
40 forty chalis चालीस
50 fifty pachas पचास
60 sixty saath साठ
70 seventy sattar सत्तर
75 pachattar पचहत्तर
80 eighty assi अस्सी
90 ninety nabbe नब्बे
1.5 dedh डेढ़
2.5 dhai ढाई
"""
_LARGE = """
100 hundred sau सौ
1000 thousand k hazaar hazar hajar हजार हज़ार
100000 lakh lac lakhs लाख
1000000 million
10000000 crore crores karod करोड़ करोड
"""
_PERIODS = """
1 day days din dino dinon दिन दिनों
7 week weeks hafta hafte hafton हफ्ते हफ्तों हफ़्ते सप्ताह
14 fortnight
30 month months monthly mahina mahine mahino mahinon महीना महीने महीनों
90 quarter quarters तिमाही
182 halfyear
365 year years saal साल वर्ष
"""


def _table(lines: str) -> Mapping[str, float]:
    return {fold(word): float(line.split()[0]) for line in lines.strip().splitlines() for word in line.split()[1:]}


SMALL, LARGE, PERIODS = _table(_SMALL), _table(_LARGE), _table(_PERIODS)


def numbers_in(text: str) -> set[float]:
    """All numbers of a text, and these numbers of the periods that it names: "three months" has 3 and 90.

    0 and 1 are always in it: "ordered" means once or more, and "never ordered" means 0 times.
    """
    found = {0.0, 1.0, *_numbers(text)}
    periods = {PERIODS[word.text] for word in words_of(text) if word.text in PERIODS}
    return found | {number * days for number in found for days in periods}


def _numbers(text: str) -> Iterator[float]:
    """The numbers one after another; each part of a number counts by itself, too."""
    total = current = 0.0
    is_open = False
    for word in _tokens(text):
        value = _value(word)
        if value is None and word not in LARGE:
            if is_open:
                yield total + current
            total, current, is_open = 0.0, 0.0, False
            continue
        if value is not None:
            if is_open and (current >= 100 or value >= 10 or not 20 <= current <= 90) and current % 100:
                yield total + current
                total, current = 0.0, 0.0
            current += value
        else:
            current = (current or 1.0) * LARGE[word]
            if LARGE[word] >= 1_000:
                total, current = total + current, 0.0
        is_open = True
    if is_open:
        yield total + current


def _tokens(text: str) -> Iterator[str]:
    """The folded words; `10k` and `₹10,000` are split, and a clause ends with a dot."""
    joined = DIGITS.sub(lambda match: f" {match.group().replace(',', '')} ", fold(text))
    for token in joined.split():
        if re.fullmatch(r"\d+(?:\.\d+)?", token):
            yield token
        else:
            yield from (word.text for word in words_of(token))


def _value(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return SMALL.get(word)
