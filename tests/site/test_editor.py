"""The campaign editor in a browser, on the whole stack."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, call, sign_in
from tests.site.page_checks import check_page

pytestmark = [pytest.mark.stack, pytest.mark.browser]

LAUNCH = re.compile(r"^Launch( to .*)?$")


def enter(page: Page, stack: Stack) -> str:
    """Sign in and add three people of a new city; one has no name."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    people = [{"email": f"{n}.{city}@example.com", "name": name, "city": city, "spend": 2_000 * n}
              for n, name in enumerate(("Asha Rao", "B" * 80, None))]  # fmt: skip
    call(page, "api => api.customers.add(people)", people=people)
    return city


def open_editor(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.site}/campaigns/new")
    expect(page.get_by_label("Campaign name")).to_be_visible()


def saved(page: Page) -> Locator:
    return page.get_by_text(re.compile(r"Saved \d+ s ago"))


def fill(page: Page, city: str) -> None:
    page.get_by_label("Campaign name").fill(f"For {city}")
    page.get_by_role("textbox", name="Rule").fill(f'city = "{city}"')
    page.get_by_label("Subject").fill("Hello {{ first_name }}")
    page.get_by_role("textbox", name="Message").fill("Dear {{ name }}, it is good to have you.")


def test_draft_survives_reload_and_shows_real_people(page: Page, stack: Stack, errors: list[str]) -> None:
    """The first key makes a draft with an address of its own; a reload shows all of it, with its people."""
    city = enter(page, stack)
    open_editor(page, stack)
    fill(page, city)
    expect(page).to_have_url(re.compile(r"/campaigns/[\w-]+/edit$"), timeout=SLOW_TIMEOUT)
    expect(page.get_by_label("Campaign name")).to_have_value(f"For {city}")
    expect(saved(page)).to_be_visible(timeout=SLOW_TIMEOUT)
    page.reload()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Dear {{ name }}, it is good to have you.")
    condition = page.get_by_role("group", name="Condition 1", exact=True)
    expect(condition.get_by_label("Value")).to_have_value(city, timeout=SLOW_TIMEOUT)
    preview = page.get_by_role("complementary", name="Preview for real people")
    expect(preview).to_contain_text("it is good to have you", timeout=SLOW_TIMEOUT)
    expect(page.get_by_text("1 person has no “First name”")).to_be_visible()
    page.get_by_label("Text instead of “First name”").fill("friend")
    page.get_by_role("button", name="Use it").first.click()
    expect(page.get_by_label("Subject")).to_have_value('Hello {{ first_name | default("friend") }}')
    check_page(page, "editor", url=page.url, ready=lambda one: expect(one.locator(".message-bubble")).to_be_visible())


def test_conditions_and_text_stay_in_step(page: Page, stack: Stack, errors: list[str]) -> None:
    """What is typed appears as conditions, what is built as text, and a mistake is corrected by one click."""
    city = enter(page, stack)
    open_editor(page, stack)
    rule = page.get_by_role("textbox", name="Rule")
    rule.fill(f'city = "{city}" AND NOT (spend > 3000 OR has tag "vip")')
    expect(page.get_by_role("group", name="Group 2", exact=True)).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(page.locator(".audience-count")).to_contain_text("2 people")
    inner = page.get_by_role("group", name="Group 2", exact=True)
    inner.get_by_label("How the conditions are joined").select_option("Any of these")
    expect(rule).to_have_value(f'city = "{city}" AND (spend > 3000 OR has tag "vip")')
    expect(page.locator(".audience-count")).to_contain_text("1 person")
    rule.fill("city = Pune")
    page.get_by_role("button", name="Use it").click(timeout=SLOW_TIMEOUT)
    expect(rule).to_have_value('city = "Pune"')


