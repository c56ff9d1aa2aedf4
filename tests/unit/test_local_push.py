"""The push service's decisions."""

from __future__ import annotations

from local.push.issuer import Issuer
from local.push.window import FIRST_PAUSE, LARGEST, LONGEST_PAUSE, SMALLEST, Window


def test_window_grows_with_success() -> None:
    window = Window()
    for _ in range(2 * LARGEST):
        window.accepted(0.05)
    assert window.size == LARGEST


def test_window_does_not_grow_when_answers_are_slow() -> None:
    window = Window(latency=2.0)
    for _ in range(10):
        window.accepted(2.0)
    assert window.size == SMALLEST


def test_window_shrinks_with_refusals_and_recovers() -> None:
    window = Window(size=LARGEST)
    for _ in range(LARGEST):
        window.refused()
    assert window.size == SMALLEST
    for _ in range(2 * LARGEST):
        window.accepted(0.05)
    assert window.size == LARGEST


def test_a_single_refusal_among_many_does_not_matter() -> None:
    """As in the cloud: more than 99 % must succeed."""
    window = Window(size=500, share=0.9999)
    for _ in range(5):
        window.refused()
        for _ in range(400):
            window.accepted(0.05)
    assert window.size == LARGEST


def test_pause_doubles_while_everything_is_refused() -> None:
    window = Window()
    window.slow_down()
    assert window.pause == FIRST_PAUSE
    for _ in range(20):
        window.slow_down()
    assert window.pause == LONGEST_PAUSE
    window.accepted(0.01)
    assert window.pause == 0


def test_tokens_are_reused_for_an_audience() -> None:
    """Signing takes longer than everything else that a push needs."""
    issuer = Issuer("http://issuer", "pubsub@example.com")
    assert issuer.token("http://a") == issuer.token("http://a") != issuer.token("http://b")
    assert list(issuer.certificates()) == [issuer.key_id]
