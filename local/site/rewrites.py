"""The function for each path, by the globs of Firebase Hosting's rewrites."""

from __future__ import annotations

import re
from collections.abc import Sequence

from local.topology import Rewrite

TOKEN = re.compile(r"\*\*|\*|@\(|\||\)|\{|\}|,|.")


def compile_rewrites(rewrites: Sequence[Rewrite]) -> list[tuple[re.Pattern[str], str]]:
    """Return patterns with their functions. The first match applies."""
    return [(compile_glob(rewrite.source), rewrite.function) for rewrite in rewrites]


def compile_glob(source: str) -> re.Pattern[str]:
    """Compile a glob: `**` is any path, `*` any text in a segment, `{a,b}` and `@(a|b)` alternatives, `!` negates."""
    if source.startswith("!"):
        return re.compile(f"(?!(?:{compile_glob(source[1:]).pattern})$).*")
    depth = 0
    parts = []
    for token in TOKEN.findall(source):
        depth += {"{": 1, "}": -1}.get(token, 0)
        parts.append(_translate(token, inside=depth > 0))
    return re.compile("".join(parts))


def _translate(token: str, *, inside: bool) -> str:
    special = {"**": ".*", "*": "[^/]*", "{": "(?:", "}": ")", "@(": "(?:", "|": "|", ")": ")"}
    if token == "," and inside:
        return "|"
    return special.get(token) or re.escape(token)


def function_for(path: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    return next((function for compiled, function in patterns if compiled.fullmatch(path)), None)
