"""A goal in words, cut into who is to be written to and what they may be told.

The part that names the audience is an exact part of the goal. So a number in it - "spent over ₹5,000" - is a condition
and can never become an offer; and what is left is all that a message may promise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Literal

from common.catalogue.channels import CHANNELS
from common.guard.folding import fold, words_of

TimeReason = Literal["said", "next_morning"]
SEND_AT = time(10)
LATEST = timedelta(days=180)
NOTICE = timedelta(hours=12)
"""At least so long before the suggested time, so that somebody can look at the draft."""
_TEMPLATE_SIGNS = str.maketrans(dict.fromkeys("{}⟦⟧", " "))
_LETTER = r"(?:\w|[\u0900-\u0963])"
_WIN_BACK = re.compile(r"\bwin\b(?=[^.,;]{0,40}\bback\b)", re.IGNORECASE)
"""What the shop wants; not a prize."""
_RELATIVE = re.compile(
    r"\b(who|whose|whom|jinhone|jinhonne|jinka|jinki|jinke)\b|जिन्होंने|जिन्होने|जिनका|जिनकी|जिनके", re.IGNORECASE
)
_DEADLINE = re.compile(
    r"\b(?:until|till|ends?|ending|by|before|through|valid)\b[^.,;:]{0,20}|[\w\u0900-\u0963]+\s+(?:तक\b|tak\b)",
    re.IGNORECASE,
)
"""A day up to which something holds; not the day of the message."""
_TELL_ABOUT = re.compile(
    r"\b((?:tell|inform|remind|notify|write|know|mail|text)\b[^.,;]{0,40}?)\s+about\b", re.IGNORECASE
)
"""Whom it speaks to; `about 15% off` would be a limit."""
_DAYS = (
    "monday mon somvar सोमवार",
    "tuesday tue tues mangalvar मंगलवार",
    "wednesday wed budhvar बुधवार",
    "thursday thu thurs guruvar गुरुवार बृहस्पतिवार",
    "friday fri shukravar शुक्रवार",
    "saturday sat shanivar शनिवार",
    "sunday sun ravivar रविवार",
)
_WEEKDAYS = tuple(frozenset(map(fold, names.split())) for names in _DAYS)
_NEAR = tuple(frozenset(map(fold, names.split())) for names in ("today aaj आज", "tomorrow kal कल"))
_MONTHS = (
    "january jan जनवरी",
    "february feb फरवरी फ़रवरी",
    "march mar मार्च",
    "april apr अप्रैल",
    "may मई",
    "june jun जून",
    "july jul जुलाई",
    "august aug अगस्त",
    "september sep sept सितंबर",
    "october oct अक्टूबर",
    "november nov नवंबर",
    "december dec दिसंबर",
)
_MONTH_NAMES = tuple(frozenset(map(fold, names.split())) for names in _MONTHS)


@dataclass(frozen=True, slots=True)
class CutGoal:
    """The two parts of a goal."""

    audience: str
    message: str  # the rest


def clean_goal(goal: str) -> str:
    """Without the signs that have a meaning in templates."""
    return " ".join(goal.translate(_TEMPLATE_SIGNS).split())


def cut_goal(goal: str, audience: str) -> CutGoal | None:
    """The goal without the part that names the audience; None if that is no part of it."""
    words = r"\s+".join(map(re.escape, audience.split()))
    found = re.search(f"(?<!{_LETTER}){words}(?!{_LETTER})", goal, re.IGNORECASE) if words else None
    if found is None:
        return None
    rest = f"{goal[: found.start()]}\n{goal[found.end() :]}".strip()
    return CutGoal(found.group(), _TELL_ABOUT.sub(r"\1:", _WIN_BACK.sub("bring", rest)))


def names_people(text: str) -> bool:
    """Whether what is left of a goal still says who people are: then a condition could be taken for an offer."""
    return _RELATIVE.search(text) is not None


def channel_of(goal: str) -> str:
    """The channel that the goal names; e-mail if it names none."""
    words = {word.text for word in words_of(goal)}
    return next((name for name in CHANNELS if name in words), "email")


def suggest_time(send_on: date | None, goal: str, *, now: datetime, zone: tzinfo) -> tuple[datetime, TimeReason]:
    """Ten in the morning of the day that the goal names, or else of the next working day."""
    today = now.astimezone(zone).date()
    if send_on is not None and today <= send_on <= today + LATEST and is_said(send_on, goal, today):
        at = datetime.combine(send_on, SEND_AT, zone)
        if at > now:
            return at, "said"
    day = today
    while datetime.combine(day, SEND_AT, zone) < now + NOTICE or day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, SEND_AT, zone), "next_morning"


def is_said(day: date, goal: str, today: date) -> bool:
    """Whether the goal names the day: by its weekday within a week, as today or tomorrow, or by day and month."""
    said = [word.text for word in words_of(_DEADLINE.sub(" ", goal))]
    words = set(said)
    distance = (day - today).days
    if distance < len(_NEAR) and words & _NEAR[distance]:
        return True
    if distance <= 7 and words & _WEEKDAYS[day.weekday()]:
        return True
    day_words = {str(day.day), *(f"{day.day}{end}" for end in ("st", "nd", "rd", "th"))}
    without_of = [word for word in said if word != "of"]
    dates = {frozenset(pair) for pair in pairwise(without_of)}
    months = _MONTH_NAMES[day.month - 1]
    return day.isoformat() in goal or any(pair & day_words and pair & months for pair in dates)
