"""The files of `terraform/`, parsed: their blocks, what is in them, and what they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import hcl2

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"
TYPED = {"resource", "data", "ephemeral"}
NOTES = {"__is_block__", "__comments__", "__inline_comments__"}

Body = dict[str, Any]
"""Arguments by name; an expression stands as `${…}`, a text without its quotes; a block is a list of bodies."""


@dataclass(frozen=True, slots=True)
class Block:
    kind: str  # "resource", "data", "ephemeral", "module", "variable", "output", "locals", "provider", "terraform"
    type: str  # of a resource; empty for others
    name: str
    body: Body

    @property
    def address(self) -> str:
        """As expressions refer to it."""
        kind = {"resource": "", "variable": "var."}.get(self.kind, f"{self.kind}.")
        return f"{kind}{self.type}.{self.name}" if self.type else f"{kind}{self.name}"

    @property
    def provider(self) -> str:
        """By its local name."""
        return str(self.body.get("provider") or self.type.partition("_")[0])


@dataclass(frozen=True)
class Tree:
    """A module's files, by name. Tests change a copy of the parsed files to see that a check notices."""

    files: Mapping[str, Body]

    @classmethod
    def read(cls, folder: Path = TERRAFORM) -> Self:
        return cls(deepcopy(_parsed(folder)))

    def blocks(self, kind: str | None = None) -> Iterator[Block]:
        for file in self.files.values():
            for found in file:
                if kind in (None, found):
                    yield from (block for body in file[found] for block in _blocks(found, body))

    def block(self, address: str) -> Block:
        return next(one for one in self.blocks() if one.address == address)

    def of_type(self, type_: str) -> list[Block]:
        return [one for one in self.blocks() if one.type == type_]

    def local(self, name: str) -> Any:
        """A local value. Literals stand as they are, expressions as `${…}`."""
        return next(block.body[name] for block in self.blocks("locals") if name in block.body)


@cache
def _parsed(folder: Path) -> Mapping[str, Body]:
    return {path.name: plain(hcl2.loads(path.read_text())) for path in sorted(folder.glob("*.tf"))}


def plain(value: Any) -> Any:
    """Without the parser's notes, and texts without quotes."""
    if isinstance(value, dict):
        return {_unquoted(name): plain(one) for name, one in value.items() if name not in NOTES}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return _unquoted(value) if isinstance(value, str) else value


def _unquoted(text: str) -> Any:
    if text == "null":
        return None
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text


def _blocks(kind: str, body: Body) -> Iterator[Block]:
    if kind in TYPED:
        for type_, named in body.items():
            for name, inner in named.items():
                yield Block(kind, type_, name, inner)
    elif kind in {"locals", "terraform"}:
        yield Block(kind, "", kind, body)
    else:
        for name, inner in body.items():
            yield Block(kind, "", name, inner)


def texts(value: Any) -> Iterator[str]:
    """Every text and expression in there."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from texts(name)
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value
