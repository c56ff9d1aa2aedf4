"""The behaviour of the vendor, which `POST /control` configures."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

VendorMode = Literal[
    "ok",
    "down",  # 503
    "throttled",  # 429, with `seconds` (or 1) in Retry-After
    "late",  # accepts, and responds after `seconds` (or 30)
    "hang",  # accepts nothing, and responds with 503 after `seconds` (or 60)
    "refuse",  # closes the connection
    "dropped",  # accepts, and closes the connection without an answer
    "reject",  # 422: permanently rejected
]
DEFAULT_SECONDS: dict[VendorMode, float] = {"throttled": 1, "late": 30, "hang": 60}


class VendorBehaviour(BaseModel):
    """A mode, and the share of requests that it applies to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: VendorMode = "ok"
    share: float = Field(default=1.0, ge=0, le=1)  # of the requests; the others use mode "ok"
    seconds: float | None = Field(default=None, ge=0)
    seed: int = 0  # of the random selection of requests
    lost_share: float | None = Field(default=None, ge=0, le=1)  # of the reports; without it, VENDOR_LOST_SHARE

    @property
    def delay(self) -> float:
        return DEFAULT_SECONDS.get(self.mode, 0.0) if self.seconds is None else self.seconds


@dataclass
class VendorControl:
    """Selects the behaviour of each request."""

    behaviour: VendorBehaviour = field(default_factory=VendorBehaviour)
    counts: Counter[str] = field(default_factory=Counter)  # number of requests by mode
    _rng: random.Random = field(default_factory=lambda: random.Random(0))

    def configure(self, behaviour: VendorBehaviour) -> None:
        self.behaviour, self._rng = behaviour, random.Random(behaviour.seed)

    def next_behaviour(self) -> VendorBehaviour:
        """Return the behaviour of the next request."""
        chosen = self.behaviour if self._rng.random() < self.behaviour.share else VendorBehaviour()
        self.counts[chosen.mode] += 1
        return chosen
