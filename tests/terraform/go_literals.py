"""Reads composite literals of Go, as far as the schemas of Terraform providers use them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|\'(?:\\.|[^\'\\])*\'')
TYPE = re.compile(r"&?(?:\[\]\*?|map\[\w+\]\*?)?[\w.]*(?:\{\})?(?=\s*\{)")
NAME = re.compile(r"[\w.]+")
BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class ComputedValue:
    """A value that is computed by a function. The name is that of a call without arguments, otherwise empty."""

    name: str


def parse_literal(text: str, position: int) -> Any:
    """Return the composite literal at a position: a dictionary, a list, or the text of a plain value."""
    return _Parser(text, position).value()


class _Parser:
    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._at = position

    def value(self) -> Any:
        self._skip_space()
        literal = TYPE.match(self._text, self._at)
        if literal and not literal[0].startswith("func"):
            self._at = literal.end()
            self._skip_space()
            return self._elements()
        return self._expression()

    def _skip_space(self) -> None:
        if space := SPACE.match(self._text, self._at):
            self._at = space.end()

    def _elements(self) -> Any:
        """Read `{…}`: entries with keys become a dictionary, others a list."""
        entries: dict[str, Any] = {}
        items: list[Any] = []
        self._at += 1
        while True:
            self._skip_space()
            if self._text[self._at] == "}":
                self._at += 1
                return entries or items or {}
            key = STRING.match(self._text, self._at) or NAME.match(self._text, self._at)
            if key and self._text[key.end() : key.end() + 1] == ":":
                self._at = key.end() + 1
                entries[key[0].strip('"')] = self.value()
            else:
                items.append(self.value())
            self._skip_space()
            if self._text[self._at] == ",":
                self._at += 1

    def _expression(self) -> Any:
        """Read up to the next comma or closing bracket."""
        start = self._at
        while self._text[self._at] not in ",})]\n":
            if string := STRING.match(self._text, self._at):
                self._at = string.end()
            elif self._text[self._at] in BRACKETS:
                self._skip_brackets()
            else:
                self._at += 1
        text = self._text[start : self._at].strip()
        if "(" in text or text.startswith("func"):
            call = re.fullmatch(r"(\w+)\(\)", text)
            return ComputedValue(call[1] if call else "")
        return text.strip('"')

    def _skip_brackets(self) -> None:
        """Skip a pair of brackets with everything inside."""
        closing = [BRACKETS[self._text[self._at]]]
        self._at += 1
        while closing:
            if skipped := STRING.match(self._text, self._at) or SPACE.match(self._text, self._at):
                self._at = skipped.end()
                continue
            if self._text[self._at] in BRACKETS:
                closing.append(BRACKETS[self._text[self._at]])
            elif self._text[self._at] == closing[-1]:
                closing.pop()
            self._at += 1
