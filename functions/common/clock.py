"""The clock, as an argument: code that needs the time takes a `Clock`, so that tests can set it. And time zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

Clock = Callable[[], datetime]
"""Returns the current time, with a time zone."""

_zone_of_input: ContextVar[tzinfo] = ContextVar("the time zone of times without one")


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


@contextmanager
def times_without_zone_in(zone: tzinfo) -> Iterator[None]:
    """Within it, a `UtcDatetime` that is given without a time zone is a time in `zone`.

    Everything that validates times from outside is within it. Elsewhere such a time is an error of the program.
    """
    token = _zone_of_input.set(zone)
    try:
        yield
    finally:
        _zone_of_input.reset(token)


def _to_utc(value: datetime) -> datetime:
    """A time that does not exist in the zone, or exists twice, is read as Python's `fold=0`: with the offset before."""
    try:
        return (value if value.tzinfo else value.replace(tzinfo=_zone_of_input.get())).astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("date", "This time cannot be expressed in UTC") from error


UtcDatetime = Annotated[datetime, AfterValidator(_to_utc)]
"""A time from outside, in UTC; without a time zone it is in the deployment's (`times_without_zone_in`)."""


def zone_or(default: tzinfo, name: str | None) -> tzinfo:
    """The time zone with this name, such as a person's; `default` if there is none."""
    try:
        return ZoneInfo(name) if name else default
    except (ValueError, OSError, LookupError):  # a name that was valid with other time zone data
        return default
