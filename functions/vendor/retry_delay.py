"""How long a message waits until the vendor is tried again, and how often it is tried."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from common.backoff import Backoff

MAX_TRIES = 10
BACKOFF = Backoff(initial=2, maximum=600, jitter=0)


def retry_delay(tries: int, retry_after: float | None) -> timedelta:
    """The wait after `tries` earlier tries: it doubles each time, and is never shorter than the vendor asked for.

    `retry_after` is in seconds; None if the vendor did not say.
    """
    return timedelta(seconds=max(BACKOFF.delay(tries), retry_after or 0))


def with_jitter(at: datetime) -> datetime:
    """Up to two seconds later, so that not all messages return at the same moment."""
    return at + timedelta(seconds=random.uniform(0, 2))
