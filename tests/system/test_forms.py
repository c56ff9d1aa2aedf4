"""A form on another site, on the whole stack: one real mail over a real mail server, and consent after its click."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.client import HeraldClient
from local.mailbox.server import Mailbox
from tests.system.test_mail import send, start_herald_with_mail

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
SHOP = "https://shop.example"
VISITOR = "visitor.1@example.com"
FORM = {
    "name": "Footer of the shop",
    "thank_you": "Look into your mailbox.",
    "allowed_origins": [SHOP],
    "vendor": "smtp",
    "confirmation": {"subject": "Please confirm", "body": "You asked for our **mails**.", "button": "Yes, I want them"},
}
CONFIRM = re.compile(r'href="([^"]+/api/confirm/[^"]+)"')
VIEW = re.compile(r'href="([^"]+/api/view/[^"]+)"')


async def visitors(client: HeraldClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.post("/api/customers/search", {"search": VISITOR}))["items"]
    return found


async def wait_for_mails(mailbox: Mailbox, number: int) -> None:
    async with asyncio.timeout(60):
        while len(mailbox.mails) < number:
            await asyncio.sleep(0.1)


async def test_visitor_gets_one_mail_agrees_by_its_link_and_can_leave(tmp_path: Path) -> None:
    """Twenty visitors at once with one address, every event twice: one mail. Who left by a campaign's mail stays so."""
    mailbox = Mailbox()
    async with start_herald_with_mail(tmp_path, mailbox) as (stack, client), httpx.AsyncClient() as browser:
        form = await client.post("/api/forms", FORM)
        submit = f"{stack.site}/api/forms/{form['id']}"

        async def ask(address: str = VISITOR) -> httpx.Response:
            sent = {"email": address, "name": "Vera"}
            return await browser.post(submit, data=sent, headers={"origin": SHOP})

        answers = await asyncio.gather(*(ask() for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        assert (await ask("robot@example.com")).text == answers[0].text
        await wait_for_mails(mailbox, 2)
        await asyncio.sleep(3)  # the second copies of the events
        [mail] = [mail for mail in mailbox.mails if mail.recipient == VISITOR]
        assert mail.message["Subject"] == "Please confirm"
        assert mail.message["List-Unsubscribe"] is None
        assert VIEW.findall(mail.part("html")) == []
        [link] = CONFIRM.findall(mail.part("html"))
        page = await browser.get(link)
        assert (page.status_code, "Yes, I want them" in page.text) == (200, True)
        assert await visitors(client) == []
        assert "You get our messages from now on" in (await browser.post(link)).text
        assert "This is confirmed already" in (await browser.post(link)).text
        [person] = await visitors(client)
        assert (person["name"], person["consent"]) == ("Vera", {"email": True})
        [counted] = (await client.get("/api/forms"))["items"]
        assert (counted["asked"], counted["confirmed"]) == (2, 1)
        statistics = await send(client, f'email = "{VISITOR}"')
        assert (statistics["sent"], statistics["skipped"]) == (1, 0)
        [campaign] = [mail for mail in mailbox.mails if "15% off" in mail.message["Subject"]]
        await view_and_leave(browser, campaign)
        async with asyncio.timeout(60):
            while "email" not in (await client.get(f"/api/customers/{person['id']}"))["suppressed"]:
                await asyncio.sleep(0.1)
        assert "This is confirmed already" in (await browser.post(link)).text
        assert (await client.get(f"/api/customers/{person['id']}"))["suppressed"] == ["email"]


async def view_and_leave(browser: httpx.AsyncClient, mail: Any) -> None:
    """The visitor reads the mail in a browser, and unsubscribes there."""
    [link] = VIEW.findall(mail.part("html"))
    page = await browser.get(link)
    assert page.status_code == 200
    assert "15% off with WELCOME15." in page.text
    assert "https://shop.example/sale" in page.text
    [unsubscribe] = re.findall(r'href="([^"]+/api/unsubscribe/[^"]+)"', page.text)
    assert f"<{unsubscribe}>" == mail.message["List-Unsubscribe"]
    assert (await browser.post(unsubscribe)).status_code == 200
