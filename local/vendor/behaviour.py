"""How the vendor behaves: as told by `POST /control`."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal[
    "ok",
    "down",  # 503
    "throttled",  # 429, with `seconds` (or 1) in Retry-After
    "late",  # accepts, and answers after `seconds` (or 30)
    "hang",  # accepts nothing, and answers 503 after `seconds` (or 60)
    "refuse",  # closes the connection
    "reject",  # 422: will never take this one
]
SECONDS: dict[Mode, float] = {"throttled": 1, "late": 30, "hang": 60}


class Behaviour(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = "ok"
    share: float = Field(default=1.0, ge=0, le=1)  # of the posts; the others are served well
    seconds: float | None = Field(default=None, ge=0)
    seed: int = 0  # of the dice that choose the posts

    @property
    def delay(self) -> float:
        return SECONDS.get(self.mode, 0.0) if self.seconds is None else self.seconds


@dataclass
class Control:
    behaviour: Behaviour = field(default_factory=Behaviour)
    counts: Counter[str] = field(default_factory=Counter)  # how many posts each mode served
    _dice: random.Random = field(default_factory=lambda: random.Random(0))

    def tell(self, behaviour: Behaviour) -> None:
        self.behaviour, self._dice = behaviour, random.Random(behaviour.seed)

    def next(self) -> Behaviour:
        """For the next post."""
        chosen = self.behaviour if self._dice.random() < self.behaviour.share else Behaviour()
        self.counts[chosen.mode] += 1
        return chosen
