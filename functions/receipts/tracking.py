"""Links and images in messages: a person who follows a link is led on, and what it says about the message is recorded.

Nobody signs in. The signature shows that Herald wrote the link, so it leads only to addresses of that message. An
answer does not wait for the database: the receipt is published, as those of vendors are. What is seen again and again
is published a few times only: nobody makes work for all of Herald with one link.
"""

from __future__ import annotations

from base64 import b64decode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from common.events import Receipt, ReceiptKind, ReceiptsReported
from common.ids import message_id
from common.mail.links import LinkedMessage, MessageLinks
from common.pubsub.publisher import Publisher
from common.web.plain_page import PRIVATE_HEADERS, AcceptedLanguages
from common.web.rate_limits import TokenBuckets

from .machines import is_machine
from .message_page import page_response

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one pixel."""
REPORTS_PER_SECOND = 0.1
"""Of the same thing about a message, by one instance: three at once, and one every ten seconds."""
router = APIRouter(prefix="/api", tags=["tracking"])


@router.get("/c/{token}", operation_id="follow_link", status_code=302, response_class=RedirectResponse)
async def follow_link(token: str, request: Request, languages: AcceptedLanguages = "") -> Response:
    """Leads to the address in the link, which Herald has signed. An unknown link gets a page that says so (404)."""
    return await _follow(token, request, languages, by_machine=is_machine(request.headers))


@router.head("/c/{token}", operation_id="check_link", status_code=302, response_class=RedirectResponse)
async def check_link(token: str, request: Request, languages: AcceptedLanguages = "") -> Response:
    """The same without a body: only machines ask so."""
    return await _follow(token, request, languages, by_machine=True)


@router.get("/o/{token}", operation_id="load_open_image", response_class=Response)
async def load_open_image(token: str, request: Request, languages: AcceptedLanguages = "") -> Response:
    """The image of one pixel at the end of a mail: the message was opened, by a person or by a machine."""
    message = _links(request).read(token, "open")
    if message is None:
        return page_response("unknown", languages)
    await _publish(request, message, "machine_opened" if is_machine(request.headers) else "opened")
    return Response(PIXEL, media_type="image/gif", headers=PRIVATE_HEADERS)


async def _follow(token: str, request: Request, languages: str, *, by_machine: bool) -> Response:
    linked = _links(request).read_click(token)
    if linked is None:
        return page_response("unknown", languages)
    await _publish(request, linked.message, "machine_clicked" if by_machine else "link_clicked", link=linked.link)
    return RedirectResponse(linked.address, status_code=302, headers=PRIVATE_HEADERS)


def _links(request: Request) -> MessageLinks:
    links: MessageLinks = request.app.state.links
    return links


async def _publish(request: Request, message: LinkedMessage, kind: ReceiptKind, *, link: str | None = None) -> None:
    """Report what happened to the message. It is judged and recorded later: see `tracked_receipts`."""
    receipt = Receipt(
        message_id=message_id(message.campaign_id, message.customer_id),
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        attempt=message.attempt,
        kind=kind,
        at=request.app.state.clock(),
        link=link,
        tracked=True,
    )
    repeats: TokenBuckets = request.app.state.repeats
    if repeats.take(f"{receipt.message_id}.{receipt.attempt}.{kind}.{link}", cost=1):
        return
    publisher: Publisher = request.app.state.publisher
    await publisher.publish([ReceiptsReported(receipts=[receipt])])
