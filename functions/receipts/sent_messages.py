"""A message in a browser: the page behind its link shows the mail as its recipient got it.

What delivery has sent is in the claim, as long as that is kept. The page is made of it again, with today's logo and
colours. It counts nothing: links lead straight to their addresses, and no image says that somebody reads. Of an erased
person, and of a campaign whose claims are deleted, there is no text any more, and the page says so.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from common.addresses.address import AddressHasher, address_on
from common.events import TrackingChoice
from common.ids import has_no_campaign, message_id
from common.mail.language import mail_language
from common.mail.layout import MailLook, in_scheme, page_policy, render_html
from common.mail.links import LinkedMessage, MessageLinks, page_hash
from common.mail.tracking import Tracking
from common.messages.claim_fields import claim_path
from common.storage.documents import DocumentReader, Snapshot
from common.web.plain_page import PRIVATE_HEADERS, AcceptedLanguages, ReaderLanguages, parse_form

from .message_page import page_response

CHANNEL = "email"
MAX_PAGE_BYTES = 1_000_000
router = APIRouter(prefix="/api/view", tags=["view"])


@router.get("/{token}", operation_id="view_message", response_class=HTMLResponse)
async def view_message(token: str, request: Request, languages: ReaderLanguages) -> HTMLResponse:
    """The message that the link stands in, as its recipient got it. A message that is not kept any more has a page that
    says so (410), and an unknown link another one (404). Nothing is counted."""
    links: MessageLinks = request.app.state.links
    message = links.read(token, "view")
    if message is None:
        return page_response("unknown", languages)
    sent: SentMessages = request.app.state.sent_messages
    html = await sent.render(message)
    return mail_response(html) if html else page_response("gone", languages)


@router.post("/{token}", operation_id="show_mail", response_class=HTMLResponse, max_body_size=MAX_PAGE_BYTES)
async def show_mail(token: str, request: Request, languages: AcceptedLanguages = "") -> HTMLResponse:
    """Shows a page that `render_mail` has made, to the browser that posts it as the field `html` of a form.

    A page in a frame has the policy of the site around it, unless it has an address of its own: this one. `scheme` is
    `light` or `dark`. Anything that Herald has not made within the last day is refused (404).
    """
    links: MessageLinks = request.app.state.links
    allowed = links.read_page(token, now=request.app.state.clock())
    if allowed is None:
        return page_response("unknown", languages)
    form = dict(parse_form(await request.body()))
    html = form.get("html", "").replace("\r\n", "\n")
    if page_hash(html) != allowed:
        return page_response("unknown", languages)
    return mail_response(in_scheme(html, form.get("scheme", "")))


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
        language = mail_language(claim.get("language"), claim.get("subject") or "", claim["body"])
        utm = TrackingChoice.model_validate(campaign.get("tracking") or {}).utm
        return render_html(
            claim["body"],
            subject=claim.get("subject") or "",
            preview=claim.get("preview") or "",
            look=self._look,
            language=language,
            unsubscribe_url=self._unsubscribe_url(message, claim, language),
            change_link=Tracking(links=self._links, message=None, utm=utm).change_link,
        )

    def _unsubscribe_url(self, message: LinkedMessage, claim: Snapshot, language: str | None) -> str | None:
        """The link that the mail has: it is about the address that the mail went to."""
        if claim.get("transactional") or has_no_campaign(message.campaign_id) or not claim.get("to"):
            return None
        address_hash = self._hasher.hash(address_on(CHANNEL, claim["to"]))
        return self._links.unsubscribe_url(replace(message, address_hash=address_hash), language=language)
