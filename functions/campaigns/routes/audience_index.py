"""The audience index over HTTP: how it stands, and building it anew."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel

from common.audience import SHEETS
from common.audience.index.reconciliation import Comparison
from common.audience.index.tables import ids
from common.ids import random_id
from common.storage.documents import Create
from common.web.auth import Admin, Viewer

from ..app import Services, With

router = APIRouter(prefix="/api/audience", tags=["audience"])


class Index(BaseModel):
    """The mirror of the customers, and of what they did, that rules are asked of."""

    customers: int
    waiting: int  # commits that are to be folded; they count already
    compared_on: date | None  # the day on which it was last compared with what it mirrors, or is just now
    left: int  # of 64 parts, how many are still to be compared
    rebuilding: bool  # every customer and everything they did is being compared


@router.get("", operation_id="get_audience")
async def get_audience(services: With, member: Viewer) -> Index:
    """How the audience index stands."""
    return await _index(services)


@router.post("/rebuild", status_code=202, operation_id="rebuild_audience")
async def rebuild_audience(services: With, member: Admin) -> Index:
    """Compares every customer, and everything they did, with the index, and puts right what differs.

    That happens once a day for a part of them, and by itself where numbers differ. It goes on in the background, and
    the index stays in use meanwhile. It reads every document: see what that costs.
    """
    await Comparison(services.documents, clock=services.clock).rebuild()
    logged = {"what": "audience index rebuilt", "by": member.email, "at": services.clock()}
    await services.documents.commit([Create(f"audit/{random_id()}", logged)])
    return await _index(services)


async def _index(services: Services) -> Index:
    await services.audience.refresh()
    progress = await Comparison(services.documents).progress()
    waiting = [await services.documents.query(ids(sheet.change, None)) for sheet in SHEETS]
    return Index(
        customers=await services.audience.count_all(),
        waiting=sum(map(len, waiting)),
        compared_on=date.fromisoformat(progress.day) if progress.day else None,
        left=progress.left,
        rebuilding=progress.rebuilding,
    )
