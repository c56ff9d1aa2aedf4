"""`python -m benchmarks.smtp`: mails per second of the vendor `smtp`, beside django-post_office on PostgreSQL.

Both hand the same mails, with both parts written, to the same mail server over ten connections; the server is the local
mailbox, in a process of its own. Herald's function `deliver` checks, claims and reports each mail, with a store in
memory; django-post_office takes mails from its queue in PostgreSQL, and records there what became of them. The CPU time
is that of the sender alone: neither the mail server's nor the database's is in it.

django-post_office is installed into a folder of its own. Without it or PostgreSQL, only Herald is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from benchmarks.audiences.postgres import Postgres, PostgresNotInstalled, postgres
from benchmarks.processes import run_service
from common.addresses.address import AddressHasher
from common.events import MessageReady
from common.ids import message_id, stable_hash
from common.mail.layout import MailLook
from common.mail.links import MessageLinks
from common.storage.documents import Create
from common.storage.memory import MemoryDocuments, MemoryPublisher
from local.ports import free_ports
from local.process import Service
from local.serving import HOST
from local.topology import ROOT
from vendor.composition import VendorSettings, compose
from vendor.vendors.smtp.mail import MailComposer, SenderSettings
from vendor.vendors.smtp.sender import SmtpSettings, SmtpVendor

MAILS, CONNECTIONS = 2_000, 10
KEY = "a key of the benchmarks"
PACKAGES = ("django-post_office==3.12.0", "psycopg[binary]>=3.2")
BODY = (
    "Dear **Asha**,\n\n15% off with WELCOME15 until Sunday, in all our shops.\n\n[Come in](https://shop.example/sale)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpFigures:
    """What sending some mails took."""

    mails: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.mails / self.seconds

    @property
    def cpu_per_thousand(self) -> float:
        return 1000 * self.cpu_seconds / self.mails


@asynccontextmanager
async def run_mail_server(folder: Path) -> AsyncIterator[int]:
    """The local mailbox, in a process of its own; its port."""
    page, port = free_ports(2)
    service = Service(
        name="mailbox",
        title="Mailbox",
        command=[sys.executable, "-m", "local.mailbox"],
        environ={**os.environ, "PORT": str(page), "SMTP_PORT": str(port), "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"},
        address=f"{HOST}:{page}",
    )
    async with run_service(service, folder):
        yield port


def make_messages(number: int) -> list[MessageReady]:
    """One message to each of so many people."""
    customers = [stable_hash("customer", str(index))[:32] for index in range(number)]
    return [
        MessageReady(
            message_id=message_id("c", customer),
            campaign_id="c",
            customer_id=customer,
            channel="email",
            vendor="smtp",
            to=f"person.{index}@example.com",
            name="Asha Rao",
            subject="Asha, something for you",
            body=BODY,
            personalized_by="template",
        )
        for index, customer in enumerate(customers)
    ]


def make_composer() -> MailComposer:
    return MailComposer(
        sender=SenderSettings(sender="Rao's Shop <news@shop.example>"),
        look=MailLook(shop_name="Rao's Shop", postal_address="1 Park Street, Pune"),
        links=MessageLinks(SecretStr(KEY), public_url="https://herald.example"),
        hasher=AddressHasher(SecretStr(KEY)),
    )


async def measure_herald(messages: Sequence[MessageReady], port: int) -> SmtpFigures:
    """The function `deliver`, with a store in memory. Raises `AssertionError` if a mail is not sent."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    await documents.commit([Create("campaigns/c", {"state": "running"})])
    settings = SmtpSettings(host=HOST, port=port, security="none", max_connections=CONNECTIONS)
    vendor = SmtpVendor(settings, make_composer())
    function = compose(
        documents=documents,
        publisher=publisher,
        vendors={"smtp": vendor},
        settings=VendorSettings({"SUPPRESSION_KEY": KEY}),
    )
    started, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(function.deliverer.deliver(message) for message in messages))
    figures = SmtpFigures(
        mails=len(messages), seconds=time.monotonic() - started, cpu_seconds=time.process_time() - cpu
    )
    await vendor.close()
    kinds = [receipt.kind for event in publisher.events for receipt in getattr(event, "receipts", ())]
    assert kinds == ["sent"] * len(messages), "a mail was not sent"
    return figures


def install_post_office(folder: Path) -> Path:
    """The Python of an environment with django-post_office."""
    python = folder / "bin" / "python"
    if not python.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *PACKAGES], check=True)
    return python


def measure_post_office(messages: Sequence[MessageReady], port: int, python: Path, server: Postgres) -> SmtpFigures:
    """The mails are put into its queue first, which is not measured."""
    composer = make_composer()
    task: Mapping[str, Any] = {
        "database": server.socket_folder,
        "port": port,
        "connections": CONNECTIONS,
        "mails": [_parts(composer, message) for message in messages],
    }
    script = ROOT / "benchmarks" / "post_office_sender.py"
    completed = subprocess.run(
        [str(python), str(script)], check=True, input=json.dumps(task), text=True, stdout=subprocess.PIPE, timeout=300
    )
    found = json.loads(completed.stdout)
    assert found["sent"] == len(messages), "a mail was not sent"
    return SmtpFigures(mails=len(messages), seconds=found["seconds"], cpu_seconds=found["cpu_seconds"])


def _parts(composer: MailComposer, message: MessageReady) -> Mapping[str, str]:
    mail = composer.compose_message(message)
    plain, html = (str(part.get_content()) for part in mail.iter_parts())
    return {"to": message.to, "subject": message.subject, "plain": plain, "html": html}


def print_table(console: Console, found: Mapping[str, SmtpFigures]) -> None:
    """A row for each sender, with its rate as a multiple of the last one's."""
    table = Table("sender", "mails", "mails/s", "CPU s per 1,000", "ratio")
    base = [*found.values()][-1].per_second
    for name, figures in found.items():
        ratio = f"{figures.per_second / base:.2f}×"
        row = (f"{figures.mails:,}", f"{figures.per_second:,.0f}", f"{figures.cpu_per_thousand:.2f}", ratio)
        table.add_row(name, *row)
    console.print(table)


async def run(mails: int, folder: Path, console: Console) -> None:
    """Measure one after the other, on the same mail server."""
    messages = make_messages(mails)
    async with run_mail_server(folder) as port:
        await measure_herald(make_messages(50), port)  # imports, connections
        found = {"Herald: smtp": await measure_herald(messages, port)}
        try:
            python = install_post_office(ROOT / ".local" / "post_office")
            with postgres() as server:
                found["django-post_office"] = measure_post_office(messages, port, python, server)
        except (PostgresNotInstalled, subprocess.CalledProcessError) as error:
            console.print(f"Without django-post_office: {error}")
        print_table(console, found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS)
    with TemporaryDirectory() as temporary:
        asyncio.run(run(parser.parse_args().mails, Path(temporary), Console(width=110)))
