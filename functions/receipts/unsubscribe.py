"""The page behind the link in a message: its recipient says that they want no more messages on this channel.

Nobody signs in: the signature of the link shows that the caller has the message. Only a POST counts, because mail
programs and scanners open links. Mail programs that know RFC 8058 send the POST themselves, with one click.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse

from common.clock import Clock
from common.events import Receipt, ReceiptsReported
from common.ids import message_id
from common.mail.links import LinkedMessage, MessageLinks
from common.pubsub.publisher import Publisher

from .message_page import page_response

MAX_FORM_BYTES = 10_000
router = APIRouter(prefix="/api/unsubscribe", tags=["unsubscribe"])
Languages = Annotated[str, Header(alias="accept-language", max_length=1_000)]


@router.get("/{token}", operation_id="show_unsubscribe_page", response_class=HTMLResponse)
async def show_unsubscribe_page(token: str, request: Request, languages: Languages = "") -> HTMLResponse:
    """The page with the button. Nothing changes."""
    is_known = _links(request).read(token) is not None
    return page_response("ask" if is_known else "unknown", languages)


@router.post("/{token}", operation_id="unsubscribe", response_class=HTMLResponse, max_body_size=MAX_FORM_BYTES)
async def unsubscribe(token: str, request: Request, languages: Languages = "") -> HTMLResponse:
    """Suppresses the address that the message went to, on its channel, also for messages that wait already."""
    message = _links(request).read(token)
    if message is None:
        return page_response("unknown", languages)
    publisher: Publisher = request.app.state.publisher
    await publisher.publish([ReceiptsReported(receipts=[_receipt(message, request.app.state.clock)])])
    return page_response("done", languages)


def _links(request: Request) -> MessageLinks:
    links: MessageLinks = request.app.state.links
    return links


def _receipt(message: LinkedMessage, clock: Clock) -> Receipt:
    """Says that the recipient wants no more."""
    return Receipt(
        message_id=message_id(message.campaign_id, message.customer_id),
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        attempt=message.attempt,
        kind="unsubscribed",
        at=clock(),
        address_hash=message.address_hash,
    )
