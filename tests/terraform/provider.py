"""The arguments of the resources in `terraform/`, as the providers publish them, in `provider.json`.

The provider registry's own schema takes Terraform, the providers and a network. The same names, with what is required
and how blocks nest, are in the typings that npm carries for each provider:

    npm install --prefix SOMEWHERE --ignore-scripts --legacy-peer-deps @cdktf/provider-google@16.12.1 \\
      @cdktf/provider-google-beta@16.12.1 @cdktf/provider-archive@11.0.1 @cdktf/provider-random@12.0.1
    python -m tests.terraform.provider SOMEWHERE

They take 640 MB, so what `terraform/` needs of them is kept here: run this again when it uses a new kind of resource.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.terraform.tree import Tree

KEPT = Path(__file__).with_name("provider.json")
INTERFACE = re.compile(r"export interface (\w+)[^{\n]*\{\n(.*?)\n\}", re.DOTALL)
ARGUMENT = re.compile(r"#(\w+) \w+#\1\}.*?readonly \w+(\??): ([\w.]+)?(\[\])?", re.DOTALL)
GETTER = re.compile(r"^    get (\w+)\(\): ", re.MULTILINE)
OWN = re.compile(r"export declare class \w+ extends cdktf\.Terraform(?:Resource|DataSource) \{(.*)", re.DOTALL)
OF_CDKTF = {"id"}  # of a resource: it can only be read, although the typings offer to set it

Block = dict[str, Any]
"""`required` and `optional` arguments, and the `blocks` inside by name, which may be `needed` and may be `many`."""


def kept() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(KEPT.read_text())
    return read


def derive(packages: Path, tree: Tree) -> dict[str, Any]:
    used = sorted({(block.provider, block.kind, block.type) for block in tree.blocks() if block.type})
    return {
        "providers": {name: _version(packages / f"provider-{name}") for name in sorted({one[0] for one in used})},
        "types": {key(*one): _type(packages, *one) for one in used},
    }


def key(provider: str, kind: str, type_: str) -> str:
    return f"{provider}/{kind}.{type_}"


def _version(package: Path) -> str:
    version: str = json.loads((package / "package.json").read_text())["cdktf"]["provider"]["version"]
    return version


def _type(packages: Path, provider: str, kind: str, type_: str) -> Block:
    text = (packages / f"provider-{provider}" / "lib" / _folder(provider, kind, type_) / "index.d.ts").read_text()
    interfaces = dict(INTERFACE.findall(text))
    root = next(
        name for name in interfaces if name.endswith("Config") and "TerraformMetaArguments" in _head(text, name)
    )
    own = OWN.search(text)
    assert own, type_
    read = {name for name in GETTER.findall(own[1]) if not name.endswith("Input")}
    block = _block(interfaces, root)
    settable = [name for name in block["optional"] if name not in OF_CDKTF]
    return {**block, "optional": settable, "attributes": sorted(read)}


def _folder(provider: str, kind: str, type_: str) -> str:
    """`google_pubsub_topic` is in `pubsub-topic` of one package and in `google-pubsub-topic` of the other. What is
    ephemeral takes the same arguments as what is stored."""
    name = type_.replace("_", "-")
    short = name if provider == "google-beta" else name.partition("-")[2]
    return f"data-{name}" if kind == "data" else short


def _head(text: str, interface: str) -> str:
    return text[text.index(f"export interface {interface}") :].partition("\n")[0]


def _block(interfaces: Mapping[str, str], name: str) -> Block:
    found = {one[0]: one for one in ARGUMENT.findall(interfaces[name])}
    simple = {argument: one for argument, one in found.items() if one[2] not in interfaces}
    return {
        "required": sorted(argument for argument, one in simple.items() if not one[1]),
        "optional": sorted(argument for argument, one in simple.items() if one[1]),
        "blocks": dict(
            _blocks(interfaces, {argument: one for argument, one in found.items() if argument not in simple})
        ),
    }


def _blocks(interfaces: Mapping[str, str], found: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Block]]:
    for argument, (_, optional, interface, many) in sorted(found.items()):
        yield argument, {"needed": not optional, "many": bool(many), **_block(interfaces, interface)}


def main(somewhere: str) -> None:
    derived = derive(Path(somewhere) / "node_modules" / "@cdktf", Tree.read())
    KEPT.write_text(json.dumps(derived, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
