"""Real e-mail through SendGrid's API: https://www.twilio.com/docs/sendgrid/api-reference/mail-send

The mail is the one that the vendor `smtp` would send. SendGrid knows no idempotency keys. So a message is never sent
again once the request may have reached it: without an answer it is `unknown`, until an event tells. Each event has the
ids of its message (`custom_args`).

    2xx              the message is accepted; its outcome comes with the events, to /api/receipts/sendgrid
    400, 413         the message is refused; if it names the sender, the settings are wrong
    429              the message is not accepted now: it is sent later
    5xx, no answer   nobody knows: the message is not sent again
    others           the settings here are wrong: all messages wait until they are right
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import Field, SecretStr, field_validator

from common.clock import Clock, utc_now
from common.events import MessageReady
from common.settings import Settings

from ...circuit import MAX_RETRY_AFTER
from ...proxy import ProxySettings
from ...vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from ...vendor_requests import VendorRequests, reason_of
from ..smtp.mail import AddressNotValid, MailComposer

PASSED_ON = ("List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Message-ID")
"""Headers that SendGrid has no fields for."""
OWN_TRACKING: Mapping[str, Any] = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}
"""Herald tracks a message itself, if its campaign wants it, and has its own link to unsubscribe. So SendGrid changes
nothing in a mail, whatever the account's settings are."""
ABOUT_THE_MESSAGE = frozenset({400, 413})
THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


class SendGridSettings(Settings):
    """The account."""

    api_key: SecretStr = Field(alias="SENDGRID_API_KEY", description="with the right to send mail")
    event_key: SecretStr = Field(
        alias="SENDGRID_EVENT_KEY", description="the verification key of the signed event webhook"
    )
    timeout_seconds: float = Field(alias="SENDGRID_TIMEOUT_SECONDS", default=20, gt=0, le=50)
    api_url: str = Field(
        alias="SENDGRID_API_URL",
        default="https://api.sendgrid.com",
        description="https://api.eu.sendgrid.com in the EU",
    )

    @field_validator("api_url")
    @classmethod
    def _is_encrypted(cls, value: str) -> str:
        """The key goes there. Only a stand-in on this machine may do without encryption."""
        url = urlsplit(value)
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in THIS_MACHINE):
            raise ValueError("it must begin with https://")
        return value.rstrip("/")


def create_vendor(environ: Mapping[str, str]) -> SendGridVendor:
    """Raises `Misconfigured`."""
    composer = MailComposer.from_environ(environ)
    return SendGridVendor(SendGridSettings.read(environ), composer, proxy=ProxySettings.read(environ))


class SendGridVendor:
    """A `Vendor` that posts mails to SendGrid."""

    def __init__(
        self,
        settings: SendGridSettings,
        composer: MailComposer,
        *,
        proxy: ProxySettings | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._url = f"{settings.api_url}/v3/mail/send"
        self._composer = composer
        self._clock = clock
        self._requests = VendorRequests(
            timeout_seconds=settings.timeout_seconds,
            allows_private=urlsplit(settings.api_url).hostname in THIS_MACHINE,
            proxy=proxy,
            clock=clock,
            headers={"Authorization": f"Bearer {settings.api_key.get_secret_value()}"},
        )
        self.concurrency_limit = self._requests.concurrency_limit

    async def close(self) -> None:
        """For tests; a function keeps its connections as long as its instance runs."""
        await self._requests.close()

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        """See the table above for what each answer means."""
        try:
            mail = self._composer.compose_message(message)
        except AddressNotValid as error:
            return Rejected(str(error), permanent=True, bounced=True)
        response = await self._requests.post(self._url, json=_body(message, mail))
        return Accepted(final=False) if response.is_success else self._refusal(response)

    def _refusal(self, response: httpx.Response) -> Rejected:
        """Raises `VendorUnavailable` or `VendorMisconfigured` if the message is not at fault."""
        field, reason = _read_error(response)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise VendorUnavailable(reason, retry_after=self._wait(response), may_have_accepted=False)
        if response.is_server_error:
            raise VendorUnavailable(reason)
        if response.status_code not in ABOUT_THE_MESSAGE or field.startswith(("from", "reply_to")):
            raise VendorMisconfigured(reason)
        is_address = field.startswith("personalizations.0.to")
        is_too_large = response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
        return Rejected(reason, permanent=is_address or is_too_large, bounced=is_address)

    def _wait(self, response: httpx.Response) -> float | None:
        """How long SendGrid asks to wait: it names the second at which its count starts anew."""
        with suppress(KeyError, ValueError):
            wait = int(response.headers["x-ratelimit-reset"]) - self._clock().timestamp()
            return min(max(0.0, wait), MAX_RETRY_AFTER.total_seconds())
        return self._requests.retry_after(response)


def _body(message: MessageReady, mail: EmailMessage) -> Mapping[str, Any]:
    """The request, with the mail's own headers and parts."""
    [recipient], [sender] = mail["To"].addresses, mail["From"].addresses
    reply_to = mail["Reply-To"].addresses if mail["Reply-To"] else ()
    return {
        "personalizations": [{"to": [_address(recipient)]}],
        "from": _address(sender),
        **({"reply_to": _address(reply_to[0])} if reply_to else {}),
        "subject": str(mail["Subject"]),
        "content": [{"type": name, "value": _part(mail, name)} for name in ("text/plain", "text/html")],
        "tracking_settings": OWN_TRACKING,
        "headers": {name: str(mail[name]) for name in PASSED_ON if mail[name]},
        "custom_args": {
            "herald_campaign": message.campaign_id,
            "herald_customer": message.customer_id,
            "herald_attempt": str(message.idempotency_attempt),
        },
    }


def _address(address: Any) -> Mapping[str, str]:
    return {"email": address.addr_spec} | ({"name": address.display_name} if address.display_name else {})


def _part(mail: EmailMessage, content_type: str) -> str:
    part = mail.get_body((content_type.partition("/")[2],))
    return str(part.get_content()) if part else ""


def _read_error(response: httpx.Response) -> tuple[str, str]:
    """The field that SendGrid names first, and its words."""
    with suppress(ValueError):
        problem = response.json()
        errors: Sequence[Any] = problem.get("errors") or [] if isinstance(problem, dict) else []
        if errors and isinstance(errors[0], dict):
            return str(errors[0].get("field") or ""), reason_of(response, errors[0].get("message"))
    return "", reason_of(response)
