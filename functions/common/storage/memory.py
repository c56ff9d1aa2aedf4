"""The ports in memory, for fast tests. `tests/contracts` tests that they behave like the adapters.

Each operation gives other tasks a turn before it happens and before its answer arrives, as a remote call does. So two
handlers interleave at every operation. The operation itself is atomic.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import eq, ge, gt, le, lt
from typing import Any, ClassVar

from common.errors import Conflict, Exists, HeraldError, InvalidWrite, Unavailable
from common.events import Event
from common.storage.documents import (
    MAX_WRITES,
    Create,
    Delete,
    Increment,
    Merge,
    Put,
    Query,
    Snapshot,
    Update,
    Where,
    Write,
)
from common.storage.indexes import MAX_SUMS, QueryCheck, QueryShape

Turn = Callable[[], Awaitable[object]]
"""Waits while other tasks run. A simulation passes its own, to decide which task runs next."""


async def yield_once() -> None:
    """Lets every other task that is ready run once."""
    await asyncio.sleep(0)


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": eq,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "in": lambda value, values: value in values,
}


class MemoryDocuments:
    """The `Documents` port. Each commit has its own instant after `now`, and every past state can be read.

    With `clock`, a commit happens at the clock's time, or right after the commit before it. `turn` runs other tasks.
    With `indexes`, a query that these indexes do not support fails, as in the cloud; the emulator needs no indexes.
    """

    indexes: ClassVar[QueryCheck | None] = None

    def __init__(
        self,
        *,
        now: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        clock: Callable[[], datetime] | None = None,
        turn: Turn = yield_once,
    ) -> None:
        self._history: dict[str, list[tuple[datetime, dict[str, Any] | None]]] = defaultdict(list)  # by path
        self._paths: dict[str, dict[str, None]] = defaultdict(dict)  # by collection, in order of their first writes
        self._now = now
        self._clock = clock
        self._turn = turn

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        [snapshot] = await self.get_all([path], at=at)
        return snapshot

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        """All documents are read at one instant."""
        await self._turn()
        instant = at or self._advance(timedelta())
        snapshots = [self._snapshot(path, instant) for path in paths]
        await self._turn()
        return snapshots

    async def query(self, query: Query) -> list[Snapshot]:
        self._check_index(query, ())
        await self._turn()
        snapshots = self._select(replace(query, at=query.at or self._advance(timedelta())))
        await self._turn()
        return snapshots

    def stored(self, collection: str) -> list[Snapshot]:
        """The documents of a collection at this moment, without a turn for other tasks: for checks between turns."""
        return self._select(Query(collection=collection))

    def _snapshot(self, path: str, at: datetime) -> Snapshot:
        version, data = self._read(path, at)
        return Snapshot(path=path, data=_copy(data), version=version, at=at)

    def _advance(self, step: timedelta) -> datetime:
        """The instant of the next operation, at least `step` after the last one."""
        self._now = max(self._now + step, self._clock() if self._clock else self._now)
        return self._now

    def _check_index(self, query: Query, summed: Sequence[str]) -> None:
        if self.indexes:
            self.indexes.check(QueryShape.of_query(query, summed=summed))

    def _select(self, query: Query) -> list[Snapshot]:
        if "/" in f"{query.id_from}{query.id_before}":
            raise InvalidWrite(f"An id has no slash, as in a range from {query.id_from!r} to {query.id_before!r}.")
        snapshots = sorted(self._matching(query), key=lambda one: _sort_key(query, one), reverse=_is_descending(query))
        if query.after:
            snapshots = [snapshot for snapshot in snapshots if _is_after(query, snapshot)]
        return [_select_fields(snapshot, query.fields) for snapshot in snapshots[: query.limit]]

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        if len(fields) > MAX_SUMS:
            raise HeraldError(f"A query can sum at most {MAX_SUMS} fields.")
        self._check_index(query, fields)
        await self._turn()
        snapshots = [one for one in self._select(query) if all(one.get(name) is not None for name in fields)]
        await self._turn()
        return {"count": len(snapshots)} | {name: sum(one.get(name) or 0 for one in snapshots) for name in fields}

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._turn()
        self.apply(writes)
        await self._turn()

    def apply(self, writes: Sequence[Write]) -> None:
        """The commit itself, without turns."""
        if len(writes) > MAX_WRITES:
            raise InvalidWrite(f"A commit may have at most {MAX_WRITES} writes, and this one has {len(writes)}.")
        for write in writes:
            self._check(write)
        if writes:
            self._advance(timedelta(microseconds=1))
        for write in writes:
            self._apply(write)

    def collections(self) -> set[str]:
        """The names of the collections that have or had documents."""
        return set(self._paths)

    def _read(self, path: str, at: datetime | None) -> tuple[datetime | None, dict[str, Any] | None]:
        for version, data in reversed(self._history.get(path, ())):
            if at is None or version <= at:
                return (version, data) if data is not None else (None, None)
        return None, None

    def _check(self, write: Write) -> None:
        version, _ = self._read(write.path, None)
        if isinstance(write, Create) and version:
            raise Exists(f"{write.path} exists already")
        if isinstance(write, Update) and not version:
            raise Conflict(f"{write.path} does not exist")
        if isinstance(write, Put | Update | Delete) and write.expected and write.expected != version:
            raise Conflict(f"{write.path} was changed at {version}")

    def _apply(self, write: Write) -> None:
        """Adds the new state of the document to its history."""
        _, before = self._read(write.path, None)
        match write:
            case Delete():
                after = None
            case Create() | Put():
                after = _merge({}, write.data)
            case Merge():
                after = _merge(_copy(before or {}), write.data)
            case Update():
                after = _copy(before or {})
                for name, value in write.data.items():
                    _set_at(after, name.split("."), value)
        self._history[write.path].append((self._now, after))
        self._paths[write.path.rpartition("/")[0]][write.path] = None

    def _matching(self, query: Query) -> Iterator[Snapshot]:
        """The documents that fulfil the conditions, unsorted and not copied. One without the `order_by` field does not
        match."""
        for path in self._paths.get(query.collection, ()):
            if not _within(query, path.rpartition("/")[2]):
                continue
            version, data = self._read(path, query.at)
            if data is not None and all(_matches(data, where) for where in query.where):
                if query.order_by and query.order_by[0] not in data:
                    continue
                yield Snapshot(path=path, data=data, version=version, at=query.at or self._now)


def _within(query: Query, document_id: str) -> bool:
    return (query.id_from is None or document_id >= query.id_from) and (
        query.id_before is None or document_id < query.id_before
    )


def _matches(data: Mapping[str, Any], where: Where) -> bool:
    if where.field not in data:
        return False
    try:
        return bool(COMPARISONS[where.operator](data[where.field], where.value))
    except TypeError:  # values of different types never match, as in Firestore
        return False


def _sort_key(query: Query, snapshot: Snapshot) -> tuple[Any, ...]:
    return (snapshot.get(query.order_by[0]), snapshot.id) if query.order_by else (snapshot.id,)


def _is_descending(query: Query) -> bool:
    return query.order_by is not None and query.order_by[1] == "desc"


def _is_after(query: Query, snapshot: Snapshot) -> bool:
    key = _sort_key(query, snapshot)
    after = tuple(query.after or ())
    return key < after if _is_descending(query) else key > after


def _select_fields(snapshot: Snapshot, fields: Sequence[str] | None) -> Snapshot:
    """A copy of the snapshot with these fields, or with all."""
    data = {name: _copy(value) for name, value in (snapshot.data or {}).items() if fields is None or name in fields}
    return Snapshot(path=snapshot.path, data=data, version=snapshot.version, at=snapshot.at)


def _merge(into: dict[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Writes the values into the dictionary, recursively; returns it. An empty map replaces a map."""
    for name, value in data.items():
        if isinstance(value, Mapping) and isinstance(into.get(name, {}), dict) and value:
            into[name] = _merge(into.get(name, {}), value)
        else:
            into[name] = _new_value(into.get(name), value)
    return into


