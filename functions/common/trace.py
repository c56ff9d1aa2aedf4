"""The trace: what belongs together in the logs of all functions, as W3C `traceparent`.

An event of one message has the message's id as trace id, so that everything about a message has one trace, also what a
vendor reports days later. Everything else continues the trace of the request or event that led to it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ATTRIBUTE = "traceparent"
"""The name of the header, and of the attribute of a Pub/Sub message."""
SAMPLED_ONE_IN = 1_000
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_current: ContextVar[str | None] = ContextVar("the id of the current trace", default=None)


def current_trace() -> str | None:
    """The id of the current trace; None outside of any."""
    return _current.get()


@contextmanager
def continued_trace(traceparent: str | None) -> Iterator[None]:
    """Within it, the trace is the one that was sent along; a new one if there is none."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    token = _current.set(match.group(1) if match else secrets.token_hex(16))
    try:
        yield
    finally:
        _current.reset(token)


def traceparent(message_id: str | None = None) -> str | None:
    """What to send along: the trace of a message, otherwise the current one; None outside of any."""
    trace = message_id if message_id and _TRACE_ID.fullmatch(message_id) else _current.get()
    return f"00-{trace}-{secrets.token_hex(8)}-01" if trace else None


def is_sampled() -> bool:
    """Whether the success of each step is logged: for the same messages in all functions."""
    trace = _current.get()
    return trace is not None and int(trace[-8:], 16) % SAMPLED_ONE_IN == 0
