"""The schemas of the resource types in `terraform/`, stored in `providers/VERSION.json`.

The registry of providers cannot be reached everywhere, so the schemas are read from the source of the two providers.
Unpack both (the folders `google/` and `google-beta/` of the repositories) into FOLDER/VERSION for each version, and
run this again for a new resource type or a new version:

    python -m tests.terraform.provider FOLDER 6.50.0 7.45.0

The types of the small providers are written down here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.terraform.go_literals import ComputedValue, parse_literal
from tests.terraform.tree import TERRAFORM, Tree

FOLDER = Path(__file__).with_name("providers")
VERSIONS = ["6.50.0", "7.45.0"]
"""The oldest and the newest version that `terraform/` is checked against."""

SCALARS = {"TypeString": "string", "TypeInt": "number", "TypeFloat": "number", "TypeBool": "bool"}
COLLECTIONS = {"TypeList": "list", "TypeSet": "set", "TypeMap": "map"}

BlockSchema = dict[str, Any]
"""`attributes` by name (type, and whether required, optional, computed, …), and nested `blocks` by name."""


def _attribute(kind: Any, **flags: bool) -> dict[str, Any]:
    return {"type": kind, **flags}


def _settable(*names: str, required: bool = False, kind: Any = "string") -> dict[str, Any]:
    return {name: _attribute(kind, **({"required": True} if required else {"optional": True})) for name in names}


def _computed(*names: str, kind: Any = "string") -> dict[str, Any]:
    return {name: _attribute(kind, computed=True) for name in names}


SMALL_PROVIDERS: dict[str, dict[str, BlockSchema]] = {
    "archive": {
        "data.archive_file": {
            "attributes": {
                **_settable("output_path", "type", required=True),
                **_settable(
                    "output_file_mode", "source_content", "source_content_filename", "source_dir", "source_file"
                ),
                **_settable("excludes", kind=["set", "string"]),
                **_settable("exclude_symlink_directories", kind="bool"),
                **_computed("id", "output_base64sha256", "output_base64sha512", "output_md5", "output_sha"),
                **_computed("output_sha256", "output_sha512"),
                **_computed("output_size", kind="number"),
            },
            "blocks": {
                "source": {
                    "mode": "set",
                    "block": {"attributes": _settable("content", "filename", required=True), "blocks": {}},
                }
            },
        }
    },
    "random": {
        "ephemeral.random_password": {
            "attributes": {
                **_settable("length", required=True, kind="number"),
                **_settable("lower", "numeric", "special", "upper", kind="bool"),
                **_settable("min_lower", "min_numeric", "min_special", "min_upper", kind="number"),
                **_settable("override_special"),
                **_computed("bcrypt_hash", "result"),
            },
            "blocks": {},
        }
    },
    "time": {
        "resource.time_sleep": {
            "attributes": {
                **_settable("create_duration", "destroy_duration"),
                **_settable("triggers", kind=["map", "string"]),
                **_computed("id"),
            },
            "blocks": {},
        }
    },
}
"""Of archive 2.7, random 3.7 and time 0.13, from their documentation."""


def load_schema(version: str = VERSIONS[-1]) -> dict[str, BlockSchema]:
    """Return the schemas of one version of the Google providers by `PROVIDER/KIND.TYPE`."""
    stored: dict[str, BlockSchema] = json.loads((FOLDER / f"{version}.json").read_text())
    small = SMALL_PROVIDERS.items()
    return stored | {f"{provider}/{name}": block for provider, types in small for name, block in types.items()}


def schema_key(provider: str, kind: str, type_: str) -> str:
    return f"{provider}/{kind}.{type_}"


class ProviderSource:
    """The Go files of one version of a provider."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _search(self, pattern: str, folder: str = "services") -> list[tuple[str, str]]:
        """Return the files with a line that matches, without tests, and the lines."""
        command = ["grep", "-rnE", "--include=*.go", "--exclude=*_test.go", pattern, str(self._folder / folder)]
        output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        lines = (line.split(":", 2) for line in output.splitlines())
        return [(path, text) for path, _, text in lines]

    def type_schema(self, kind: str, type_: str) -> BlockSchema:
        """Return the schema of a resource type or a data source."""
        expression = self._constructor(kind, type_)
        block = self._block(self._member(expression) or self._resource(re.findall(r"(\w+)\(\)", expression)[0]))
        block["attributes"]["id"] = _attribute("string", computed=True)
        return block

    def _constructor(self, kind: str, type_: str) -> str:
        """Return the Go expression that creates the type: from the registry of version 7, or the map of version 6."""
        registered = "SchemaTypeDataSource" if kind == "data" else "SchemaType(?:IAM)?Resource"
        for path, _ in self._search(f'Name: +"{type_}",'):
            pattern = rf'Name: +"{type_}",\s+ProductName: [^\n]+\s+Type: +registry\.{registered},\s+Schema: +([^\n]+),'
            if found := re.search(pattern, Path(path).read_text()):
                return found[1]
        lines = [text for _, text in self._search(f'^\\s+"{type_}": ', "provider")]
        [line] = [text for text in lines if ("DataSource" in text) == (kind == "data")]
        return line.partition(":")[2]

    def _resource(self, function: str) -> dict[str, Any]:
        """Return the fields of the resource that a Go function returns."""
        [path] = {path for path, _ in self._search(f"^func {function}\\(\\) \\*schema.Resource")}
        text = Path(path).read_text()
        body = text[text.index(f"func {function}() *schema.Resource") :]
        if copied := re.match(r"[^{]*\{\s*(?:// .*\s*)?dsSchema := [\w.]+\((\w+)\(\)\.Schema\)", body):
            optional = re.findall(r'AddOptionalFields\w+\(dsSchema, "(\w+)"', body)
            return _as_data_source(self._resource(copied[1]), optional)
        literal = parse_literal(body, body.index("return ") + len("return "))
        return self._member(body) if isinstance(literal, ComputedValue) else dict(literal["Schema"])

    def _member(self, text: str) -> dict[str, Any]:
        """Return the fields of an IAM member: those of all members, and those of what it is a member of."""
        member = re.search(r"ResourceIamMember\(\s*(?:\w+\.)?(\w+)", text)
        if not member:
            return {}
        return {**self._variable("IamMemberBaseSchema", "tpgiamresource"), **self._variable(member[1], "services")}

    def _variable(self, name: str, folder: str) -> dict[str, Any]:
        pattern = f"^var {name} = map"
        [(path, _)] = self._search(pattern, folder)
        text = Path(path).read_text()
        return dict(parse_literal(text, re.search(pattern[:-3], text, re.MULTILINE).end()))  # type: ignore[union-attr]

    def _block(self, fields: Mapping[str, Any]) -> BlockSchema:
        """Convert the fields of Go to attributes and blocks, as the plug-in SDK does."""
        block: BlockSchema = {"attributes": {}, "blocks": {}}
        for name, field in sorted(fields.items()):
            if isinstance(field, ComputedValue):
                block["attributes"][name] = _attribute("string", optional=True, computed=True)
            elif _is_block(field):
                block["blocks"][name] = self._nested(field)
            else:
                block["attributes"][name] = self._scalar(field)
        return block

    def _element(self, field: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the fields of the objects in a list or set, or `None` for plain values."""
        element = field.get("Elem")
        if isinstance(element, ComputedValue):
            return self._resource(element.name) if element.name else None
        return element.get("Schema") if element and "Schema" in element else None

    def _nested(self, field: Mapping[str, Any]) -> dict[str, Any]:
        limits = {"min": 1} if field.get("Required") else {}
        limits |= {"max": int(field["MaxItems"])} if "MaxItems" in field else {}
        nested = {"mode": COLLECTIONS[_last(field["Type"])], **limits, "block": self._block(self._element(field) or {})}
        return nested | ({"force_new": True} if field.get("ForceNew") else {})

    def _scalar(self, field: Mapping[str, Any]) -> dict[str, Any]:
        flags = {"Required": "required", "Optional": "optional", "Computed": "computed"}
        flags |= {"Sensitive": "sensitive", "WriteOnly": "write_only", "ForceNew": "force_new"}
        set_flags = {name: True for go, name in flags.items() if field.get(go) == "true"}
        return {"type": self._type(field), **set_flags}

    def _type(self, field: Mapping[str, Any]) -> Any:
        kind = _last(field["Type"])
        if kind in SCALARS:
            return SCALARS[kind]
        if (objects := self._element(field)) is not None:
            return [COLLECTIONS[kind], ["object", {name: self._type(inner) for name, inner in sorted(objects.items())}]]
        element = field.get("Elem") or {}
        return [COLLECTIONS[kind], self._type(element) if isinstance(element, Mapping) and element else "string"]


def _as_data_source(fields: Mapping[str, Any], optional: list[str]) -> dict[str, Any]:
    """Make every field read-only, except the optional ones."""
    kept = {name: field for name, field in fields.items() if not isinstance(field, ComputedValue)}
    return {
        name: {
            **{key: value for key, value in field.items() if key in {"Type", "Elem"}},
            **({"Optional": "true"} if name in optional else {"Computed": "true"}),
        }
        for name, field in kept.items()
    }


def _is_block(field: Mapping[str, Any]) -> bool:
    """Lists and sets of objects are blocks, unless they are read-only."""
    element = field.get("Elem")
    has_objects = isinstance(element, ComputedValue) or (isinstance(element, Mapping) and "Schema" in element)
    read_only = field.get("Computed") == "true" and field.get("Optional") != "true"
    as_attribute = "ConfigMode" in field
    return _last(field["Type"]) in {"TypeList", "TypeSet"} and has_objects and not read_only and not as_attribute


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def derive_schema(folder: Path, *trees: Tree) -> Iterator[tuple[str, BlockSchema]]:
    """Yield the schemas of the types that the files use."""
    used = {(block.provider, block.kind, block.type) for tree in trees for block in tree.blocks()}
    for provider, kind, type_ in sorted(used):
        if type_ and provider not in SMALL_PROVIDERS and not type_.startswith("terraform_"):
            source = ProviderSource(folder / provider)
            yield schema_key(provider, kind, type_), source.type_schema(kind, type_)


def main(folder: str, *versions: str) -> None:
    for version in versions:
        derived = dict(derive_schema(Path(folder) / version, Tree.read(), Tree.read(TERRAFORM / "github")))
        lines = [f"{json.dumps(key)}: {json.dumps(block, sort_keys=True)}" for key, block in derived.items()]
        (FOLDER / f"{version}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
