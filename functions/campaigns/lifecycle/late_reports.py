"""Keeps the stored totals of finished campaigns true: a late report of the vendor replaces an assumption.

    counters/{campaign}.{shard}   corrected   true from the commit that counts a correction until the totals have it

The mark is part of the commit that records the report. So no correction is missed, and the campaign itself, which a
thousand late reports would contend for, is written once in a tick.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

from common.errors import Conflict
from common.messages.ledger import Ledger
from common.storage.documents import Documents, Query, Snapshot, Update, Where


async def update_totals(documents: Documents, ledger: Ledger) -> None:
    """Updates the totals of finished campaigns with corrections. An open campaign gets its totals when it finishes."""
    marked = Query(collection="counters", where=[Where("corrected", "==", True)], fields=("campaign",))
    counters: dict[str, list[Snapshot]] = defaultdict(list)
    for counter in await documents.query(marked):
        counters[counter["campaign"]].append(counter)
    for campaign in await documents.get_all([f"campaigns/{id_}" for id_ in counters]):
        if campaign.get("totals"):
            with suppress(Conflict):  # a report arrived or a manager acted at the same moment: the next tick does it
                await _update_totals(documents, ledger, campaign, counters[campaign.id])


async def _update_totals(
    documents: Documents, ledger: Ledger, campaign: Snapshot, counters: Sequence[Snapshot]
) -> None:
    """One commit, over the versions that were read before the statistics. The summary, if it is wrong, is removed."""
    totals = (await ledger.statistics(campaign.id)).totals
    changes = {"totals": totals, "summary": None} if totals != campaign["totals"] else {}
    counted = [Update(counter.path, {"corrected": False}, counter.version) for counter in counters]
    await documents.commit([*([Update(campaign.path, changes, campaign.version)] if changes else []), *counted])