def test_empty_launch_focuses_first_error(page: Page, stack: Stack, errors: list[str]) -> None:
    """Enter makes nothing, and a launch that is not ready goes to the first field that is missing."""
    enter(page, stack)
    open_editor(page, stack)
    name = page.get_by_label("Campaign name")
    name.press("Enter")
    expect(page).to_have_url(re.compile("/campaigns/new$"))
    page.get_by_role("button", name=LAUNCH).click()
    expect(name).to_be_focused(timeout=SLOW_TIMEOUT)
    expect(name).to_be_in_viewport()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[aria-invalid=true]")).to_have_count(4)


def test_launch_to_nobody_is_refused(page: Page, stack: Stack, errors: list[str]) -> None:
    """A rule that matches nobody has its error at the rule; a good one asks with all that matters, and launches."""
    city = enter(page, stack)
    open_editor(page, stack)
    fill(page, city)
    rule = page.get_by_role("textbox", name="Rule")
    rule.fill(f'city = "{city} nowhere"')
    page.get_by_role("button", name=LAUNCH).click()
    expect(rule).to_be_focused(timeout=SLOW_TIMEOUT)
    expect(rule).to_have_accessible_description(re.compile("Nobody matches"))
    rule.fill(f'city = "{city}"')
    page.get_by_label("Pace").fill("1")
    expect(page.get_by_text("done in about 3 min")).to_be_visible(timeout=SLOW_TIMEOUT)
    page.get_by_role("button", name="Launch to 3 people").click(timeout=SLOW_TIMEOUT)
    dialog = page.get_by_role("dialog", name="Launch this campaign?")
    for text in (f"For {city}", "e-mail, through Simulator", "1 a minute, done in about 3 min", "sends nothing"):
        expect(dialog).to_contain_text(text)
    dialog.get_by_role("button", name="Launch to 3 people now").click()
    expect(page).to_have_url(re.compile(r"/campaigns/[\w-]+$"), timeout=SLOW_TIMEOUT)


def test_count_follows_typing(page: Page, stack: Stack, errors: list[str]) -> None:
    """The number is there soon after the last key."""
    city = enter(page, stack)
    open_editor(page, stack)
    rule = page.get_by_role("textbox", name="Rule")
    rule.fill(f'city = "{city}"')
    expect(page.locator(".audience-count")).to_contain_text("3 people", timeout=SLOW_TIMEOUT)
    rule.fill(f'city = "{city}" AND spend > 1000')
    expect(page.locator(".audience-count")).to_contain_text("2 people", timeout=2_000)


