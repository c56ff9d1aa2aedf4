"""Changes: the rows of one commit, packed into a document that is written in the same commit."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence

from common.audience.index.rows import Happening, Row, line
from common.audience.index.tables import CUSTOMERS, EVENTS, Sheet, path
from common.errors import Invalid
from common.storage.documents import Create

MOST_BYTES = 900_000
"""Of one document's rows; Firestore takes a document of 1 MiB."""


def change(rows: Sequence[Row]) -> list[Create]:
    """What to add to the commit that writes these customers: one document, or a few where the rows do not fit in one.

    A customer may be among the rows only once. Raises `Invalid` where a single customer does not fit.
    """
    return _documents(CUSTOMERS, [line(row) for row in rows])


def happened(happenings: Sequence[Happening]) -> list[Create]:
    """What to add to the commit that writes these activities or receipts, or that erases a customer: one document, or
    a few where they do not fit in one; none where there are none."""
    return _documents(EVENTS, [line(one) for one in happenings])


def _documents(sheet: Sheet, lines: Sequence[bytes]) -> list[Create]:
    return [Create(path(sheet.new_change()), {"rows": pack, "count": len(part)}) for part, pack in _packed(lines)]


def _packed(lines: Sequence[bytes]) -> Iterator[tuple[Sequence[bytes], bytes]]:
    pack = gzip.compress(b"\n".join(lines), compresslevel=6, mtime=0)
    if len(pack) <= MOST_BYTES:
        yield from [(lines, pack)] if lines else []
        return
    if len(lines) == 1:
        raise Invalid(f"A customer's data may take {MOST_BYTES:,} bytes; this takes more.")
    half = len(lines) // 2
    yield from _packed(lines[:half])
    yield from _packed(lines[half:])
