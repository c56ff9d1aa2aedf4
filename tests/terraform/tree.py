"""The parsed files of `terraform/`: their blocks and expressions."""

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
TYPED_KINDS = {"resource", "data", "ephemeral"}
PARSER_KEYS = {"__is_block__", "__comments__", "__inline_comments__"}

Body = dict[str, Any]
"""Arguments by name. An expression is `${…}`, a text has no quotes, a nested block is a list of bodies."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a Terraform file."""

    kind: str  # "resource", "data", "ephemeral", "module", "variable", "output", "locals", "provider", "terraform"
    type: str  # of a resource; otherwise empty
    name: str
    body: Body

    @property
    def address(self) -> str:
        """The address that expressions use."""
        kind = {"resource": "", "variable": "var."}.get(self.kind, f"{self.kind}.")
        return f"{kind}{self.type}.{self.name}" if self.type else f"{kind}{self.name}"

    @property
    def provider(self) -> str:
        """The local name of the provider."""
        return str(self.body.get("provider") or self.type.partition("_")[0])


@dataclass(frozen=True)
class Tree:
    """The files of a module by name. Tests modify a copy to check that a mistake is found."""

    files: Mapping[str, Body]

    @classmethod
    def read(cls, folder: Path = TERRAFORM) -> Self:
        return cls.read_files(*sorted(folder.glob("*.tf")))

    @classmethod
    def read_files(cls, *paths: Path) -> Self:
        return cls({path.name: deepcopy(_parse_file(path)) for path in paths})

    def blocks(self, kind: str | None = None) -> Iterator[Block]:
        for file in self.files.values():
            for block_kind in file:
                if kind in (None, block_kind):
                    yield from (block for body in file[block_kind] for block in _blocks(block_kind, body))

    def block(self, address: str) -> Block:
        return next(item for item in self.blocks() if item.address == address)

    def of_type(self, type_: str) -> list[Block]:
        return [item for item in self.blocks() if item.type == type_]

    def local(self, name: str) -> Any:
        """Return a local value. Expressions are `${…}`."""
        return next(block.body[name] for block in self.blocks("locals") if name in block.body)


@cache
def _parse_file(path: Path) -> Body:
    body: Body = simplify(hcl2.loads(path.read_text()))
    return body


def simplify(value: Any) -> Any:
    """Remove the keys of the parser and the quotes of texts."""
    if isinstance(value, dict):
        return {_unquote(name): simplify(item) for name, item in value.items() if name not in PARSER_KEYS}
    if isinstance(value, list):
        return [simplify(item) for item in value]
    return _unquote(value) if isinstance(value, str) else value


def _unquote(text: str) -> Any:
    if text == "null":
        return None
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text


def _blocks(kind: str, body: Body) -> Iterator[Block]:
    """Yield the blocks of one kind in a parsed body."""
    if kind in TYPED_KINDS:
        for type_, named in body.items():
            for name, inner in named.items():
                yield Block(kind, type_, name, inner)
    elif kind in {"locals", "terraform"}:
        yield Block(kind, "", kind, body)
    else:
        for name, inner in body.items():
            yield Block(kind, "", name, inner)


def texts(value: Any) -> Iterator[str]:
    """Yield every text and expression inside a value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts(name)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value
