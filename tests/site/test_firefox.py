"""The main job of a manager in the Firefox of the system, on the whole stack. Skipped where there is no Firefox.

Playwright drives it by WebDriver BiDi, so it needs no browser of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, Playwright, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.page_checks import DRAWN, OVERFLOWING, SCHEMES, WIDTHS
from tests.site.test_main_job import add_customer, check_progress, write_campaign

pytestmark = [pytest.mark.stack, pytest.mark.browser]

FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox") or shutil.which("firefox-esr")
RELAY = Path(__file__).with_name("firefox_for_playwright.py")
OFFLINE: dict[str, str | float | bool] = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,  # nobody listens there: nothing reaches another machine
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1, localhost",
    "network.proxy.allow_hijacking_localhost": False,
}


@pytest.fixture
def firefox(playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """A page in Firefox. The test fails if its console has errors."""
    if not FIREFOX:
        pytest.skip("There is no Firefox: install one (apt-get install firefox-esr), or set FIREFOX to its path.")
    program = tmp_path / "firefox"
    program.write_text(f"#!/bin/sh\nFIREFOX='{FIREFOX}' exec '{sys.executable}' '{RELAY}' \"$@\"\n")
    program.chmod(0o755)
    browser = playwright.firefox.launch(channel="moz-firefox", executable_path=program, firefox_user_prefs=OFFLINE)
    page = browser.new_page(locale="en-IN", viewport={"width": 1440, "height": 900})
    messages: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            messages.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: messages.append(str(error)))
    yield page
    browser.close()
    assert messages == [], "\n".join(messages)


def test_main_job_in_firefox(firefox: Page, stack: Stack) -> None:
    """From signing in to the people of a finished campaign, and out again; then the pages in each size and theme."""
    city = f"C{random_id()}"
    firefox.goto(stack.site)
    firefox.get_by_role("button", name="Sign in locally").click()  # as the admin, whose address is in the field
    expect(firefox.get_by_role("heading", name="Home")).to_be_visible()
    for name in ("Asha Rao", "Bela Das"):
        add_customer(firefox, name, city)
    write_campaign(firefox, city)
    check_progress(firefox)
    campaign = firefox.url
    for name, url in (("campaign", campaign), ("home", stack.site), ("customers", f"{stack.site}/customers")):
        check_sizes(firefox, name, url)
    firefox.get_by_role("button", name=re.compile("Account of")).click()
    firefox.get_by_role("menuitem", name="Sign out").click()
    expect(firefox.get_by_role("heading", name="Sign in to Herald")).to_be_visible()


def check_sizes(page: Page, name: str, url: str) -> None:
    """Nothing is wider than the window, in each size and theme."""
    page.goto(url)
    expect(page.get_by_role("rowheader").first).to_be_visible()
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("theme => document.documentElement.dataset.theme = theme", scheme)
            page.evaluate(DRAWN)
            assert page.evaluate(OVERFLOWING) == [], f"{name} {width} {scheme} is wider than the window"
