"""Links, e-mail addresses, handles and payment ids, also without a scheme and in words (`evil dot com`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

if TYPE_CHECKING:
    from linkify_it import LinkifyIt

MAX_LINK = 2_000  # characters; linkify is not linear in the length of one word
_TOKEN = re.compile(r"\S+")
_SCHEME = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}:(?=[^\s\d])\S{0,2000}|(?<!\w)//\S{1,2000}")
_HOST = re.compile(r"[^\W_][\w-]{0,62}(?:[.\u3002\uff0e\uff61][\w-]{1,63}){1,8}(?:[/?#:]\S{0,2000})?")
_AT = re.compile(
    r"[\w.+-]{0,64}[@＠﹫][\w.-]{0,255}|[\w.+-]{1,64}\s?[(\[{]\s?(?:at|dot)\s?[)\]}]\s?[\w.-]{0,255}", re.I
)
_PATH = re.compile(r"\b[^\W\d][\w-]{1,63}/[\w-]{1,63}/\S{0,2000}|\\\\\S{1,100}")
_SIGNS_OF_AT, _SIGNS_OF_PATH = frozenset("@＠﹫([{"), frozenset("/\\")  # neither pattern matches without one of these
_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,6}[^\W\d_]?\.?$|(?:[Dd]r|[Mm]rs?|[Mm]s|[Ss]t|[Nn]o)\.[^\W\d_]+$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*$")
PHRASES = Phrases(
    """
    dot (com|in|net|org|co|io|me|shop|store|biz|info|xyz|example|app|site|online|club)
    (slash|hash|hashtag|underscore|at sign)
    at the rate
    डॉट (कॉम|इन|नेट)
    (http|https|www|hxxp|hxxps|javascript|mailto|ftp|upi)
    """
)


@cache
def _linkify() -> LinkifyIt:
    from linkify_it import LinkifyIt
    from linkify_it.tlds import TLDS

    return LinkifyIt().tlds([*TLDS, "example", "test"])


def find(prose: Prose) -> Iterator[Finding]:
    """Links and addresses, and whatever looks as if it were one."""
    for start, end in find_links(prose.text):
        yield prose.finding(start, end)
    for pattern, signs in ((_AT, _SIGNS_OF_AT), (_PATH, _SIGNS_OF_PATH)):
        if not signs.isdisjoint(prose.letters):
            for match in pattern.finditer(prose.text):
                yield prose.finding(*match.span())
    yield from prose.phrases(PHRASES)


def find_links(text: str) -> Iterator[tuple[int, int]]:
    """The places of links and addresses, without a full stop at the end."""
    for token in _TOKEN.finditer(text):
        word = token.group()[:MAX_LINK]
        if (
            "." in word.rstrip(".")
            or ":" in word
            or "@" in word
            or "//" in word
            or any(dot in word for dot in "\u3002\uff0e\uff61")
        ):
            yield from ((token.start() + start, token.start() + end) for start, end in _links_in_word(word))


def _links_in_word(word: str) -> Iterator[tuple[int, int]]:
    if "http" in word or "@" in word or "." in word:
        for match in _linkify().match(word) or ():
            yield match.index, match.last_index
    for pattern in (_SCHEME, _HOST):
        for match in pattern.finditer(word):
            found = match.group().rstrip(".,;:!?)]}'\"’”")
            if not (_INITIALS.match(found) or _NUMBER.match(found)) and len(found) > 3:
                yield match.start(), match.start() + len(found)


LINKS = Validator(
    name="link", find=find, advice="Write no link, address or handle such as {found!r}.", action="refuse", is_fact=True
)
