"""The main job as a manager does it: in a browser, against the whole stack."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from common.ids import random_id
from local.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
SOON = 60_000
DRAWN = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    """What went wrong on the page; a test ends with none."""
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


def sign_in(page: Page, stack: Stack, email: str) -> None:
    page.goto(stack.site)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Sign in locally").click()


def test_from_signing_in_to_the_summary(page: Page, stack: Stack, errors: list[str]) -> None:
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    for name in ("Asha Rao", "Bela Das"):
        add_customer(page, name, city)
    write_campaign(page, city)
    watch(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Herald")).to_be_visible()


def add_customer(page: Page, name: str, city: str) -> None:
    page.get_by_role("link", name="Customers").click()
    page.get_by_role("button", name="Add customer").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(f"{name.replace(' ', '.')}.{city}@example.com")
    page.get_by_label("City").fill(city)
    page.get_by_label("Spend").fill("12500.50")
    page.get_by_label("Visits").fill("2")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_text(f"{name} was added.")).to_be_visible()
    row = page.get_by_role("table", name=re.compile("Customers")).get_by_role("row").filter(has_text=city).first
    expect(row).to_contain_text(name)
    expect(row).to_contain_text("12,500.50")


def write_campaign(page: Page, city: str) -> None:
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").click()
    page.get_by_label("Campaign name").fill(f"For {city}")
    page.get_by_role("textbox", name="Rule").fill(f'spend > 10000 AND visits < 3 AND city = "{city}"')
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("2 customers")
    expect(preview).to_contain_text("spent more than ₹10,000")
    page.get_by_label("Subject").fill("Hello {{ first_name }}")
    page.get_by_label("Body").fill("Dear {{ name }}, it is good to have you.")
    page.get_by_role("button", name="Create and launch").click()
    dialog = page.get_by_role("dialog", name="Launch this campaign?")
    expect(dialog).to_contain_text("2 customers")
    dialog.get_by_role("button", name="Launch now").click()


def watch(page: Page) -> None:
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=SOON)
    chart = page.get_by_role("img", name=re.compile(r"Of 2 people: \d sent, \d failed, 0 skipped, 0 pending"))
    expect(chart).to_be_visible()
    assert chart.evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    )
    table = page.get_by_role("table", name="What became of each message")
    expect(table.get_by_role("row", name=re.compile("Audience"))).to_contain_text("2")
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("Written by Gemini", timeout=SOON)
    messages = page.get_by_role("region", name="Messages")
    for name in ("Asha", "Bela"):
        expect(messages).to_contain_text(name)


def test_a_viewer_sees_but_changes_nothing(page: Page, stack: Stack, errors: list[str]) -> None:
    sign_in(page, stack, "viewer@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    expect(page.get_by_role("link", name="New campaign")).to_have_count(0)
    page.get_by_role("link", name="Customers").click()
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    expect(page.get_by_role("button", name="Add customer")).to_have_count(0)


def test_a_stranger_is_told_why_they_do_not_get_in(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "stranger@example.com")
    expect(page.get_by_text("ask an admin")).to_be_visible()
    page.get_by_role("button", name="Use another account").click()
    expect(page.get_by_role("heading", name="Sign in to Herald")).to_be_visible()
