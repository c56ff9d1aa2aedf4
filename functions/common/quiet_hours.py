"""Quiet hours: the time of a day in which nobody is written to, by the clock of the place where they are.

Written as `21:00-09:00`. The end may be on the next day. A message that comes in between waits until the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, Self

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

PATTERN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
OFF = "off"
"""A campaign with it has no quiet hours, whatever the deployment says."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until right before `end`."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        found = PATTERN.fullmatch(text)
        if found is None:
            raise ValueError("write quiet hours like 21:00-09:00")
        hours = [int(group) for group in found.groups()]
        start, end = time(hours[0], hours[1]), time(hours[2], hours[3])
        if start == end:
            raise ValueError("quiet hours that begin and end at the same time would never end, or never begin")
        return cls(start, end)

    @classmethod
    def all_but(cls, hour: int) -> Self:
        """Everything but one hour of the day."""
        return cls(time((hour + 1) % 24), time(hour))

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def end_after(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the quiet hours at `now` end, in UTC; None if `now` is not in them."""
        local = now.astimezone(zone)
        if not self._has(local.time()) or self._were_jumped_over(now, zone):
            return None
        day = local.date() if local.time() < self.end else local.date() + timedelta(days=1)
        end = datetime.combine(day, self.end, zone).astimezone(UTC)
        if end <= now:  # the clock shows this hour for the second time
            end = datetime.combine(day, self.end.replace(fold=1), zone).astimezone(UTC)
        return end

    def _were_jumped_over(self, now: datetime, zone: tzinfo) -> bool:
        """Whether the clock jumps over the end on this day, and `now` is in as many hours after the jump as there are
        between the end and the next start. Otherwise a single hour of the day would not come on that day."""
        day = now.astimezone(zone).date()
        end = datetime.combine(day, self.end, zone).astimezone(UTC)
        if end.astimezone(zone).time() == self.end:
            return False
        hours = (datetime.combine(day, self.start) - datetime.combine(day, self.end)) % timedelta(days=1)
        return end <= now < end + hours

    def _has(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def _check(text: str) -> str:
    if text != OFF:
        try:
            QuietHours.parse(text)
        except ValueError as error:
            raise PydanticCustomError("quiet_hours", "Write quiet hours like 21:00-09:00, or off") from error
    return text


CampaignQuietHours = Annotated[
    str,
    AfterValidator(_check),
    Field(max_length=20, description="of this campaign, such as 21:00-09:00, or off; null: those of the deployment"),
]
