"""The mail server. Some recipients make it misbehave, as real servers do; the first part of the address says how.

nobody…    550 5.1.1: there is no such mailbox
full…      552 5.2.2: the mailbox is full
moved…     550 5.1.6: the mailbox has moved
greylist…  451 4.7.1 at the first try, as servers do with senders that they do not know
slow…      the answer takes `SLOW_SECONDS`
dropped…   the connection breaks after the text of the mail, which is kept
cut…       the connection breaks in the middle of the text, which is not kept
spam…      554 5.7.1 after the text
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from common.clock import Clock, utc_now

MAX_MAILS = 5_000
MAX_MAIL_BYTES = 1_000_000
SLOW_SECONDS = 2.0
OK = "250 2.0.0 OK"
REFUSALS = {
    "nobody": "550 5.1.1 There is no such mailbox",
    "moved": "550 5.1.6 The mailbox has moved",
    "full": "552 5.2.2 The mailbox is full",
}


@dataclass(frozen=True, kw_only=True)
class ReceivedMail:
    """A mail as it came in."""

    id: int
    at: datetime
    sender: str
    recipient: str
    content: bytes
    is_encrypted: bool  # the connection was

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)

    def part(self, subtype: str) -> str:
        """The text of the plain or the html part."""
        part = self.message.get_body(preferencelist=(subtype,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


@dataclass
class Mailbox:
    """The mails of all recipients, newest first, and the handler of the mail server."""

    clock: Clock = utc_now
    mails: deque[ReceivedMail] = field(default_factory=lambda: deque(maxlen=MAX_MAILS))
    connections: int = 0  # that were opened
    _open: WeakSet[SMTP] = field(default_factory=WeakSet)
    _number: int = 0
    _greylisted: set[str] = field(default_factory=set)

    def add_connection(self, connection: SMTP) -> SMTP:
        self.connections += 1
        self._open.add(connection)
        return connection

    def close_connections(self) -> None:
        """As a server does with connections that nobody uses."""
        for connection in self._open:
            if connection.transport:
                connection.transport.close()

    async def handle_EHLO(
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        kind = _kind(address)
        if refusal := REFUSALS.get(kind):
            return refusal
        if kind == "greylist" and address not in self._greylisted:
            self._greylisted.add(address)
            return "451 4.7.1 Greylisted, please try again"
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the mail, or do what its recipient stands for."""
        kind = _kind(envelope.rcpt_tos[0])
        if kind == "spam":
            return "554 5.7.1 The mail looks like spam"
        if kind == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if kind != "cut":
            is_encrypted = server.transport is not None and bool(server.transport.get_extra_info("sslcontext"))
            self._keep(envelope, is_encrypted=is_encrypted)
        if kind in {"dropped", "cut"}:
            cast(asyncio.Transport, server.transport).abort()
        return OK

    def _keep(self, envelope: Envelope, *, is_encrypted: bool) -> None:
        """Add one mail for each recipient."""
        for recipient in envelope.rcpt_tos:
            self._number += 1
            self.mails.appendleft(
                ReceivedMail(
                    id=self._number,
                    at=self.clock(),
                    sender=envelope.mail_from or "",
                    recipient=recipient,
                    content=cast(bytes, envelope.content),
                    is_encrypted=is_encrypted,
                )
            )


def _kind(address: str) -> str:
    """The letters at the start of the address."""
    local = address.partition("@")[0]
    return local[: next((place for place, sign in enumerate(local) if not sign.isalpha()), len(local))].lower()


async def start_mail_server(
    mailbox: Mailbox,
    *,
    host: str,
    port: int,
    tls_context: ssl.SSLContext | None = None,
    is_tls_from_start: bool = False,
    check_login: Callable[[str, str], bool] | None = None,
) -> asyncio.Server:
    """Serves `mailbox`. With a `tls_context` every mail must be encrypted, with `check_login` everybody must log in."""

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        if check_login is None or not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        is_right = check_login(data.login.decode(), data.password.decode())
        return AuthResult(success=is_right, handled=False)

    loop = asyncio.get_running_loop()

    def create_connection() -> SMTP:
        """The server's side of a new connection."""
        starts_tls = tls_context is not None and not is_tls_from_start
        with warnings.catch_warnings(action="ignore"):  # it does not see that a connection is encrypted from the start
            connection = SMTP(
                mailbox,
                hostname="mailbox.test",
                data_size_limit=MAX_MAIL_BYTES,
                enable_SMTPUTF8=True,
                decode_data=False,
                tls_context=tls_context if starts_tls else None,
                require_starttls=starts_tls,
                auth_required=check_login is not None,
                auth_require_tls=starts_tls,
                authenticator=authenticate if check_login else None,
                loop=loop,
            )
        return mailbox.add_connection(connection)

    return await loop.create_server(
        create_connection, host=host, port=port, ssl=tls_context if is_tls_from_start else None
    )
