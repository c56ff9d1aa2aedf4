"""Real mail on the whole stack: over a mail server with encryption and a log-in, which refuses, delays and breaks."""

from __future__ import annotations

import os
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from local.client import HeraldClient, signed_in
from local.mailbox.server import Mailbox, start_mail_server
from local.ports import free_ports
from local.stack import Stack
from tests.system.campaigns import id_of_external, wait_until_finished

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
HOST = "localhost"
LOGIN = ("shop", "a password")
MESSAGE = {
    "subject": "{{ first_name }}, 15% off",
    "body": "Dear **{{ name }}**,\n\n15% off with WELCOME15.\n\n[Come in](https://shop.example/sale)",
}
KINDS: Mapping[str, int] = {
    "nobody": 20, "full": 10, "spam": 10, "greylist": 20, "slow": 5, "dropped": 10, "cut": 5, "person": 420,
}  # fmt: skip
"""How many recipients there are of each kind: `local/mailbox/server.py` says what they do."""
MAYBE = KINDS["dropped"] + KINDS["cut"]


@asynccontextmanager
async def start_herald_with_mail(folder: Path, mailbox: Mailbox) -> AsyncIterator[tuple[Stack, HeraldClient]]:
    """The stack, with a mail server that wants STARTTLS and a password. Every event is pushed twice."""
    [port] = free_ports(1)
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    settings = {
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(port),
        "SMTP_USER": LOGIN[0],
        "SMTP_PASSWORD": LOGIN[1],
        "SSL_CERT_FILE": str(folder / "authority.pem"),
        "MAIL_FROM": "Rao's Shop <news@shop.example>",
        "MAIL_POSTAL_ADDRESS": "1 Park Street, Pune",
        "PUSH_DUPLICATE_SHARE": "1",
        "TICK_SECONDS": "1",
        "RATE_LIMITS": "person=0,key=0,anonymous=0",
        "TRACKING": "on",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    server = await start_mail_server(
        mailbox, host=HOST, port=port, tls_context=context, check_login=lambda *login: login == LOGIN
    )
    async with (
        server,
        Stack(folder=folder, environ=inherited | settings) as stack,
        signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client,
    ):
        yield stack, client


async def send(client: HeraldClient, rule: str) -> dict[str, Any]:
    """A campaign to the people of a rule, until it is finished; its statistics."""
    draft = {"name": "Sale", "text": rule, "message": MESSAGE, "vendor": "smtp", "personalization": "template"}
    campaign = (await client.post("/api/campaigns", draft))["id"]
    await client.post(f"/api/campaigns/{campaign}/launch")
    statistics: dict[str, Any] = await wait_until_finished(client, campaign, seconds=240)
    return statistics


def inbox(kind: str, number: int) -> str:
    return f"{kind}.{number}@example.com"


async def test_five_hundred_mails_arrive_once_each_and_the_numbers_are_true(tmp_path: Path) -> None:
    """Each recipient has the outcome that the server gave; what broke after `DATA` is unknown and is not sent again.

    One who unsubscribes is left out the next time, and so is everybody whose mailbox does not exist.
    """
    mailbox = Mailbox()
    everybody = [inbox(kind, number) for kind, people in KINDS.items() for number in range(people)]
    async with start_herald_with_mail(tmp_path, mailbox) as (stack, client):
        rows = [{"external_id": to, "email": to, "name": "Asha Rao", "city": "Pune"} for to in everybody]
        await client.add_customers(rows)
        statistics = await send(client, 'city = "Pune"')
        numbers = {kind: statistics[kind] for kind in ("audience", "sent", "failed", "unknown", "skipped", "bounced")}
        assert numbers == {
            "audience": 500,
            "sent": KINDS["person"] + KINDS["greylist"] + KINDS["slow"],
            "failed": KINDS["nobody"] + KINDS["full"] + KINDS["spam"],
            "unknown": MAYBE,
            "skipped": 0,
            "bounced": KINDS["nobody"],
        }
        arrived = Counter(mail.recipient for mail in mailbox.mails)
        assert set(arrived.values()) == {1}
        assert len(arrived) == statistics["sent"] + KINDS["dropped"]
        for mail in mailbox.mails:
            assert mail.is_encrypted
            assert mail.message["Subject"] == "Asha, 15% off"
            assert f"Dear Asha Rao,\n\n15% off with WELCOME15.\n\nCome in: {stack.site}/api/c/" in mail.part("plain")
            assert f'<a href="{stack.site}/api/c/' in mail.part("html")
            assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        links = {mail.recipient: mail.message["List-Unsubscribe"].strip("<>") for mail in mailbox.mails}
        assert len(set(links.values())) == len(links)
        async with httpx.AsyncClient() as mail_program:
            answer = await mail_program.post(links[inbox("person", 0)], data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        await wait_until_suppressed(stack, client, inbox("person", 0))
        again = await send(client, f'email in ("{inbox("person", 0)}", "{inbox("person", 1)}", "{inbox("nobody", 0)}")')
        assert (again["sent"], again["skipped_reasons"]) == (1, {"suppressed": 2})
        assert Counter(mail.recipient for mail in mailbox.mails)[inbox("person", 0)] == 1
        assert stack.mailbox is None  # the local one is only for who has no server


LINK = re.compile(r'<a href="([^"]+/api/c/[^"]+)"')
IMAGE = re.compile(r'<img src="([^"]+/api/o/[^"]+)"')


async def test_clicks_and_opens_are_counted_once_and_the_link_leads_to_the_shop(tmp_path: Path) -> None:
    """One person clicks twice, one opens the mail twice, a proxy opens the third: each counts once, the proxy apart."""
    mailbox = Mailbox()
    people = [inbox("person", number) for number in range(3)]
    async with start_herald_with_mail(tmp_path, mailbox) as (_, client):
        await client.add_customers(
            [{"external_id": to, "email": to, "name": "Asha Rao", "city": "Pune"} for to in people]
        )
        statistics = await send(client, 'city = "Pune"')
        assert (statistics["sent"], statistics["opened"], statistics["clicked"]) == (3, 0, 0)
        pages = {mail.recipient: mail.part("html") for mail in mailbox.mails}
        async with httpx.AsyncClient(headers={"user-agent": "Mozilla/5.0 Firefox/145.0"}) as browser:
            for _ in range(2):
                answer = await browser.get(LINK.findall(pages[people[0]])[0])
                assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/sale")
                await browser.get(IMAGE.findall(pages[people[1]])[0])
            await browser.get(IMAGE.findall(pages[people[2]])[0], headers={"user-agent": "Mozilla/5.0"})
        [campaign] = (await client.get("/api/campaigns"))["items"]
        expected = {"opened": 2, "clicked": 1, "machine_opened": 1, "machine_clicked": 0}
        found: dict[str, Any] = {}
        while {name: found.get(name) for name in expected} != expected:
            found = await client.get(f"/api/campaigns/{campaign['id']}/statistics")
        assert found["links"] == [{"url": "https://shop.example/sale", "people": 1}]


async def wait_until_suppressed(stack: Stack, client: HeraldClient, address: str) -> None:
    customer = f"/api/customers/{id_of_external(stack, address)}"
    while "email" not in (await client.get(customer))["suppressed"]:
        pass
