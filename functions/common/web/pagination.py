"""Cursors: the position where a page of a list ended, as an opaque text."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from common.errors import FieldError, Invalid
from common.ids import is_id


def encode_cursor(at: datetime, document_id: str) -> str:
    """The cursor after this document in a list that is sorted by time, then id."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), document_id]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """The time and the document id of a cursor. Raises `Invalid`."""
    try:
        at, document_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not is_id(document_id):
            raise ValueError("not an id")
        return datetime.fromisoformat(at).astimezone(UTC), document_id
    except (binascii.Error, OverflowError, RecursionError, TypeError, ValueError) as error:
        problem = FieldError(field="after", code="cursor", message="Send `next` of the previous page, unchanged.")
        raise Invalid("Unknown cursor.", fields=[problem]) from error
