"""Deltas: the rows of one commit, compressed into a document that is written in the same commit."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence

from common.audience.index.rows import CustomerEvent, CustomerRow, to_json_line
from common.audience.index.tables import CUSTOMERS, EVENTS, IndexTable, document_path
from common.errors import Invalid
from common.storage.documents import Put

MAX_DELTA_BYTES = 900_000
"""The maximum size of one document's rows; Firestore's limit for a document is 1 MiB."""


def customer_delta(rows: Sequence[CustomerRow]) -> list[Put]:
    """The writes to add to the commit that writes these customers: one document, or more if the rows do not fit in one.

    A customer may occur only once. Raises `Invalid` if a single customer does not fit.
    """
    return _delta_documents(CUSTOMERS, [to_json_line(row) for row in rows])


def event_delta(events: Sequence[CustomerEvent]) -> list[Put]:
    """The writes to add to the commit that writes these activities or receipts, or that erases a customer.

    One document, or more if the events do not fit in one; none without events.
    """
    return _delta_documents(EVENTS, [to_json_line(event) for event in events])


def _delta_documents(table: IndexTable, lines: Sequence[bytes]) -> list[Put]:
    """With new ids. If the client sends a commit again, it writes the same documents again."""
    return [Put(document_path(table.new_delta_id()), {"rows": rows, "count": count}) for count, rows in _pack(lines)]


def _pack(lines: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """The number of lines and the compressed lines of each document."""
    packed = gzip.compress(b"\n".join(lines), compresslevel=6, mtime=0)
    if len(packed) <= MAX_DELTA_BYTES:
        yield from [(len(lines), packed)] if lines else []
        return
    if len(lines) == 1:
        raise Invalid(f"A customer's data may have at most {MAX_DELTA_BYTES:,} bytes.")
    half = len(lines) // 2
    yield from _pack(lines[:half])
    yield from _pack(lines[half:])
