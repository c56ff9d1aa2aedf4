"""Which function answers which path: the globs of Firebase Hosting's rewrites."""

from __future__ import annotations

import re
from collections.abc import Sequence

from local.topology import Rewrite

TOKEN = re.compile(r"\*\*|\*|@\(|\||\)|\{|\}|,|.")


def matcher(rewrites: Sequence[Rewrite]) -> list[tuple[re.Pattern[str], str]]:
    """Patterns with their functions; the first that matches counts."""
    return [(pattern(rewrite.source), rewrite.function) for rewrite in rewrites]


def pattern(source: str) -> re.Pattern[str]:
    """`**` is any path, `*` anything within a segment, `{a,b}` and `@(a|b)` one of several, `!` all others."""
    if source.startswith("!"):
        return re.compile(f"(?!(?:{pattern(source[1:]).pattern})$).*")
    depth = 0
    parts = []
    for token in TOKEN.findall(source):
        depth += {"{": 1, "}": -1}.get(token, 0)
        parts.append(_translated(token, inside=depth > 0))
    return re.compile("".join(parts))


def _translated(token: str, *, inside: bool) -> str:
    special = {"**": ".*", "*": "[^/]*", "{": "(?:", "}": ")", "@(": "(?:", "|": "|", ")": ")"}
    if token == "," and inside:
        return "|"
    return special.get(token) or re.escape(token)


def function_for(path: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    return next((function for found, function in patterns if found.fullmatch(path)), None)
