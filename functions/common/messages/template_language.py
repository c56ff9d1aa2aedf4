"""The language in which a message shows days: that of its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from common.catalogue.fields import Language
from common.guard.scripts import scripts_of
from common.messages.template_nodes import ChoiceNode, Node, TextNode
from common.messages.template_parser import parse


@lru_cache(maxsize=200)
def language_of_template(subject: str, body: str) -> Language:
    """Hindi if more words are in Devanagari than in Latin letters; otherwise English, also for Hindi in Latin letters.

    Every choice counts, so that all recipients of a message get days in one language.
    """
    scripts = [scripts_of(word) for text in (subject, body) for piece in _texts(parse(text)) for word in piece.split()]
    devanagari, latin = (sum(script in found for found in scripts) for script in ("DEVANAGARI", "LATIN"))
    return "hi" if devanagari > latin else "en"


def _texts(nodes: Sequence[Node]) -> Iterator[str]:
    """The text of a template, without its values."""
    for node in nodes:
        match node:
            case TextNode(text):
                yield text
            case ChoiceNode(_, _, then, otherwise):
                yield from _texts(then)
                yield from _texts(otherwise)
            case _:
                pass
