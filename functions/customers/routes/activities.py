"""Orders, visits and whatever else people do, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from common.web.auth import Manager

from ..formats.columns import ACTIVITIES
from ..imports.jobs import Order
from ..imports.submit import ActivitiesAnswer
from ..imports.upload import Upload
from ..model.activity import ActivityIn
from ..services import With
from .request_bodies import ActivitiesReading, one_or_many

router = APIRouter(prefix="/api/activities", tags=["activities"])


@router.post(
    "",
    openapi_extra=one_or_many(ActivityIn),
    operation_id="record_activities",
    response_model=ActivitiesAnswer,
    responses={202: {"model": ActivitiesAnswer, "description": "Accepted as an import"}},
)
async def record_activities(
    request: Request,
    response: Response,
    services: With,
    member: Manager,
    reading: Annotated[ActivitiesReading, Query()],
) -> object:
    """Counts one activity (an object) or many (a JSON array, NDJSON, or CSV) into the figures of their customers.

    Each `event_id` counts once, however often and in whatever order it arrives; a second one is answered with
    `duplicate`. Orders add to spend, refunds take away from it. More than 500 rows are accepted (202) as an import and
    worked off in the background.
    """
    order = Order(what="activities", dry_run=reading.dry_run, unknown=reading.unknown, by=member.email)
    upload = Upload(request, ACTIVITIES, reading.columns)
    answer = await services.intake.take(order, upload, background=reading.background)
    response.status_code = 202 if answer.import_id else 200
    return answer
