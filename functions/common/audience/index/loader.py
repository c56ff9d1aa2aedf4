"""What an instance has loaded of one sheet, and what it has to load to catch up."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from common.audience.index.connection import Files
from common.audience.index.database import Step
from common.audience.index.manifest import Head
from common.audience.index.tables import Sheet, ids, path
from common.errors import Conflict
from common.storage.documents import Documents, Snapshot

WAVE = 16
"""How many documents are asked for at a time."""

AT_ONCE = 4
"""How many such waves are on their way together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    blocks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # by bucket
    changes: frozenset[str] = frozenset()


class Mirror:
    def __init__(self, documents: Documents, sheet: Sheet, buckets: Collection[int] | None = None) -> None:
        """With `buckets`, only the blocks of these are loaded."""
        self.sheet = sheet
        self._documents = documents
        self._buckets = buckets
        self._loaded = Loaded()

    async def step(self, head: Snapshot, folder: Files) -> tuple[Step, Loaded]:
        """What leads to the state at the instant at which the head was read, and that state, to be accepted once the
        step was made. Raises `Conflict` where something vanished since then."""
        every = Head.of(head.data).blocks
        blocks = {one: names for one, names in every.items() if self._buckets is None or one in self._buckets}
        waiting = frozenset(one.id for one in await self._documents.query(ids(self.sheet.change, head.at)))
        known = self._loaded
        stale = [one for one in blocks.keys() | known.blocks.keys() if blocks.get(one) != known.blocks.get(one)]
        fresh = sorted(waiting - known.changes)
        step = Step(
            sheet=self.sheet,
            buckets=stale,
            blocks=await self._load(folder, [block for bucket in stale for block in blocks.get(bucket, ())], head),
            fresh=fresh,
            changes=await self._load(folder, fresh, head),
            gone=sorted(known.changes - waiting),
        )
        return step, Loaded(blocks=blocks, changes=waiting)

    def accept(self, loaded: Loaded) -> None:
        self._loaded = loaded

    async def _load(self, folder: Files, names: Sequence[str], head: Snapshot) -> list[str]:
        """The paths of files with what these documents hold."""
        turns = asyncio.Semaphore(AT_ONCE)
        waves = [names[start : start + WAVE] for start in range(0, len(names), WAVE)]
        loads = [self._wave(folder, wave, head, turns) for wave in waves]
        found = await asyncio.gather(*loads, return_exceptions=True)  # all have ended before the folder goes
        return [one for wave in found for one in _unless_failed(wave)]

    async def _wave(self, folder: Files, names: Sequence[str], head: Snapshot, turns: asyncio.Semaphore) -> list[str]:
        async with turns:
            found = await self._documents.get_all([path(one) for one in names], at=head.at)
            if not all(one.exists for one in found):
                raise Conflict("A part of the audience index was replaced while it was read.")
            return await asyncio.to_thread(folder.write, {one.id: one["rows"] for one in found})


def _unless_failed(loaded: list[str] | BaseException) -> list[str]:
    if isinstance(loaded, BaseException):
        raise loaded
    return loaded
