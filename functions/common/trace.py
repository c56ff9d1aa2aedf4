"""The trace: what belongs together in the logs of all functions, as W3C `traceparent`, and its spans.

An event of one message has the message's id as trace id, so that everything about a message has one trace, also what a
vendor reports days later. Everything else continues the trace of the request or event that led to it.

A span is what one request, or one delivery of an event, led to in one function. It is the parent of the spans of what
it publishes. At its end it is logged, if its trace is sampled. A span that works for messages, but in another trace (a
fan-out, a callback about several messages), is logged as a span of each sampled message, too.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

log = logging.getLogger(__name__)
ATTRIBUTE = "traceparent"
"""The name of the header, and of the attribute of a Pub/Sub message."""
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class Sampling:
    """Which traces have their spans logged, in this process."""

    one_in: int = 1_000  # 0: none

    def includes(self, trace_id: str) -> bool:
        """By the id: all functions decide the same, as OpenTelemetry's sampler for a ratio of traces does."""
        return self.one_in > 0 and int(trace_id[-8:], 16) % self.one_in == 0


SAMPLING = Sampling()


@dataclass(kw_only=True, slots=True, eq=False)
class Span:
    """One step of a trace."""

    name: str  # the subscription, or the API that was asked
    trace_id: str
    span_id: str = field(default_factory=lambda: secrets.token_hex(8))
    parent_id: str | None = None  # the span that led to it
    started_at: float = field(default_factory=time.time)
    outcome: str | None = None  # what became of the message: sent, "deferred: rate", …
    details: dict[str, int | float] = field(default_factory=dict)
    handled: set[str] = field(default_factory=set)  # sampled messages of other traces that it got from its parent
    begun: set[str] = field(default_factory=set)  # sampled messages whose traces begin with it


_current: ContextVar[Span | None] = ContextVar("the current span", default=None)


def current_span() -> Span | None:
    """The span of what is done now; None outside of any."""
    return _current.get()


def current_trace() -> str | None:
    """The id of the current trace; None outside of any."""
    span = _current.get()
    return span.trace_id if span else None


@contextmanager
def continued_trace(traceparent: str | None, name: str) -> Iterator[Span]:
    """A span of the trace that was sent along, or of a new one if there is none. It is logged at its end."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    trace_id, parent_id = match.groups() if match else (secrets.token_hex(16), None)
    span = Span(name=name, trace_id=trace_id, parent_id=parent_id)
    with _within(span):
        try:
            yield span
        finally:
            _log(span)


@contextmanager
def _within(span: Span) -> Iterator[None]:
    token = _current.set(span)
    try:
        yield
    finally:
        _current.reset(token)


def traceparent(messages: Collection[str] = ()) -> str | None:
    """What to send along with an event about these messages: the trace of a single one, otherwise the current one.

    None outside of any trace.
    """
    span = _current.get()
    if span:
        span.begun |= _of_other_traces(span, messages)
    trace_id = _single_trace(messages) or (span.trace_id if span else None)
    if trace_id is None:
        return None
    span_id = span.span_id if span else secrets.token_hex(8)
    return f"00-{trace_id}-{span_id}-{SAMPLING.includes(trace_id):02x}"


def note_handled(messages: Collection[str]) -> None:
    """The current span handles an event about these messages."""
    if span := _current.get():
        span.handled |= _of_other_traces(span, messages)


def note_outcome(outcome: str) -> None:
    """Says what became of the message in the current span."""
    if span := _current.get():
        span.outcome = outcome


def _single_trace(messages: Collection[str]) -> str | None:
    [message] = messages if len(messages) == 1 else [""]
    return message if _TRACE_ID.fullmatch(message) else None


def _of_other_traces(span: Span, messages: Collection[str]) -> set[str]:
    """The sampled ones."""
    others = (message for message in messages if message != span.trace_id and _TRACE_ID.fullmatch(message))
    return {message for message in others if SAMPLING.includes(message)}


def _log(span: Span) -> None:
    """Logs the span, in its own trace and in those of the messages that it worked for."""
    seconds = round(time.time() - span.started_at, 6)
    if SAMPLING.includes(span.trace_id):
        _log_in_trace(span, seconds)
    for message in span.handled:
        _log_in_trace(replace(span, trace_id=message), seconds, linked_trace=span.trace_id)
    for message in span.begun - span.handled:
        _log_in_trace(replace(span, trace_id=message, parent_id=None), seconds, linked_trace=span.trace_id)


def _log_in_trace(span: Span, seconds: float, **link: str) -> None:
    started_at = datetime.fromtimestamp(span.started_at, UTC).isoformat()
    fields = {"event": "span", "step": span.name, "parent_id": span.parent_id, "started_at": started_at}
    with _within(span):
        log.info("span", extra={**fields, "seconds": seconds, "outcome": span.outcome, **span.details, **link})
