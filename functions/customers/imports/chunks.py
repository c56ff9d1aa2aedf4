"""Chunks: rows of an import as they are stored, and the shard they belong to."""

from __future__ import annotations

import gzip
import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from common.errors import FieldError

from ..formats.json_rows import ParsedRow
from ..model.customer import normalize_external_id

SHARD_COUNT = 16


def shard_of(row: ParsedRow) -> int:
    """The shard of a row. All rows with one identifier have the same shard, however it is written: only the parts that
    normalization never changes are hashed."""
    data = row.data or {}
    for name in ("customer_id", "external_id", "email", "phone"):
        if value := str(data.get(name) or "").strip():
            return (
                hashlib.sha256(f"{name}{_identity_key(name, value)}".encode(errors="replace")).digest()[0] % SHARD_COUNT
            )
    return row.number % SHARD_COUNT


def _identity_key(name: str, value: str) -> str:
    """The part of an identifier that is the same in all its spellings."""
    if name == "email":
        return unicodedata.normalize("NFKC", value.partition("@")[0]).casefold().strip()
    if name == "phone":
        return "".join(filter(str.isdigit, value))[-6:]
    return normalize_external_id(value) if name == "external_id" else value


def serialize_row(row: ParsedRow) -> str:
    """The row as JSON text. `sent` is stored if it differs from the data, because rejected rows are returned as they
    were sent."""
    return json.dumps(
        {
            "row": row.number,
            "data": json.dumps(row.data) if row.data is not None else None,
            "sent": dict(row.sent) if row.sent != row.data else None,
            "errors": [error.to_dict() for error in row.errors],
            **({"table": True} if row.is_from_table else {}),
            **({"warnings": [warning.to_dict() for warning in row.warnings]} if row.warnings else {}),
        }
    )


def deserialize_row(stored: Mapping[str, Any]) -> ParsedRow:
    """The row of `serialize_row`. Rows that an earlier version stored have no warnings."""
    data = json.loads(stored["data"]) if stored["data"] is not None else None
    return ParsedRow(
        number=stored["row"],
        data=data,
        sent=stored["sent"] if stored["sent"] is not None else data or {},
        errors=tuple(FieldError(**error) for error in stored["errors"]),
        warnings=tuple(FieldError(**warning) for warning in stored.get("warnings", ())),
        is_from_table=stored.get("table", False),
    )


def compress(rows: Iterable[str]) -> bytes:
    """Compress rows, each given as JSON text, as one JSON array."""
    return gzip.compress(f"[{','.join(rows)}]".encode(), compresslevel=3, mtime=0)


def decompress(compressed: bytes) -> list[dict[str, Any]]:
    """The rows of `compress`, parsed."""
    rows: list[dict[str, Any]] = json.loads(gzip.decompress(compressed))
    return rows


def redact_rows(compressed: bytes, customer_ids: Collection[str], addresses: Collection[str]) -> bytes | None:
    """Remove a customer from the results of a chunk. Returns None if no row mentions an id or one of the addresses."""
    rows = decompress(compressed)
    redacted = [_redact(row) if _is_about(row, customer_ids, addresses) else row for row in rows]
    return compress(map(json.dumps, redacted)) if redacted != rows else None


def _is_about(row_result: Mapping[str, Any], customer_ids: Collection[str], addresses: Collection[str]) -> bool:
    """Whether the row's result, or the rejected row itself, mentions the customer."""
    if row_result.get("id") in customer_ids:
        return True
    if not {*customer_ids, *addresses}.isdisjoint(row_result.get("identities", ())):
        return True
    sent = json.dumps(row_result.get("sent"), ensure_ascii=False).casefold()
    return any(word in sent for word in addresses)


def _redact(row_result: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the row's result, which is counted, and remove everything about the person."""
    errors = [{**error, "message": "This person was erased."} for error in row_result["errors"]]
    return {**row_result, "id": None, "sent": None, "identities": [], "errors": errors, "warnings": []}
