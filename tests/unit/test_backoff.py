"""The delays between attempts."""

from __future__ import annotations

import pytest

from common.backoff import Backoff


@pytest.mark.parametrize(
    ("jitter", "share", "delays"),
    [
        (0.0, 0.5, [0.5, 1, 2, 3, 3]),
        (1.0, 0.0, [0.5, 1, 2, 3, 3]),
        (1.0, 1.0, [0, 0, 0, 0, 0]),
        (0.5, 1.0, [0.25, 0.5, 1, 1.5, 1.5]),
    ],
)
def test_delay_doubles_up_to_the_maximum_less_the_jitter(jitter: float, share: float, delays: list[float]) -> None:
    """The delay doubles up to the maximum; the jitter takes away up to its share of it."""
    backoff = Backoff(initial=0.5, maximum=3, jitter=jitter)
    assert [backoff.delay(attempt, random_share=lambda: share) for attempt in range(5)] == delays


def test_delay_of_a_very_late_attempt_is_the_maximum() -> None:
    """The number of attempts has no limit."""
    assert Backoff(initial=0.5, maximum=3, jitter=0).delay(100_000) == 3
