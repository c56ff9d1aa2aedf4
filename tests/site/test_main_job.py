"""The main job of a manager in a browser, on the whole stack."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import HAS_PIXELS, SLOW_TIMEOUT, call, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def test_manager_creates_and_follows_a_campaign(page: Page, stack: Stack, errors: list[str]) -> None:
    """The main job from signing in to the summary."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
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


def add_customers(page: Page, city: str, number: int) -> None:
    """Add customers with the API client of the site, as the signed-in user."""
    rows = [{"email": f"{n}.{city}@example.com", "name": f"Asha {n}", "city": city} for n in range(number)]
    call(page, "api => api.customers.add(rows)", rows=rows)


def fill_campaign_form(page: Page, city: str, *, per_minute: str = "") -> None:
    """Fill the form of a campaign for all customers of a city, without submitting it."""
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Campaign name").fill(f"For {city}")
    page.get_by_role("textbox", name="Rule").fill(f'city = "{city}"')
    page.get_by_label("Subject").fill("Hello {{ first_name }}")
    page.get_by_role("textbox", name="Message").fill("Dear {{ name }}, it is good to have you.")
    page.get_by_role("radio", name="You").check()
    page.get_by_label("Pace").fill(per_minute)


def launch(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Launch")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Launch")).click(timeout=SLOW_TIMEOUT)
    expect(state_badge(page, "Running")).to_be_visible()


def state_badge(page: Page, name: str) -> Locator:
    """The badge with the state of the campaign."""
    return page.get_by_role("main").get_by_text(name, exact=True).first


def prepare_customers(page: Page, stack: Stack, number: int) -> str:
    """Sign in and add customers in a new city."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    add_customers(page, city, number)
    return city


def check_progress(page: Page) -> None:
    """Check the chart, the table, the summary and the messages of the finished campaign."""
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=SLOW_TIMEOUT)
    chart = page.get_by_role("img", name=re.compile(r"Of 2 people: \d sent, \d failed, 0 skipped, 0 pending"))
    expect(chart).to_be_visible()
    assert chart.evaluate(HAS_PIXELS)
    table = page.get_by_role("table", name="Messages by state")
    expect(table.get_by_role("row", name=re.compile("Audience"))).to_contain_text("2")
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("Written by Gemini", timeout=SLOW_TIMEOUT)
    messages = page.get_by_role("region", name="Messages")
    for name in ("Asha", "Bela"):
        expect(messages).to_contain_text(name)
    check_explanation(page)


def check_explanation(page: Page) -> None:
    """Search by a name that several customers have, by an unknown name, and by an address."""
    explanation = page.get_by_role("region", name="Why did a customer get the message or not?")
    search = explanation.get_by_label("Name, e-mail, phone or ID")
    search.fill("Asha Rao")
    search.press("Enter")
    match = explanation.get_by_role("button", name=re.compile("Asha Rao"))
    expect(match.or_(explanation.get_by_role("heading", name="Asha Rao")).first).to_be_visible()
    search.fill("nobody at all of this name")
    search.press("Enter")
    expect(explanation).to_contain_text("No customer found.")
    search.fill(first_address(page))
    search.press("Enter")
    expect(explanation).to_contain_text("The customer is in the audience: the rule matched after the launch.")
    rule_part = explanation.get_by_role("row", name=re.compile("spent more than ₹10,000.*yes.*12,500.5")).last
    expect(rule_part).to_be_visible()
    expect(explanation.get_by_role("listitem").first).to_contain_text("it is good to have you")


def first_address(page: Page) -> str:
    campaign = page.url.rsplit("/", 1)[1]
    page_of_messages = call(page, "api => api.campaigns.messages(campaign, {limit: 1})", campaign=campaign)
    return str(page_of_messages["items"][0]["to"])


def test_campaign_is_paused_resumed_and_cancelled(page: Page, stack: Stack, errors: list[str]) -> None:
    """Deferred messages are shown with their reason; only buttons that the state allows are shown, and the focus is
    kept."""
    fill_campaign_form(page, prepare_customers(page, stack, 5), per_minute="1")
    launch(page)
    deferred_list = page.get_by_role("list", name="Waiting messages")
    expect(deferred_list).to_contain_text("at most 1 message per minute", timeout=SLOW_TIMEOUT)
    page.get_by_role("button", name="Pause").press("Enter")
    expect(state_badge(page, "Paused")).to_be_visible()
    expect(deferred_list).to_contain_text("until the campaign is resumed", timeout=SLOW_TIMEOUT)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    page.get_by_role("button", name="Resume").click()
    expect(state_badge(page, "Running")).to_be_visible()
    page.get_by_role("button", name="Cancel campaign").click()
    dialog = page.get_by_role("dialog", name="Cancel this campaign?")
    expect(dialog).to_contain_text("skipped permanently")
    dialog.get_by_role("button", name="Cancel permanently").click()
    expect(state_badge(page, "Cancelled")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"Of 5 .* [1-5] skipped, 0 pending"))).to_be_visible(
        timeout=SLOW_TIMEOUT
    )
    expect(page.get_by_role("region", name="Progress")).to_contain_text("campaign cancelled")
    expect(page.get_by_role("group", name="Actions").get_by_role("button")).to_have_count(0)


def test_retry_sends_failed_messages_again(page: Page, stack: Stack, errors: list[str]) -> None:
    """One in twenty of the simulator's messages fails temporarily, so that among 200 there are some."""
    fill_campaign_form(page, prepare_customers(page, stack, 200), per_minute="300")
    launch(page)
    page.get_by_role("button", name="Retry failed").click(timeout=SLOW_TIMEOUT)
    dialog = page.get_by_role("dialog", name=re.compile(r"Send again to \d+ p"))
    dialog.get_by_role("button", name=re.compile(r"Send again to \d")).click()
    expect(page.get_by_role("region", name="Progress")).to_contain_text(re.compile(r"\d retried"), timeout=SLOW_TIMEOUT)
    expect(state_badge(page, "Finished")).to_be_visible(timeout=2 * SLOW_TIMEOUT)
    expect(page.get_by_role("img", name=re.compile(r"Of 200 people: .* 0 pending"))).to_be_visible()
    check_second_attempt(page)


