"""Cuts a message into prose and facts: a pure function that the campaigns and the personalization function share.

A fact is whatever the guard would refuse in a generated text - each link, address, phone number, code, amount,
percentage, date, count, promise - together with the words that limit it: "up to 50% off selected styles". What the
manager marks is a fact, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from common.guard.codes import CODE_WORDS, CODES
from common.guard.currency import CURRENCY
from common.guard.dates import DATES
from common.guard.digits import DIGITS
from common.guard.findings import Background, Prose, Validator
from common.guard.folding import FACT_MARK, VALUE_MARK, Word, fold, word_set, words_of
from common.guard.limits import LIMITS
from common.guard.links import LINKS, find_links
from common.guard.number_words import NUMBER_WORDS
from common.guard.percentages import PERCENTAGES
from common.guard.promises import PROMISES, TOPICS
from common.guard.scripts import scripts_of
from common.guard.urgency import URGENCY
from common.guard.validators import FACT_VALIDATORS

FactKind = Literal["link", "email", "phone", "code", "offer", "amount", "until", "number", "promise", "marked"]

_BEFORE = word_set(
    """
    up to over above under below at least most more less than only just flat extra additional another upto minimum
    maximum min max from starting until till by before after between within for on in of a an the order orders
    purchase purchases bill bills every each per any all first next last valid save saves spend spending pay win
    earn worth about nearly around almost this that our your buy sirf keval par se tak bis zu ab nur jusqu jusqua
    hasta desde ate fino
    """
)
_BEFORE_A_DATE = word_set(
    """
    until till by before on from valid only this next the of in at to through and every tak
    """
)
_ENDS_A_PHRASE = word_set(
    """
    with use using until till valid at via by before code coupon voucher visit call
    """
)
_ENDS_A_HINDI_PHRASE = word_set(
    """
    कोड और साथ code kod aur saath
    """
)
_CLAUSE_END = re.compile(r"[,;:!?।\n()\[\]\"“”—–|•]|\s-\s|\.(?=\s|$)")
_WRAPPING = ".,;:!?()[]\"'“”‘’।"
_PHONE = re.compile(r"\+?\d[\d\s().-]{5,22}\d")
_LIST_ITEM = re.compile(r"^\s{0,6}[-*+•]\s", re.MULTILINE)
_AFTER_A_TIME = frozenset(
    ["am", "pm", "hrs", "hours", "h", "ist", "onwards", "uhr", "o", "clock", "oclock", "baje"]
) | {fold("बजे")}
_UP_TO = frozenset({fold("तक"), "tak"})  # "until" and "up to" in one word
_CONNECTING = frozenset(["of", "at", "to", "the", "se", "ko"])
_EXACT: frozenset[FactKind] = frozenset({"link", "email", "phone", "code"})  # no words around belong to these
_ROUNDS = 5
MAX_WORDS_AROUND = 40


@dataclass(frozen=True, slots=True)
class Fact:
    """A part of a text that stays as it is."""

    start: int
    end: int
    kind: FactKind


def find_facts(text: str, *, marked: Iterable[str] = (), language: str | None = None) -> list[Fact]:
    """The facts of a text in which `VALUE_MARK` stands for each value of the recipient, in order, without overlaps.

    What is left passes the fact validators: a promise that is not in a fact is not in the text.
    """
    spans = [*_marked(text, marked), *_extended(text, _groups(text, language))]
    for _ in range(_ROUNDS):
        spans = _merged(spans)
        more = list(_left_over(text, spans, language))
        if not more:
            break
        spans += more
    return [Fact(start, end, _kind(text, start, end, marked, language)) for start, end in _merged(spans)]


def topics_of(text: str) -> frozenset[str]:
    """What a message speaks of, so that a generated text may name it: `discount`, `gift`, `delivery`, `code` …"""
    prose = Prose(text)
    named = {topic for topic, phrases in TOPICS.items() if any(True for _ in phrases.find(prose.words))}
    if any(True for _ in PERCENTAGES.find(prose)) or "off" in {word.text for word in prose.words}:
        named.add("discount")
    if any(True for _ in CODE_WORDS.find(prose.words)) or any(True for _ in CODES.find(prose)):
        named.add("code")
    if any(True for _ in DATES.find_in_message(prose)):
        named.add("deadline")
    if _LIST_ITEM.search(text):
        named.add("list")
    return frozenset(named)


Span = tuple[int, int]


def _find(validator: Validator, prose: Prose) -> Iterator[Span]:
    return ((finding.start, finding.end) for finding in validator.find_in_message(prose))


@dataclass(frozen=True, slots=True)
class _Group:
    """Findings that belong together. `is_date` is None for digits alone, which belong to whatever is beside them."""

    start: int
    end: int
    is_date: bool | None

    def merged(self, other: _Group) -> _Group:
        flags = {self.is_date, other.is_date} - {None}
        return _Group(self.start, max(self.end, other.end), (flags == {True}) if flags else None)


def _groups(text: str, language: str | None) -> list[_Group]:
    """The findings, each with the whole words that it touches; those with nothing in between are one."""
    prose = Prose(text, Background(language=language, topics=frozenset({"code"})))
    found = [
        _Group(start, end, _is_date(validator, text[start:end]))
        for validator in FACT_VALIDATORS
        for start, end in _find(validator, prose)
    ]
    found += [_Group(*match.span(), None) for match in _PHONE.finditer(text)]
    groups: list[_Group] = []
    for group in sorted(found, key=lambda group: (group.start, group.end)):
        if groups and group.start < groups[-1].end:
            groups[-1] = groups[-1].merged(group)
            continue
        whole = _Group(*_whole_word(text, (group.start, group.end)), group.is_date)
        if groups and (whole.start < groups[-1].end or _is_connected(text, groups[-1], whole)):
            groups[-1] = groups[-1].merged(whole)
        else:
            groups.append(whole)
    return [_Group(*_whole_word(text, (group.start, group.end)), group.is_date) for group in groups]


def _is_date(validator: Validator, found: str) -> bool | None:
    if validator is DIGITS or fold(found) in _UP_TO:
        return None
    return validator in {DATES, URGENCY}


def _is_connected(text: str, left: _Group, right: _Group) -> bool:
    between = text[left.end : right.start]
    if _CLAUSE_END.search(between) or VALUE_MARK in between:
        return False
    words = between.split()
    near = not words or (len(words) == 1 and words[0] in _CONNECTING)
    return near and (left.is_date == right.is_date or None in {left.is_date, right.is_date})


def _whole_word(text: str, span: Span) -> Span:
    """The span and what touches it, without punctuation around it."""
    start, end = span
    while start > 0 and not text[start - 1].isspace() and text[start - 1] not in "([\"“‘'—–|,;:!?":
        start -= 1
    while end < len(text) and not text[end].isspace() and text[end] not in ')]"”’—–|;!?':
        end += 1
    while end > span[1] and text[end - 1] in _WRAPPING:
        end -= 1
    return start, end


def _marked(text: str, marked: Iterable[str]) -> Iterator[Span]:
    for phrase in filter(str.strip, marked):
        yield from (match.span() for match in re.finditer(re.escape(phrase.strip()), text, re.IGNORECASE))


def _extended(text: str, groups: Sequence[_Group]) -> Iterator[Span]:
    """The groups with the words that limit them, up to the end of their clause or to the next fact."""
    words = [word for word in words_of(text) if word.text != "."]
    starts = [word.start for word in words]
    kinds = [_kind(text, group.start, group.end, (), None) for group in groups]
    for number, (group, kind) in enumerate(zip(groups, kinds, strict=True)):
        if kind in _EXACT:
            yield group.start, group.end
            continue
        previous = groups[number - 1].end if number else 0
        before = words[: bisect_left(starts, group.start)]
        left = _leftwards(text, before[-MAX_WORDS_AROUND:], group.start, previous, is_date=kind == "until")
        if kind == "until":
            yield left, _end_of_time(text, words[bisect_left(starts, group.end) :], group.end)
            continue
        following = groups[number + 1].start if number + 1 < len(groups) else len(text)
        after = words[(first := bisect_left(starts, group.end)) : first + MAX_WORDS_AROUND]
        right = _rightwards(text, after, group.end, following)
        joins = right < following and number + 1 < len(groups) and kinds[number + 1] not in {*_EXACT, "until"}
        yield left, following + 1 if joins and not text[right:following].strip() else right


def _end_of_time(text: str, words: Sequence[Word], end: int) -> int:
    """`10` is `10 am`. The German "ist" is no time zone."""
    if not words or words[0].text not in _AFTER_A_TIME or words[0].start - end > 1:
        return end
    return end if text[words[0].start : words[0].end] == "ist" else words[0].end


def _leftwards(text: str, words: Sequence[Word], start: int, previous: int, *, is_date: bool) -> int:
    """The start of the fact with the words before it that limit it."""
    hindi = "DEVANAGARI" in scripts_of(text[max(previous, start - 40) : start])
    for word in reversed(words):
        is_break = bool(_CLAUSE_END.search(text[word.end : start]))
        limits = word.text in (_BEFORE_A_DATE if is_date else _BEFORE)
        wanted = limits or (hindi and not is_date and word.text not in _ENDS_A_HINDI_PHRASE)
        is_unit_of_value = word.text == VALUE_MARK and not is_date and text[word.end : start] == " "
        if word.start < previous or is_break or not (wanted or is_unit_of_value):
            break
        start = word.start
    return start


def _rightwards(text: str, words: Sequence[Word], end: int, following: int) -> int:
    """The end of the fact with what follows it in its clause."""
    for word in words:
        is_break = bool(_CLAUSE_END.search(text[end : word.start]))
        if is_break or word.text in _ENDS_A_PHRASE | _ENDS_A_HINDI_PHRASE or word.start >= following:
            break
        end = word.end
    return end


def _left_over(text: str, spans: Sequence[Span], language: str | None) -> Iterator[Span]:
    """What the validators still find beside the spans, in positions of `text`."""
    shown, origins = _with_marks(text, spans)
    prose = Prose(shown, Background(language=language, topics=frozenset({"code"})))
    for validator in FACT_VALIDATORS:
        for start, end in _merged(_find(validator, prose)):
            yield _touching(text, spans, (origins[start], origins[end - 1] + 1))


def _touching(text: str, spans: Sequence[Span], found: Span) -> Span:
    """The finding, grown to the span beside it, so that both become one fact."""
    start, end = _whole_word(text, found)
    number = bisect_left(spans, (start, end))
    for left, right in spans[max(0, number - 1) : number + 1]:
        if right <= start and not text[right:start].strip():
            start = left
        elif left >= end and not text[end:left].strip():
            end = right
    return start, end


def _with_marks(text: str, spans: Sequence[Span]) -> tuple[str, list[int]]:
    """The text with a mark for each span, and the position of each of its letters in `text`."""
    shown: list[str] = []
    origins: list[int] = []
    position = 0
    for start, end in [*spans, (len(text), len(text))]:
        shown += text[position:start]
        origins += range(position, start)
        if start < end:
            # no word beside a link or a code changes what it says
            shown.append(VALUE_MARK if _kind(text, start, end, (), None) in _EXACT else FACT_MARK)
            origins.append(start)
        position = end
    return "".join(shown), origins


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap are one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _kind(text: str, start: int, end: int, marked: Iterable[str], language: str | None) -> FactKind:
    """What a fact is about. The first of several that apply decides."""
    phrase = text[start:end]
    prose = Prose(phrase, Background(language=language))
    has = {validator.name for validator in FACT_VALIDATORS if any(True for _ in _find(validator, prose))}
    if LINKS.name in has:
        return "email" if "@" in phrase and not any("://" in phrase[s:e] for s, e in find_links(phrase)) else "link"
    if PERCENTAGES.name in has:
        return "offer"
    if CURRENCY.name in has:
        return "amount"
    if PROMISES.name in has:
        return "promise"
    if DATES.name in has or URGENCY.name in has:
        return "until"
    if _PHONE.fullmatch(phrase) and sum(letter.isdigit() for letter in phrase) >= 7:
        return "phone"
    if CODES.name in has and len(phrase.split()) == 1:
        return "code"
    if has & {DIGITS.name, NUMBER_WORDS.name, LIMITS.name}:
        return "number"
    if any(mark.strip().lower() == phrase.lower() for mark in marked):
        return "marked"
    return "code" if len(phrase.split()) == 1 else "promise"
