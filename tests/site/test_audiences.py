"""The customer list and the rule builder in a browser, on the whole stack."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import HAS_PIXELS, SLOW_TIMEOUT, call, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SPEND_BY_NAME = {"Asha": 20_000, "Bela": 500, "Chand": 12_500}


def prepare_customers(page: Page, stack: Stack, account: str = "admin@example.com") -> str:
    """Add three customers in a new city, and sign in."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    rows = [
        {"email": f"{name}.{city}@example.com", "name": name, "city": city, "spend": spend, "tags": [name]}
        for name, spend in SPEND_BY_NAME.items()
    ]
    call(page, "api => api.customers.add(rows)", rows=rows)
    if account != "admin@example.com":
        page.get_by_role("button", name="Sign out").click()
        sign_in(page, stack, account)
    return city


def customer_names(page: Page) -> Locator:
    """The names in the list of customers, in its order."""
    return page.get_by_role("table", name="Customers").get_by_role("rowheader")


def test_fields_that_cannot_be_loaded_show_an_error(page: Page, stack: Stack) -> None:
    """Without the list of fields, the site shows an error and tries again when the reader asks for it. It then loads
    the list once for all pages."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "/api/fields" in request.url else None)
    page.route("**/api/fields?*", lambda route: route.abort())
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_text("Herald cannot be reached.")).to_be_visible()
    page.unroute("**/api/fields?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible(timeout=SLOW_TIMEOUT)
    page.get_by_role("link", name="New campaign").first.click()
    expect(page.get_by_role("button", name="Insert first name")).to_be_visible()
    page.get_by_role("link", name="Customers").click()
    expect(page.get_by_label("Order")).to_have_value("-created_at")
    assert len(requests) == 2


def test_customer_list_is_searched_sorted_and_filtered(page: Page, stack: Stack, errors: list[str]) -> None:
    """A viewer searches, sorts and filters the list, and an invalid rule keeps the last result."""
    city = prepare_customers(page, stack, account="viewer@example.com")
    page.get_by_role("link", name="Customers").click()
    search = page.get_by_role("searchbox", name="Search")
    search.press_sequentially(f"{city} example")
    page.get_by_label("Order").select_option("Spend: highest first")
    expect(customer_names(page)).to_have_text(["Asha", "Chand", "Bela"])
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
    expect(page.get_by_text(re.compile("expected a value"))).to_be_visible()
    expect(customer_names(page)).to_have_text(["Asha", "Chand"])
    expect(page.get_by_role("button", name="Save as segment")).to_have_count(0)
    page.get_by_role("button", name="Filter by a rule").click()
    expect(customer_names(page)).to_have_text(["Asha", "Bela", "Chand"])


def open_rule_builder(page: Page) -> Locator:
    """Open the builder of a new campaign and return its first condition."""
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Build a rule").check()
    return page.get_by_role("group", name="Condition 1", exact=True)


def fill_condition(row: Locator, **parts: str) -> None:
    """Fill the inputs of a condition by their labels."""
    for label, value in parts.items():
        control = row.get_by_label(label.replace("_", " "), exact=True)
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)


def test_rule_builder_shows_same_rule_as_text(page: Page, stack: Stack, errors: list[str]) -> None:
    """Each kind of condition, also negated, appears in the text mode and again in the builder."""
    city = prepare_customers(page, stack)
    row = open_rule_builder(page)
    fill_condition(row, Field="City", Comparison="is one of")
    fill_condition(row, **{"Values, separated by commas": f"{city}, Nowhere"})
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("3 customers")
    rows = [
        {"Field": "Tag", "Comparison": "does not have", "Tag": "bela"},
        {"Field": "Spend", "Comparison": "is between", "From": "500", "To": "15,000"},
        {"Field": "Ordered", "Comparison": "at most (times)", "Value": "2", "Days": "60"},
        {"Field": "Received a message", "Comparison": "no", "Days": "7"},
        {"Field": "Attribute", "Attribute name": "plan", "Comparison": "is missing"},
        {"Field": "E-mail", "Comparison": "contains", "Value": "example.com"},
    ]
    for number, parts in enumerate(rows, start=2):
        page.get_by_role("button", name="Add a condition (AND)").click()
        fill_condition(page.get_by_role("group", name=f"Condition {number}", exact=True), **parts)
    expect(preview).to_contain_text("1 customer")
    expect(preview).to_contain_text("are not among those who have the tag “bela”")
    page.get_by_label("Write a rule").check()
    expect(row).to_have_count(0)
    expect(page.get_by_role("textbox", name="Rule")).to_have_value(
        f'city in ("{city}", "Nowhere") AND NOT has tag "bela" AND spend between 500 and 15000 '
        "AND ordered <= 2 times in the last 60 days AND NOT received any campaign in the last 7 days "
        'AND attributes.plan is missing AND email contains "example.com"',
        timeout=SLOW_TIMEOUT,
    )
    page.get_by_label("Build a rule").check()
    last = page.get_by_role("group", name="Condition 7", exact=True)
    expect(last.get_by_label("Value")).to_have_value("example.com", timeout=SLOW_TIMEOUT)
    page.get_by_role("group", name="Condition 3", exact=True).get_by_label("To").fill("100")
    wrong = page.get_by_role("group", name="Condition 3", exact=True)
    expect(wrong.get_by_role("alert")).to_contain_text("between needs the lower value first", ignore_case=True)
    invalid_input = wrong.locator("[aria-invalid=true]")
    expect(invalid_input).to_have_count(1)
    expect(invalid_input).to_have_accessible_description(re.compile("needs the lower value first"))


def test_audience_mode_changed_while_rule_is_converted_shows_newest_mode(
    page: Page, stack: Stack, errors: list[str]
) -> None:
    """While the server converts the rule, no old editor is visible, and a late answer does not change a newer mode."""
    city = prepare_customers(page, stack)
    row = open_rule_builder(page)
    held: list[Route] = []
    is_holding = True

    def hold(route: Route) -> None:
        if is_holding:
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/segments/preview", hold)
    fill_condition(row, Field="City")
    fill_condition(row, Value=city)
    page.get_by_label("Write a rule").check()
    expect(row).to_have_count(0)
    expect(page.get_by_role("textbox", name="Rule")).to_have_count(0)
    page.get_by_label("Build a rule").check()
    expect(row.get_by_label("Value")).to_have_value(city)
    is_holding = False
    for route in held:
        route.continue_()
    row.get_by_label("Value").press_sequentially(" ")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("3 customers", timeout=SLOW_TIMEOUT)
    expect(page.get_by_label("Build a rule")).to_be_checked()
    expect(row).to_be_visible()


def test_preview_suggests_segments_and_draws_distribution(page: Page, stack: Stack, errors: list[str]) -> None:
    """The builder suggests saved segments, and the preview draws the distribution of a field."""
    city = prepare_customers(page, stack)
    call(page, "api => api.segments.save(name, {text})", name=f"Of {city}", text=f'city = "{city}"')
    row = open_rule_builder(page)
    fill_condition(row, Field="Segment", Comparison="is in")
    name = row.get_by_label("Segment", exact=True)
    name.focus()
    expect(row.locator(f"datalist option[value='Of {city}']")).to_have_count(1)
    name.fill(f"Of {city}")
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("3 customers")
    preview.get_by_text("Distribution of a field").click()
    chart = preview.get_by_role("img", name="Distribution of spend over 3 customers")
    expect(chart).to_be_visible()
    page.wait_for_function(f"one => ({HAS_PIXELS})(one)", arg=chart.element_handle())
    preview.get_by_text("Show as a table").click()
    expect(preview.get_by_role("table", name="Distribution of spend")).to_contain_text("20,000")
    preview.get_by_label("Field").fill("spned")
    expect(preview.get_by_text("did you mean spend?")).to_be_visible()
    preview.get_by_label("Field").fill("tags")
    expect(preview.get_by_role("img", name="Distribution of tags")).to_be_visible()
