"""The vendor stand-in knows how often each person was messaged, with and without its memory of keys."""

from __future__ import annotations

import math

import pytest

from local.vendor.send_log import SendLog, VendorMessage

MESSAGE = VendorMessage(
    message_id="m", campaign_id="c", customer_id="1", attempt=1, channel="email", to="a@b.c", name=None,
    subject="Hi", body="Come",
)  # fmt: skip


@pytest.mark.parametrize(("memory", "accepted"), [(math.inf, 1), (60, 1), (10, 2)])
def test_repeated_key_is_accepted_again_once_it_is_forgotten(memory: float, accepted: int) -> None:
    """Within its memory, the vendor messages a person once; without any, at each request."""
    times = iter((100.0, 130.0, 135.0))
    send_log = SendLog(memory_seconds=memory, clock=lambda: next(times))
    for _ in range(3):
        entry = send_log.record_request("m", MESSAGE)
    assert (entry.accepted, entry.accepted_requests, entry.requests) == (accepted, 3, 3)
    assert entry.request_times == [100.0, 130.0, 135.0]


def test_rejected_message_is_never_accepted() -> None:
    """A rejected message has reached nobody, and is rejected again."""
    send_log = SendLog()
    for reject in (True, False):
        entry = send_log.record_request("m", MESSAGE, reject=reject)
    assert (entry.accepted, entry.accepted_requests, entry.outcome) == (0, 0, "failed")
