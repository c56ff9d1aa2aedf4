"""What each word in a column of consent means."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

from common.catalogue.days import DateOrder

from .cells import Misfit, is_empty_word, with_ascii_digits
from .date_cells import read_date

YES = frozenset(
    {
        *("1", "1.0", "yes", "y", "true", "t", "on", "ja", "oui", "si", "sí", "sim", "x", "\u2713", "\u2714", "\u2611"),
        *("subscribed", "resubscribed", "granted", "opt in", "opted in", "optin", "explicit", "confirmed", "consented"),
        *("agreed", "accepted", "allowed", "हाँ", "हां", "जी हाँ", "जी हां", "सहमत", "single opt in", "double opt in"),
    }
)
NO = frozenset(
    {
        *("0", "0.0", "no", "n", "false", "f", "off", "nein", "non", "não", "\u2717", "\u2718", "\u2715", "\u2610"),
        *("unsubscribed", "withdrawn", "cleaned", "opt out", "opted out", "optout", "never subscribed", "denied"),
        *(
            "not subscribed",
            "non subscribed",
            "bounced",
            "hard bounced",
            "complained",
            "spam",
            "blocklisted",
            "revoked",
        ),
        *(
            "blacklisted",
            "blocked",
            "suppressed",
            "do not contact",
            "dnd",
            "declined",
            "refused",
            "rejected",
            "inactive",
        ),
        *("non marketing contact", "नहीं", "नही", "जी नहीं", "असहमत", "opted out (bounced)", "archived", "abuse"),
    }
)
SAYS_NOTHING = frozenset({"marketing contact", "active", "enabled"})
"""A status of the record, and nothing that the person said."""

PLAIN_YES_NO = frozenset({"1", "1.0", "0", "0.0", "yes", "y", "true", "t", "on", "no", "n", "false", "f", "off", "x"})
UNKNOWN = "unknown"
_UNKNOWN_WORD = "Nobody knows what this word says about consent, so it counts as none; write yes or no."


def normalize_word(text: str) -> str:
    """The word in lower case, with spaces for hyphens and underscores."""
    return re.sub(r"[\s_\N{EN DASH}-]+", " ", with_ascii_digits(text).casefold()).strip()


@lru_cache(maxsize=1024)
def read_consent(text: str) -> bool | None:
    """True for yes, False for no, None if it says nothing. Raises `Misfit` for a word that nobody knows."""
    word = normalize_word(text)
    if word in YES:
        return True
    if word in NO:
        return False
    if word in SAYS_NOTHING:
        return None
    raise Misfit("consent", _UNKNOWN_WORD)


def read_opt_out(text: str, order: DateOrder) -> Any:
    """What a column such as `Unsubscribed` says: a yes, or the time when it was said, is a no to messages. A no there
    is nothing that the person said about messages."""
    word = normalize_word(text)
    if word in PLAIN_YES_NO or word in {"हाँ", "हां", "नहीं"}:
        return False if word in YES else None
    if word in NO:
        return False
    if word in YES:
        return None
    with suppress(Misfit):
        return {"state": "denied", "at": read_date(text, order)}
    if is_empty_word(text) or word.startswith("0000"):
        return None
    raise Misfit("consent", _UNKNOWN_WORD)


def is_status_word(text: str) -> bool:
    """Whether the word can stand in a column of consent."""
    return normalize_word(text) in YES | NO | SAYS_NOTHING | {"pending", "unconfirmed", "transactional"}


def is_clear_status(text: str) -> bool:
    """Whether the word can stand only in a column of consent."""
    return "subscribed" in (word := normalize_word(text)) or (
        word in YES | NO | {"marketing contact"} and word not in PLAIN_YES_NO | {"inactive", "blocked", "archived"}
    )


def stricter(first: Any, second: Any) -> Any:
    """Of two statements about one channel the one that allows less: no, then unknown, then yes."""
    return max((first, second), key=_strictness)


def _strictness(value: Any) -> int:
    return 0 if value is None else 1 if value is True else 2 if value == UNKNOWN else 3
