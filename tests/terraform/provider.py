"""The arguments of the resource types in `terraform/`, stored in `provider.json`.

The schema of the registry needs Terraform, the providers and a network. The npm typings of each provider contain the
same names, with required arguments and nested blocks:

    npm install --prefix FOLDER --ignore-scripts --legacy-peer-deps @cdktf/provider-google@16.12.1 \\
      @cdktf/provider-google-beta@16.12.1 @cdktf/provider-archive@11.0.1 @cdktf/provider-random@12.0.1
    python -m tests.terraform.provider FOLDER

The packages have 640 MB, so only the types that `terraform/` uses are stored. Run this again for a new resource type.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.terraform.tree import Tree

SCHEMA_FILE = Path(__file__).with_name("provider.json")
INTERFACE = re.compile(r"export interface (\w+)[^{\n]*\{\n(.*?)\n\}", re.DOTALL)
ARGUMENT = re.compile(r"#(\w+) \w+#\1\}.*?readonly \w+(\??): ([\w.]+)?(\[\])?", re.DOTALL)
GETTER = re.compile(r"^    get (\w+)\(\): ", re.MULTILINE)
RESOURCE_CLASS = re.compile(
    r"export declare class \w+ extends cdktf\.Terraform(?:Resource|DataSource) \{(.*)", re.DOTALL
)
READ_ONLY = {"id"}  # of a resource: read-only, although the typings allow to set it

BlockSchema = dict[str, Any]
"""`required` and `optional` arguments, and nested `blocks` by name, each with `needed` and `many`."""


def load_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
    return schema


def derive_schema(packages: Path, tree: Tree) -> dict[str, Any]:
    used_types = sorted({(block.provider, block.kind, block.type) for block in tree.blocks() if block.type})
    return {
        "providers": {
            name: _provider_version(packages / f"provider-{name}") for name in sorted({item[0] for item in used_types})
        },
        "types": {schema_key(*item): _type_schema(packages, *item) for item in used_types},
    }


def schema_key(provider: str, kind: str, type_: str) -> str:
    return f"{provider}/{kind}.{type_}"


def _provider_version(package: Path) -> str:
    version: str = json.loads((package / "package.json").read_text())["cdktf"]["provider"]["version"]
    return version


def _type_schema(packages: Path, provider: str, kind: str, type_: str) -> BlockSchema:
    """Read the arguments and attributes of a type from its typings."""
    text = (packages / f"provider-{provider}" / "lib" / _folder(provider, kind, type_) / "index.d.ts").read_text()
    interfaces = dict(INTERFACE.findall(text))
    config_interface = next(
        name for name in interfaces if name.endswith("Config") and "TerraformMetaArguments" in _head(text, name)
    )
    resource_class = RESOURCE_CLASS.search(text)
    assert resource_class, type_
    attributes = {name for name in GETTER.findall(resource_class[1]) if not name.endswith("Input")}
    block = _block(interfaces, config_interface)
    settable = [name for name in block["optional"] if name not in READ_ONLY]
    return {**block, "optional": settable, "attributes": sorted(attributes)}


def _folder(provider: str, kind: str, type_: str) -> str:
    """Return the folder of a type: `pubsub-topic` in one package and `google-pubsub-topic` in the other.

    Ephemeral types have the same arguments as stored ones.
    """
    name = type_.replace("_", "-")
    short = name if provider == "google-beta" else name.partition("-")[2]
    return f"data-{name}" if kind == "data" else short


def _head(text: str, interface: str) -> str:
    return text[text.index(f"export interface {interface}") :].partition("\n")[0]


def _block(interfaces: Mapping[str, str], name: str) -> BlockSchema:
    """Read the arguments and nested blocks of an interface."""
    arguments = {item[0]: item for item in ARGUMENT.findall(interfaces[name])}
    scalars = {argument: item for argument, item in arguments.items() if item[2] not in interfaces}
    return {
        "required": sorted(argument for argument, item in scalars.items() if not item[1]),
        "optional": sorted(argument for argument, item in scalars.items() if item[1]),
        "blocks": dict(
            _blocks(interfaces, {argument: item for argument, item in arguments.items() if argument not in scalars})
        ),
    }


def _blocks(
    interfaces: Mapping[str, str], arguments: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, BlockSchema]]:
    for argument, (_, is_optional, interface, is_list) in sorted(arguments.items()):
        yield argument, {"needed": not is_optional, "many": bool(is_list), **_block(interfaces, interface)}


def main(folder: str) -> None:
    derived = derive_schema(Path(folder) / "node_modules" / "@cdktf", Tree.read())
    SCHEMA_FILE.write_text(json.dumps(derived, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
