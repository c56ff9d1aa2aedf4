"""What Herald understands of a file: its columns, and each row with its warnings, in a form that can be compared."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.types import Message

from common.clock import times_without_zone_in
from common.errors import HeraldError
from customers.formats.column_types import ReadingDefaults
from customers.formats.columns import ACTIVITIES, CUSTOMERS, RowSchema
from customers.imports.row_validation import validate_row
from customers.imports.upload import Upload
from customers.model.activity import ActivityInput
from customers.model.customer import CustomerInput

FILES = Path(__file__).parent / "files"
MEDIA_TYPES = {".csv": "text/csv", ".txt": "text/plain", ".xls": "application/vnd.ms-excel"}
INDIA = ZoneInfo("Asia/Kolkata")


def upload(
    content: bytes,
    media_type: str,
    columns: str | None = None,
    sheet: str | None = None,
    schema: RowSchema = CUSTOMERS,
) -> Upload:
    """The upload of a file with this content."""

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(content)).encode())]
    request = Request({"type": "http", "headers": headers}, receive)
    defaults = ReadingDefaults(date_order="dmy", currency="INR")
    return Upload(request, schema, columns, sheet=sheet, defaults=defaults)


def understand(name: str) -> dict[str, Any]:
    """The columns and rows of a file in `files`, or the error that says why it cannot be read."""
    path = FILES / name
    schema = ACTIVITIES if name.startswith("activities-") else CUSTOMERS
    body = upload(path.read_bytes(), MEDIA_TYPES.get(path.suffix, "application/octet-stream"), schema=schema)
    try:
        rows = asyncio.run(body.read_rows(1_000))
    except HeraldError as error:
        return {"error": error.code, "message": str(error)}
    mapping = body.column_mapping
    columns = [
        " ".join(filter(None, [column.key, "→", column.field or "left out", column.format.type, column.format.format]))
        + (" (if the others are empty)" if column.is_alternative else "")
        for column in (mapping.columns if mapping else [])
    ]
    with times_without_zone_in(INDIA):
        return {"columns": columns, "rows": [_outcome(row, schema) for row in rows]}


def _outcome(row: Any, schema: RowSchema) -> dict[str, Any]:
    model: type[CustomerInput] | type[ActivityInput] = ActivityInput if schema is ACTIVITIES else CustomerInput
    validated = validate_row(model, row)
    if validated.model is None:
        return {"rejected": [f"{error.field}: {error.code}" for error in validated.errors]}
    what = "activity" if schema is ACTIVITIES else "customer"
    outcome: dict[str, Any] = {what: validated.model.model_dump(mode="json", exclude_unset=True)}
    consent = outcome[what].get("consent", {})
    for channel, said in consent.items():
        consent[channel] = said["state"] + (f" at {said['at']}" if said.get("at") else "")
    if validated.warnings:
        outcome["warnings"] = [f"{warning.field}: {warning.code}: {warning.value}" for warning in validated.warnings]
    return outcome
