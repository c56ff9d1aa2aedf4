"""Each page in every size, theme and language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import call, sign_in
from tests.site.page_checks import check_page

pytestmark = [pytest.mark.stack, pytest.mark.browser]

HOSTILE_NAMES = ["W" * 200, "\u202eoar ahsA", "<b>Bela</b> {{ name }}", "आशा राव"]


def heading(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def rows(page: Page) -> None:
    expect(page.get_by_role("row").nth(1)).to_be_visible()


def enter(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("navigation")).to_be_visible()


def test_sign_in_page(page: Page, stack: Stack, errors: list[str]) -> None:
    """The page that everybody sees first."""
    page.goto(stack.site)
    heading(page)
    check_page(page, "sign-in", url=stack.site, ready=heading)


def test_kit(page: Page, stack: Stack, errors: list[str]) -> None:
    """Every piece of the kit in every state."""
    enter(page, stack)
    check_page(page, "kit", url=f"{stack.site}/kit", ready=rows)


def test_help(page: Page, stack: Stack, errors: list[str]) -> None:
    """An example leads to the customers who match it now."""
    enter(page, stack)
    check_page(page, "help", url=f"{stack.site}/help", ready=rows)
    page.goto(f"{stack.site}/help")
    page.get_by_role("link", name='city in ("Pune", "Mumbai")').click()
    expect(page.get_by_label("Rule", exact=True)).to_have_value('city in ("Pune", "Mumbai")')


def test_customers(page: Page, stack: Stack, errors: list[str]) -> None:
    """The list, with names that somebody typed to break it."""
    enter(page, stack)
    city = f"C{random_id()}"
    people = [
        {"email": f"{n}.{city}@example.com", "name": name, "city": city, "spend": 1250.5, "visits": n}
        for n, name in enumerate(HOSTILE_NAMES)
    ]
    call(page, "api => api.customers.add(people)", people=people)
    check_page(page, "customers", url=f"{stack.site}/customers#search={city}", ready=rows)
