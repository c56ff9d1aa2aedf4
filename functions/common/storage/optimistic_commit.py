"""Optimistic concurrency: read, then commit; if another writer was faster, read again and try the commit again.

There are no locks. A commit fails because another one succeeded, or because too many writers contend for a document.
The delays between attempts grow, so that the contention ends, and are random, so that it is not always the same writer
that loses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from common.backoff import Backoff
from common.errors import Conflict, Contention, Exists, Unavailable
from common.storage.documents import Documents, Write

MAX_ATTEMPTS = 20
BACKOFF = Backoff(initial=0.02, maximum=0.8)

Result = TypeVar("Result")
BuildCommit = Callable[[int], Awaitable[tuple[Result, Sequence[Write]]]]
"""Takes the number of the attempt, from 0. Reads, and returns the result together with the writes to commit."""


async def commit_with_retry(documents: Documents, build: BuildCommit[Result]) -> Result:
    """The result of the attempt whose writes were committed. Raises `Unavailable` after `MAX_ATTEMPTS`."""
    for attempt in range(MAX_ATTEMPTS):
        result, writes = await build(attempt)
        try:
            await documents.commit(writes)
        except (Exists, Conflict, Contention):
            await asyncio.sleep(BACKOFF.delay(attempt))
        else:
            return result
    raise Unavailable("Other requests keep changing this; try again.")
