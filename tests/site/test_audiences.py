"""The customer list and the rule builder in a browser, on the whole stack."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import call, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SPEND_BY_NAME = {"Asha": 20_000, "Bela": 500, "Chand": 12_500}


def prepare_customers(page: Page, stack: Stack, account: str = "admin@example.com") -> str:
    """Add three customers in a new city, and sign in."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    rows = [
        {"email": f"{name}.{city}@example.com", "name": name, "city": city, "spend": spend, "tags": [name]}
        for name, spend in SPEND_BY_NAME.items()
    ]
    call(page, "api => api.customers.add(rows)", rows=rows)
    if account != "admin@example.com":
        page.get_by_role("button", name=re.compile("Account of")).click()
        page.get_by_role("menuitem", name="Sign out").click()
        sign_in(page, stack, account)
    return city


def customer_names(page: Page) -> Locator:
    """The names in the list of customers, in its order."""
    return page.get_by_role("table", name="Customers").get_by_role("rowheader")


def test_fields_that_cannot_be_loaded_show_an_error(page: Page, stack: Stack) -> None:
    """Without the list of fields, the editor shows an error at its place and tries again when the reader asks."""
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.route("**/api/fields?*", lambda route: route.abort())
    page.get_by_role("link", name="New campaign").first.click()
    conditions = page.get_by_role("region", name="Conditions")
    expect(conditions).to_contain_text("Herald cannot be reached.")
    page.unroute("**/api/fields?*")
    conditions.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Insert first name")).to_be_visible()
    expect(conditions.get_by_label("Field")).to_be_visible()


def test_customer_list_is_searched_sorted_and_filtered(page: Page, stack: Stack, errors: list[str]) -> None:
    """A viewer searches, sorts and filters the list, and an invalid rule keeps the last result."""
    city = prepare_customers(page, stack, account="viewer@example.com")
    page.get_by_role("link", name="Customers").click()
    search = page.get_by_role("searchbox", name="Search")
    search.press_sequentially(f"{city} example")
    page.get_by_label("Order").select_option("Spend: highest first")
    expect(customer_names(page)).to_have_text(["Asha", "Chand", "Bela"])
    expect(page.get_by_role("status").filter(has_text="3 customers")).to_be_visible()
    page.get_by_label("Order").select_option("Name: A to Z")
    expect(customer_names(page)).to_have_text(["Asha", "Bela", "Chand"])
    search.fill(f"bela.{city}"[:-3])
    expect(customer_names(page)).to_have_text(["Bela"])
    search.fill(f"{city} nobody")
    expect(page.get_by_text("No customer matches")).to_be_visible()
    search.fill(city)
    page.get_by_role("button", name="Filter by a rule").click()
    rule = page.get_by_role("textbox", name="Rule")
    rule.fill("spend > 10000")
    expect(customer_names(page)).to_have_text(["Asha", "Chand"])
    rule.fill("spend > ")
    expect(page.get_by_text(re.compile("cannot read this rule from character"))).to_be_visible()
    expect(customer_names(page)).to_have_text(["Asha", "Chand"])
    expect(page.get_by_role("button", name="Save as segment")).to_have_count(0)
    page.get_by_role("button", name="Filter by a rule").click()
    expect(customer_names(page)).to_have_text(["Asha", "Bela", "Chand"])
