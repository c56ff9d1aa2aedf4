"""What each word in a column of consent means."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

from common.catalogue.days import DateOrder

from .cells import Misfit, is_empty_word, with_ascii_digits
from .date_cells import read_date

PLAIN_YES = frozenset(
    {
        *("1", "1.0", "yes", "y", "true", "t", "on", "x", "\u2713", "\u2714", "\u2611", "\u2705"),
        *("ja", "wahr", "oui", "vrai", "si", "sí", "sì", "verdadero", "sim", "verdadeiro"),
        *("हाँ", "हां", "जी हाँ", "जी हां"),
    }
)
PLAIN_NO = frozenset(
    {
        *("0", "0.0", "no", "n", "false", "f", "off", "\u2717", "\u2718", "\u2715", "\u2610", "\u274c"),
        *("nein", "falsch", "non", "faux", "falso", "não", "नहीं", "नही", "जी नहीं"),
    }
)
PLAIN_YES_NO = PLAIN_YES | PLAIN_NO
"""Words that answer the question of the heading: in a column such as `Unsubscribed` they say the opposite."""

CLEAR_OPT_OUTS = frozenset(
    {
        *("unsubscribed", "not subscribed", "non subscribed", "never subscribed", "opt out", "opted out", "optout"),
        *("cleaned", "bounced", "hard bounced", "hard bounce", "complained", "spam complaint", "abuse", "spam"),
        *("blocklisted", "blacklisted", "suppressed", "user suppressed", "do not contact", "dnd"),
        "non marketing contact",
    }
)
"""A status that can only be one of a person who must not be written to."""

YES = PLAIN_YES | {
    *("subscribed", "resubscribed", "granted", "opt in", "opted in", "optin", "explicit", "confirmed", "consented"),
    *("agreed", "accepted", "allowed", "सहमत", "single opt in", "double opt in"),
}
NO = (
    PLAIN_NO
    | CLEAR_OPT_OUTS
    | {
        *("withdrawn", "denied", "revoked", "blocked", "declined", "refused", "rejected", "inactive", "archived"),
        "असहमत",
    }
)
SAYS_NOTHING = frozenset({"marketing contact", "active", "enabled"})
"""A status of the record, and nothing that the person said."""

ANSWERS = frozenset({"never", "none", "unknown"})
"""Words for an empty cell that are an answer in a column of consent."""

UNKNOWN = "unknown"
_UNKNOWN_WORD = "Nobody knows what this word says about consent, so it counts as none; write yes or no."


def normalize_word(text: str) -> str:
    """The word in lower case, with spaces for hyphens and underscores, and a check mark without its colour."""
    plain = with_ascii_digits(text).replace("\N{VARIATION SELECTOR-16}", "")
    return re.sub(r"[\s_\N{EN DASH}-]+", " ", plain.casefold()).strip()


@lru_cache(maxsize=1024)
def read_consent(text: str, order: DateOrder = "dmy") -> Any:
    """True for yes, False for no, None if it says nothing; a time is when the person said yes. Raises `Misfit` for a
    word that nobody knows."""
    word = normalize_word(text)
    if word in YES:
        return True
    if word in NO or is_clear_opt_out(text):
        return False
    if word in SAYS_NOTHING or (is_empty_word(text) and word not in ANSWERS):
        return None
    with suppress(Misfit):
        return {"state": "granted", "at": read_date(text, order)}
    raise Misfit("consent", _UNKNOWN_WORD)


def read_opt_out(text: str, order: DateOrder) -> Any:
    """What a column such as `Unsubscribed` says: a yes, the time when it was said, or a list of reasons is a no to
    messages. A no there is nothing that the person said about messages."""
    word = normalize_word(text)
    if word in PLAIN_YES_NO:
        return False if word in PLAIN_YES else None
    if word in NO or is_clear_opt_out(text):
        return False
    if word in YES:
        return None
    if word[:1] == "[" and word[-1:] == "]":
        return False if word.strip("[] ") else None
    with suppress(Misfit):
        return {"state": "denied", "at": read_date(text, order)}
    if is_empty_word(text) or word.startswith("0000"):
        return None
    raise Misfit("consent", _UNKNOWN_WORD)


def is_clear_opt_out(text: str) -> bool:
    """Whether the word alone says that the person must not be written to, such as `Unsubscribed (manual)`."""
    word = re.sub(r" ?\([^()]*\)", "", normalize_word(text))
    return word in CLEAR_OPT_OUTS or word.startswith("unsubscribed ")


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
    state = value["state"] if isinstance(value, dict) else value
    return 0 if state is None else 1 if state in {True, "granted"} else 2 if state == UNKNOWN else 3
