"""Writes, queries and documents as Firestore's protobuf messages, and back. For the adapter only.

Google's own encoder goes through proto-plus for each value, which takes most of the CPU time of an import; its decoder
creates several objects for each document and copies the values twice. The functions here fill and read the raw protobuf
messages (`Message.pb`) in place. An encoder's `target` is such a message, empty.

`google/firestore/v1/{write,query,document}.proto` define the messages:
https://github.com/googleapis/googleapis/tree/master/google/firestore/v1
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types import StructuredQuery

from common.storage.documents import Create, Data, Delete, Increment, Merge, Put, Query, Snapshot, Update, Where, Write

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIMPLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SCALARS: Mapping[type, str] = {
    bool: "boolean_value",
    int: "integer_value",
    float: "double_value",
    str: "string_value",
    bytes: "bytes_value",
}
OPERATORS = {
    "==": StructuredQuery.FieldFilter.Operator.EQUAL,
    "<": StructuredQuery.FieldFilter.Operator.LESS_THAN,
    "<=": StructuredQuery.FieldFilter.Operator.LESS_THAN_OR_EQUAL,
    ">": StructuredQuery.FieldFilter.Operator.GREATER_THAN,
    ">=": StructuredQuery.FieldFilter.Operator.GREATER_THAN_OR_EQUAL,
    "in": StructuredQuery.FieldFilter.Operator.IN,
}
DIRECTIONS = {"asc": StructuredQuery.Direction.ASCENDING, "desc": StructuredQuery.Direction.DESCENDING}
ID = "__name__"
"""The field that holds a document's full name."""

_Path = tuple[str, ...]
_Increments = list[tuple[_Path, int]]


def encode_write(target: Any, name: str, write: Write) -> None:
    """Fills a `Write` for the document with this full name. Raises `TypeError` for values that cannot be stored."""
    if isinstance(write, Delete):
        target.delete = name
        _expect_version(target, write.expected)
        return
    target.update.name = name
    increments: _Increments = []
    match write:
        case Create():
            target.current_document.exists = False
            _fill_fields(target.update.fields, write.data, (), increments)
        case Put():
            _expect_version(target, write.expected)
            _fill_fields(target.update.fields, write.data, (), increments)
        case Update():
            if write.expected is None:
                target.current_document.exists = True
            _expect_version(target, write.expected)
            _fill_update(target, write.data, increments)
        case Merge():
            target.update_mask.field_paths.extend(_api_path(path) for path in _leaves(write.data, ()))
            target.update_mask.SetInParent()
            _fill_fields(target.update.fields, write.data, (), increments)
    for path, by in increments:
        target.update_transforms.add(field_path=_api_path(path)).increment.integer_value = by


def _expect_version(target: Any, version: datetime | None) -> None:
    if version is not None:
        encode_time(target.current_document.update_time, version)


def _fill_update(target: Any, data: Data, increments: _Increments) -> None:
    """Each key is a path: `kinds.sent`. The mask names the paths; without a mask Firestore replaces the document."""
    target.update_mask.SetInParent()
    for key, value in data.items():
        if type(value) is not Increment and SIMPLE_NAME.fullmatch(key):
            target.update_mask.field_paths.append(key)
            _fill(target.update.fields[key], value, (key,), increments)
            continue
        path: _Path = FieldPath.from_string(key).parts
        if isinstance(value, Increment):
            increments.append((path, value.by))
        else:
            target.update_mask.field_paths.append(_api_path(path))
            _fill(_value_at(target.update.fields, path), value, path, increments)


def _value_at(fields: Any, path: _Path) -> Any:
    """The value at a path, in maps that are created on the way."""
    *parents, name = path
    for parent in parents:
        fields = fields[parent].map_value.fields
    return fields[name]


def _leaves(data: Data, prefix: _Path) -> Iterator[_Path]:
    """The paths of all values but increments; the values in a map count, not the map, unless it is empty."""
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*prefix, name))
        elif not isinstance(value, Increment):
            yield (*prefix, name)


def _api_path(path: _Path) -> str:
    """`kinds.sent`; names with other characters are quoted."""
    return ".".join(path) if all(map(SIMPLE_NAME.fullmatch, path)) else str(FieldPath(*path).to_api_repr())


def _fill_fields(fields: Any, data: Data, prefix: _Path, increments: _Increments) -> None:
    """Fills a map of values. Increments are collected with their paths; a map of only increments is left out."""
    for name, value in data.items():
        if kind := SCALARS.get(type(value)):
            setattr(fields[name], kind, value)
        elif isinstance(value, Increment):
            increments.append(((*prefix, name), value.by))
        else:
            target = fields[name]
            _fill(target, value, (*prefix, name), increments)
            if increments and value and isinstance(value, Mapping) and not target.map_value.fields:
                del fields[name]


