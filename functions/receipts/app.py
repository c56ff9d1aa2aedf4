"""Vendors' callbacks: verified over the raw body, published, and answered at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel

from common.errors import Invalid, NotFound
from common.events import Receipt, ReceiptsReported
from common.pubsub.publisher import Publisher
from common.web.app import create_app
from common.web.problems import ProblemField

from .vendor_receipts import Reports

log = logging.getLogger(__name__)
MOST_RECEIPTS = 400  # in one event

Reader = Callable[[bytes, Mapping[str, str]], Reports]
"""Takes a callback's raw body and headers; raises `Unauthenticated` or `Invalid`."""

router = APIRouter(prefix="/api/receipts", tags=["receipts"])


class Taken(BaseModel):
    accepted: int  # receipts that will be recorded
    refused: list[ProblemField] = []  # what is wrong with the others


def create_receipts_app(*, publisher: Publisher, readers: Mapping[str, Reader]) -> FastAPI:
    """`readers` knows each vendor's own scheme, by the vendor's name."""
    app = create_app("Herald receipts")
    app.state.publisher = publisher
    app.state.readers = readers
    app.include_router(router)
    return app


@router.post("/{vendor}", status_code=202, operation_id="take_receipts")
async def take_receipts(vendor: str, request: Request) -> Taken:
    """A vendor reports what became of messages. The request is signed by the vendor's own scheme.

    Good receipts are taken although others are wrong; what is wrong with those is in the answer.
    """
    reader = request.app.state.readers.get(vendor)
    if reader is None:
        raise NotFound(f"There is no vendor called {vendor!r}.")
    reports = reader(await request.body(), request.headers)
    if not reports.receipts:
        raise Invalid("Nothing in the callback can be recorded.", fields=reports.refused)
    await request.app.state.publisher.publish(_events(reports.receipts))
    refused = [ProblemField(field=one.field, code=one.code, message=one.message) for one in reports.refused]
    if refused:
        log.warning("receipts refused", extra={"vendor": vendor, "refused": [one.model_dump() for one in refused[:20]]})
    return Taken(accepted=len(reports.receipts), refused=refused)


def _events(receipts: Sequence[Receipt]) -> list[ReceiptsReported]:
    return [
        ReceiptsReported(receipts=list(receipts[start : start + MOST_RECEIPTS]))
        for start in range(0, len(receipts), MOST_RECEIPTS)
    ]
