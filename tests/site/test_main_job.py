"""The main job as a manager does it: in a browser, against the whole stack."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import DRAWN, SOON, call, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]


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


def add_customers(page: Page, city: str, number: int) -> None:
    """Through the site's own client of the API: as whoever is signed in."""
    rows = [{"email": f"{n}.{city}@example.com", "name": f"Asha {n}", "city": city} for n in range(number)]
    call(page, "api => api.customers.add(rows)", rows=rows)


def compose(page: Page, city: str, *, per_minute: str = "") -> None:
    """Fills in the form of a campaign for all customers of a city; its buttons are left to press."""
    page.get_by_role("link", name="New campaign").click()
    page.get_by_label("Campaign name").fill(f"For {city}")
    page.get_by_role("textbox", name="Rule").fill(f'city = "{city}"')
    page.get_by_label("Subject").fill("Hello {{ first_name }}")
    page.get_by_label("Body").fill("Dear {{ name }}, it is good to have you.")
    page.get_by_label("Template").check()
    page.get_by_label("Messages a minute").fill(per_minute)


def launch(page: Page) -> None:
    page.get_by_role("button", name="Create and launch").click()
    page.get_by_role("button", name="Launch now").click()
    expect(state(page, "Running")).to_be_visible()


def state(page: Page, name: str) -> Locator:
    """The campaign's badge."""
    return page.get_by_role("main").get_by_text(name, exact=True).first


def prepared(page: Page, stack: Stack, number: int) -> str:
    """A city with so many customers, for whoever is signed in."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    add_customers(page, city, number)
    return city


def watch(page: Page) -> None:
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=SOON)
    chart = page.get_by_role("img", name=re.compile(r"Of 2 people: \d sent, \d failed, 0 skipped, 0 pending"))
    expect(chart).to_be_visible()
    assert chart.evaluate(DRAWN)
    table = page.get_by_role("table", name="What became of each message")
    expect(table.get_by_role("row", name=re.compile("Audience"))).to_contain_text("2")
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("Written by Gemini", timeout=SOON)
    messages = page.get_by_role("region", name="Messages")
    for name in ("Asha", "Bela"):
        expect(messages).to_contain_text(name)
    ask_why(page)


def ask_why(page: Page) -> None:
    """By a name that several people have, by one of their own, and by one that nobody has."""
    why = page.get_by_role("region", name="Why did somebody get it, or not?")
    search = why.get_by_label("Name, e-mail, phone or id")
    search.fill("Asha Rao")
    search.press("Enter")
    someone = why.get_by_role("button", name=re.compile("Asha Rao"))
    expect(someone.or_(why.get_by_role("heading", name="Asha Rao")).first).to_be_visible()
    search.fill("nobody at all of this name")
    search.press("Enter")
    expect(why).to_contain_text("Nobody is found.")
    search.fill(address_of_first(page))
    search.press("Enter")
    expect(why).to_contain_text("They are in the audience: they were found after the launch.")
    part = why.get_by_role("row", name=re.compile("spent more than ₹10,000.*yes.*12,500.5")).last
    expect(part).to_be_visible()
    expect(why.get_by_role("listitem").first).to_contain_text("it is good to have you")


def address_of_first(page: Page) -> str:
    campaign = page.url.rsplit("/", 1)[1]
    listed = call(page, "api => api.campaigns.messages(campaign, {limit: 1})", campaign=campaign)
    return str(listed["items"][0]["to"])


def test_pausing_resuming_and_cancelling(page: Page, stack: Stack, errors: list[str]) -> None:
    """What waits is said with its reason; the buttons are those that the state allows, and keep the focus."""
    compose(page, prepared(page, stack, 5), per_minute="1")
    launch(page)
    waiting = page.get_by_role("list", name="What waits")
    expect(waiting).to_contain_text("at most 1 a minute", timeout=SOON)
    page.get_by_role("button", name="Pause").press("Enter")
    expect(state(page, "Paused")).to_be_visible()
    expect(waiting).to_contain_text("because the campaign is paused", timeout=SOON)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    page.get_by_role("button", name="Resume").click()
    expect(state(page, "Running")).to_be_visible()
    page.get_by_role("button", name="Cancel campaign").click()
    dialog = page.get_by_role("dialog", name="Cancel this campaign?")
    expect(dialog).to_contain_text("skipped for good")
    dialog.get_by_role("button", name="Cancel for good").click()
    expect(state(page, "Cancelled")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"Of 5 .* [1-5] skipped, 0 pending"))).to_be_visible(timeout=SOON)
    expect(page.get_by_role("region", name="Progress")).to_contain_text("campaign cancelled")
    expect(page.get_by_role("group", name="Actions").get_by_role("button")).to_have_count(0)


def test_retrying_sends_again_to_those_whose_failure_may_pass(page: Page, stack: Stack, errors: list[str]) -> None:
    """One in twenty of the simulator's messages fails in passing: among 200 there are some."""
    compose(page, prepared(page, stack, 200), per_minute="300")
    launch(page)
    page.get_by_role("button", name="Retry failed").click(timeout=SOON)
    dialog = page.get_by_role("dialog", name=re.compile(r"Send again to \d+ p"))
    dialog.get_by_role("button", name=re.compile(r"Send again to \d")).click()
    expect(page.get_by_role("region", name="Progress")).to_contain_text(re.compile(r"\d retried"), timeout=SOON)
    expect(state(page, "Finished")).to_be_visible(timeout=2 * SOON)
    expect(page.get_by_role("img", name=re.compile(r"Of 200 people: .* 0 pending"))).to_be_visible()
    look_up_second_attempt(page)


