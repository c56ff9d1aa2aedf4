"""What Firestore limits and the emulator does not: a proxy counts it, and enforces some of it.

| limit                                                      | here                                                   |
|------------------------------------------------------------|--------------------------------------------------------|
| 10 MiB a request                                           | a larger commit is refused                             |
| contention on a document                                   | answered with ABORTED, when `contention_seconds` is set|
| about one write a second of one document                   | counted                                                |
| 500 writes a second on an index whose keys only grow       | counted                                                |
| each index entry costs storage and time                    | counted, for each write                                |
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud.firestore_v1 import types

from common.storage.indexes import IndexDefinitions
from local.proxy import AbortCall, Call

MAX_REQUEST_BYTES = 10 * 1024 * 1024
MAX_SEQUENTIAL_WRITES = 500
"""A second, on an index whose keys only grow: for example a time."""


@dataclass
class FirestoreLimits:
    """Watches the commits to one database. `indexes` are the indexes of a deployment."""

    indexes: IndexDefinitions
    contention_seconds: float = 0.0  # a document that was written this short a time ago is contended
    clock: Callable[[], float] = time.monotonic
    writes: int = 0
    index_entries: int = 0
    aborted: int = 0
    refused: int = 0
    entries_by_collection: Counter[str] = field(default_factory=Counter)
    writes_by_collection: Counter[str] = field(default_factory=Counter)
    document_seconds: Counter[tuple[str, int]] = field(default_factory=Counter)  # writes by path and second
    sequential_seconds: Counter[tuple[str, int]] = field(default_factory=Counter)  # writes by index and second
    _written_at: dict[str, float] = field(default_factory=dict)

    async def before_call(self, call: Call) -> None:
        """Refuses what Firestore refuses."""
        if call.method != "Commit":
            return
        if len(call.request) > MAX_REQUEST_BYTES:
            self.refused += 1
            raise AbortCall(grpc.StatusCode.INVALID_ARGUMENT, "Request payload size exceeds the limit: 10 MiB.")
        if self.contention_seconds and any(map(self._is_contended, map(_path, _writes(call)))):
            self.aborted += 1
            raise AbortCall(grpc.StatusCode.ABORTED, "Too much contention on these documents. Please try again.")

    async def after_call(self, call: Call) -> None:
        if call.method == "Commit":
            for write in _writes(call):
                self._count(write)

    def _is_contended(self, path: str) -> bool:
        return self.clock() - self._written_at.get(path, float("-inf")) < self.contention_seconds

    def _count(self, write: Any) -> None:
        """Counts one write that was committed."""
        now, path = self.clock(), _path(write)
        collection, second = path.partition("/")[0], int(now)
        self._written_at[path] = now
        self.writes += 1
        self.writes_by_collection[collection] += 1
        self.document_seconds[path, second] += 1
        values = dict(write.update.fields) if write.WhichOneof("operation") == "update" else {}
        entries = self._entries(collection, values)
        self.index_entries += entries
        self.entries_by_collection[collection] += entries
        for index in self._sequential(collection, values):
            self.sequential_seconds[index, second] += 1

    def _entries(self, collection: str, values: Mapping[str, Any]) -> int:
        """The index entries of a document with these fields: automatic ones, and those of composite indexes."""
        automatic = sum(
            _automatic_entries(value, directions) for _, value, directions in self._indexed(collection, values)
        )
        return automatic + sum(1 for _ in self._composite(collection, values))

    def _indexed(self, collection: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
        """The fields with an index of their own: their names, their values, and in how many directions."""
        unindexed = self.indexes.unindexed.get(collection, ())
        only = self.indexes.indexed.get(collection)
        for name, value in values.items():
            directions = 2 * (name not in unindexed) if only is None else len(only.get(name, ()))
            if directions:
                yield name, value, directions

    def _composite(self, collection: str, values: Mapping[str, Any]) -> Iterator[Sequence[str]]:
        for of_collection, fields in self.indexes.composite:
            names = [name for name, _ in fields]
            if of_collection == collection and all(name in values for name in names):
                yield names

    def _sequential(self, collection: str, values: Mapping[str, Any]) -> Iterator[str]:
        """The indexes in which this write's key follows the one before it: the first different part is a time."""
        for name, value, _ in self._indexed(collection, values):
            if _is_time(value):
                yield f"{collection}({name})"
        for names in self._composite(collection, values):
            if _is_time(values[names[-1]]):
                before = ", ".join(f"{name} {values[name].string_value or '…'}" for name in names[:-1])
                yield f"{collection}({before}, {names[-1]})"

    def lines(self) -> list[str]:
        """The counts, for people."""
        hot = [path for (path, _), number in self.document_seconds.items() if number > 1]
        fastest = Counter[str]()
        for (path, _), number in self.document_seconds.items():
            fastest[path.partition("/")[0]] = max(number, fastest[path.partition("/")[0]])
        rates = Counter[str]()
        for (index, _), number in self.sequential_seconds.items():
            rates[index] = max(rates[index], number)
        over = sum(number > MAX_SEQUENTIAL_WRITES for number in self.sequential_seconds.values())
        return [
            f"{self.writes:,} writes with {self.index_entries / max(1, self.writes):.1f} index entries each: "
            + ", ".join(
                f"{name} {number / self.writes_by_collection[name]:.1f}"
                for name, number in self.entries_by_collection.most_common()
            ),
            f"{len(hot):,} times a document was written more than once a second; most often a second: "
            + ", ".join(f"{name} {number}" for name, number in fastest.most_common(4)),
            "Writes a second on indexes whose keys only grow, at most: "
            + ", ".join(f"{index} {number}" for index, number in rates.most_common(4))
            + f"; {over} times more than {MAX_SEQUENTIAL_WRITES}",
            f"{self.aborted} commits answered with ABORTED, {self.refused} refused as too large",
        ]


@dataclass(frozen=True)
class CallWatchers:
    """Several watchers of the same calls."""

    watchers: Sequence[Any]

    async def before_call(self, call: Call) -> None:
        for watcher in self.watchers:
            await watcher.before_call(call)

    async def after_call(self, call: Call) -> None:
        for watcher in self.watchers:
            await watcher.after_call(call)


def _writes(call: Call) -> Sequence[Any]:
    return list(types.CommitRequest.pb().FromString(call.request).writes)


def _path(write: Any) -> str:
    """The path of the document below the database's root."""
    name = write.delete if write.WhichOneof("operation") == "delete" else write.update.name
    return str(name).partition("/documents/")[2]


def _automatic_entries(value: Any, directions: int) -> int:
    """A field has an entry for each direction; a map those of its fields; a list one for each value, besides."""
    kind = value.WhichOneof("value_type")
    if kind == "map_value":
        return sum(_automatic_entries(one, directions) for one in value.map_value.fields.values())
    if kind == "array_value":
        return directions + len(value.array_value.values)
    return directions


def _is_time(value: Any) -> bool:
    return bool(value.WhichOneof("value_type") == "timestamp_value")
