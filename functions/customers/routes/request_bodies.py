"""OpenAPI descriptions of request bodies and options of the endpoints that take rows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from common.addresses.consent import ConsentState

from ..commands.known_customers import OnSeveralCustomers
from ..model.activity import OnUnknownCustomer
from ..model.customer import ConsentName, TagMode

ColumnsOption = Annotated[
    str | None,
    Field(
        max_length=20_000,
        description='the field of a column: `{"E-Mail 1": "email", "Notes": ""}`; "" leaves the column out. An object '
        'also says how it is read: `{"Joined": {"field": "first_order_at", "format": "mdy"}}`; what is not given is '
        "found from the values",
    ),
]
SheetOption = Annotated[str | None, Field(max_length=100, description="of a workbook: the sheet; else the first one")]

ActivityTypeOption = Annotated[
    str | None,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,49}$",
        description="of a table of activities: the type of rows without one; else `order` if it has amounts, or "
        "`visit`",
    ),
]


class ImportOptions(BaseModel):
    """How the rows of a body are imported."""

    dry_run: bool = Field(default=False, description="return the same response without writing anything")
    background: bool = Field(default=False, description="process the rows as an import even if there are few")
    columns: ColumnsOption = None
    sheet: SheetOption = None
    type: ActivityTypeOption = None
    file: str | None = Field(default=None, max_length=300, description="the name of the file")
    on_several_customers: OnSeveralCustomers = Field(
        default="reject", description="what happens to a row that gives only an email or phone, if several have it"
    )


class CustomerImportOptions(ImportOptions):
    """How the customers of a body are imported."""

    consent: ConsentState | None = Field(
        default=None,
        description="whether these people agreed to get messages; recorded for those who have no consent of their own "
        "in the body, with the file, the day and the member",
    )
    consent_channels: list[ConsentName] = Field(default=["email"], max_length=10, description="what `consent` is about")
    tags: TagMode = Field(
        default="add", description="what the tags of a row do with those that the customer has; without tags, nothing"
    )
    tag: str | None = Field(
        default=None, min_length=1, max_length=100, description="a tag that all these customers get, for this import"
    )


class ActivityImportOptions(ImportOptions):
    """How the activities of a body are imported."""

    on_unknown_customer: OnUnknownCustomer = Field(
        default="reject", description="what happens to an activity whose customer does not exist"
    )


def one_or_many_body(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI body of an endpoint that takes one object or many. The document has the schema of the model."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    array = {"type": "array", "items": schema, "minItems": 1}
    text = {"schema": {"type": "string"}}
    content = {
        "application/json": {"schema": {"oneOf": [schema, array]}},
        "application/x-ndjson": text,
        "text/csv": text,
    }
    return {"requestBody": {"required": True, "content": content}}


CSV_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/x-ndjson": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _BINARY,
            "application/gzip": _BINARY,
            "application/zip": _BINARY,
        },
    }
}
