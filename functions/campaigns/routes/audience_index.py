"""The audience index over HTTP: its status and its rebuild."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from common.audience import TABLES
from common.audience.index.tables import id_range
from common.audience.reconciliation import Reconciliation
from common.audit import audit_entry, commit_entry
from common.web.auth import Admin, Viewer, guarded_router

from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/audience", tag="audience")


class AudienceIndexResponse(BaseModel):
    """The status of the index of customers and their events on which rules are evaluated."""

    customers: int
    waiting: int  # commits that are not compacted yet; rules see them already
    compared_on: date | None  # the day of the last or current reconciliation with the database
    left: int  # of 64 buckets, how many are still to be reconciled
    rebuilding: bool  # whether every customer and every event is being compared


@router.get("", operation_id="get_audience")
async def get_audience(services: ServicesDep, member: Viewer) -> AudienceIndexResponse:
    """The status of the audience index."""
    return await _build_response(services)


@router.post("/rebuild", status_code=202, operation_id="rebuild_audience")
async def rebuild_audience(services: ServicesDep, member: Admin) -> AudienceIndexResponse:
    """Compares every customer and every event with the index, and repairs the differences.

    Part of this happens every day, and automatically if numbers differ. The rebuild runs in the background, while the
    index stays in use. It reads every document, so check the cost first.
    """
    await Reconciliation(services.documents, clock=services.clock).request_rebuild()
    entry = audit_entry("audience index rebuilt", by=member.actor, at=services.clock())
    await commit_entry(services.documents, entry)
    return await _build_response(services)


async def _build_response(services: CampaignServices) -> AudienceIndexResponse:
    """The state of the index, from its manifests, deltas and reconciliation."""
    await services.audience.refresh()
    progress = await Reconciliation(services.documents).progress()
    deltas = [await services.documents.query(id_range(table.delta_prefix, None)) for table in TABLES]
    return AudienceIndexResponse(
        customers=await services.audience.count_all(),
        waiting=sum(map(len, deltas)),
        compared_on=date.fromisoformat(progress.day) if progress.day else None,
        left=progress.remaining,
        rebuilding=progress.rebuilding,
    )
