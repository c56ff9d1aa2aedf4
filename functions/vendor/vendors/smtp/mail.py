"""One message as an e-mail: headers, a plain text and an HTML page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import Any, Self

import idna
from pydantic import Field, field_validator

from common.addresses.address import AddressHasher, address_on
from common.clock import Clock, utc_now
from common.events import MessageReady
from common.ids import has_no_campaign, is_of_form
from common.mail.language import mail_language
from common.mail.layout import MailLook, render_html, render_text
from common.mail.links import LinkedMessage, MessageLinks
from common.mail.tracking import Tracking
from common.settings import PublicUrlSettings, Settings, SuppressionSettings, TrackingSettings

ASCII_LINES, UTF8_LINES = (policy.clone(max_line_length=998) for policy in (SMTP, SMTPUTF8))
"""A link in a header is one long word. With shorter lines it would be encoded, which no provider reads there."""
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
"""In a header, a line break would begin another header."""

PLAIN_ADDRESS = re.compile(r"""[^\s@<>"(),:;\[\]\\]{1,64}@[^\s@<>"(),:;\[\]\\]{1,255}""")


class AddressNotValid(Exception):
    """No mail can be sent to the address."""


class SenderSettings(Settings):
    """Who the mails are from."""

    sender: str = Field(alias="MAIL_FROM", description="address, or a name and <address>, that the server may send as")
    reply_to: str | None = Field(alias="MAIL_REPLY_TO", default=None, description="where answers go")

    @field_validator("sender", "reply_to")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None:
            parse_address(value)
        return value


def parse_address(text: str) -> Address:
    """An address with or without a name. Raises `ValueError`."""
    name, spec = parseaddr(text)
    if "@" not in spec:
        raise ValueError("write an address like news@example.com, or Name <news@example.com>")
    return to_address(name, spec)


def to_address(name: str, spec: str) -> Address:
    """The address for a header. The domain is in ASCII, by IDNA 2008: that of `straße.de` is not `strasse.de`.

    Raises `ValueError`.
    """
    local, _, domain = spec.rpartition("@")
    if not PLAIN_ADDRESS.fullmatch(spec):
        raise ValueError(f"not a valid mail address: {spec}")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
        return Address(display_name=CONTROL.sub(" ", name).strip(), username=local, domain=ascii_domain)
    except (UnicodeError, HeaderParseError, IndexError) as error:
        raise ValueError(f"not a valid mail address: {spec}") from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail with its envelope."""

    sender: str
    recipient: str
    needs_utf8: bool  # an address has letters outside of ASCII
    content: bytes


class MailComposer:
    """Makes mails from messages."""

    def __init__(
        self,
        *,
        sender: SenderSettings,
        look: MailLook,
        links: MessageLinks,
        hasher: AddressHasher,
        is_tracking: bool = False,
        clock: Clock = utc_now,
    ) -> None:
        """`is_tracking`: what holds for campaigns that do not say whether they are tracked."""
        self.sender = parse_address(sender.sender)
        self._reply_to = parse_address(sender.reply_to) if sender.reply_to else None
        self._look = look
        self._links = links
        self._hasher = hasher
        self._is_tracking = is_tracking
        self._clock = clock

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The composer of a deployment. Raises `Misconfigured`."""
        key = SuppressionSettings.read(environ).key
        return cls(
            sender=SenderSettings.read(environ),
            look=MailLook.read(environ),
            links=MessageLinks(key, public_url=PublicUrlSettings.read(environ).public_url),
            hasher=AddressHasher(key),
            is_tracking=TrackingSettings.read(environ).is_on,
        )

    def compose(self, message: MessageReady) -> Mail:
        """The mail, ready for the server. Raises `AddressNotValid`."""
        recipient = _recipient(message)
        needs_utf8 = not recipient.addr_spec.isascii()
        content = self._page(message, recipient).as_bytes(policy=UTF8_LINES if needs_utf8 else ASCII_LINES)
        return Mail(sender=self.sender.addr_spec, recipient=recipient.addr_spec, needs_utf8=needs_utf8, content=content)

    def compose_message(self, message: MessageReady) -> EmailMessage:
        """The same mail before it is encoded, for services that want its parts. Raises `AddressNotValid`."""
        return self._page(message, _recipient(message))

    def _page(self, message: MessageReady, recipient: Address) -> EmailMessage:
        """The mail with all its headers and both parts."""
        language = mail_language(message.language, message.subject, message.body)
        unsubscribe_url = self._unsubscribe_url(message, language) if _can_be_refused(message) else None
        tracking = self._tracking(message)
        subject = CONTROL.sub(" ", message.subject).strip()
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = recipient
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self._clock())
        mail["Message-ID"] = f"<{message.idempotency_key}@{self.sender.domain}>"
        if self._reply_to:
            mail["Reply-To"] = self._reply_to
        if unsubscribe_url:
            mail["List-Unsubscribe"] = f"<{unsubscribe_url}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail["Feedback-ID"] = f"{message.campaign_id}:email:campaign:{_sender_id(self.sender)}"
        shared: dict[str, Any] = {
            "look": self._look,
            "language": language,
            "unsubscribe_url": unsubscribe_url,
            "view_url": self._view_url(message, language),
        }
        text = render_text(message.body, change_link=tracking.change_link, **shared)
        html = render_html(
            message.body,
            subject=subject,
            change_link=tracking.change_link,
            open_url=tracking.open_url,
            preview=message.preview or "",
            **shared,
        )
        mail.set_content(text, cte="quoted-printable")
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        return mail

    def _tracking(self, message: MessageReady) -> Tracking:
        """What becomes of the links. Nobody is tracked by a test message."""
        choice = message.tracking
        is_on = self._is_tracking if choice.enabled is None else choice.enabled
        is_tracked = is_on and not has_no_campaign(message.campaign_id)
        return Tracking(links=self._links, message=_linked(message) if is_tracked else None, utm=choice.utm)

    def _view_url(self, message: MessageReady, language: str | None) -> str | None:
        if is_of_form(message.campaign_id):
            return None
        return self._links.view_url(_linked(message), language=language)

    def _unsubscribe_url(self, message: MessageReady, language: str | None) -> str:
        address_hash = self._hasher.hash(address_on(message.channel, message.to))
        return self._links.unsubscribe_url(replace(_linked(message), address_hash=address_hash), language=language)


def _linked(message: MessageReady) -> LinkedMessage:
    return LinkedMessage(
        campaign_id=message.campaign_id, customer_id=message.customer_id, attempt=message.idempotency_attempt
    )


def _can_be_refused(message: MessageReady) -> bool:
    """A message that people need, such as a legal notice, has no link to unsubscribe, and nor has one without a
    campaign, such as a test message."""
    return not message.transactional and not has_no_campaign(message.campaign_id)


def _recipient(message: MessageReady) -> Address:
    try:
        return to_address(message.name or "", message.to)
    except ValueError as error:
        raise AddressNotValid(str(error)) from error


def _sender_id(sender: Address) -> str:
    """Five to fifteen letters that stay the same: mail providers group complaints by it."""
    return f"{re.sub('[^a-z0-9]', '', sender.domain.lower())[:15]:x<5}"
