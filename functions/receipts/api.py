"""Vendors' callbacks: verified over the raw body, published, and answered at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel

from common.api import create_app
from common.errors import NotFound
from common.events import Receipt, ReceiptsReported
from common.publishing import Publisher

MOST_RECEIPTS = 400  # in one event

Reader = Callable[[bytes, Mapping[str, str]], Sequence[Receipt]]
"""Takes a callback's raw body and headers; raises `Unauthenticated` or `Invalid`."""

router = APIRouter(prefix="/api/receipts", tags=["receipts"])


class Taken(BaseModel):
    accepted: int  # receipts that will be recorded


def create_receipts_app(*, publisher: Publisher, readers: Mapping[str, Reader]) -> FastAPI:
    """`readers` knows each vendor's own scheme, by the vendor's name."""
    app = create_app("Herald receipts")
    app.state.publisher = publisher
    app.state.readers = readers
    app.include_router(router)
    return app


@router.post("/{vendor}", status_code=202, operation_id="take_receipts")
async def take_receipts(vendor: str, request: Request) -> Taken:
    """A vendor reports what became of messages. The request is signed by the vendor's own scheme."""
    reader = request.app.state.readers.get(vendor)
    if reader is None:
        raise NotFound(f"There is no vendor called {vendor!r}.")
    receipts = reader(await request.body(), request.headers)
    events = [
        ReceiptsReported(receipts=receipts[start : start + MOST_RECEIPTS])
        for start in range(0, len(receipts), MOST_RECEIPTS)
    ]
    await request.app.state.publisher.publish(events)
    return Taken(accepted=len(receipts))
