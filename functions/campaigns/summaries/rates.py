"""The rates of a campaign, and which of them stand out against the deployment's earlier campaigns.

A rate *stands out* if all of this is true:

1. There are at least `MIN_CAMPAIGNS` earlier campaigns on the same channel, and each rate is of `MIN_BASE` or more.
2. It is further from their median than `TYPICAL_DISTANCES` times their own usual (median) distance from it.
3. The distance is `MIN_DISTANCE` or more, and larger than chance: `STANDARD_ERRORS` of a sample of this size.

Openings and clicks arrive late, so no rate is called lower than usual until a day after the campaign has finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Literal, get_args

from pydantic import BaseModel

from common.messages.ledger import Statistics

MIN_CAMPAIGNS = 5
MIN_BASE = 50
MIN_DISTANCE = 0.01
TYPICAL_DISTANCES = 3
STANDARD_ERRORS = 3

RateName = Literal[
    "failed", "skipped", "bounced", "complained", "opened", "clicked", "unsubscribed", "converted"
]  # fmt: skip
RATE_NAMES: Sequence[RateName] = get_args(RateName)


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `base`."""

    count: int
    base: int

    @property
    def share(self) -> float:
        return self.count / self.base if self.base else 0.0


class StandingOut(BaseModel):
    """A rate that is unlike that of earlier campaigns."""

    rate: RateName
    share: float  # of this campaign, from 0 to 1
    usual: float  # the median of the earlier campaigns
    is_higher: bool
    campaigns: int  # how many earlier campaigns it is compared with


def rates_of(statistics: Statistics) -> dict[RateName, Rate]:
    """Failed: of what was sent or failed; skipped: of the audience; everything else: of what was sent."""
    kinds = statistics.kinds
    sent = kinds.get("sent", 0)
    bases = {"failed": sent + kinds.get("failed", 0), "skipped": statistics.audience}
    return {name: Rate(kinds.get(name, 0), bases.get(name, sent)) for name in RATE_NAMES}


def find_standing_out(
    rates: Mapping[RateName, Rate], earlier: Sequence[Mapping[RateName, Rate]], *, may_be_lower: bool
) -> list[StandingOut]:
    """The rates that stand out, the one furthest from usual first."""
    found = [
        one
        for name in RATE_NAMES
        if (one := compare(name, rates[name], [each[name] for each in earlier])) and (one.is_higher or may_be_lower)
    ]
    return sorted(found, key=lambda one: -abs(one.share - one.usual))


def compare(name: RateName, rate: Rate, earlier: Sequence[Rate]) -> StandingOut | None:
    """What stands out in one rate; None if it is as usual, or if nobody can say."""
    shares = [one.share for one in earlier if one.base >= MIN_BASE]
    if rate.base < MIN_BASE or len(shares) < MIN_CAMPAIGNS:
        return None
    usual = median(shares)
    distance = abs(rate.share - usual)
    typical = median(abs(share - usual) for share in shares)
    needed = max(MIN_DISTANCE, TYPICAL_DISTANCES * typical, STANDARD_ERRORS * _standard_error(usual, rate.base))
    if distance < needed:
        return None
    return StandingOut(
        rate=name, share=rate.share, usual=usual, is_higher=rate.share > usual, campaigns=len(shares)
    )  # fmt: skip


def _standard_error(share: float, base: int) -> float:
    """Of a rate in a sample; a share of 0 or 1 counts as one person away from it."""
    share = min(max(share, 1 / base), 1 - 1 / base)
    return sqrt(share * (1 - share) / base)
