"""SMS and WhatsApp through Twilio's API: https://www.twilio.com/docs/messaging/api/message-resource

Twilio knows no idempotency keys. So a message is never sent again once the request may have reached it: without an
answer it is `unknown`, until Twilio reports on it. The address of the report has the ids of the message, which Twilio's
signature covers.

    2xx                     the message is accepted; its outcome is reported by callback to /api/receipts/twilio
    429, or a code of       the message is not accepted now: it is sent later
      "too many"
    5xx, no answer          nobody knows: the message is not sent again
    400 with another code   what `common/catalogue/twilio_errors.py` says: the number, the text or the settings
    others                  the settings here are wrong: all messages wait until they are right
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from pydantic import Field, SecretStr, field_validator

from common.catalogue.twilio_errors import Cause, cause_of
from common.clock import Clock, utc_now
from common.events import MessageReady
from common.messages.sms import MAX_SMS_SEGMENTS, sms_length
from common.settings import PublicUrlSettings, Settings

from ...proxy import ProxySettings
from ...vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from ...vendor_requests import VendorRequests, reason_of

MESSAGING_SERVICE = "MG"
TOO_MANY = 429
THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


class TwilioSettings(Settings):
    """The account, and who the messages are from."""

    account_sid: str = Field(alias="TWILIO_ACCOUNT_SID", pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr = Field(alias="TWILIO_AUTH_TOKEN", description="logs in, and signs Twilio's callbacks")
    sender: str = Field(
        alias="TWILIO_SENDER",
        pattern=r"^(MG[0-9a-fA-F]{32}|\+?[0-9]{3,15}|[A-Za-z0-9 ]{1,11})$",
        description="a Messaging Service (MG…), a number, a short code or a name",
    )
    whatsapp_sender: str | None = Field(
        alias="TWILIO_WHATSAPP_SENDER",
        default=None,
        pattern=r"^\+[0-9]{5,15}$",
        description="a number for WhatsApp; by default the Messaging Service",
    )
    timeout_seconds: float = Field(alias="TWILIO_TIMEOUT_SECONDS", default=20, gt=0, le=50)
    api_url: str = Field(
        alias="TWILIO_API_URL", default="https://api.twilio.com", description="that of another region, for example"
    )

    @field_validator("api_url")
    @classmethod
    def _is_encrypted(cls, value: str) -> str:
        """The log-in goes there. Only a stand-in on this machine may do without encryption."""
        url = urlsplit(value)
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in THIS_MACHINE):
            raise ValueError("it must begin with https://")
        return value.rstrip("/")


def create_vendor(environ: Mapping[str, str]) -> TwilioVendor:
    """Raises `Misconfigured`."""
    public_url = PublicUrlSettings.read(environ).public_url
    return TwilioVendor(
        TwilioSettings.read(environ),
        callback_url=f"{public_url}/api/receipts/twilio",
        proxy=ProxySettings.read(environ),
    )


class TwilioVendor:
    """A `Vendor` that posts messages to Twilio, which reports to `callback_url`."""

    def __init__(
        self,
        settings: TwilioSettings,
        *,
        callback_url: str,
        proxy: ProxySettings | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._settings = settings
        self._url = f"{settings.api_url}/2010-04-01/Accounts/{settings.account_sid}/Messages.json"
        self._callback_url = callback_url
        self._requests = VendorRequests(
            timeout_seconds=settings.timeout_seconds,
            allows_private=urlsplit(settings.api_url).hostname in THIS_MACHINE,
            proxy=proxy,
            clock=clock,
            auth=(settings.account_sid, settings.auth_token.get_secret_value()),
        )
        self.concurrency_limit = self._requests.concurrency_limit

    async def close(self) -> None:
        """For tests; a function keeps its connections as long as its instance runs."""
        await self._requests.close()

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        """See the table above for what each answer means."""
        if (segments := _segments(message)) > MAX_SMS_SEGMENTS:
            reason = f"The text is too long: {segments} SMS, and at most {MAX_SMS_SEGMENTS} are allowed."
            return Rejected(reason, permanent=True)
        response = await self._requests.post(self._url, data=self._form(message))
        return Accepted(final=False) if response.is_success else self._refusal(response)

    def _form(self, message: MessageReady) -> dict[str, str]:
        """The request. Raises `VendorMisconfigured` if the settings have no sender for the channel."""
        prefix = "whatsapp:" if message.channel == "whatsapp" else ""
        sender = (self._settings.whatsapp_sender if prefix else None) or self._settings.sender
        if sender.startswith(MESSAGING_SERVICE):
            sent_from = {"MessagingServiceSid": sender}
        elif prefix and not self._settings.whatsapp_sender:
            raise VendorMisconfigured("TWILIO_WHATSAPP_SENDER is missing: TWILIO_SENDER is no Messaging Service.")
        else:
            sent_from = {"From": f"{prefix}{sender}"}
        callback = f"{self._callback_url}?{urlencode(_ids(message))}"
        return {"To": f"{prefix}{message.to}", "Body": message.body, "StatusCallback": callback, **sent_from}

    def _refusal(self, response: httpx.Response) -> Rejected:
        """Raises `VendorUnavailable` or `VendorMisconfigured` if the message is not at fault."""
        code, reason = _read_error(response)
        cause = cause_of(code)
        if response.status_code == TOO_MANY or cause == "busy":
            raise VendorUnavailable(reason, retry_after=self._requests.retry_after(response), may_have_accepted=False)
        if response.is_server_error:
            raise VendorUnavailable(reason)
        if cause == "settings" or response.status_code != httpx.codes.BAD_REQUEST:
            raise VendorMisconfigured(reason)
        return _rejected(cause, reason)


def _rejected(cause: Cause, reason: str) -> Rejected:
    is_permanent = cause in {"address", "opted_out", "message"}
    return Rejected(reason, permanent=is_permanent, bounced=cause == "address", opted_out=cause == "opted_out")


def _segments(message: MessageReady) -> int:
    return sms_length(message.body).segments if message.channel == "sms" else 0


def _ids(message: MessageReady) -> Mapping[str, Any]:
    """What the callback says about which message it is."""
    return {
        "campaign": message.campaign_id,
        "customer": message.customer_id,
        "attempt": message.idempotency_attempt,
    }


def _read_error(response: httpx.Response) -> tuple[int | None, str]:
    """Twilio's code, if there is one, and its words."""
    with suppress(ValueError):
        problem = response.json()
        if isinstance(problem, dict):
            code = problem.get("code")
            text = f"{problem.get('message') or 'Refused'} [{code}]" if code else problem.get("message")
            return (code if isinstance(code, int) else None), reason_of(response, text)
    return None, reason_of(response)
