"""A goal in words in a browser: from the goal to the draft, whose facts are highlighted and marked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, sign_in
from tests.site.page_checks import check_page

pytestmark = [pytest.mark.stack, pytest.mark.browser]

GOAL = "Tell everyone about 15% off your next order, with the code BACK15, until Sunday. Reply STOP."


def plan(page: Page) -> None:
    """Have the goal planned, unless the page shows the plan already."""
    if not page.locator(".plan-message").count():
        page.get_by_role("textbox").fill(GOAL)
        page.locator("form .button.primary").click()
    expect(page.locator(".plan-message")).to_have_count(3, timeout=SLOW_TIMEOUT)


def facts(page: Page) -> None:
    expect(page.locator(".facts-text mark").first).to_be_visible(timeout=SLOW_TIMEOUT)


def test_goal_becomes_a_draft_whose_facts_are_marked(page: Page, stack: Stack, errors: list[str]) -> None:
    """An unclear goal is asked back; a clear one has three messages. In the draft, a phrase is marked by keyboard."""
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.get_by_role("link", name="Describe your goal").click()
    page.get_by_role("textbox", name="Your goal").fill("Sell more winter coats with 20% off")
    page.get_by_role("button", name="Make a draft").click()
    expect(page.get_by_text("That is not clear yet")).to_be_visible(timeout=SLOW_TIMEOUT)
    page.get_by_role("textbox", name="Your goal").fill(GOAL)
    page.get_by_role("button", name="Make another draft").click()
    plan(page)
    page.get_by_role("radio", name="Personal").check()
    chosen = page.locator(".plan-message:has(:checked) .message-bubble").inner_text()
    page.get_by_role("button", name="Open the draft").click()
    expect(page).to_have_url(re.compile(r"/campaigns/[\w-]+/edit$"), timeout=SLOW_TIMEOUT)
    message = page.get_by_role("textbox", name="Message")
    expect(message).to_have_value(re.compile("BACK15"))
    assert message.input_value().splitlines()[0] in chosen
    stays = page.get_by_role("region", name="What stays as it is")
    expect(stays.locator("mark", has_text="BACK15")).to_be_visible(timeout=SLOW_TIMEOUT)
    message.press("End")
    message.press("Control+End")
    message.press("Shift+Control+ArrowLeft")
    message.press("Shift+Control+ArrowLeft")
    phrase = message.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)").strip()
    stays.get_by_role("button", name="Mark as a fact").press("Enter")
    expect(stays.locator("mark", has_text=phrase)).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(page.get_by_text(re.compile(r"Saved \d+ s ago"))).to_be_visible(timeout=SLOW_TIMEOUT)
    check_page(page, "editor-facts", url=page.url, ready=facts)
    page.evaluate("localStorage.setItem('language', 'en')")
    page.reload()
    facts(page)
    stays.get_by_role("button", name=f"Take the mark from “{phrase}”").press("Enter")
    expect(stays.locator("mark", has_text=phrase)).to_have_count(0, timeout=SLOW_TIMEOUT)
    check_page(page, "plan", url=f"{stack.site}/campaigns/plan", ready=plan)
