"""Cursors: where a page of a list ended, opaque to the caller."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from common.errors import FieldError, Invalid
from common.ids import is_id


def written(at: datetime, document_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), document_id]).encode()).decode().rstrip("=")


def read(cursor: str) -> tuple[datetime, str]:
    """Raises `Invalid`."""
    try:
        at, document_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not is_id(document_id):
            raise ValueError("no id")
        return datetime.fromisoformat(at).astimezone(UTC), document_id
    except (binascii.Error, OverflowError, RecursionError, TypeError, ValueError) as error:
        place = FieldError(field="after", code="cursor", message="Send the `next` of the page before, unchanged.")
        raise Invalid("There is no such place in the list.", fields=[place]) from error
