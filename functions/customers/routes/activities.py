"""HTTP routes for activities: orders, visits, and the caller's own types."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from common.web.app import MAX_UPLOAD_BYTES
from common.web.auth import Manager, guarded_router
from common.web.idempotency import IdempotentUploadDep

from ..formats.columns import ACTIVITIES
from ..imports.jobs import ImportSpec
from ..imports.submit import RecordActivitiesResponse
from ..model.activity import ActivityInput
from ..services import ServicesDep
from .request_bodies import ActivityImportOptions, one_or_many_body
from .row_requests import accept_rows

router = guarded_router("/api/activities", tag="activities")


@router.post(
    "",
    openapi_extra=one_or_many_body(ActivityInput),
    operation_id="record_activities",
    max_body_size=MAX_UPLOAD_BYTES,
    responses={202: {"model": RecordActivitiesResponse, "description": "Accepted as an import"}},
)
async def record_activities(
    request: Request,
    response: Response,
    services: ServicesDep,
    member: Manager,
    *,
    idempotent: IdempotentUploadDep,
    options: Annotated[ActivityImportOptions, Query()],
) -> RecordActivitiesResponse:
    """Records one activity (an object) or many (a JSON array, NDJSON, or CSV) and adds them to the customers' figures.

    Each `event_id` is counted once, however often and in whatever order it arrives; a repeated one has the status
    `duplicate`. Orders add to spend, refunds subtract from it. More than 500 rows are accepted (202) as an import and
    processed in the background.

    An activity with only an `email` or `phone` belongs to the customer who was created with that address and without an
    `external_id`, or else to the customer who has the address. If several have it, it is rejected with the code
    `several_customers`, or belongs to the oldest one (`on_several_customers`). The result has the customer's `id`.

    `consent` (of a file: columns such as `Accepts Marketing`) is what the person said about messages. A no counts also
    if the activity is rejected, a duplicate, or of nobody whom Herald knows: then it is stored with the address.

    With an `Idempotency-Key`, a repeated request gets the first answer, and a file becomes one import.
    """
    spec = ImportSpec(
        what="activities",
        dry_run=options.dry_run,
        on_unknown_customer=options.on_unknown_customer,
        on_several_customers=options.on_several_customers,
        by=member.actor,
        file=options.file,
    )
    return await accept_rows(
        RecordActivitiesResponse,
        spec,
        ACTIVITIES,
        options,
        request=request,
        response=response,
        services=services,
        member=member,
        idempotent=idempotent,
    )
