"""Frequency cap: at most so many messages in so many days, for each person and channel. Written as `3/7`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

PATTERN = re.compile(r"([1-9]\d?)/([1-9]\d?)")
MAX_DAYS = 30
OFF = "off"
"""A campaign with it has no cap, whatever the deployment says."""


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """At most `messages` in `days`."""

    messages: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`."""
        found = PATTERN.fullmatch(text)
        if found is None or int(found[2]) > MAX_DAYS:
            raise ValueError("write the cap like 3/7: at most 3 messages in 7 days, and at most 30 days")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.messages}/{self.days}"


def _check(text: str) -> str:
    if text != OFF:
        try:
            FrequencyCap.parse(text)
        except ValueError as error:
            raise PydanticCustomError("frequency_cap", "Write the cap like 3/7, or off") from error
    return text


CampaignFrequencyCap = Annotated[
    str,
    AfterValidator(_check),
    Field(
        max_length=20,
        description="of this campaign, such as 3/7: at most 3 messages in 7 days; or off; null: that of the deployment",
    ),
]
