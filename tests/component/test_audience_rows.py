"""Rows and deltas: how a customer gets into the index."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from common.audience import Audience, CustomerRow, customer_delta, row_from_document, tombstone
from common.audience.index.rows import CUSTOMER_COLUMNS
from common.errors import Invalid
from common.ids import bucket_of
from common.rules.fields import FIELDS
from common.storage.documents import Put
from common.storage.memory import MemoryDocuments

NOW = datetime(2026, 11, 23, 9, 30, 0, 123_456, tzinfo=UTC)


def incompressible_text(length: int) -> str:
    """Text that compression does not make smaller."""
    return random.Random(length).randbytes(length * 3 // 4).hex()[:length]


def person(number: int, **more: Any) -> CustomerRow:
    return row_from_document(f"p{number}", {"bucket": number % 64, "version": number + 1, **more})


async def read_back(rows: Sequence[CustomerRow]) -> dict[str, CustomerRow]:
    documents = MemoryDocuments()
    await documents.commit(customer_delta(rows))
    return await Audience(documents).rows([row.id for row in rows])


def test_customer_columns_are_the_fields_of_a_row() -> None:
    """The columns are the fields of a row, and include all fields of rules."""
    assert {one.name for one in fields(CustomerRow)} == set(CUSTOMER_COLUMNS)
    assert set(FIELDS) < set(CUSTOMER_COLUMNS)


async def test_customer_row_survives_round_trip() -> None:
    """A row with unusual values is the same after writing and reading."""
    row = row_from_document(
        "p1",
        {
            "bucket": 63,
            "version": 1_764_000_000_000_000,
            "external_id": "c-1",
            "name": 'Ünï "quoted" \\ \x00 \n हिन्दी 🙂',
            "email": "a@example.com",
            "phone": "+911234567890",
            "city": "",
            "timezone": "Asia/Kolkata",
            "spend": 2**63 - 1,
            "visits": -(2**63),
            "orders": 0,
            "active_days": 7,
            "last_active_at": NOW.astimezone(timezone(timedelta(hours=5, minutes=30))),
            "created_at": datetime(1, 1, 1, tzinfo=UTC),
            "updated_at": datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
            "tags": ["vip", "é, \"'[]"],
            "attributes": {"": {"deep": [1, 2.5, None, True, {"x": "y"}]}, "big": 10**30},
            "consent": {"email": True, "sms": False},
            "unknown to the index": 1,
        },
    )
    assert await read_back([row]) == {"p1": row}


async def test_row_with_missing_fields_has_defaults() -> None:
    """A field that is missing or None in the document is missing in the row."""
    row = row_from_document("p1", {"bucket": 0, "version": 1, "name": None, "tags": None, "consent": None})
    assert row == CustomerRow(id="p1", bucket=0, version=1)
    assert await read_back([row]) == {"p1": row}


async def test_tombstone_is_no_customer() -> None:
    """A tombstone is not returned as a customer."""
    stone = tombstone("p1", version=5)
    assert (stone.bucket, stone.erased, stone.name) == (bucket_of("p1"), True, None)
    assert await read_back([stone]) == {}


async def test_customer_delta_of_one_commit_is_one_document() -> None:
    """The rows of a commit become one compressed document."""
    [write] = customer_delta([person(number) for number in range(500)])
    assert isinstance(write, Put)
    assert write.path.startswith("audience/customers-delta-")
    assert write.data["count"] == 500
    assert json.loads(gzip.decompress(write.data["rows"]).splitlines()[7])["id"] == "p7"


def test_customer_deltas_have_different_ids() -> None:
    """Two deltas with the same content have different ids."""
    [one], [other] = customer_delta([person(1)]), customer_delta([person(1)])
    assert one.path != other.path


def test_customer_delta_without_rows_is_empty() -> None:
    """Without rows there is no delta."""
    assert customer_delta([]) == []


async def test_customer_delta_of_large_commit_is_several_documents() -> None:
    """Rows that do not fit in one document become several deltas."""
    rows = [person(number, name=incompressible_text(1_000 + number)) for number in range(2_000)]
    writes = customer_delta(rows)
    assert len(writes) > 1
    assert all(len(write.data["rows"]) <= 900_000 for write in writes)
    assert await read_back(rows) == {row.id: row for row in rows}


def test_customer_delta_with_too_large_customer_is_refused() -> None:
    """A customer that does not fit in a document is refused."""
    with pytest.raises(Invalid, match="900,000 bytes"):
        customer_delta([person(1), person(2, attributes={"novel": incompressible_text(2_000_000)})])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_customer_delta_with_invalid_json_value_is_refused(value: object) -> None:
    """A value that JSON cannot hold is refused, because a delta that DuckDB cannot read would stop every reader."""
    with pytest.raises(Invalid, match="p1"):
        customer_delta([person(1, attributes={"odd": value})])
