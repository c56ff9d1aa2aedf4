"""A message in a browser: the page behind its link shows the mail as its recipient got it.

What delivery has sent is in the claim, as long as that is kept. The page is made of it again, with today's logo and
colours. It counts nothing: links lead straight to their addresses, and no image says that somebody reads. Of an erased
person, and of a campaign whose claims are deleted, there is no text any more, and the page says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse

from common.addresses.address import AddressHasher, address_on
from common.events import TrackingChoice
from common.ids import is_of_tests, message_id
from common.mail.layout import MailLook, page_policy, render_html
from common.mail.links import LinkedMessage, MessageLinks
from common.mail.tracking import Tracking
from common.messages.claim_fields import claim_path
from common.storage.documents import DocumentReader, Snapshot

from .message_page import PRIVATE_HEADERS, page_response

CHANNEL = "email"
router = APIRouter(prefix="/api/view", tags=["view"])
Languages = Annotated[str, Header(alias="accept-language", max_length=1_000)]


@router.get("/{token}", operation_id="view_message", response_class=HTMLResponse)
async def view_message(token: str, request: Request, languages: Languages = "") -> HTMLResponse:
    """The message that the link stands in, as its recipient got it. A message that is not kept any more has a page that
    says so (410), and an unknown link another one (404). Nothing is counted."""
    links: MessageLinks = request.app.state.links
    message = links.read(token, "view")
    if message is None:
        return page_response("unknown", languages)
    sent: SentMessages = request.app.state.sent_messages
    html = await sent.render(message)
    return mail_response(html) if html else page_response("gone", languages)


def mail_response(html: str) -> HTMLResponse:
    """The page of a mail, which can do nothing."""
    return HTMLResponse(html, headers={**PRIVATE_HEADERS, "Content-Security-Policy": page_policy(html)})


class SentMessages:
    """Makes the pages of mails that were sent."""

    def __init__(
        self, documents: DocumentReader, *, links: MessageLinks, hasher: AddressHasher, look: MailLook
    ) -> None:
        self._documents = documents
        self._links = links
        self._hasher = hasher
        self._look = look

    async def render(self, message: LinkedMessage) -> str | None:
        """The page; None if the text is not kept any more, or was never sent."""
        path = claim_path(message_id(message.campaign_id, message.customer_id), message.attempt)
        claim, campaign = await self._documents.get_all([path, f"campaigns/{message.campaign_id}"])
        if not claim.get("body") or claim.get("channel") != CHANNEL or claim.get("skip_reason"):
            return None
        utm = TrackingChoice.model_validate(campaign.get("tracking") or {}).utm
        return render_html(
            claim["body"],
            subject=claim.get("subject") or "",
            preview=claim.get("preview") or "",
            look=self._look,
            unsubscribe_url=self._unsubscribe_url(message, claim),
            change_link=Tracking(links=self._links, message=None, utm=utm).change_link,
        )

    def _unsubscribe_url(self, message: LinkedMessage, claim: Snapshot) -> str | None:
        """The link that the mail has: it is about the address that the mail went to."""
        if claim.get("transactional") or is_of_tests(message.campaign_id) or not claim.get("to"):
            return None
        address_hash = self._hasher.hash(address_on(CHANNEL, claim["to"]))
        return self._links.unsubscribe_url(replace(message, address_hash=address_hash))
