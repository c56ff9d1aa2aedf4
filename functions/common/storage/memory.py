"""Everything the ports promise, in memory: for tests that want speed, held to the contracts in `tests/contracts`."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import eq, ge, gt, le, lt
from typing import Any

from common.errors import Conflict, Exists, HeraldError
from common.events import Event
from common.storage.documents import Create, Delete, Increment, Merge, Put, Query, Snapshot, Update, Where, Write

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": eq,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "in": lambda value, among: value in among,
}

MOST_SUMS = 4
"""Firestore makes at most five aggregations of a query, and the count is one."""


class MemoryDocuments:
    """The `Documents` port. Each commit happens at an instant of its own, and every past state can be read."""

    def __init__(self) -> None:
        self._history: dict[str, list[tuple[datetime, dict[str, Any] | None]]] = defaultdict(list)
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        version, data = self._read(path, at)
        return Snapshot(path=path, data=copy.deepcopy(data), version=version, at=at or self._now)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        return [await self.get(path, at=at) for path in paths]

    async def query(self, query: Query) -> list[Snapshot]:
        found = sorted(self._matching(query), key=lambda one: _position(query, one), reverse=_descending(query))
        if query.after:
            found = [one for one in found if _is_after(query, one)]
        return [_only(one, query.fields) for one in found[: query.limit]]

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        if len(fields) > MOST_SUMS:
            raise HeraldError(f"A query can sum {MOST_SUMS} fields.")
        found = [one for one in await self.query(query) if all(one.get(name) is not None for name in fields)]
        return {"count": len(found)} | {name: sum(one.get(name) or 0 for one in found) for name in fields}

    async def commit(self, writes: Sequence[Write]) -> None:
        for write in writes:
            self._check(write)
        if writes:
            self._now += timedelta(microseconds=1)
        for write in writes:
            self._apply(write)

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
            raise Conflict(f"{write.path} was written at {version}")

    def _apply(self, write: Write) -> None:
        _, before = self._read(write.path, None)
        match write:
            case Delete():
                after = None
            case Create() | Put():
                after = _merged({}, write.data)
            case Merge():
                after = _merged(copy.deepcopy(before or {}), write.data)
            case Update():
                after = copy.deepcopy(before or {})
                for name, value in write.data.items():
                    _set_at(after, name.split("."), value)
        self._history[write.path].append((self._now, after))

    def _matching(self, query: Query) -> Iterator[Snapshot]:
        for path in self._history:
            collection, _, document_id = path.rpartition("/")
            if collection != query.collection or not _within(query, document_id):
                continue
            version, data = self._read(path, query.at)
            if data is not None and all(_matches(data, where) for where in query.where):
                if query.order_by and query.order_by[0] not in data:
                    continue
                yield Snapshot(path=path, data=copy.deepcopy(data), version=version, at=query.at or self._now)


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


def _position(query: Query, one: Snapshot) -> tuple[Any, ...]:
    return (one.get(query.order_by[0]), one.id) if query.order_by else (one.id,)


def _descending(query: Query) -> bool:
    return query.order_by is not None and query.order_by[1] == "desc"


def _is_after(query: Query, one: Snapshot) -> bool:
    position = _position(query, one)
    after = tuple(query.after or ())
    return position < after if _descending(query) else position > after


def _only(one: Snapshot, fields: Sequence[str] | None) -> Snapshot:
    if fields is None or one.data is None:
        return one
    data = {name: value for name, value in one.data.items() if name in fields}
    return Snapshot(path=one.path, data=data, version=one.version, at=one.at)


def _merged(into: dict[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in data.items():
        if isinstance(value, Mapping) and isinstance(into.get(name, {}), dict) and value:
            into[name] = _merged(into.get(name, {}), value)
        else:
            into[name] = _plain(into.get(name), value)
    return into


def _set_at(into: dict[str, Any], path: list[str], value: Any) -> None:
    *parents, name = path
    for parent in parents:
        into = into.setdefault(parent, {})
    into[name] = _merged({}, value) if isinstance(value, Mapping) else _plain(into.get(name), value)


def _plain(before: Any, value: Any) -> Any:
    if isinstance(value, Increment):
        return (before if isinstance(before, int) else 0) + value.by
    return copy.deepcopy(value)


class MemoryPublisher:
    """The `Publisher` port: keeps what was published. Where `topics` are given, there are no others."""

    def __init__(self, *, topics: Sequence[str] | None = None) -> None:
        self._topics = topics
        self.events: list[Event] = []
        self.raw: list[tuple[str, bytes, dict[str, str]]] = []

    async def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            self._check(event.topic)
        self.events.extend(events)

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self._check(topic)
        self.raw.append((topic, data, dict(attributes)))

    def _check(self, topic: str) -> None:
        if self._topics is not None and topic not in self._topics:
            raise HeraldError(f"There is no topic {topic}.")
