"""Holdout: a share of a campaign's audience that gets no message, so that the others can be compared with it.

Who is held out follows from a keyed hash of campaign and customer, and from nothing else: it is the same in the
checklist, at the launch, and in a plan that is made again after a crash. Nobody without the deployment's key can tell
who it will be, or choose the ids of customers for it. The hash is computed in DuckDB, for all people in one query.
"""

from __future__ import annotations

from common.audience import OneGroup
from common.rules.sql import Condition

HELD_OUT = "held_out"


def holdout_group(key: str, percent: int) -> OneGroup | None:
    """The held out among the customers; None if nobody is. `key` is `AddressHasher.holdout_key` of the campaign.

    SHA-256 is compared as text: its first 16 digits are a number below 2**64, and `percent` of these are below the
    limit.
    """
    if not percent:
        return None
    limit = f"{percent * 2**64 // 100:016x}"
    return OneGroup(condition=Condition("sha256(? || id) < ?", (key, limit)), label=HELD_OUT)
