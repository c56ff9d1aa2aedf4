"""The circuit breaker, by examples and against its contract under any course of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vendor.circuit import LONGEST, MOST_ASKED_FOR, SHORTEST, Circuit

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def opened() -> Circuit:
    circuit = Circuit()
    for _ in range(5):
        circuit.failed(NOW)
    return circuit


def test_five_failures_in_a_row_open_it_for_five_seconds() -> None:
    circuit = Circuit()
    for _ in range(4):
        circuit.failed(NOW)
    assert circuit.allow(NOW)
    circuit.failed(NOW)
    assert circuit.open_until == later(5)
    assert not circuit.allow(later(4.9))
    assert circuit.allow(later(5))


def test_failures_with_a_success_in_between_are_not_in_a_row() -> None:
    circuit = Circuit()
    for _ in range(3):
        for _ in range(4):
            circuit.failed(NOW)
        circuit.succeeded(NOW)
    assert circuit.open_until is None


def test_half_open_lets_one_message_through_and_closes_when_it_is_taken() -> None:
    circuit = opened()
    assert [circuit.allow(later(6)) for _ in range(3)] == [True, False, False]
    circuit.succeeded(later(7))
    assert circuit.open_until is None
    assert [circuit.allow(later(7)) for _ in range(3)] == [True, True, True]


def test_the_wait_doubles_up_to_five_minutes_and_starts_small_again() -> None:
    circuit = opened()
    waits = []
    for _ in range(8):
        now = circuit.open_until
        assert now
        assert circuit.allow(now)
        circuit.failed(now)
        waits.append((circuit.open_until or now) - now)
    assert [wait.total_seconds() for wait in waits] == [10, 20, 40, 80, 160, 300, 300, 300]
    circuit.succeeded(NOW)
    for _ in range(5):
        circuit.failed(NOW)
    assert circuit.open_until == later(5)


@pytest.mark.parametrize(("asked", "wait"), [(2, 5), (60, 60), (600, 600), (10**9, 3600), (None, 5)])
def test_the_vendor_may_ask_for_a_longer_wait(asked: float | None, wait: float) -> None:
    circuit = Circuit()
    for _ in range(5):
        circuit.failed(NOW, asked)
    assert circuit.open_until == later(wait)


def test_what_fails_late_does_not_make_the_wait_longer() -> None:
    """A thousand messages that were under way when it opened all fail within its first second."""
    circuit = opened()
    for _ in range(1000):
        circuit.failed(later(1))
    assert circuit.open_until == later(5)
    circuit.failed(later(1), 30)
    assert circuit.open_until == later(31)


def test_a_trial_that_nobody_reports_on_is_followed_by_another() -> None:
    circuit = opened()
    assert circuit.allow(later(5))
    assert not circuit.allow(later(9))
    assert circuit.allow(later(10))


def test_a_trial_that_was_not_needed_is_the_next_ones() -> None:
    circuit = opened()
    assert circuit.allow(later(6))
    circuit.unused(later(6))
    assert [circuit.allow(later(6)) for _ in range(2)] == [True, False]
    circuit.failed(later(6))
    assert circuit.open_until == later(16)
    circuit.unused(later(7))
    assert not circuit.allow(later(15))


class Course(RuleBasedStateMachine):
    """Any course of time, permissions, answers in any order."""

    @initialize(failures=st.integers(1, 6))
    def begin(self, failures: int) -> None:
        self.failures = failures
        self.circuit = Circuit(failures=failures)
        self.now = NOW
        self.in_a_row = 0
        self.let_through: list[datetime] = []  # since it opened

    @rule(seconds=st.floats(0.001, 1000))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def somebody_asks(self) -> None:
        until = self.circuit.open_until
        allowed = self.circuit.allow(self.now)
        assert allowed == (until is None or self.now >= until)
        if allowed and until:
            self.let_through.append(self.now)

    @rule()
    def a_message_is_taken(self) -> None:
        self.circuit.succeeded(self.now)
        self.in_a_row, self.let_through = 0, []
        assert self.circuit.open_until is None
        assert self.circuit.allow(self.now)

    @rule(asked=st.none() | st.floats(0, 10_000))
    def a_message_fails(self, asked: float | None) -> None:
        until = self.circuit.open_until
        self.circuit.failed(self.now, asked)
        self.in_a_row += 1
        if until and self.circuit.open_until:
            assert self.circuit.open_until >= min(until, self.now + SHORTEST)

    @invariant()
    def it_opens_after_so_many_failures_and_no_sooner(self) -> None:
        if hasattr(self, "failures"):
            assert (self.circuit.open_until is not None) == (self.in_a_row >= self.failures)

    @invariant()
    def those_let_through_keep_their_distance(self) -> None:
        let_through = getattr(self, "let_through", [])
        for one, next_one in pairwise(let_through):
            assert next_one - one >= SHORTEST

    @invariant()
    def it_never_waits_for_ever(self) -> None:
        if hasattr(self, "failures") and self.circuit.open_until:
            assert self.circuit.open_until - self.now <= max(LONGEST, MOST_ASKED_FOR)


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
