"""MailConnections to a mail server, kept for the next mail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib

from .mail import Mail
from .replies import Command, Refusal

MAX_MAILS = 100
"""Of one connection: many servers allow no more."""
RESET_SECONDS = 2.0
MAX_IDLE_SECONDS = 20.0
"""Servers close connections that nobody uses."""


@dataclass(slots=True)
class Progress:
    """How far the mail has got."""

    command: Command = "connect"
    data_began: bool = False  # from then on the server may have the mail, whatever comes


class MailConnection:
    """One connection, and how often and when it was used."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client
        self.mails = 0
        self.used_at = 0.0

    async def send(self, mail: Mail, progress: Progress) -> Refusal | None:
        """Hands the mail to the server. Returns its refusal; then the connection is ready for another mail.

        Raises `aiosmtplib.SMTPException`, `TimeoutError` or `OSError` if there is no answer.
        """
        options = ["SMTPUTF8"] if mail.needs_utf8 else []
        if mail.needs_utf8 and not self._client.supports_extension("smtputf8"):
            progress.command = "rcpt"
            return Refusal(550, "5.6.7 The mail server takes only addresses in ASCII.")
        try:
            progress.command = "mail"
            await self._client.mail(mail.sender, options=options, encoding="utf-8")
            progress.command = "rcpt"
            await self._client.rcpt(mail.recipient, encoding="utf-8")
            progress.command = "data"
            progress.data_began = True
            await self._client.data(mail.content)
        except aiosmtplib.SMTPResponseException as error:
            refusal = Refusal(error.code, error.message)
            if not refusal.is_definite:
                raise
            await self._reset()
            return refusal
        finally:
            self.mails += 1
        return None

    async def _reset(self) -> None:
        """Make the connection ready for another mail, or close it. The refusal counts in any case."""
        try:
            async with asyncio.timeout(RESET_SECONDS):
                await self._client.rset()
        except (aiosmtplib.SMTPException, TimeoutError, OSError):
            self.close()

    def is_usable(self, now: float) -> bool:
        """Whether another mail may go over it."""
        is_fresh = now - self.used_at < MAX_IDLE_SECONDS and self.mails < MAX_MAILS
        return is_fresh and self._client.is_connected

    def close(self) -> None:
        """Without a good-bye, for which one would have to wait."""
        self._client.close()


class MailConnections:
    """The connections that wait for another mail."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._idle: list[MailConnection] = []

    def take(self) -> MailConnection | None:
        """The one that was used last, if it can be used; those whose time is over are closed."""
        now = self._monotonic()
        usable = [connection for connection in self._idle if connection.is_usable(now)]
        for connection in self._idle:
            if connection not in usable:
                connection.close()
        self._idle = usable
        return self._idle.pop() if self._idle else None

    def give_back(self, connection: MailConnection) -> None:
        connection.used_at = self._monotonic()
        self._idle.append(connection)

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()
