"""What `terraform validate` would find, where the providers cannot be had: arguments that do not exist or are missing,
blocks in the wrong place, references to nothing, variables nobody uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.terraform.provider import key
from tests.terraform.tree import TERRAFORM, TYPED, Block, Body, Tree, texts

META = {"count", "depends_on", "for_each", "lifecycle", "provider"}
INTERPOLATED = re.compile(r"\$\{(.*)\}", re.DOTALL)
QUOTED = re.compile(r'"(?:\\.|[^"\\$])*"')  # a text without interpolations: nothing in it is a reference
REFERENCE = re.compile(
    r"(?<![\w.])(?P<kind>var|local|module|data|ephemeral|google_\w+)\.(?P<names>\w+(?:\.\w+|\[[^\]]*\])*)"
)


def problems(tree: Tree, schema: Mapping[str, Any]) -> list[str]:
    return [*misspelt(tree, schema), *dangling(tree, schema), *misused(tree)]


def misspelt(tree: Tree, schema: Mapping[str, Any]) -> Iterator[str]:
    for block in tree.blocks():
        if block.kind in TYPED:
            of_type = schema["types"].get(key(block.provider, block.kind, block.type))
            if of_type is None:
                yield f"{block.address}: {block.type} is not in provider.json: derive it again"
            else:
                yield from _in_block(block.address, _without(block.body, META), of_type)


def _in_block(where: str, body: Body, of_type: Mapping[str, Any]) -> Iterator[str]:
    blocks = dict(_nested(body))
    given = set(body) - {"dynamic"} - set(blocks)
    for name in sorted(given - {*of_type["required"], *of_type["optional"]}):
        yield f"{where}: there is no argument {name}"
    for name in sorted({*of_type["required"]} - given):
        yield f"{where}: the argument {name} is missing"
    for name, one in of_type["blocks"].items():
        if one["needed"] and name not in blocks:
            yield f"{where}: the block {name} is missing"
    for name, bodies in blocks.items():
        yield from _in_blocks(f"{where}.{name}", bodies, of_type["blocks"].get(name))


def _in_blocks(where: str, bodies: list[Body], of_type: Mapping[str, Any] | None) -> Iterator[str]:
    if of_type is None:
        yield f"{where}: there is no such block"
        return
    if len(bodies) > 1 and not of_type["many"]:
        yield f"{where}: there may be only one"
    for body in bodies:
        yield from _in_block(where, body, of_type)


def _nested(body: Body) -> Iterator[tuple[str, list[Body]]]:
    """The blocks in there, also those that `dynamic` makes."""
    for name, value in body.items():
        if name == "dynamic":
            for one in value:
                yield from ((block, inner["content"]) for block, inner in one.items())
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            yield name, value


def _without(body: Body, names: set[str]) -> Body:
    return {name: value for name, value in body.items() if name not in names}


def dangling(tree: Tree, schema: Mapping[str, Any]) -> Iterator[str]:
    known = {block.address: block for block in tree.blocks()}
    locals_ = {name for block in tree.blocks("locals") for name in block.body}
    for block in tree.blocks():
        for kind, names in references(block.body):
            if kind == "local":
                if names[0] not in locals_:
                    yield f"{block.address}: there is no local.{names[0]}"
            else:
                yield from _unknown(block, kind, names, known, schema)


def _unknown(
    block: Block, kind: str, names: list[str], known: Mapping[str, Block], schema: Mapping[str, Any]
) -> Iterator[str]:
    parts = 2 if kind in {"data", "ephemeral"} else 1
    address = ".".join([kind, *names[:parts]])
    target = known.get(address)
    if target is None:
        yield f"{block.address}: there is no {address}"
        return
    attributes = _attributes(target, schema)
    following = [name for name in names[parts:] if not name.startswith("[")]
    if following and attributes is not None and _camel(following[0]) not in attributes:
        yield f"{block.address}: {address} has no {following[0]}"
    if len(names) > parts and bool({"for_each", "count"} & target.body.keys()) != names[parts].startswith("["):
        yield f"{block.address}: {address} is {'one of many' if '[' not in names[parts] else 'single'}"


def _attributes(target: Block, schema: Mapping[str, Any]) -> set[str] | None:
    if target.kind == "module":
        return {_camel(output.name) for output in module(target).blocks("output")}
    found = schema["types"].get(key(target.provider, target.kind, target.type))
    return set(found["attributes"]) if found else None


def references(value: Any) -> Iterator[tuple[str, list[str]]]:
    """Each reference as its kind and what follows: names, and indexes in brackets."""
    for text in texts(value):
        for inner in INTERPOLATED.findall(text):
            for found in REFERENCE.finditer(QUOTED.sub('""', inner)):
                yield found["kind"], re.findall(r"\w+|\[[^\]]*\]", found["names"])


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(one.capitalize() for one in rest)


def misused(tree: Tree) -> Iterator[str]:
    """Variables that are not used, and modules that are not given what they take."""
    for variable in tree.blocks("variable"):
        others = [block.body for block in tree.blocks() if block.address != variable.address]
        if ("var", variable.name) not in {(kind, names[0]) for kind, names in references(others)}:
            yield f"{variable.address} is not used"
    for block in tree.blocks("module"):
        takes = {one.name: "default" in one.body for one in module(block).blocks("variable")}
        given = set(block.body) - META - {"source"}
        yield from (f"{block.address}: it takes no {name}" for name in sorted(given - takes.keys()))
        missing = sorted(name for name, has_default in takes.items() if not has_default and name not in given)
        yield from (f"{block.address}: {name} is missing" for name in missing)


def module(block: Block) -> Tree:
    return Tree.read(TERRAFORM / block.body["source"])
