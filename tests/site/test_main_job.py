"""The main job of a manager in a browser, on the whole stack."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import HAS_PIXELS, SLOW_TIMEOUT, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def test_manager_creates_and_follows_a_campaign(page: Page, stack: Stack, errors: list[str]) -> None:
    """The main job from signing in to the summary."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    for name in ("Asha Rao", "Bela Das"):
        add_customer(page, name, city)
    write_campaign(page, city)
    check_progress(page)
    page.get_by_role("button", name=re.compile("Account of")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Herald")).to_be_visible()


def add_customer(page: Page, name: str, city: str) -> None:
    """Add a customer with the form, and check the list."""
    page.get_by_role("link", name="Customers").click()
    page.get_by_role("button", name="Add customer").click()
    dialog = page.get_by_role("dialog", name="Add a customer")
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_label("E-mail").fill(f"{name.replace(' ', '.')}.{city}@example.com")
    dialog.get_by_label("City").fill(city)
    dialog.get_by_label("Spend").fill("₹12,500.50")
    dialog.get_by_label("Visits").fill("2")
    dialog.get_by_role("button", name="Save customer").click()
    expect(page.get_by_text(f"{name} was added.")).to_be_visible()
    row = page.get_by_role("table", name=re.compile("Customers")).get_by_role("row").filter(has_text=city).first
    expect(row).to_contain_text(name)
    expect(row).to_contain_text("12,500.50")


def write_campaign(page: Page, city: str) -> None:
    """Write a campaign for the customers of the city, and launch it."""
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Campaign name").fill(f"For {city}")
    page.get_by_role("textbox", name="Rule").fill(f'spend > 10000 AND visits < 3 AND city = "{city}"')
    expect(page.locator(".audience-count")).to_contain_text("2 people", timeout=SLOW_TIMEOUT)
    expect(page.locator(".rule-words")).to_contain_text("spent more than ₹10,000")
    page.get_by_label("Subject").fill("Hello {{ first_name }}")
    page.get_by_role("textbox", name="Message").fill("Dear {{ name }}, it is good to have you.")
    page.get_by_role("button", name="Launch to 2 people").click(timeout=SLOW_TIMEOUT)
    dialog = page.get_by_role("dialog", name="Launch this campaign?")
    dialog.get_by_role("button", name="Launch to 2 people now").click()


def fill_campaign_form(page: Page, city: str, *, per_minute: str = "") -> None:
    """Fill the form of a campaign for all customers of a city, without submitting it."""
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Campaign name").fill(f"For {city}")
    page.get_by_role("textbox", name="Rule").fill(f'city = "{city}"')
    page.get_by_label("Subject").fill("Hello {{ first_name }}")
    page.get_by_role("textbox", name="Message").fill("Dear {{ name }}, it is good to have you.")
    page.locator("input[name=personalization][value=template]").check()
    page.get_by_label("Pace").fill(per_minute)


def check_progress(page: Page) -> None:
    """Check the chart, the table, the summary and the people of the finished campaign."""
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=SLOW_TIMEOUT)
    chart = page.get_by_role("img", name=re.compile(r"Of 2 people: \d sent, \d failed, 0 skipped, 0 pending"))
    expect(chart).to_be_visible()
    assert chart.evaluate(HAS_PIXELS)
    table = page.get_by_role("table", name="Messages by state")
    expect(table.get_by_role("row", name=re.compile("Audience"))).to_contain_text("2")
    summary = page.get_by_role("region", name="Summary")
    summary.get_by_role("button", name="Summarise").click()
    expect(summary).to_contain_text("Written by Gemini", timeout=SLOW_TIMEOUT)
    people = page.get_by_role("table", name="People")
    for name in ("Asha", "Bela"):
        expect(people).to_contain_text(name, timeout=SLOW_TIMEOUT)
    check_person(page)


def check_person(page: Page) -> None:
    """Open a person: why, the text, and each part of the rule with the person's value."""
    page.get_by_role("table", name="People").get_by_role("button", name="Asha Rao").click()
    sheet = page.get_by_role("dialog", name="Asha Rao")
    expect(sheet.get_by_role("status")).to_contain_text(re.compile("They got it|It failed"))
    expect(sheet.get_by_role("row", name=re.compile("spent more than ₹10,000.*yes.*12,500.5"))).to_be_visible()
    expect(sheet).to_contain_text("it is good to have you", ignore_case=True)  # Gemini may begin a sentence with it
    page.keyboard.press("Escape")


def test_viewer_has_no_buttons_for_changes(page: Page, stack: Stack, errors: list[str]) -> None:
    """A viewer sees campaigns and customers but no buttons that change them."""
    sign_in(page, stack, "viewer@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    expect(page.get_by_role("link", name="New campaign")).to_have_count(0)
    page.get_by_role("link", name="Customers").click()
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    expect(page.get_by_role("button", name="Add customer")).to_have_count(0)


def test_stranger_gets_an_explanation(page: Page, stack: Stack) -> None:
    """An account that is no member gets an explanation and can use another account."""
    sign_in(page, stack, "stranger@example.com")
    expect(page.get_by_text("ask an admin")).to_be_visible()
    page.get_by_role("button", name="Use another account").click()
    expect(page.get_by_role("heading", name="Sign in to Herald")).to_be_visible()


def test_new_campaign_offers_the_vendors_of_the_deployment(page: Page, stack: Stack, errors: list[str]) -> None:
    """The form has the vendors that the API lists as available, and the channels of the chosen one."""
    sign_in(page, stack, "admin@example.com")
    fill_campaign_form(page, f"C{random_id()}")
    page.get_by_label("Webhook").check()
    channel = page.get_by_label("Channel")
    expect(channel.get_by_role("option")).to_have_text(["E-mail", "SMS"])
    channel.select_option("SMS")
    page.get_by_label("Simulator").check()
    expect(channel).to_have_value("sms")
    expect(page.get_by_text("No person gets this message.")).to_be_visible()
