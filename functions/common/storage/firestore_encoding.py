"""Whole documents as Firestore's protocol has them, and back, for the adapter alone.

The client's own encoder goes through proto-plus for each single value, which takes most of the CPU time of an import;
its decoder makes several objects of each document and copies the values twice. These know plain values only; for
increments and for paths into a document the work is left to the client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore_v1.types import Write as GoogleWrite

from common.storage.documents import Create, Put, Snapshot, Update, Write

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SCALARS: Mapping[type, str] = {
    bool: "boolean_value",
    int: "integer_value",
    float: "double_value",
    str: "string_value",
    bytes: "bytes_value",
}
_Write = GoogleWrite.pb()


class _NotPlain(Exception):
    """The client has to do it."""


def quick(name: str, write: Write) -> GoogleWrite | None:
    """The write of the document with this full name; None where the client has to do it."""
    encoded = _Write()
    encoded.update.name = name
    try:
        match write:
            case Create():
                encoded.current_document.exists = False
            case Put(expected=None):
                pass
            case Update() if all(map(SIMPLE.fullmatch, write.data)):
                encoded.update_mask.field_paths.extend(write.data)
                _expect(encoded.current_document, write.expected)
            case _:
                return None
        for field, value in write.data.items():
            _fill(encoded.update.fields[field], value)
    except _NotPlain:
        return None
    wrapped: GoogleWrite = GoogleWrite.wrap(encoded)
    return wrapped


def _expect(precondition: Any, version: Any) -> None:
    if version is None:
        precondition.exists = True
    else:
        precondition.update_time.CopyFrom(version.timestamp_pb())  # with nanoseconds, which the client's own have


def _fill(into: Any, value: Any) -> None:
    if name := SCALARS.get(type(value)):
        setattr(into, name, value)
        return
    match value:
        case None:
            into.null_value = 0
        case datetime():
            _fill_time(into.timestamp_value, value)
        case Mapping():
            into.map_value.SetInParent()
            for name, one in value.items():
                _fill(into.map_value.fields[name], one)
        case list() | tuple():
            into.array_value.SetInParent()
            for one in value:
                _fill(into.array_value.values.add(), one)
        case _:
            raise _NotPlain


def _fill_time(into: Any, value: datetime) -> None:
    since = (value if value.tzinfo else value.replace(tzinfo=UTC)) - EPOCH
    into.seconds, into.nanos = since.days * 86_400 + since.seconds, since.microseconds * 1_000


def snapshot(path: str, answer: Any) -> Snapshot:
    """What a `BatchGetDocumentsResponse` says of the document at this path."""
    at = _instant(answer.read_time)
    if not answer.HasField("found"):
        return Snapshot(path=path, data=None, version=None, at=at)
    found = answer.found
    return Snapshot(path=path, data=_fields(found.fields), version=_instant(found.update_time), at=at)


def _fields(of: Any) -> dict[str, Any]:
    return {name: _value(of[name]) for name in of}


def _value(of: Any) -> Any:
    match kind := of.WhichOneof("value_type"):
        case "null_value":
            return None
        case "timestamp_value":
            return _instant(of.timestamp_value)
        case "map_value":
            return _fields(of.map_value.fields)
        case "array_value":
            return [_value(one) for one in of.array_value.values]
    return getattr(of, kind)


def _instant(of: Any) -> datetime:
    """With nanoseconds: a version is compared as a whole."""
    instant: datetime = DatetimeWithNanoseconds.from_timestamp_pb(of)  # type: ignore[no-untyped-call]  # has no types
    return instant
