"""A cache whose entries expire."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TLRUCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class TtlCache(Generic[Key, Value]):
    """Keeps at most `max_size` values, each for `ttl` seconds. The value that was used longest ago is removed first.

    `clock` returns seconds. The default is monotonic: a change of the system time does not change how long a value is
    kept. For use within one event loop; it is not thread-safe.
    """

    def __init__(self, *, max_size: int, ttl: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl = ttl
        self._entries: TLRUCache[Key, tuple[Value, float]] = TLRUCache(max_size, _expires_at, clock)

    def get(self, key: Key) -> Value | None:
        """The value; None when there is none or it has expired."""
        entry = self._entries.get(key)
        return entry[0] if entry is not None else None

    def set(self, key: Key, value: Value, *, ttl: float | None = None) -> None:
        """Keeps the value for `ttl` seconds; without it, for the cache's own time. With 0 nothing is kept."""
        self._entries[key] = (value, self._ttl if ttl is None else ttl)

    async def get_or_load(self, key: Key, load: Callable[[Key], Awaitable[Value]], *, fresh: bool = False) -> Value:
        """The value; where there is none, the one that `load` returns, which is kept. An error is not kept.

        With `fresh` it is loaded in any case.
        """
        entry = None if fresh else self._entries.get(key)
        if entry is not None:
            return entry[0]
        value = await load(key)
        self.set(key, value)
        return value


def _expires_at(_key: object, entry: tuple[object, float], now: float) -> float:
    return now + entry[1]
