"""What the plug-in SDK does to values: planned and applied states, and which changes replace a resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tests.terraform.plugin_protocol import UNKNOWN
from tests.terraform.provider import BlockSchema

Values = dict[str, Any]
EMPTY = {"string": "", "number": 0, "bool": False}


def plan_values(block: BlockSchema, proposed: Mapping[str, Any]) -> Values:
    """Make what the provider decides unknown, and drop write-only values, which no plan contains."""
    return {
        **{name: _plan_attribute(attribute, proposed.get(name)) for name, attribute in block["attributes"].items()},
        **{
            name: _map_blocks(proposed.get(name), partial(plan_values, nested["block"]))
            for name, nested in block["blocks"].items()
        },
    }


def _plan_attribute(attribute: Mapping[str, Any], value: Any) -> Any:
    if attribute.get("write_only"):
        return None
    return UNKNOWN if value is None and attribute.get("computed") else value


def _map_blocks(value: Any, change: Callable[[Mapping[str, Any]], Values]) -> Any:
    if value is None or value is UNKNOWN:
        return value
    return [change(inner) for inner in value] if isinstance(value, list) else change(value)


def settle_values(block: BlockSchema, planned: Mapping[str, Any], decide: Callable[[str, Any], Any]) -> Values:
    """Replace what is unknown by what `decide` returns for the name and the type of the attribute."""
    return {
        **{
            name: decide(name, attribute["type"]) if planned.get(name) is UNKNOWN else planned.get(name)
            for name, attribute in block["attributes"].items()
        },
        **{
            name: _map_blocks(planned.get(name), partial(settle_values, nested["block"], decide=decide))
            for name, nested in block["blocks"].items()
        },
    }


def empty_value(kind: Any) -> Any:
    """Return a value of a type that says nothing."""
    return EMPTY[kind] if isinstance(kind, str) else {} if kind[0] in {"map", "object"} else []


def replaced_by(block: BlockSchema, prior: Mapping[str, Any], planned: Mapping[str, Any]) -> Iterator[str]:
    """Yield the attributes and blocks whose change needs a new resource."""
    for name, attribute in block["attributes"].items():
        if attribute.get("force_new") and prior.get(name) != planned.get(name):
            yield name
    for name, nested in block["blocks"].items():
        if prior.get(name) != planned.get(name) and _replaces(nested, prior.get(name), planned.get(name)):
            yield name


def _replaces(nested: Mapping[str, Any], prior: Any, planned: Any) -> bool:
    before, after = prior or [], planned or []
    if len(before) != len(after):
        return bool(nested.get("force_new"))
    return any(any(replaced_by(nested["block"], one, other)) for one, other in zip(before, after, strict=True))


def null_values(block: BlockSchema) -> Values:
    """Return the value of a block in which nothing is set."""
    return {
        **dict.fromkeys(block["attributes"]),
        **{name: None if nested["mode"] == "single" else [] for name, nested in block["blocks"].items()},
    }


def missing_arguments(block: BlockSchema, config: Mapping[str, Any]) -> Iterator[str]:
    """Yield the required arguments that are null, which Terraform itself leaves to the provider."""
    yield from (name for name, item in block["attributes"].items() if item.get("required") and config[name] is None)
    for name, nested in block["blocks"].items():
        inner = config[name]
        for body in inner if isinstance(inner, list) else []:
            yield from missing_arguments(nested["block"], body)