def _set_at(into: dict[str, Any], path: list[str], value: Any) -> None:
    *parents, name = path
    for parent in parents:
        into = into.setdefault(parent, {})
    into[name] = _merge({}, value) if isinstance(value, Mapping) else _new_value(into.get(name), value)


def _new_value(before: Any, value: Any) -> Any:
    if isinstance(value, Increment):
        return (before if isinstance(before, int) else 0) + value.by
    return _copy(value)


def _copy(value: Any) -> Any:
    """A copy of a map or a list. Other values that Firestore can store are immutable."""
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


class MemoryPublisher:
    """The `Publisher` port: records what is published. With `topics`, publishing to another topic fails.

    `turn` lets other tasks run before a message is stored, and before the answer.
    """

    def __init__(self, *, topics: Sequence[str] | None = None, turn: Turn = yield_once) -> None:
        self._topics = topics
        self._turn = turn
        self.events: list[Event] = []
        self.raw: list[tuple[str, bytes, dict[str, str]]] = []

    async def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            self._check(event.topic)
        await self._turn()
        self.events.extend(events)
        await self._turn()

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self._check(topic)
        await self._turn()
        self.raw.append((topic, data, dict(attributes)))
        await self._turn()

    def _check(self, topic: str) -> None:
        if self._topics is not None and topic not in self._topics:
            raise Unavailable(f"Unknown topic: {topic}.")
