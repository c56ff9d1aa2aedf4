"""The interval of the difference of two shares has the true difference in it as often as it says."""

from __future__ import annotations

import hashlib
import random

import pytest

from campaigns.results.interval import Share, difference_interval
from campaigns.results.results import Group, compare


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_published_examples_have_the_published_intervals(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """Table II of Newcombe's paper, method 10."""
    assert difference_interval(Share(*one), Share(*other)) == pytest.approx((low, high), abs=0.00006)


def test_interval_turns_around_with_the_groups() -> None:
    """What one group has more, the other one has less."""
    low, high = difference_interval(Share(30, 400), Share(9, 100))
    assert difference_interval(Share(9, 100), Share(30, 400)) == pytest.approx((-high, -low))


def is_held_out(run: int, person: int, percent: int) -> bool:
    """As the holdout decides: by a hash of campaign and person."""
    digits = hashlib.sha256(f"campaign {run}:{person}".encode()).hexdigest()[:16]
    return int(digits, 16) < percent * 2**64 // 100


@pytest.mark.parametrize(
    ("people", "percent", "without", "lift"),
    [(400, 20, 0.05, 0.04), (400, 50, 0.30, 0.10), (600, 10, 0.02, 0.0)],
)
def test_known_lift_is_within_its_interval_19_times_of_20(
    people: int, percent: int, without: float, lift: float
) -> None:
    """1,000 simulated campaigns: each person orders with a known chance, larger by the lift with the message."""
    chance = random.Random(f"{people} {percent}")
    hits = 0
    for run in range(1_000):
        groups = {True: Group(people=0, ordered=0), False: Group(people=0, ordered=0)}
        for person in range(people):
            apart = is_held_out(run, person, percent)
            groups[apart].people += 1
            groups[apart].ordered += chance.random() < without + (0 if apart else lift)
        found = compare(groups[False], groups[True])
        hits += found.low <= lift <= found.high
    assert hits >= 930
