"""The clock, as an argument: code that needs the time takes a `Clock`, so that tests can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current time, with a time zone."""


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)