def test_rules_of_sending_are_folded_until_one_is_set(page: Page, stack: Stack, errors: list[str]) -> None:
    """The fold names what is set, stays as it is left, and opens for an error and for a campaign that has a rule."""
    city = enter(page, stack)
    open_editor(page, stack)
    fill(page, city)
    fold = page.locator("details").filter(has=page.get_by_label("Quiet hours"))
    quiet, summary = page.get_by_label("Quiet hours"), fold.locator("summary")
    expect(quiet).to_be_hidden()
    summary.click()
    quiet.fill("21:00-09:00")
    expect(summary).to_have_text("More rules for sending: quiet hours")
    quiet.fill("")
    expect(quiet).to_be_visible()
    page.get_by_label("Hold out").fill("10")
    expect(saved(page)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Hold out")).to_be_visible()
    summary.click()
    expect(quiet).to_be_hidden()
    summary.click()
    page.get_by_label("Hold out").fill("90")
    expect(page.get_by_text("Enter a whole number from 0 to 50")).to_be_visible()
    page.get_by_label("Hold out").fill("")
    quiet.fill("in the night")
    summary.click()  # before the draft is saved, and the server answers
    expect(quiet).to_be_hidden()
    expect(quiet).to_have_attribute("aria-invalid", "true")
    expect(quiet).to_be_visible()


def test_message_has_a_text_for_each_language(page: Page, stack: Stack, errors: list[str]) -> None:
    """A language is a tab with the number of its people; what is not written there stops the launch and is shown."""
    city = enter(page, stack)
    speaker = [{"email": f"hi.{city}@example.com", "name": "Ravi", "city": city, "attributes": {"language": "hi-IN"}}]
    call(page, "api => api.customers.add(people)", people=speaker)
    open_editor(page, stack)
    fill(page, city)
    page.get_by_role("button", name="Add a language").click(timeout=SLOW_TIMEOUT)
    language = page.locator(".message-language-add").get_by_label("Language", exact=True)
    language.locator("option", has_text="Hindi (1 person)").wait_for(state="attached", timeout=SLOW_TIMEOUT)
    language.select_option("hi")
    tabs = page.get_by_role("tablist", name="Languages of the message")
    expect(tabs.get_by_role("tab", selected=True)).to_contain_text("Hindi")
    expect(page.get_by_label("Subject")).to_have_value("")
    page.get_by_role("button", name="Start with the text for everybody else").click()
    expect(page.get_by_label("Subject")).to_have_value("Hello {{ first_name }}")
    page.get_by_label("Subject").fill("")
    page.get_by_role("textbox", name="Message").fill("नमस्ते {{ name }}")
    preview = page.get_by_role("complementary", name="Preview for real people")
    expect(preview.locator(".message-bubble")).to_contain_text("नमस्ते Ravi", timeout=SLOW_TIMEOUT)
    tabs.get_by_role("tab", name="Everybody else").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Dear {{ name }}, it is good to have you.")
    expect(page.get_by_text("3 people of the audience would get this text")).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(saved(page)).to_be_visible(timeout=SLOW_TIMEOUT)
    page.get_by_role("button", name=LAUNCH).click()
    expect(tabs.get_by_role("tab", selected=True)).to_contain_text("Hindi", timeout=SLOW_TIMEOUT)
    expect(page.get_by_label("Subject")).to_have_attribute("aria-invalid", "true")
    expect(saved(page)).to_be_visible(timeout=SLOW_TIMEOUT)
    page.screenshot(path=".local/screenshots/languages.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=".local/screenshots/languages-phone.png", full_page=True)
    page.get_by_role("button", name="Remove Hindi").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove Hindi").click()
    expect(tabs).to_have_count(0)
    expect(saved(page)).to_be_visible(timeout=SLOW_TIMEOUT)
    assert errors == []


def test_sentences_are_proposed_changed_and_approved(page: Page, stack: Stack, errors: list[str]) -> None:
    """What Gemini proposes can be read; a sentence that the checks refuse is used only if the reader answers for it."""
    city = enter(page, stack)
    open_editor(page, stack)
    fill(page, city)
    expect(saved(page)).to_be_visible(timeout=SLOW_TIMEOUT)
    page.get_by_text("Sentences (0)").click()
    page.get_by_role("button", name="Let Gemini propose sentences").click()
    first = page.get_by_role("textbox", name="Argument 1", exact=True)
    expect(first).not_to_be_empty(timeout=SLOW_TIMEOUT)
    expect(page.get_by_text("Comes by often").first).to_be_visible()
    first.fill("Everything is free.")
    expect(page.get_by_text("The checks refuse it:")).to_be_visible(timeout=SLOW_TIMEOUT)
    page.get_by_label("Use it anyway").check()
    page.get_by_role("button", name="Remove Argument 2", exact=True).click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(saved(page)).to_be_visible(timeout=SLOW_TIMEOUT)
    check_page(page, "editor-sentences", url=page.url, ready=_open_sentences)
    page.reload()
    _open_sentences(page)
    expect(first).to_have_value("Everything is free.", timeout=SLOW_TIMEOUT)
    expect(page.get_by_label("Use it anyway")).to_be_checked()
    page.get_by_role("textbox", name="Message").fill("Dear {{ name }}, 5% off for you.")
    expect(page.get_by_label("Use it anyway")).not_to_be_checked(timeout=SLOW_TIMEOUT)
    assert errors == []


def _open_sentences(page: Page) -> None:
    """Shows the list of sentences, in any language."""
    fold = page.locator("details:has(.sentence-place)")
    expect(fold).to_be_attached(timeout=SLOW_TIMEOUT)
    fold.evaluate("element => { element.open = true }")
    expect(page.locator(".sentence").first).to_be_visible(timeout=SLOW_TIMEOUT)