def check_second_attempt(page: Page) -> None:
    """Find a retried message in the list and check its history."""
    campaign = page.url.rsplit("/", 1)[1]
    list_messages = "api => api.campaigns.messages(campaign, {limit: 200, state})"
    messages_by_state = {
        outcome: call(page, list_messages, campaign=campaign, state=outcome)["items"] for outcome in ("sent", "failed")
    }
    kind, index = next(
        (kind, n) for kind, items in messages_by_state.items() for n, item in enumerate(items) if was_retried(item)
    )
    messages = page.get_by_role("region", name="Messages")
    messages.get_by_label("Show", exact=True).select_option(kind)
    for count in range(20, index + 1, 20):
        expect(messages.locator(".message")).to_have_count(count, timeout=SLOW_TIMEOUT)
        messages.get_by_role("button", name="Load more").click()
    message = messages.locator(".message").nth(index)
    message.get_by_text("History").click(timeout=SLOW_TIMEOUT)
    expect(message).to_contain_text(messages_by_state[kind][index]["to"])
    expect(message).to_contain_text("sent again · attempt 2")


def was_retried(message: dict[str, Any]) -> bool:
    return any(event["kind"] == "retried" for event in message["history"])


def test_scheduled_campaign_shows_and_changes_its_start(page: Page, stack: Stack, errors: list[str]) -> None:
    """A start in the past is rejected at its input, and a later start can be changed."""
    fill_campaign_form(page, prepare_customers(page, stack, 1))
    page.get_by_role("radio", name="At a time").check()
    page.get_by_label("Date and time").fill("2020-02-29T10:00")
    expect(page.get_by_text("Choose a time in the future.").first).to_be_visible()
    page.get_by_label("Date and time").fill("2100-01-01T10:00")
    page.get_by_role("button", name="Schedule for 1 person").click(timeout=SLOW_TIMEOUT)
    page.get_by_role("dialog", name="Schedule this campaign?").get_by_role("button", name="Schedule").click()
    dialog = page.get_by_role("dialog", name="When should the campaign start?")
    expect(page.get_by_role("region", name="Scheduled")).to_contain_text("It starts Jan 1, 2100")
    page.get_by_role("button", name="Change start time").click()
    expect(dialog.get_by_label("Date and time")).to_have_value("2100-01-01T10:00")
    dialog.get_by_label("Date and time").fill("2100-01-02T10:00")
    dialog.get_by_role("button", name="Schedule").click()
    expect(page.get_by_role("region", name="Scheduled")).to_contain_text("It starts Jan 2, 2100")
    page.get_by_role("button", name="Cancel campaign").click()
    page.get_by_role("button", name="Cancel permanently").click()
    expect(page.get_by_role("region", name="Cancelled before the start")).to_contain_text("No message was sent")


def test_concurrent_change_shows_reason_and_new_state(page: Page, stack: Stack) -> None:
    """A refused action shows its reason and the new state, and the list follows running campaigns."""
    city = prepare_customers(page, stack, 3)
    fill_campaign_form(page, city, per_minute="1")
    expect(page.get_by_role("button", name="Launch to 3 people")).to_be_visible(timeout=SLOW_TIMEOUT)
    campaign = page.url.split("/")[-2]
    page.goto(f"{stack.site}/campaigns/{campaign}")
    expect(state_badge(page, "Draft")).to_be_visible()
    call(page, "async api => { await api.campaigns.launch(id); await api.campaigns.pause(id); }", id=campaign)
    page.get_by_role("button", name="Launch").click()
    page.get_by_role("button", name="Launch now").click()
    expect(page.get_by_role("alert").filter(has_text="The campaign is paused")).to_be_visible()
    expect(state_badge(page, "Paused")).to_be_visible()
    page.get_by_role("link", name="Campaigns").click()
    row = page.get_by_role("row", name=f"For {city}")
    expect(row).to_contain_text("Paused")
    call(page, "api => api.campaigns.cancel(id)", id=campaign)
    expect(row).to_contain_text("Cancelled", timeout=SLOW_TIMEOUT)


def test_viewer_has_no_buttons_for_changes(page: Page, stack: Stack, errors: list[str]) -> None:
    """A viewer sees campaigns and customers but no buttons that change them."""
    sign_in(page, stack, "viewer@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
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
