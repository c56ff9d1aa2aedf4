"""A text as the e-mail that people get, over HTTP, to look at before or after it is sent."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from common.events import UtmTags
from common.mail.language import mail_language
from common.mail.layout import render_html
from common.mail.tracking import Tracking
from common.web.auth import Viewer, guarded_router

from ..sending.language_choice import TextName
from ..services import ServicesDep

SHOWN_FOR = timedelta(days=1)
NO_LINK = "#"
"""Instead of the links of the footer, which are each recipient's own: nobody else is to unsubscribe them."""
router = guarded_router("/api/campaigns/mail", tag="campaigns")


class MailRequest(BaseModel):
    """A text for one person, with the fields filled in. It need not be saved."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(default="", max_length=2_000)
    body: str = Field(default="", max_length=30_000)
    preview: str = Field(default="", max_length=2_000)
    transactional: bool = Field(default=False, description="then it has no link to unsubscribe")
    utm: UtmTags | None = None
    language: TextName | None = Field(default=None, description="which of a campaign's texts it is, if it has several")


class RenderedMail(BaseModel):
    """The HTML part of the mail."""

    html: str
    page: str = Field(description="where a browser can post `html` (form-encoded) within a day, to be shown it")


@router.post("", operation_id="render_mail")
async def render_mail(body: MailRequest, services: ServicesDep, member: Viewer) -> RenderedMail:
    """The text as the HTML of an e-mail: Markdown, the deployment's logo, colours and footer.

    It is not tracked, and the links of the footer lead nowhere. To show it, post it to `page`: that answers with the
    same HTML under a policy that lets it do nothing, for a frame of the site.
    """
    html = render_html(
        body.body,
        subject=body.subject,
        preview=body.preview,
        look=services.mail_look,
        language=mail_language(body.language, body.subject, body.body),
        view_url=NO_LINK,
        unsubscribe_url=None if body.transactional else NO_LINK,
        change_link=Tracking(links=services.message_links, message=None, utm=body.utm).change_link,
    )
    return RenderedMail(html=html, page=services.message_links.page_url(html, until=services.clock() + SHOWN_FOR))
