"""Real e-mail through any mail server.

A server knows no idempotency keys. So a message is never sent again once its text may have reached the server: if the
connection breaks after `DATA`, the message is `unknown`. Every refusal, and every failure before, leaves it unsent.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Literal

import aiosmtplib
from pydantic import Field, SecretStr

from common.events import MessageReady
from common.settings import Settings

from ...vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from .connections import MailConnection, MailConnections, Progress
from .mail import AddressNotValid, Mail, MailComposer
from .replies import Refusal, outcome_of

SERVER_CLOSES = 421


class SmtpSettings(Settings):
    """The mail server."""

    host: str = Field(alias="SMTP_HOST", min_length=1)
    port: int = Field(alias="SMTP_PORT", default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(
        alias="SMTP_SECURITY", default="starttls", description="tls: from the first byte, usually on port 465"
    )
    user: str | None = Field(alias="SMTP_USER", default=None)
    password: SecretStr = Field(alias="SMTP_PASSWORD", default=SecretStr(""))
    timeout_seconds: float = Field(alias="SMTP_TIMEOUT_SECONDS", default=30, gt=0, le=50)
    max_connections: int = Field(alias="SMTP_CONNECTIONS", default=10, ge=1, le=100, description="of each instance")


def create_vendor(environ: Mapping[str, str]) -> SmtpVendor:
    """Raises `Misconfigured`."""
    return SmtpVendor(SmtpSettings.read(environ), MailComposer.from_environ(environ))


class SmtpVendor:
    """A `Vendor` that hands each message to the mail server of its settings."""

    def __init__(
        self, settings: SmtpSettings, composer: MailComposer, *, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self.concurrency_limit = asyncio.Semaphore(settings.max_connections)
        self._settings = settings
        self._composer = composer
        self._tls_context = tls_context
        self._connections = MailConnections()

    async def close(self) -> None:
        """For tests; a function keeps its connections as long as its instance runs."""
        self._connections.close()

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        """The server's answer after the last byte is final: the mail counts as sent."""
        try:
            mail = self._composer.compose(message)
        except AddressNotValid as error:
            return Rejected(str(error), permanent=True, bounced=True)
        progress = Progress()
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                refusal = await self._hand_over(mail, progress)
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as error:
            reason = f"The mail server did not answer: {str(error) or type(error).__name__}"
            if _is_about_settings(error):
                raise VendorMisconfigured(reason) from error
            raise VendorUnavailable(reason, may_have_accepted=progress.data_began) from error
        return refusal or Accepted(final=True)

    async def _hand_over(self, mail: Mail, progress: Progress) -> Rejected | None:
        """Sends the mail over a kept connection, or over a new one if the server has closed that. Returns a refusal."""
        while True:
            connection = await self._take_connection(progress)
            was_used = connection.mails > 0
            try:
                refusal = await connection.send(mail, progress)
            except aiosmtplib.SMTPServerDisconnected:
                connection.close()
                if was_used and progress.command == "mail":
                    continue  # the server closed it while nobody used it
                raise
            except BaseException:
                connection.close()
                raise
            if refusal and refusal.code == SERVER_CLOSES and was_used and progress.command == "mail":
                connection.close()
                continue  # it takes no more mails over this connection
            self._connections.give_back(connection)
            return outcome_of(refusal, progress.command) if refusal else None

    async def _take_connection(self, progress: Progress) -> MailConnection:
        progress.command = "connect"
        try:
            return self._connections.take() or MailConnection(await self._connect())
        except aiosmtplib.SMTPResponseException as error:
            refusal = Refusal(error.code, error.message)
            if refusal.is_definite:
                outcome_of(refusal, "connect")
            raise

    async def _connect(self) -> aiosmtplib.SMTP:
        """A new connection, encrypted and logged in as the settings say."""
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            username=settings.user,
            password=settings.password.get_secret_value() or None,
            timeout=settings.timeout_seconds,
            tls_context=self._tls_context,
        )
        await client.connect()
        return client


def _is_about_settings(error: Exception) -> bool:
    """Whether the server has another encryption than the settings say, or a certificate that nobody knows."""
    is_unsupported = type(error) in {aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported}
    return is_unsupported or isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
