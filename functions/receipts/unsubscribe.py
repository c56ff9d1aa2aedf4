"""The page behind the link in a message: its recipient says that they want no more messages on this channel, or only
those about some topics.

Nobody signs in: the signature of the link shows that the caller has the message. Only a POST counts, because mail
programs and scanners open links. Mail programs that know RFC 8058 send the POST themselves, with one click.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from common.clock import Clock
from common.events import Receipt, ReceiptsReported, TopicChoice
from common.ids import message_id
from common.mail.links import LinkedMessage, MessageLinks
from common.pubsub.publisher import Publisher
from common.web.plain_page import ReaderLanguages, parse_form

from .message_page import page_response
from .topic_choices import OfferedTopic, read_offered_topics

MAX_FORM_BYTES = 10_000
router = APIRouter(prefix="/api/unsubscribe", tags=["unsubscribe"])


@router.get("/{token}", operation_id="show_unsubscribe_page", response_class=HTMLResponse)
async def show_unsubscribe_page(token: str, request: Request, languages: ReaderLanguages) -> HTMLResponse:
    """The page with the topics, and the button for nothing at all. Nothing changes."""
    message = _links(request).read(token)
    if message is None:
        return page_response("unknown", languages)
    offered = await read_offered_topics(request.app.state.documents, message)
    return page_response("choose" if offered else "ask", languages, offered)


@router.post("/{token}", operation_id="unsubscribe", response_class=HTMLResponse, max_body_size=MAX_FORM_BYTES)
async def unsubscribe(token: str, request: Request, languages: ReaderLanguages) -> HTMLResponse:
    """Suppresses the address that the message went to, on its channel, also for messages that wait already.

    With `choice=topics` in the form, only the topics that were shown (`shown`) and are not wanted (`topic`) are left.
    """
    message = _links(request).read(token)
    if message is None:
        return page_response("unknown", languages)
    publisher: Publisher = request.app.state.publisher
    form = parse_form(await request.body())
    if ("choice", "topics") in form and message.address_hash:
        offered = await read_offered_topics(request.app.state.documents, message)
        choice = _choice(message, message.address_hash, offered, form, request.app.state.clock)
        await publisher.publish([ReceiptsReported(receipts=[], topic_choices=[choice])])
        return page_response("saved", languages)
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


def _choice(
    message: LinkedMessage,
    address_hash: str,
    offered: Sequence[OfferedTopic],
    form: Sequence[tuple[str, str]],
    clock: Clock,
) -> TopicChoice:
    """What the form says about the topics that it showed, and that there are. A box that stays ticked says nothing: the
    page may be an old one, and the reader has left the topic since."""
    stay = {name for field, name in form if field == "ticked" and ("topic", name) in form}
    shown = [one.topic.name for one in offered if ("shown", one.topic.name) in form and one.topic.name not in stay]
    return TopicChoice(
        message_id=message_id(message.campaign_id, message.customer_id),
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        attempt=message.attempt,
        address_hash=address_hash,
        at=clock(),
        wanted={name: ("topic", name) in form for name in shown},
    )