def _fill(target: Any, value: Any, path: _Path, increments: _Increments) -> None:
    """Fills a `Value`; `path` is the field's, for increments inside a map."""
    if kind := SCALARS.get(type(value)):
        setattr(target, kind, value)
        return
    match value:
        case None:
            target.null_value = 0
        case datetime():
            encode_time(target.timestamp_value, value)
        case Mapping():
            target.map_value.SetInParent()
            _fill_fields(target.map_value.fields, value, path, increments)
        case list() | tuple():
            target.array_value.SetInParent()
            for element in value:
                _fill_element(target.array_value.values.add(), element)
        case _:
            _fill_subclass(target, value)


def _fill_element(target: Any, value: Any) -> None:
    increments: _Increments = []
    _fill(target, value, (), increments)
    if increments:
        raise TypeError("Firestore cannot increment a number in a list")


def _fill_subclass(target: Any, value: Any) -> None:
    """A value of a subclass of the scalars, such as an `IntEnum`. `bool` is tried before `int`, its base class."""
    for scalar, kind in SCALARS.items():
        if isinstance(value, scalar):
            setattr(target, kind, value)
            return
    raise TypeError(f"Firestore cannot store a {type(value).__name__}: {value!r}")


def encode_time(target: Any, time: datetime) -> None:
    """Fills a `Timestamp`. A version keeps its nanoseconds. A time without time zone is UTC."""
    since_epoch = (time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH
    target.seconds = since_epoch.days * 86_400 + since_epoch.seconds
    nanoseconds = time.nanosecond if isinstance(time, DatetimeWithNanoseconds) else 0
    target.nanos = nanoseconds or since_epoch.microseconds * 1_000


def encode_query(target: Any, query: Query, collection: str) -> None:
    """Fills a `StructuredQuery`; `collection` is the full name of the query's collection."""
    target.from_.add(collection_id=collection.rpartition("/")[2])
    filters = [*query.where]
    _fill_where(target.where, filters, [(">=", query.id_from), ("<", query.id_before)], collection)
    field, direction = query.order_by or (ID, "asc")
    order = dict.fromkeys((field, ID)) if query.order_by or query.after else ()
    for name in order:
        target.order_by.add(direction=DIRECTIONS[direction]).field.field_path = name
    if query.after:
        *values, last_id = query.after
        for value in values:
            _fill_element(target.start_at.values.add(), value)
        target.start_at.values.add().reference_value = f"{collection}/{last_id}"
        target.start_at.before = False
    if query.fields is not None:
        for name in query.fields or (ID,):
            target.select.fields.add(field_path=name)
    if query.limit is not None:
        target.limit.value = query.limit


def _fill_where(
    target: Any, filters: Sequence[Where], id_bounds: Sequence[tuple[str, str | None]], collection: str
) -> None:
    """Fills a `Filter` with all conditions. A single condition needs no composite filter; none leaves it empty."""
    bounds = [(operator, bound) for operator, bound in id_bounds if bound is not None]
    if len(filters) + len(bounds) > 1:
        target.composite_filter.op = StructuredQuery.CompositeFilter.Operator.AND

    def add() -> Any:
        return target.composite_filter.filters.add() if len(filters) + len(bounds) > 1 else target

    for where in filters:
        _fill_filter(add(), where)
    for operator, bound in bounds:
        id_filter = add().field_filter
        id_filter.field.field_path = ID
        id_filter.op = OPERATORS[operator]
        id_filter.value.reference_value = f"{collection}/{bound}"


def _fill_filter(target: Any, where: Where) -> None:
    if where.value is None and where.operator == "==":
        target.unary_filter.field.field_path = where.field
        target.unary_filter.op = StructuredQuery.UnaryFilter.Operator.IS_NULL
        return
    target.field_filter.field.field_path = where.field
    target.field_filter.op = OPERATORS[where.operator]
    _fill_element(target.field_filter.value, where.value)


def decode_snapshot(path: str, document: Any | None, read_time: Any) -> Snapshot:
    """The snapshot of a `Document`, or of none, and of the `Timestamp` at which it was read."""
    at = decode_time(read_time)
    if document is None:
        return Snapshot(path=path, data=None, version=None, at=at)
    data = _decode_fields(document.fields)
    return Snapshot(path=path, data=data, version=decode_time(document.update_time), at=at)


def _decode_fields(fields: Any) -> dict[str, Any]:
    return {name: decode_value(fields[name]) for name in fields}


def decode_value(value: Any) -> Any:
    """The Python value of a `Value`."""
    match kind := value.WhichOneof("value_type"):
        case "null_value":
            return None
        case "timestamp_value":
            return decode_time(value.timestamp_value)
        case "map_value":
            return _decode_fields(value.map_value.fields)
        case "array_value":
            return [decode_value(element) for element in value.array_value.values]
    return getattr(value, kind)


def decode_time(timestamp: Any) -> datetime:
    """With nanoseconds, because versions must be compared exactly."""
    time: datetime = DatetimeWithNanoseconds.from_timestamp_pb(timestamp)  # type: ignore[no-untyped-call]  # has no types
    return time
