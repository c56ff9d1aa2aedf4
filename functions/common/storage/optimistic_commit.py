"""Rounds: commits over what was read, made anew from the start where somebody else was faster.

Nobody waits for a lock. A commit fails only because another one succeeded, so whoever contends, somebody gets on; the
pauses in between are random, so that it is not always the same one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from common.errors import Conflict, Exists, Unavailable
from common.storage.documents import Documents, Write

MOST = 20
LONGEST_PAUSE_SECONDS = 0.8

Result = TypeVar("Result")
Plan = Callable[[int], Awaitable[tuple[Result, Sequence[Write]]]]
"""Takes the number of the round, from 0; reads, and answers with the result and the writes that make it true."""


async def committed(documents: Documents, plan: Plan[Result]) -> Result:
    """The result of the round whose writes went in. Raises `Unavailable` after too many."""
    for number in range(MOST):
        result, writes = await plan(number)
        try:
            await documents.commit(writes)
        except (Exists, Conflict):
            await asyncio.sleep(random.uniform(0, min(LONGEST_PAUSE_SECONDS, 0.02 * 2**number)))
        else:
            return result
    raise Unavailable("This is being changed by others all the time; try again.")
