"""Markup: tags, entities, Markdown. Messages are plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator

MARKUP = re.compile(
    r"</?[a-zA-Z!?]|[<>]{2}|<[^\s<>]{0,40}>|&(?:#\w{1,8}|[a-zA-Z]{2,10});|\]\(|\*\*|__|~~|`|^\s{0,3}#{1,6}\s|^\s{0,3}>\s"
    r"|^\s{0,6}[-*+•]\s|\|\s?-{2,}|^-{3,}$|\\[nrtux]|\*[^\s*][^*\n]{0,80}\*",
    re.MULTILINE,
)


LIST_SIGNS = frozenset("-*+•")


def find(prose: Prose) -> Iterator[Finding]:
    """Markup; a list only where the message has none."""
    for match in MARKUP.finditer(prose.text):
        if "list" not in prose.background.topics or match.group().strip() not in LIST_SIGNS:
            yield prose.finding(*match.span())


MARKUP_FOUND = Validator(name="markup", find=find, advice="Write plain text without {found!r}.")
