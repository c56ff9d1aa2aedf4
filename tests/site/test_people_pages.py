"""The pages about people: suppressions, a person, segments."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import sign_in
from tests.site.page_checks import check_page

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def enter(page: Page, stack: Stack, path: str, *, email: str = "admin@example.com") -> None:
    sign_in(page, stack, email)
    expect(page.get_by_role("navigation")).to_be_visible()
    page.goto(f"{stack.site}{path}")


def rows(page: Page) -> None:
    expect(page.get_by_role("row").nth(1)).to_be_visible()


def test_suppressions_are_added_found_and_lifted(page: Page, stack: Stack, errors: list[str]) -> None:
    """A wrong address is explained at its field; an admin lifts what was added."""
    enter(page, stack, "/suppressions")
    address = f"{random_id()}@shop.example.com"
    page.get_by_role("button", name="Suppress an address").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("asha")
    dialog.get_by_role("button", name="Suppress an address").click()
    expect(dialog).to_contain_text("Enter an e-mail address")
    dialog.get_by_label("Address").fill(address)
    dialog.get_by_label("Reason").fill("Asked on the phone")
    dialog.get_by_role("button", name="Suppress an address").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("searchbox").fill(address)
    row = page.get_by_role("row").filter(has_text=address)
    expect(row).to_contain_text("Asked on the phone")
    check_page(page, "suppressions", url=f"{stack.site}/suppressions", ready=rows)
    page.goto(f"{stack.site}/suppressions?search={address}")
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Lift").click()
    expect(row).to_have_count(0)
