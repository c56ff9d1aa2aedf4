"""Customers as the database has them, for a few of them in any buckets: nothing of the index is loaded for these."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from common.audience.index.rows import CustomerRow, row_from_document
from common.audience.merged_customers import is_merged
from common.ids import ERASED_CUSTOMER_ID
from common.storage.documents import Documents, Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRows:
    """Customers by id; only those that exist. A customer who was merged into another is the other one, under the id
    that was asked for."""

    at: datetime | None  # the instant of the first read; None if nobody was asked for
    rows: dict[str, CustomerRow]


async def read_rows(documents: Documents, customer_ids: Collection[str]) -> StoredRows:
    """Reads a document for each customer, and another one for each who was merged."""
    ids = sorted(set(customer_ids) - {ERASED_CUSTOMER_ID})
    stored = await documents.get_all([f"customers/{id_}" for id_ in ids]) if ids else []
    merged = {one.id: one["merged_into"] for one in stored if is_merged(one)}
    kept_paths = sorted({f"customers/{id_}" for id_ in merged.values()})
    kept = {one.id: one for one in (await documents.get_all(kept_paths) if kept_paths else [])}
    found = {one.id: one for one in stored if one.id not in merged} | {
        id_: kept[other] for id_, other in merged.items()
    }
    return StoredRows(
        at=min((one.at for one in stored), default=None),
        rows={id_: replace(_row(one), id=id_) for id_, one in found.items() if one.exists and not is_merged(one)},
    )


def _row(stored: Snapshot) -> CustomerRow:
    return row_from_document(stored.id, stored.data or {})
