"""Checks of `terraform validate` that work without the providers: unknown and missing arguments, misplaced blocks,
invalid references, unused variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.terraform.provider import schema_key
from tests.terraform.tree import TERRAFORM, TYPED_KINDS, Block, Body, Tree, texts

META = {"count", "depends_on", "for_each", "lifecycle", "provider"}
INTERPOLATED = re.compile(r"\$\{(.*)\}", re.DOTALL)
QUOTED = re.compile(r'"(?:\\.|[^"\\$])*"')  # a text without interpolation contains no reference
REFERENCE = re.compile(
    r"(?<![\w.])(?P<kind>var|local|module|data|ephemeral|google_\w+)\.(?P<names>\w+(?:\.\w+|\[[^\]]*\])*)"
)


def find_problems(tree: Tree, schema: Mapping[str, Any]) -> list[str]:
    return [*unknown_arguments(tree, schema), *broken_references(tree, schema), *unused_declarations(tree)]


def unknown_arguments(tree: Tree, schema: Mapping[str, Any]) -> Iterator[str]:
    for block in tree.blocks():
        if block.kind in TYPED_KINDS:
            type_schema = schema.get(schema_key(block.provider, block.kind, block.type))
            if type_schema is None:
                yield f"{block.address}: {block.type} is missing in the schemas: generate them again"
            else:
                yield from _check_block(block.address, _without(block.body, META), type_schema)


def _check_block(location: str, body: Body, type_schema: Mapping[str, Any]) -> Iterator[str]:
    """Compare the arguments and nested blocks with the schema."""
    blocks = dict(_nested_blocks(body))
    given_arguments = set(body) - {"dynamic"} - set(blocks)
    for name in sorted(given_arguments - _arguments(type_schema, "required", "optional")):
        yield f"{location}: unknown argument {name}"
    for name in sorted(_arguments(type_schema, "required") - given_arguments):
        yield f"{location}: missing argument {name}"
    for name, block_schema in type_schema["blocks"].items():
        if block_schema.get("min") and name not in blocks:
            yield f"{location}: missing block {name}"
    for name, bodies in blocks.items():
        yield from _check_blocks(f"{location}.{name}", bodies, type_schema["blocks"].get(name))


def _arguments(type_schema: Mapping[str, Any], *flags: str) -> set[str]:
    return {name for name, item in type_schema["attributes"].items() if any(item.get(flag) for flag in flags)}


def _check_blocks(location: str, bodies: list[Body], nested: Mapping[str, Any] | None) -> Iterator[str]:
    if nested is None:
        yield f"{location}: unknown block"
        return
    if len(bodies) > 1 and nested.get("max") == 1:
        yield f"{location}: more than one"
    for body in bodies:
        yield from _check_block(location, body, nested["block"])


def _nested_blocks(body: Body) -> Iterator[tuple[str, list[Body]]]:
    """Yield the nested blocks, including dynamic ones."""
    for name, value in body.items():
        if name == "dynamic":
            for item in value:
                yield from ((block, inner["content"]) for block, inner in item.items())
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            yield name, value


def _without(body: Body, names: set[str]) -> Body:
    return {name: value for name, value in body.items() if name not in names}


def broken_references(tree: Tree, schema: Mapping[str, Any]) -> Iterator[str]:
    """Find references to unknown locals, variables, modules and resources."""
    blocks_by_address = {block.address: block for block in tree.blocks()}
    locals_ = {name for block in tree.blocks("locals") for name in block.body}
    for block in tree.blocks():
        for kind, names in references(block.body):
            if kind == "local":
                if names[0] not in locals_:
                    yield f"{block.address}: unknown local.{names[0]}"
            else:
                yield from _check_reference(block, kind, names, blocks_by_address, schema)


def _check_reference(
    block: Block, kind: str, names: list[str], blocks_by_address: Mapping[str, Block], schema: Mapping[str, Any]
) -> Iterator[str]:
    """Check the target, the attribute and the index of a reference."""
    parts = 2 if kind in {"data", "ephemeral"} else 1
    address = ".".join([kind, *names[:parts]])
    target = blocks_by_address.get(address)
    if target is None:
        yield f"{block.address}: unknown {address}"
        return
    attributes = _known_attributes(target, schema)
    following = [name for name in names[parts:] if not name.startswith("[")]
    if following and attributes is not None and following[0] not in attributes:
        yield f"{block.address}: {address} has no {following[0]}"
    if len(names) > parts and bool({"for_each", "count"} & target.body.keys()) != names[parts].startswith("["):
        mistake = "with an index" if "[" in names[parts] else "without an index"
        yield f"{block.address}: {address} is used {mistake}"


def _known_attributes(target: Block, schema: Mapping[str, Any]) -> set[str] | None:
    if target.kind == "module":
        return {output.name for output in module_tree(target).blocks("output")}
    type_schema = schema.get(schema_key(target.provider, target.kind, target.type))
    return {*type_schema["attributes"], *type_schema["blocks"]} if type_schema else None


def references(value: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield each reference as its kind, and its names and indexes in brackets."""
    for text in texts(value):
        for inner in INTERPOLATED.findall(text):
            for match in REFERENCE.finditer(QUOTED.sub('""', inner)):
                yield match["kind"], re.findall(r"\w+|\[[^\]]*\]", match["names"])


def unused_declarations(tree: Tree) -> Iterator[str]:
    """Find unused variables, and modules with unknown or missing variables."""
    for variable in tree.blocks("variable"):
        others = [block.body for block in tree.blocks() if block.address != variable.address]
        if ("var", variable.name) not in {(kind, names[0]) for kind, names in references(others)}:
            yield f"{variable.address} is not used"
    for block in tree.blocks("module"):
        variables = {item.name: "default" in item.body for item in module_tree(block).blocks("variable")}
        given_arguments = set(block.body) - META - {"source"}
        yield from (f"{block.address}: unknown variable {name}" for name in sorted(given_arguments - variables.keys()))
        missing = sorted(
            name for name, has_default in variables.items() if not has_default and name not in given_arguments
        )
        yield from (f"{block.address}: missing variable {name}" for name in missing)


def module_tree(block: Block) -> Tree:
    return Tree.read(TERRAFORM / block.body["source"])
