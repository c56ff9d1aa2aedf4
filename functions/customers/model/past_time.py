"""Times that a caller tells of what has happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from common.clock import UtcDatetime, utc_now

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MAX_CLOCK_SKEW = timedelta(days=1)
"""How far the caller's clock may be ahead of ours."""


def _check_past(value: datetime) -> datetime:
    if not EARLIEST <= value <= utc_now() + MAX_CLOCK_SKEW:
        raise PydanticCustomError("date", "The time must be in the past, and not before 1970")
    return value


PastTime = Annotated[UtcDatetime, AfterValidator(_check_past)]
