"""What a seed decides before its campaign starts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

ACTIONS: Sequence[Sequence[str]] = (
    (),
    ("pause", "resume"),
    ("cancel",),
    ("retry now",),
    ("retry now", "pause", "resume"),
    ("retry",),
    ("pause", "resume", "retry"),
    ("retry", "retry"),
    ("retry", "pause", "resume"),
    ("retry", "cancel"),
)
"""The actions of the managers: "retry now" while the campaign runs, "retry" after it has finished; what follows a retry
happens while it is in progress."""
RATE = 2400
"""Messages a minute, of a campaign with a rate."""


@dataclass(frozen=True, kw_only=True)
class ChaosPlan:
    """The campaign and its managers. What customers and the parts do is in every seed."""

    actions: Sequence[str] = ()
    watchdog: bool = True  # without it, the vendor reports everything, and nothing repairs what gets lost
    long_pause: bool = False  # the second action comes after the cached states and the leases have ended
    two_managers: bool = False  # two of them do everything at the same moment
    second_campaign: bool = False  # another campaign to the same people runs at the same time
    per_minute: int | None = None
    scheduled: bool = False  # it starts by itself some seconds later

    @property
    def features(self) -> set[str]:
        """What is special about it, for the figures and for the choice of seeds."""
        flags = {
            "without watchdog": not self.watchdog,
            "long pause": self.long_pause and "pause" in self.actions,
            "two managers": self.two_managers,
            "two campaigns": self.second_campaign,
            "rate": self.per_minute is not None,
            "scheduled start": self.scheduled,
        }
        return {*self.actions, *(name for name, is_set in flags.items() if is_set)}


def plan_of(seed: int) -> ChaosPlan:
    """The plan of a seed."""
    dice = random.Random(f"plan {seed}")
    return ChaosPlan(
        actions=dice.choice(ACTIONS),
        watchdog=dice.random() < 0.6,
        long_pause=dice.random() < 0.5,
        two_managers=dice.random() < 0.4,
        second_campaign=dice.random() < 0.3,
        per_minute=RATE if dice.random() < 0.2 else None,
        scheduled=dice.random() < 0.3,
    )


SHORT: Sequence[tuple[Sequence[str], set[str]]] = (
    (("cancel",), {"two managers"}),
    (("pause", "resume"), {"without watchdog"}),
    (("retry",), {"scheduled start"}),
)
"""The plans of the test suite: actions and further features. What takes longer is left to longer runs."""


def seeds_with_every_action(first: int = 1) -> list[int]:
    """Three seeds from `first` on, with these plans."""
    plans = [(actions, {*actions, *features}) for actions, features in SHORT]
    return [
        next(seed for seed in count(first) if (plan_of(seed).actions, plan_of(seed).features) == wanted)
        for wanted in plans
    ]
