"""Rows, and changes: how a customer gets into the index."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from common.audience import Audience, Row, change, row_of, tombstone
from common.audience.index.rows import COLUMNS
from common.errors import Invalid
from common.ids import bucket_of
from common.rules.fields import FIELDS
from common.storage.documents import Create
from common.storage.memory import MemoryDocuments

NOW = datetime(2026, 11, 23, 9, 30, 0, 123_456, tzinfo=UTC)


def noise(length: int) -> str:
    """Text that does not get smaller by packing."""
    return random.Random(length).randbytes(length * 3 // 4).hex()[:length]


def person(number: int, **more: Any) -> Row:
    return row_of(f"p{number}", {"bucket": number % 64, "version": number + 1, **more})


async def read_back(rows: Sequence[Row]) -> dict[str, Row]:
    documents = MemoryDocuments()
    await documents.commit(change(rows))
    return await Audience(documents).rows([row.id for row in rows])


def test_the_columns_are_the_fields_of_a_row() -> None:
    assert {one.name for one in fields(Row)} == set(COLUMNS)
    assert set(FIELDS) < set(COLUMNS)


async def test_a_customer_comes_back_as_stored() -> None:
    row = row_of(
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


async def test_what_is_missing_or_none_is_missing() -> None:
    row = row_of("p1", {"bucket": 0, "version": 1, "name": None, "tags": None, "consent": None})
    assert row == Row(id="p1", bucket=0, version=1)
    assert await read_back([row]) == {"p1": row}


async def test_a_tombstone_is_nobody() -> None:
    stone = tombstone("p1", version=5)
    assert (stone.bucket, stone.erased, stone.name) == (bucket_of("p1"), True, None)
    assert await read_back([stone]) == {}


async def test_one_commit_makes_one_change() -> None:
    [write] = change([person(number) for number in range(500)])
    assert isinstance(write, Create)
    assert write.path.startswith("audience/change-")
    assert write.data["count"] == 500
    assert json.loads(gzip.decompress(write.data["rows"]).splitlines()[7])["id"] == "p7"


def test_no_two_changes_have_the_same_id() -> None:
    [one], [other] = change([person(1)]), change([person(1)])
    assert one.path != other.path


def test_nobody_changed_is_no_change() -> None:
    assert change([]) == []


async def test_a_large_commit_makes_a_few_changes() -> None:
    rows = [person(number, name=noise(1_000 + number)) for number in range(2_000)]
    writes = change(rows)
    assert len(writes) > 1
    assert all(len(write.data["rows"]) <= 900_000 for write in writes)
    assert await read_back(rows) == {row.id: row for row in rows}


def test_a_customer_who_fits_no_document_is_refused() -> None:
    with pytest.raises(Invalid, match="900,000 bytes"):
        change([person(1), person(2, attributes={"novel": noise(2_000_000)})])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_say_is_refused_before_it_is_stored(value: object) -> None:
    """A change that DuckDB cannot read would stop every reader."""
    with pytest.raises(Invalid, match="p1"):
        change([person(1, attributes={"odd": value})])
