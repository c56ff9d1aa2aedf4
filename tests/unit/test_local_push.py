"""The window, the pauses and the tokens of the push service."""

from __future__ import annotations

from local.push.issuer import Issuer
from local.push.window import INITIAL_PAUSE, MAX_PAUSE, MAX_SIZE, MIN_SIZE, Window


def test_window_grows_to_maximum_with_success() -> None:
    """Accepted messages increase the window up to its maximum."""
    window = Window()
    for _ in range(2 * MAX_SIZE):
        window.record_accepted(0.05)
    assert window.size == MAX_SIZE


def test_window_with_slow_responses_does_not_grow() -> None:
    """A high mean latency keeps the window small."""
    window = Window(latency=2.0)
    for _ in range(10):
        window.record_accepted(2.0)
    assert window.size == MIN_SIZE


def test_window_shrinks_with_refusals_and_recovers() -> None:
    """Refusals reduce the window to its minimum, and success increases it again."""
    window = Window(size=MAX_SIZE)
    for _ in range(MAX_SIZE):
        window.record_refused()
    assert window.size == MIN_SIZE
    for _ in range(2 * MAX_SIZE):
        window.record_accepted(0.05)
    assert window.size == MAX_SIZE


def test_rare_refusals_do_not_shrink_window() -> None:
    """The window grows while more than 99 % of the messages succeed, as in the cloud."""
    window = Window(size=500, share=0.9999)
    for _ in range(5):
        window.record_refused()
        for _ in range(400):
            window.record_accepted(0.05)
    assert window.size == MAX_SIZE


def test_pause_doubles_while_everything_is_refused() -> None:
    """The pause doubles up to its maximum, and success removes it."""
    window = Window()
    window.slow_down()
    assert window.pause == INITIAL_PAUSE
    for _ in range(20):
        window.slow_down()
    assert window.pause == MAX_PAUSE
    window.record_accepted(0.01)
    assert window.pause == 0


def test_tokens_are_cached_by_audience() -> None:
    """Signing is the most expensive part of a push, so tokens are reused."""
    issuer = Issuer("http://issuer", "pubsub@example.com")
    assert issuer.token("http://a") == issuer.token("http://a") != issuer.token("http://b")
    assert list(issuer.certificates()) == [issuer.key_id]
