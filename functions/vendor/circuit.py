"""A circuit breaker: while a vendor is down, it gets no messages, except one trial message from time to time.

    closed      every message is allowed; `FAILURE_THRESHOLD` failures in a row open the circuit
    open        no message is allowed until `open_until`
    half-open   then one message at a time is allowed: a failure doubles the open time, any success closes the circuit

The libraries for this (pybreaker, asyncbreaker, purgatory, circuitbreaker) wrap the call, wait a fixed time and read
the clock themselves. Here the open time grows, a vendor may set it with `Retry-After`, and the caller needs its end.
"""

from __future__ import annotations

from datetime import datetime, timedelta

FAILURE_THRESHOLD = 5
INITIAL_OPEN_TIME = timedelta(seconds=5)
MAX_OPEN_TIME = timedelta(minutes=5)
MAX_RETRY_AFTER = timedelta(hours=1)
"""The limit for the wait that a vendor asks for."""


class Circuit:
    """The circuit of one vendor, in one instance. `open_until` is None while it is closed."""

    def __init__(
        self,
        *,
        failure_threshold: int = FAILURE_THRESHOLD,
        initial_open_time: timedelta = INITIAL_OPEN_TIME,
        max_open_time: timedelta = MAX_OPEN_TIME,
    ) -> None:
        self._failure_threshold = failure_threshold
        self._initial_open_time = initial_open_time
        self._max_open_time = max_open_time
        self.open_until: datetime | None = None
        self._close()

    def allow(self, now: datetime) -> bool:
        """Whether a message may be sent.

        Afterwards the caller calls `record_success`, `record_failure` or `cancel_trial`. A trial without any of these
        blocks the next trial only for the current open time.
        """
        if self.open_until is None:
            return True
        if now < self.open_until:
            return False
        self._trial_running = True
        self.open_until = now + self._open_time
        return True

    def cancel_trial(self, now: datetime) -> None:
        """The allowed message is not sent: the next message is the trial."""
        if self._trial_running:
            self._trial_running = False
            self.open_until = now

    def record_success(self, now: datetime) -> None:
        self._close()

    def record_failure(self, now: datetime, retry_after: float | None = None, *, opens: bool = False) -> None:
        """`retry_after` is the wait that the vendor asked for, in seconds. With `opens`, one failure opens the circuit.

        A message that was sent before the circuit opened and fails later does not extend the open time, unless the
        vendor asks for it.
        """
        self._consecutive_failures += 1
        requested = min(timedelta(seconds=retry_after or 0), MAX_RETRY_AFTER)
        if self.open_until is None and (opens or self._consecutive_failures >= self._failure_threshold):
            self._open(now, self._initial_open_time, requested)
        elif self._trial_running:
            self._open(now, min(self._max_open_time, 2 * self._open_time), requested)
        elif self.open_until:
            self.open_until = max(self.open_until, now + requested)

    def _open(self, now: datetime, open_time: timedelta, requested: timedelta) -> None:
        self._trial_running = False
        self._open_time = open_time
        self.open_until = now + max(open_time, requested)

    def _close(self) -> None:
        self.open_until = None
        self._consecutive_failures = 0
        self._open_time = self._initial_open_time
        self._trial_running = False  # in the half-open state, one message was allowed
