"""Pages of a list, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from common.storage.documents import Query, Snapshot
from common.web.pagination import decode_cursor, encode_cursor


def newest_first_query(collection: str, *, after: str | None, limit: int) -> Query:
    """One page in descending order of creation; `after` is the cursor of the previous page. Raises `Invalid`."""
    return Query(
        collection=collection,
        order_by=("created_at", "desc"),
        after=decode_cursor(after) if after else None,
        limit=limit,
    )


def next_cursor(page: Sequence[Snapshot], limit: int) -> str | None:
    """The cursor of the next page; None if this page is not full."""
    return encode_cursor(page[-1]["created_at"], page[-1].id) if len(page) == limit else None
