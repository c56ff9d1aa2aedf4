"""The figures of a campaign beside what is usual: the median of the deployment's earlier campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from pydantic import BaseModel

from common.messages.ledger import Statistics

MIN_COMPARED = 3
OF_AUDIENCE = ("sent", "failed", "skipped", "unknown")
OF_SENT = ("delivered", "opened", "clicked", "unsubscribed", "bounced", "complained")
NOT_ALWAYS_REPORTED = frozenset({"delivered", "opened", "clicked"})
"""A campaign without any of these was not tracked, or its vendor does not report them: it says nothing about them."""


class UsualFigure(BaseModel):
    """What is usual for one figure."""

    kind: str
    share: float  # of the audience, or of the sent messages: the median, from 0 to 1
    campaigns: int  # how many it is the median of


class UsualFigures(BaseModel):
    """What is usual on the campaign's channel, of figures that enough earlier campaigns have."""

    usual: list[UsualFigure]


def shares_of(statistics: Statistics) -> dict[str, float]:
    """The shares as the page shows them: outcomes of the audience, and what came back of the sent messages."""
    kinds, audience, sent = statistics.kinds, statistics.audience, statistics.kinds.get("sent", 0)
    shares = {kind: kinds.get(kind, 0) / audience for kind in OF_AUDIENCE if audience}
    came_back = {kind: kinds.get(kind, 0) / sent for kind in OF_SENT if sent}
    return shares | {kind: share for kind, share in came_back.items() if share or kind not in NOT_ALWAYS_REPORTED}


def compare_with(earlier: Sequence[Mapping[str, float]]) -> UsualFigures:
    """The median of each figure that at least `MIN_COMPARED` campaigns have."""
    by_kind = {kind: [one[kind] for one in earlier if kind in one] for kind in (*OF_AUDIENCE, *OF_SENT)}
    return UsualFigures(
        usual=[
            UsualFigure(kind=kind, share=median(shares), campaigns=len(shares))
            for kind, shares in by_kind.items()
            if len(shares) >= MIN_COMPARED
        ]
    )
