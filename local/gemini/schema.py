"""An example value for a JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
TEXT = "A short text."


def example(schema: Schema, definitions: Schema | None = None) -> Any:
    """Return the simplest valid value: of `const`, `default` or `enum`, else a value of the right type."""
    definitions = schema.get("$defs", definitions or {})
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return example(schema[name][0], definitions)
    fixed_values = [schema[name] for name in ("const", "default") if name in schema] + list(schema.get("enum", ()))[:1]
    return fixed_values[0] if fixed_values else _typed_example(schema, definitions)


def _typed_example(schema: Schema, definitions: Schema) -> Any:
    """Return an example for the `type` of the schema."""
    match str(schema.get("type", "object" if "properties" in schema else "string")).lower():
        case "object":
            return {
                name: example(property_schema, definitions)
                for name, property_schema in schema.get("properties", {}).items()
            }
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
    min_length, max_length = int(schema.get("minLength", 0)), int(schema.get("maxLength", len(TEXT)))
    return (TEXT * (1 + min_length // len(TEXT)))[: max(min_length, min(len(TEXT), max_length))]
