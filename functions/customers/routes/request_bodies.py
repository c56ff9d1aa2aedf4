"""What the endpoints that take rows say of their bodies and parameters in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from ..model.activity import Unknown


class Reading(BaseModel):
    """How the rows of a body are taken."""

    dry_run: bool = Field(default=False, description="answer the same without writing anything")
    background: bool = Field(default=False, description="as an import, however few rows there are")
    columns: str | None = Field(
        default=None,
        max_length=20_000,
        description='which field a column of a CSV is: `{"E-Mail 1": "email", "Notes": ""}`; "" leaves it out',
    )


class ActivitiesReading(Reading):
    unknown: Unknown = Field(default="refuse", description="what becomes of an activity of nobody we know")


def one_or_many(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    many = {"type": "array", "items": schema, "minItems": 1}
    text = {"schema": {"type": "string"}}
    content = {
        "application/json": {"schema": {"oneOf": [schema, many]}},
        "application/x-ndjson": text,
        "text/csv": text,
    }
    return {"requestBody": {"required": True, "content": content}}


TABLE: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
