"""The circuit breaker: examples, and a state machine that checks its contract under any sequence of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support import examples
from vendor.circuit import INITIAL_OPEN_TIME, MAX_OPEN_TIME, MAX_RETRY_AFTER, Circuit

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def open_circuit() -> Circuit:
    circuit = Circuit()
    for _ in range(5):
        circuit.record_failure(NOW)
    return circuit


def test_circuit_after_five_failures_in_a_row_opens_for_five_seconds() -> None:
    """The fifth failure opens the circuit, and a trial is allowed after five seconds."""
    circuit = Circuit()
    for _ in range(4):
        circuit.record_failure(NOW)
    assert circuit.allow(NOW)
    circuit.record_failure(NOW)
    assert circuit.open_until == later(5)
    assert not circuit.allow(later(4.9))
    assert circuit.allow(later(5))


def test_circuit_with_a_success_between_failures_stays_closed() -> None:
    """A success resets the count of consecutive failures."""
    circuit = Circuit()
    for _ in range(3):
        for _ in range(4):
            circuit.record_failure(NOW)
        circuit.record_success(NOW)
    assert circuit.open_until is None


def test_circuit_when_half_open_allows_one_message_and_closes_after_its_success() -> None:
    """One trial at a time is allowed; its success closes the circuit."""
    circuit = open_circuit()
    assert [circuit.allow(later(6)) for _ in range(3)] == [True, False, False]
    circuit.record_success(later(7))
    assert circuit.open_until is None
    assert [circuit.allow(later(7)) for _ in range(3)] == [True, True, True]


def test_open_time_after_each_failed_trial_doubles_up_to_five_minutes() -> None:
    """After a success, the open time starts at five seconds again."""
    circuit = open_circuit()
    waits = []
    for _ in range(8):
        now = circuit.open_until
        assert now
        assert circuit.allow(now)
        circuit.record_failure(now)
        waits.append((circuit.open_until or now) - now)
    assert [wait.total_seconds() for wait in waits] == [10, 20, 40, 80, 160, 300, 300, 300]
    circuit.record_success(NOW)
    for _ in range(5):
        circuit.record_failure(NOW)
    assert circuit.open_until == later(5)


@pytest.mark.parametrize(("retry_after", "wait"), [(2, 5), (60, 60), (600, 600), (10**9, 3600), (None, 5)])
def test_open_time_with_retry_after_is_at_least_that_long(retry_after: float | None, wait: float) -> None:
    """The vendor can extend the open time to one hour at most."""
    circuit = Circuit()
    for _ in range(5):
        circuit.record_failure(NOW, retry_after)
    assert circuit.open_until == later(wait)


def test_open_time_after_late_failures_stays_the_same() -> None:
    """A thousand messages that were sent before the circuit opened all fail within its first second."""
    circuit = open_circuit()
    for _ in range(1000):
        circuit.record_failure(later(1))
    assert circuit.open_until == later(5)
    circuit.record_failure(later(1), 30)
    assert circuit.open_until == later(31)


def test_trial_without_a_result_is_followed_by_another() -> None:
    """A trial without a result blocks the next one only for the open time."""
    circuit = open_circuit()
    assert circuit.allow(later(5))
    assert not circuit.allow(later(9))
    assert circuit.allow(later(10))


def test_trial_after_its_cancellation_is_given_to_the_next_message() -> None:
    """A cancelled trial is available again, and its failure doubles the open time."""
    circuit = open_circuit()
    assert circuit.allow(later(6))
    circuit.cancel_trial(later(6))
    assert [circuit.allow(later(6)) for _ in range(2)] == [True, False]
    circuit.record_failure(later(6))
    assert circuit.open_until == later(16)
    circuit.cancel_trial(later(7))
    assert not circuit.allow(later(15))


class CircuitMachine(RuleBasedStateMachine):
    """Any sequence of elapsed time, permissions and results."""

    @initialize(failures=st.integers(1, 6))
    def start(self, failures: int) -> None:
        self.failures = failures
        self.circuit = Circuit(failure_threshold=failures)
        self.now = NOW
        self.consecutive_failures = 0
        self.allowed_at: list[datetime] = []  # since the circuit opened

    @rule(seconds=st.floats(0.001, 1000))
    def advance_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def ask(self) -> None:
        until = self.circuit.open_until
        allowed = self.circuit.allow(self.now)
        assert allowed == (until is None or self.now >= until)
        if allowed and until:
            self.allowed_at.append(self.now)

    @rule()
    def succeed(self) -> None:
        self.circuit.record_success(self.now)
        self.consecutive_failures, self.allowed_at = 0, []
        assert self.circuit.open_until is None
        assert self.circuit.allow(self.now)

    @rule(retry_after=st.none() | st.floats(0, 10_000))
    def fail(self, retry_after: float | None) -> None:
        until = self.circuit.open_until
        self.circuit.record_failure(self.now, retry_after)
        self.consecutive_failures += 1
        if until and self.circuit.open_until:
            assert self.circuit.open_until >= min(until, self.now + INITIAL_OPEN_TIME)

    @invariant()
    def opens_exactly_at_the_threshold(self) -> None:
        if hasattr(self, "failures"):
            assert (self.circuit.open_until is not None) == (self.consecutive_failures >= self.failures)

    @invariant()
    def allows_trials_at_intervals(self) -> None:
        allowed_at = getattr(self, "allowed_at", [])
        for earlier, later_one in pairwise(allowed_at):
            assert later_one - earlier >= INITIAL_OPEN_TIME

    @invariant()
    def open_time_is_limited(self) -> None:
        if hasattr(self, "failures") and self.circuit.open_until:
            assert self.circuit.open_until - self.now <= max(MAX_OPEN_TIME, MAX_RETRY_AFTER)


TestCircuitMachine = CircuitMachine.TestCase
TestCircuitMachine.settings = settings(
    max_examples=examples(200), stateful_step_count=40
)  # quick, and finds rare orders
