"""Any answer that fits a JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
TEXT = "A short text."


def example(schema: Schema, definitions: Schema | None = None) -> Any:
    """The plainest value that fits: what is given as `const`, `enum` or `default`, else something of the right type."""
    known = schema.get("$defs", definitions or {})
    if "$ref" in schema:
        return example(known[schema["$ref"].rpartition("/")[2]], known)
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return example(schema[name][0], known)
    given = [schema[name] for name in ("const", "default") if name in schema] + list(schema.get("enum", ()))[:1]
    return given[0] if given else _of_type(schema, known)


def _of_type(schema: Schema, definitions: Schema) -> Any:
    match str(schema.get("type", "object" if "properties" in schema else "string")).lower():
        case "object":
            return {name: example(one, definitions) for name, one in schema.get("properties", {}).items()}
        case "array":
            return [example(schema.get("items", {}), definitions)] * max(1, int(schema.get("minItems", 1)))
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "null":
            return None
    return _text(schema)


def _text(schema: Schema) -> str:
    shortest, longest = int(schema.get("minLength", 0)), int(schema.get("maxLength", len(TEXT)))
    return (TEXT * (1 + shortest // len(TEXT)))[: max(shortest, min(len(TEXT), longest))]
