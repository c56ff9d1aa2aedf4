"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

MAX_DOUBLINGS = 64  # more would only overflow the float


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """Exponential backoff with jitter: the delay doubles with each attempt. All values are in seconds.

    `jitter` is the share of the delay that is random, from 0 (none) to 1 (the delay is anything between 0 and the full
    value). It keeps callers that failed at the same moment from trying again at the same moment.
    """

    initial: float
    maximum: float
    jitter: float = 1.0

    def delay(self, attempt: int, *, random_share: Callable[[], float] = random.random) -> float:
        """The delay after a failed attempt; the first attempt is 0. `random_share` returns a number from 0 to 1."""
        full = min(self.maximum, self.initial * 2.0 ** min(attempt, MAX_DOUBLINGS))
        return full * (1 - self.jitter * random_share())
