"""The HTTP API for vendors' callbacks, verified, published and answered at once, and for links in messages."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel

from common.batching import chunked
from common.clock import Clock, utc_now
from common.errors import Invalid, NotFound
from common.events import ReceiptsReported
from common.mail.links import MessageLinks
from common.pubsub.publisher import Publisher
from common.storage.documents import DocumentReader
from common.web.app import create_app
from common.web.problems import ProblemField
from common.web.rate_limits import RateLimits, TokenBuckets

from . import sent_messages, tracking, unsubscribe
from .sent_messages import SentMessages
from .vendor_receipts import ParsedReceipts

log = logging.getLogger(__name__)
MAX_RECEIPTS_PER_EVENT = 400

MAX_CALLBACK_BYTES = 2_000_000


class CallbackParser(Protocol):
    """Verifies and parses the callbacks of one vendor."""

    def check_headers(self, headers: Mapping[str, str]) -> None:
        """Raise `Unauthenticated` for what the headers alone show to be not signed, or signed too long ago."""

    def parse(self, body: bytes, headers: Mapping[str, str], query: str = "") -> ParsedReceipts:
        """Verify the raw body, with the query of the URL, and parse it. Raises `Unauthenticated` or `Invalid`."""


router = APIRouter(prefix="/api/receipts", tags=["receipts"])


class CallbackResponse(BaseModel):
    """The answer to a vendor's callback."""

    accepted: int  # the number of receipts that will be recorded
    refused: list[ProblemField] = []  # the errors of the other receipts


def create_receipts_app(
    *,
    documents: DocumentReader,
    publisher: Publisher,
    parsers: Mapping[str, CallbackParser],
    links: MessageLinks,
    sent: SentMessages,
    limits: RateLimits,
    clock: Clock = utc_now,
    monotonic: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """`parsers` has a parser for each vendor, by the vendor's name. `links` reads the links in messages, and
    `sent` makes the pages of those that were sent."""
    app = create_app("Herald receipts", limits=limits)
    app.state.documents = documents
    app.state.publisher = publisher
    app.state.parsers = parsers
    app.state.links = links
    app.state.sent_messages = sent
    app.state.clock = clock
    app.state.repeats = TokenBuckets(per_second=tracking.REPORTS_PER_SECOND, monotonic=monotonic)
    app.include_router(router)
    app.include_router(unsubscribe.router)
    app.include_router(tracking.router)
    app.include_router(sent_messages.router)
    return app


@router.post("/{vendor}", status_code=202, operation_id="receive_callback", max_body_size=MAX_CALLBACK_BYTES)
async def receive_callback(vendor: str, request: Request) -> CallbackResponse:
    """A vendor reports the outcomes of messages. The request is signed by the vendor's own scheme;
    without a signature, or with an old one, it is refused before its body is read. The body has at most 2 MB.

    Valid receipts are accepted although others are not; the response lists the errors.
    """
    parser: CallbackParser | None = request.app.state.parsers.get(vendor)
    if parser is None:
        raise NotFound(f"Not found: vendor {vendor!r}")
    parser.check_headers(request.headers)
    parsed = parser.parse(await request.body(), request.headers, request.url.query)
    if parsed.refused and not parsed.receipts:
        raise Invalid("The callback has no valid receipt.", fields=parsed.refused)
    await request.app.state.publisher.publish(_events(parsed))
    refused = [ProblemField(field=error.field, code=error.code, message=error.message) for error in parsed.refused]
    if refused:
        details = {"vendor": vendor, "refused": [error.model_dump() for error in refused[:20]]}
        log.warning("receipts refused", extra={"event": "receipts_refused", **details})
    return CallbackResponse(accepted=len(parsed.receipts), refused=refused)


def _events(parsed: ParsedReceipts) -> list[ReceiptsReported]:
    """A callback can also say nothing that is recorded, such as that a message is on its way."""
    receipts = [ReceiptsReported(receipts=batch) for batch in chunked(parsed.receipts, MAX_RECEIPTS_PER_EVENT)]
    opt_outs = [
        ReceiptsReported(receipts=[], opt_outs=batch) for batch in chunked(parsed.opt_outs, MAX_RECEIPTS_PER_EVENT)
    ]
    return receipts + opt_outs
