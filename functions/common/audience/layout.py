"""What lies where in the collection `audience`."""

from __future__ import annotations

from datetime import datetime

from common.documents import Query
from common.ids import random_id

COLLECTION = "audience"

CHANGE, BLOCK = "change-", "block-"
"""What the ids of all changes, and of all blocks, begin with."""


def path(document_id: str) -> str:
    return f"{COLLECTION}/{document_id}"


HEAD = path("head")


def new_change() -> str:
    return f"{CHANGE}{random_id()}"


def block(generation: int, bucket: int, number: int) -> str:
    return f"{BLOCK}{generation}-{bucket}-{number}"


def ids(kind: str, at: datetime, *, limit: int | None = None) -> Query:
    """The ids of all changes, or of all blocks, at an instant."""
    after_all = kind[:-1] + chr(ord(kind[-1]) + 1)
    return Query(collection=COLLECTION, id_from=kind, id_before=after_all, fields=(), limit=limit, at=at)
