"""Dates as they are written: "bis zum 30. September, 18 Uhr", "du 1er au 15 mai", "30 de septiembre de 2026", "30.9.".

A date is one fact with its day, month, year and time, though it has the sign that ends sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_MONTHS = """
    januar februar märz april mai juni juli august september oktober november dezember
    january february march may june july october december jan feb mar mär apr jun jul aug sep sept oct okt nov dec dez
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    januari februari maart mei augustus
    जनवरी फरवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर सितम्बर अक्टूबर अक्तूबर नवंबर नवम्बर दिसंबर दिसम्बर
"""
_WEEKDAYS = """
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun
    lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
    lunedì martedì mercoledì giovedì venerdì sabato domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार
"""
_BEFORE = (
    r"(?:(?:nur )?(?:bis(?: zum| einschließlich)?|vom|ab(?: dem)?|am|zum|jusqu['’](?:au|à)|du|dès le|le|avant le|hasta el|desde el|del|"
    r"el|antes del|até|de|desde|fino al|dal|al|il|tot en met|tot|vanaf|op|from|until|till|by) )?"
)
_DAY = r"\d{1,2}(?:\.º|\.(?=\s)|er|[ºª°]|st|nd|rd|th)?"
_TO = r"\s*(?:[-–]|\s(?:bis(?: zum)?|und|to|and|au|et|al|y|e|a|tot(?: en met)?|en|से|और|se)\s)\s*"
_YEAR = r"(?:,? (?:de |del )?\d{4}\b)?"
_TIME = (
    r"(?:,? (?:um |à |a las |at |alle |às |om )?\d{1,2}(?:[:.h]\d{2})?\s?(?:uhr\b|h\b|heures\b|horas\b|uur\b|[ap]m\b|[ap]\.m\.)|"
    r",? (?:à|a las|at|alle|às|om) \d{1,2}[:.h]\d{2}|(?: (?:की|को))?(?: (?:सुबह|दोपहर|शाम|रात))? \d{1,2}(?::\d{2})? बजे)?"
)
_DAY_AND_MONTH = r"\b(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])"
_NUMERIC = r"\b(?:0?[1-9]|[12]\d|3[01])(?P<sign>[./-])(?:0?[1-9]|1[0-2])(?P=sign)(?:\d{4}|\d{2})\b"
_WITHOUT_A_YEAR = rf"\b(?:bis(?: zum)?|vom|ab(?: dem)?|am|zum) {_DAY_AND_MONTH}\b\.?|{_DAY_AND_MONTH}\.(?=\s)"
_HOUR = r"\b(?:(?:until|till|by|at|from|before|after) )?\d{1,2}(?::\d{2})?\s?[ap]\.m\."


def find_written_dates(text: str) -> Iterator[tuple[int, int]]:
    """Where a date begins and ends, with the words that say whether it is the first or the last day."""
    if any(map(str.isdecimal, text)):
        yield from (match.span() for match in _pattern().finditer(text))


@cache
def _pattern() -> re.Pattern[str]:
    """Built at the first message."""
    months = rf"(?:{'|'.join(sorted(_MONTHS.split(), key=len, reverse=True))})(?![^\W\d_])"
    weekday = rf"(?:(?:{'|'.join(sorted(_WEEKDAYS.split(), key=len, reverse=True))})\.?,? (?:den |dem |the |le |el )?)?"
    days = rf"{_DAY}(?:{_TO}{_DAY})?\s(?:de |of |d['’])?{months}|{months}\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?!\d)"
    date = rf"(?:{_BEFORE}{weekday}(?:{days}|{_NUMERIC}){_YEAR}{_TIME})"
    again = date.replace("?P<sign>", "?P<second>").replace("?P=sign", "?P=second")
    return re.compile(rf"\b{date}(?:{_TO}{again})?(?:\s(?:tak|तक))?|{_WITHOUT_A_YEAR}|{_HOUR}", re.IGNORECASE)
