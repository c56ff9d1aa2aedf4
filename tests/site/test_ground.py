"""What every page relies on: the session, leaving with changes, and coming back to a place."""

from __future__ import annotations

import re
from urllib.parse import urldefrag

import pytest
from playwright.sync_api import Page, Route, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, call, sign_in
from tests.site.page_checks import AXE, violations

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def enter(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def add_people(page: Page, city: str, count: int) -> None:
    people = [{"email": f"{n}.{city}@example.com", "name": f"Asha {n:03}", "city": city} for n in range(count)]
    call(page, "api => api.customers.add(people)", people=people)


def test_request_is_repeated_after_signing_in_over_the_page(page: Page, stack: Stack) -> None:
    """The server refuses the token while somebody saves: they sign in, and what they typed is saved."""
    enter(page, stack)
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused or route.request.method != "POST":
            route.continue_()
            return
        refused.append(route.request.url)
        route.fulfill(status=401, json={"type": "about:blank", "title": "Unauthorized", "status": 401})

    page.route("**/api/customers", refuse_once)
    page.get_by_role("link", name="Customers").click()
    page.get_by_role("button", name="Add customer").click()
    address = f"{random_id()}@example.com"
    page.get_by_role("dialog").get_by_label("E-mail").fill(address)
    page.get_by_role("button", name="Save customer").click()
    again = page.get_by_role("dialog", name="Sign in again")
    expect(again).to_be_visible()
    again.get_by_role("button", name="Sign in locally").click()
    expect(page.get_by_text(f"{address} was added.")).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(again).to_have_count(0)
    assert len(refused) == 1


def test_session_that_ends_in_another_tab_keeps_the_page(page: Page, stack: Stack) -> None:
    """Somebody signs out in another tab: the form stays as it is, under the dialog and after it."""
    enter(page, stack)
    page.goto(f"{stack.site}/segments/new")
    page.get_by_label("Name", exact=True).fill("Regulars")
    other = page.context.new_page()
    other.goto(stack.site)
    other.get_by_role("button", name=re.compile("Account of")).click()
    other.get_by_role("menuitem", name="Sign out").click()
    again = page.get_by_role("dialog", name="Sign in again")
    expect(again).to_be_visible(timeout=SLOW_TIMEOUT)
    again.get_by_role("button", name="Sign in locally").click()
    expect(again).to_have_count(0)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Regulars")


def test_reader_is_asked_before_changes_are_lost(page: Page, stack: Stack, errors: list[str]) -> None:
    """By a link and by Back; after saving there is nothing to ask."""
    enter(page, stack)
    page.get_by_role("link", name="Segments").click()
    page.get_by_role("link", name="New segment").first.click()
    name = page.get_by_label("Name", exact=True)
    name.fill(f"Regulars {random_id()}")
    question = page.get_by_role("dialog")
    for leave in (page.get_by_role("link", name="Home").click, page.go_back):
        leave()
        expect(question).to_contain_text("changes that are not saved")
        question.get_by_role("button", name="Stay").click()
        expect(question).to_have_count(0)
        expect(page).to_have_url(f"{stack.site}/segments/new")
    page.get_by_role("textbox", name="Rule").fill("everyone")
    page.get_by_role("button", name="Save").click()
    expect(page).not_to_have_url(f"{stack.site}/segments/new")
    expect(question).to_have_count(0)
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_reader_may_leave_without_the_changes(page: Page, stack: Stack, errors: list[str]) -> None:
    """Who confirms leaves; the next page does not ask again."""
    enter(page, stack)
    page.get_by_role("link", name="Segments").click()
    page.get_by_role("link", name="New segment").first.click()
    page.get_by_label("Name", exact=True).fill("Regulars")
    page.go_back()
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="Segments")).to_be_visible()
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_back_returns_to_the_place_and_the_link(page: Page, stack: Stack, errors: list[str]) -> None:
    """All loaded rows, the scroll position and the focus are as the reader left them; a new page begins at its top.

    What was searched for is in the address, but in nothing that is sent to the server as a URL.
    """
    enter(page, stack)
    city = f"C{random_id()}"
    sent: list[str] = []
    page.on("request", lambda request: sent.append(urldefrag(request.url).url))
    add_people(page, city, 70)
    page.goto(f"{stack.site}/customers#search={city}&sort=name")
    page.get_by_role("button", name="Load more").click()
    link = page.get_by_role("link", name="Asha 060")
    expect(link).to_be_visible()
    page.reload()  # the address says how much of the list is shown
    assert city in page.url
    assert f"{stack.site}/customers" in sent
    assert [url for url in sent if city in url] == []
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 500
    link.click()
    expect(page.get_by_role("heading", name="Asha 060")).to_be_visible()
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("document.activeElement.id") == "content"
    page.go_back()
    expect(link).to_be_focused()
    page.wait_for_function("before => Math.abs(scrollY - before) < 2", arg=before)
    page.go_forward()
    expect(page.get_by_role("heading", name="Asha 060")).to_be_visible()
    page.wait_for_function("scrollY === 0")


def test_keyboard_goes_anywhere(page: Page, stack: Stack, errors: list[str]) -> None:
    """? lists the shortcuts, g and a letter opens a page, and Ctrl K finds one by a part of its name."""
    enter(page, stack)
    page.get_by_role("button", name=re.compile("Account of")).click()
    page.get_by_role("menuitem", name="Keyboard shortcuts").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Ctrl K")
    page.evaluate(AXE.read_text())
    assert list(violations(page)) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(dialog).to_contain_text("Ctrl K")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    page.keyboard.press("Control+k")
    dialog.get_by_role("combobox").press_sequentially("segm")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("Segments")
    assert list(violations(page)) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Segments")).to_be_visible()


def test_offline_is_said_and_the_page_is_loaded_again(page: Page, stack: Stack) -> None:
    """The page stays, says that it may be old, and shows what has changed as soon as the network is back."""
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.goto(f"{stack.site}/segments")
    expect(page.get_by_role("heading", name="Segments")).to_be_visible()
    page.context.set_offline(True)
    offline = page.get_by_text("You are offline.")
    expect(offline).to_be_visible()
    expect(page.get_by_role("heading", name="Segments")).to_be_visible()
    with page.expect_response("**/api/segments*"):
        page.context.set_offline(False)
    expect(offline).to_be_hidden()
