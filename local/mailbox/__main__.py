"""`python -m local.mailbox`: run the mail server of this machine and its page."""

from __future__ import annotations

import asyncio
import logging
import os

from pydantic import Field

from common.settings import Settings
from local.mailbox.page import application
from local.mailbox.server import Mailbox, start_mail_server
from local.serving import HOST, serve


class MailboxSettings(Settings):
    """The ports of the mailbox."""

    port: int = Field(alias="PORT", description="of the page")
    smtp_port: int = Field(alias="SMTP_PORT")


async def run(settings: MailboxSettings) -> None:
    """Serve until a signal."""
    mailbox = Mailbox()
    server = await start_mail_server(mailbox, host=HOST, port=settings.smtp_port)
    async with server:
        await serve(application(mailbox), settings.port)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(run(MailboxSettings.read(os.environ)))
