"""A circuit breaker: a vendor that stays down is left alone for a while, and tried with one message now and then.

    closed      everything goes through; `FAILURES` in a row open it
    open        nothing goes through until `open_until`
    half-open   then one message at a time does: if it fails, the wait is doubled; any success closes the circuit

The libraries for this (pybreaker, asyncbreaker, purgatory, circuitbreaker) wrap the call, wait a fixed time and read
the clock themselves; here the wait grows, a vendor may say how long it is, and others want to know when it ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta

FAILURES = 5
SHORTEST = timedelta(seconds=5)
LONGEST = timedelta(minutes=5)
MOST_ASKED_FOR = timedelta(hours=1)
"""A vendor may ask for a longer wait than ours, but not for any."""


class Circuit:
    """Of one vendor, in one instance. `open_until` is None while it is closed."""

    def __init__(
        self, *, failures: int = FAILURES, shortest: timedelta = SHORTEST, longest: timedelta = LONGEST
    ) -> None:
        self._failures = failures
        self._shortest = shortest
        self._longest = longest
        self.open_until: datetime | None = None
        self._close()

    def allow(self, now: datetime) -> bool:
        """Whether a message may be sent. What came of it is told by `succeeded`, `failed` or `unused`; a trial of which
        none is told stands in the way of the next one only as long as the wait before it was."""
        if self.open_until is None:
            return True
        if now < self.open_until:
            return False
        self._trying = True
        self.open_until = now + self._wait
        return True

    def unused(self, now: datetime) -> None:
        """What was allowed is not sent after all: the trial is the next message's."""
        if self._trying:
            self._trying = False
            self.open_until = now

    def succeeded(self, now: datetime) -> None:
        self._close()

    def failed(self, now: datetime, retry_after: float | None = None) -> None:
        """`retry_after` is the seconds that the vendor asked for. What was sent before the circuit opened and fails
        only now does not make the wait longer, unless the vendor asks for it."""
        self._in_a_row += 1
        asked = min(timedelta(seconds=retry_after or 0), MOST_ASKED_FOR)
        if self.open_until is None and self._in_a_row >= self._failures:
            self._open(now, self._shortest, asked)
        elif self._trying:
            self._open(now, min(self._longest, 2 * self._wait), asked)
        elif self.open_until:
            self.open_until = max(self.open_until, now + asked)

    def _open(self, now: datetime, wait: timedelta, asked: timedelta) -> None:
        self._trying = False
        self._wait = wait
        self.open_until = now + max(wait, asked)

    def _close(self) -> None:
        self.open_until = None
        self._in_a_row = 0
        self._wait = self._shortest
        self._trying = False  # a message was let through while it was open
