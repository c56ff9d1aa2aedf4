"""How the stand-in behaves: as told by `POST /control`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal[
    "ok",
    "slow",  # answers after `seconds` (which any mode may have; here they default to 30)
    "refuse",  # 429: the quota is used up
    "unavailable",  # 503: overloaded
    "nonsense",  # no JSON
    "empty",  # no text
    "blocked",  # by the safety filters
    "wrong_ids",  # texts for people nobody asked about
    "promises",  # discounts, links and codes nobody asked for
]
SLOW_SECONDS = 30.0


class Behaviour(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = "ok"
    seconds: float = Field(default=0.0, ge=0)
    share: float = Field(default=1.0, ge=0, le=1)  # of the calls, evenly spread; the others are served well

    @property
    def delay(self) -> float:
        return self.seconds or (SLOW_SECONDS if self.mode == "slow" else 0.0)


@dataclass
class Counts:
    """What was asked for and given since the start, or since `DELETE /control`."""

    calls: int = 0
    modes: dict[str, int] = field(default_factory=dict)  # how many calls each mode served
    people: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass
class Control:
    behaviour: Behaviour = field(default_factory=Behaviour)
    counts: Counts = field(default_factory=Counts)
    _due: float = 0.0

    def tell(self, behaviour: Behaviour) -> None:
        self.behaviour, self._due = behaviour, 0.0

    def reset(self) -> None:
        self.behaviour, self.counts, self._due = Behaviour(), Counts(), 0.0

    def next(self) -> Behaviour:
        """For the next call: of ten calls with a share of 0.3, exactly three misbehave."""
        self._due += self.behaviour.share
        misbehaves = self._due >= 1 - 1e-9
        self._due -= misbehaves
        chosen = self.behaviour if misbehaves else Behaviour()
        self.counts.calls += 1
        self.counts.modes[chosen.mode] = self.counts.modes.get(chosen.mode, 0) + 1
        return chosen
