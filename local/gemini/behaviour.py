"""The behaviour of the stand-in, which `POST /control` configures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

GeminiMode = Literal[
    "ok",
    "late",  # responds after `seconds` (default 30; every mode may have a delay)
    "quota",  # 429: quota exceeded
    "unavailable",  # 503: overloaded
    "nonsense",  # not JSON
    "empty",  # no text
    "blocked",  # by the safety filters
    "wrong_ids",  # texts with unknown ids
    "promises",  # texts with discounts, links and codes that are not in the request
    "words",  # texts with promises in words
    "chatty",  # texts with remarks to the one who asked
    "obeys",  # texts that say to everybody what any value of the request says
    "leaks",  # texts that speak of other people
]
LATE_SECONDS = 30.0


class GeminiBehaviour(BaseModel):
    """A mode, and the share of calls that it applies to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: GeminiMode = "ok"
    seconds: float = Field(default=0.0, ge=0)
    share: float = Field(default=1.0, ge=0, le=1)  # of the calls, evenly distributed; the others use mode "ok"

    @property
    def delay(self) -> float:
        return self.seconds or (LATE_SECONDS if self.mode == "late" else 0.0)


@dataclass
class GeminiCounts:
    """Counters since the start, or since `DELETE /control`."""

    calls: int = 0
    modes: dict[str, int] = field(default_factory=dict)  # number of calls by mode
    people: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    last_options: dict[str, Any] = field(default_factory=dict)  # of the last call: all of the request but its contents


@dataclass
class GeminiControl:
    """Selects the behaviour of each call."""

    behaviour: GeminiBehaviour = field(default_factory=GeminiBehaviour)
    counts: GeminiCounts = field(default_factory=GeminiCounts)
    _due: float = 0.0

    def configure(self, behaviour: GeminiBehaviour) -> None:
        self.behaviour, self._due = behaviour, 0.0

    def reset(self) -> None:
        self.behaviour, self.counts, self._due = GeminiBehaviour(), GeminiCounts(), 0.0

    def next_behaviour(self) -> GeminiBehaviour:
        """Return the behaviour of the next call. With a share of 0.3, exactly three of ten calls use the mode."""
        self._due += self.behaviour.share
        misbehaves = self._due >= 1 - 1e-9
        self._due -= misbehaves
        chosen = self.behaviour if misbehaves else GeminiBehaviour()
        self.counts.calls += 1
        self.counts.modes[chosen.mode] = self.counts.modes.get(chosen.mode, 0) + 1
        return chosen