def look_up_second_attempt(page: Page) -> None:
    """In the list of those that were sent, or else of those that failed again."""
    campaign = page.url.rsplit("/", 1)[1]
    of_state = "api => api.campaigns.messages(campaign, {limit: 200, state})"
    found = {one: call(page, of_state, campaign=campaign, state=one)["items"] for one in ("sent", "failed")}
    kind, place = next((kind, n) for kind, items in found.items() for n, one in enumerate(items) if is_retried(one))
    shown = page.get_by_role("region", name="Messages")
    shown.get_by_label("Show", exact=True).select_option(kind)
    for end in range(20, place + 1, 20):
        expect(shown.locator(".message")).to_have_count(end, timeout=SOON)
        shown.get_by_role("button", name="Load more").click()
    item = shown.locator(".message").nth(place)
    item.get_by_text("History").click(timeout=SOON)
    expect(item).to_contain_text(found[kind][place]["to"])
    expect(item).to_contain_text("sent again · attempt 2")


def is_retried(message: dict[str, Any]) -> bool:
    return any(event["kind"] == "retried" for event in message["history"])


def test_a_scheduled_campaign(page: Page, stack: Stack, errors: list[str]) -> None:
    """Its start is shown and can be changed; a start that is over is refused where it is entered."""
    compose(page, prepared(page, stack, 1))
    page.get_by_role("button", name="Create and schedule").click()
    dialog = page.get_by_role("dialog", name="When is it to start?")
    expect(dialog).to_contain_text("1 customer")
    dialog.get_by_label("Date and time").fill("2020-02-29T10:00")
    dialog.get_by_role("button", name="Schedule").click()
    expect(dialog).to_contain_text("still to come")
    dialog.get_by_label("Date and time").fill("2100-01-01T10:00")
    dialog.get_by_role("button", name="Schedule").click()
    expect(page.get_by_role("region", name="Scheduled")).to_contain_text("It starts Jan 1, 2100")
    page.get_by_role("button", name="Change the start").click()
    expect(dialog.get_by_label("Date and time")).to_have_value("2100-01-01T10:00")
    dialog.get_by_label("Date and time").fill("2100-01-02T10:00")
    dialog.get_by_role("button", name="Schedule").click()
    expect(page.get_by_role("region", name="Scheduled")).to_contain_text("It starts Jan 2, 2100")
    page.get_by_role("button", name="Cancel campaign").click()
    page.get_by_role("button", name="Cancel for good").click()
    expect(page.get_by_role("region", name="Cancelled before it started")).to_contain_text("Nobody was written to")


def test_what_somebody_else_does_meanwhile(page: Page, stack: Stack) -> None:
    """A refusal is shown with its reason beside the state that caused it, and the list follows what runs."""
    city = prepared(page, stack, 3)
    compose(page, city, per_minute="1")
    page.get_by_role("button", name="Create draft").click()
    expect(state(page, "Draft")).to_be_visible()
    campaign = page.url.rsplit("/", 1)[1]
    call(page, "async api => { await api.campaigns.launch(id); await api.campaigns.pause(id); }", id=campaign)
    page.get_by_role("button", name="Launch").click()
    page.get_by_role("button", name="Launch now").click()
    expect(page.get_by_role("alert").filter(has_text="The campaign is paused")).to_be_visible()
    expect(state(page, "Paused")).to_be_visible()
    page.get_by_role("link", name="Campaigns").click()
    row = page.get_by_role("row", name=f"For {city}")
    expect(row).to_contain_text("Paused")
    call(page, "api => api.campaigns.cancel(id)", id=campaign)
    expect(row).to_contain_text("Cancelled", timeout=SOON)


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
