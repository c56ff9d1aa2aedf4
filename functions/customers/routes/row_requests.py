"""What the routes that take rows have in common."""

from __future__ import annotations

from typing import TypeVar

from fastapi import Request, Response

from common.web.idempotency import IdempotentRequest
from common.web.principal import Principal

from ..formats.columns import RowSchema
from ..imports.jobs import ImportSpec
from ..imports.submit import ImportResponse
from ..imports.upload import Upload
from ..services import CustomerServices
from .request_bodies import ImportOptions

Answer = TypeVar("Answer", bound=ImportResponse)


async def accept_rows(
    answer: type[Answer],
    spec: ImportSpec,
    schema: RowSchema,
    options: ImportOptions,
    *,
    request: Request,
    response: Response,
    services: CustomerServices,
    member: Principal,
    idempotent: IdempotentRequest,
) -> Answer:
    """Writes the rows of the body, or accepts them as an import (202), and logs who sent them."""

    async def submit(import_id: str) -> Answer:
        """Read the rows, and write them or accept them as the import `import_id`."""
        upload = Upload(
            idempotent.source(request),
            schema,
            options.columns,
            sheet=options.sheet,
            defaults=await services.reading_defaults(request),
            activity_type=options.type,
        )
        outcome = await services.submission.submit(
            spec,
            upload,
            background=options.background,
            import_id=import_id,
            logged_by=member.actor if member.is_person else None,
        )
        assert isinstance(outcome, answer)
        if outcome.import_id and not spec.dry_run:
            await services.log_import(member, outcome, what=spec.what)
        return outcome

    outcome = await idempotent.run(answer, submit, documents=services.documents, member=member, clock=services.clock)
    response.status_code = 202 if outcome.import_id else 200
    return outcome
