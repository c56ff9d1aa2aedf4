"""The forms of other sites in a browser, on the whole stack: from the page of settings to the visitor."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Page, Route, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, call
from tests.site.page_checks import SCREENSHOTS, check_page
from tests.site.test_settings import enter, rows

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SHOP = "http://localhost:9"
TOPICS = [{"name": "offers", "labels": {"en": "Offers", "hi": "ऑफ़र"}}]


def test_form_is_added_embedded_sent_and_deleted(page: Page, stack: Stack, errors: list[str]) -> None:
    """Wrong input is told at its field; the HTML works as it is copied, on a page of another site without a script."""
    enter(page, stack, "/settings/forms")
    expect(page.get_by_role("button", name="Add a form").first).to_be_enabled()
    call(page, "api => api.topics.replace(topics)", topics=TOPICS)
    page.reload()
    name = f"Footer {random_id()}"
    page.get_by_role("button", name="Add a form").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Your sites").fill("shop.example")
    dialog.get_by_label("Offers").check()
    dialog.get_by_role("button", name="Add a form").click()
    expect(dialog.get_by_label("Your sites")).to_have_attribute("aria-invalid", "true")
    page.screenshot(path=SCREENSHOTS / "form-dialog.png")
    dialog.get_by_label("Your sites").fill(SHOP)
    dialog.get_by_role("button", name="Add a form").click()
    shown = page.get_by_role("dialog", name=f"“{name}” for your site")
    code = shown.get_by_label("HTML of the form").input_value()
    page.screenshot(path=SCREENSHOTS / "form-embed.png")
    shown.get_by_role("button", name="Done").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text(SHOP)
    visit(page, stack, code)
    page.goto(f"{stack.site}/settings/forms")
    expect(row.get_by_role("cell").nth(1)).to_have_text("1")
    check_page(page, "forms", url=f"{stack.site}/settings/forms", ready=rows)
    page.reload()  # in English again
    row.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def visit(page: Page, stack: Stack, code: str) -> None:
    """Somebody sends the form on the site of the shop, and reads the text that follows."""

    def shop_page(route: Route) -> None:
        route.fulfill(body=f"<!doctype html><title>Shop</title>{code}", content_type="text/html")

    page.route(f"{SHOP}/", shop_page)
    page.goto(f"{SHOP}/")
    expect(page.get_by_label("Leave this empty")).not_to_be_in_viewport()
    page.get_by_label("E-mail").fill(f"v.{random_id()}@example.com")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(page.get_by_text("Look into your mailbox")).to_be_visible()
    assert re.search(r'action="([^"]+)"', unescape(code))
    page.unroute(f"{SHOP}/")


def test_manager_reaches_the_forms_from_the_customers(page: Page, stack: Stack, errors: list[str]) -> None:
    """The settings are for admins; forms are for those who may send. Who may not sees them only."""
    enter(page, stack, "/settings/forms")
    expect(page.get_by_role("tab", name="Forms")).to_be_visible()
    drafter = f"drafter.{random_id()}@example.com"
    member = {"address": drafter, "role": "manager", "may_send": False}
    call(page, "api => api.members.invite(member)", member=member)
    page.get_by_role("button", name=re.compile("Account of")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Herald")).to_be_visible()
    enter(page, stack, "/customers", email=drafter)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Forms").click()
    expect(page.get_by_role("heading", name="Forms", exact=True)).to_be_visible()
    expect(page.get_by_role("tab", name="Forms")).to_have_count(0)
    expect(page.get_by_role("button", name="Add a form")).to_have_count(0)
