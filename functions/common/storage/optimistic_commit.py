"""Optimistic concurrency: read, then commit; if another writer was faster, read again and try the commit again.

There are no locks. A commit fails because another one succeeded, or because too many writers contend for a document.
The delays between attempts grow, so that the contention ends, and are random, so that it is not always the same writer
that loses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from common.backoff import Backoff
from common.errors import Conflict, Contention, Exists, Unavailable
from common.storage.documents import Documents, Snapshot, Write

MAX_ATTEMPTS = 20
BACKOFF = Backoff(initial=0.02, maximum=0.8)

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedWrites:
    """Writes that may be too many for one commit.

    Those in `earlier` are committed first, one group after the other. Each group is right without the next ones, and if
    the process stops in between, a new attempt builds only what is left.
    """

    earlier: Sequence[Sequence[Write]] = ()
    last: Sequence[Write]
    before: Mapping[str, Snapshot] = field(default_factory=dict)
    """Documents that the writes change, as they were read, by path: for who keeps what was changed."""

    def plus(self, writes: Sequence[Write]) -> Self:
        """With these writes in the last commit."""
        return replace(self, last=[*self.last, *writes])


BuildCommit = Callable[[int], Awaitable[tuple[Result, Sequence[Write] | StagedWrites]]]
"""Takes the number of the attempt, from 0. Reads, and returns the result together with the writes to commit."""


async def commit_with_retry(documents: Documents, build: BuildCommit[Result]) -> Result:
    """The result of the attempt whose writes were committed. Raises `Unavailable` after `MAX_ATTEMPTS`."""
    for attempt in range(MAX_ATTEMPTS):
        result, writes = await build(attempt)
        try:
            await _commit(documents, writes)
        except (Exists, Conflict, Contention):
            await asyncio.sleep(BACKOFF.delay(attempt))
        else:
            return result
    raise Unavailable("Other requests keep changing this; try again.")


async def _commit(documents: Documents, writes: Sequence[Write] | StagedWrites) -> None:
    staged = writes if isinstance(writes, StagedWrites) else StagedWrites(last=writes)
    for group in (*staged.earlier, staged.last):
        await documents.commit(group)
