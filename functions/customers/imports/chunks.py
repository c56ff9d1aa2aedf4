"""Parcels: rows of an import as they are kept, and in which lane."""

from __future__ import annotations

import gzip
import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from common.errors import FieldError

from ..formats.json_rows import Given

LANES = 16


def lane_of(given: Given) -> int:
    """The same for all rows of a person, however their address is typed: only what typing leaves alone is looked at."""
    data = given.data or {}
    for name in ("customer_id", "external_id", "email", "phone"):
        if value := str(data.get(name) or "").strip():
            return hashlib.sha256(f"{name}{_same(name, value)}".encode(errors="replace")).digest()[0] % LANES
    return given.number % LANES


def _same(name: str, value: str) -> str:
    if name == "email":
        return unicodedata.normalize("NFKC", value.partition("@")[0]).casefold().strip()
    return "".join(filter(str.isdigit, value))[-6:] if name == "phone" else value


def packed_row(given: Given) -> str:
    """As it is stored: the cells of a table beside what they mean, for rejected rows are given back as they came."""
    return json.dumps(
        {
            "row": given.number,
            "data": json.dumps(given.data) if given.data is not None else None,
            "sent": dict(given.sent) if given.sent != given.data else None,
            "errors": [asdict(one) for one in given.errors],
        }
    )


def unpacked_row(packed: Mapping[str, Any]) -> Given:
    data = json.loads(packed["data"]) if packed["data"] is not None else None
    return Given(
        number=packed["row"],
        data=data,
        sent=packed["sent"] if packed["sent"] is not None else data or {},
        errors=tuple(FieldError(**one) for one in packed["errors"]),
    )


def zipped(rows: Iterable[str]) -> bytes:
    """Of rows as JSON."""
    return gzip.compress(f"[{','.join(rows)}]".encode(), compresslevel=3, mtime=0)


def unzipped(pack: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(gzip.decompress(pack))
    return rows


def forgotten(pack: bytes, customer_id: str, words: Collection[str]) -> bytes | None:
    """The rows that are done, without what they say of a customer who is known by these words. None where they say
    nothing."""
    rows = unzipped(pack)
    emptied = [_emptied(one) if _is_of(one, customer_id, words) else one for one in rows]
    return zipped(map(json.dumps, emptied)) if emptied != rows else None


def _is_of(done: Mapping[str, Any], customer_id: str, words: Collection[str]) -> bool:
    if done.get("id") == customer_id:
        return True
    known = set(done.get("known", ()))
    if customer_id in known or not known.isdisjoint(words):
        return True
    sent = json.dumps(done.get("sent"), ensure_ascii=False).casefold()
    return any(word in sent for word in words)


def _emptied(done: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the row stays: it is counted."""
    errors = [{**one, "message": "This person was erased."} for one in done["errors"]]
    return {**done, "id": None, "sent": None, "known": [], "errors": errors}
