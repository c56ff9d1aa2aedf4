"""The cache whose entries expire."""

from __future__ import annotations

import pytest

from common.caching import TtlCache


class LoadedCache:
    """A cache with a clock that the test sets; loads the key's upper case and records the keys."""

    def __init__(self) -> None:
        self.now = 0.0
        self.loaded: list[str] = []
        self.cache: TtlCache[str, str | None] = TtlCache(max_size=2, ttl=30, clock=lambda: self.now)

    async def get(self, key: str) -> str | None:
        return await self.cache.get_or_load(key, self._load)

    async def _load(self, key: str) -> str | None:
        self.loaded.append(key)
        if key == "error":
            raise ValueError(key)
        return key.upper() or None


async def test_get_or_load_within_ttl_loads_once() -> None:
    """A value is loaded again only after its time, also a value of None."""
    loaded = LoadedCache()
    assert [await loaded.get("a"), await loaded.get(""), await loaded.get("a"), await loaded.get("")] == [
        "A",
        None,
        "A",
        None,
    ]
    assert loaded.loaded == ["a", ""]
    loaded.now = 30
    assert await loaded.get("a") == "A"
    assert loaded.loaded == ["a", "", "a"]


async def test_cache_over_max_size_removes_the_least_recently_used() -> None:
    """With two entries, a third one replaces the one that was used longest ago."""
    loaded = LoadedCache()
    for key in ("a", "b", "a", "c", "a", "b"):
        await loaded.get(key)
    assert loaded.loaded == ["a", "b", "c", "b"]


async def test_error_while_loading_is_not_cached() -> None:
    """After an error the next call loads again."""
    loaded = LoadedCache()
    for _ in range(2):
        with pytest.raises(ValueError, match="error"):
            await loaded.get("error")
    assert loaded.loaded == ["error", "error"]


def test_set_with_ttl_keeps_the_value_for_that_time() -> None:
    """An entry can have its own time; with 0 or less it is not kept."""
    loaded = LoadedCache()
    loaded.cache.set("a", "A", ttl=5)
    loaded.cache.set("b", "B", ttl=0)
    assert (loaded.cache.get("a"), loaded.cache.get("b")) == ("A", None)
    loaded.now = 5
    assert loaded.cache.get("a") is None
