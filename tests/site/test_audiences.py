"""Finding customers, and saying who is meant, in a browser against the whole stack."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import DRAWN, call, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SPENDS = {"Asha": 20_000, "Bela": 500, "Chand": 12_500}


def prepared(page: Page, stack: Stack, by: str = "admin@example.com") -> str:
    """A city with three customers."""
    city = f"C{random_id()}"
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    rows = [
        {"email": f"{name}.{city}@example.com", "name": name, "city": city, "spend": spend, "tags": [name]}
        for name, spend in SPENDS.items()
    ]
    call(page, "api => api.customers.add(rows)", rows=rows)
    if by != "admin@example.com":
        page.get_by_role("button", name="Sign out").click()
        sign_in(page, stack, by)
    return city


def shown(page: Page) -> Locator:
    """The names in the list of customers, in its order."""
    return page.get_by_role("table", name="Customers").get_by_role("rowheader")


def test_customers_are_searched_sorted_and_filtered(page: Page, stack: Stack, errors: list[str]) -> None:
    city = prepared(page, stack, by="viewer@example.com")
    page.get_by_role("link", name="Customers").click()
    search = page.get_by_role("searchbox", name="Search")
    search.press_sequentially(f"{city} example")
    page.get_by_label("Order").select_option("Highest spend first")
    expect(shown(page)).to_have_text(["Asha", "Chand", "Bela"])
    page.get_by_label("Order").select_option("Name")
    expect(shown(page)).to_have_text(["Asha", "Bela", "Chand"])
    search.fill(f"bela.{city}"[:-3])
    expect(shown(page)).to_have_text(["Bela"])
    search.fill(f"{city} nobody")
    expect(page.get_by_text("Nobody is left over.")).to_be_visible()
    search.fill(city)
    page.get_by_role("button", name="Filter by a rule").click()
    rule = page.get_by_role("textbox", name="Rule")
    rule.fill("spend > 10000")
    expect(shown(page)).to_have_text(["Asha", "Chand"])
    rule.fill("spend > ")
    expect(page.get_by_text(re.compile("expected a value"))).to_be_visible()
    expect(shown(page)).to_have_text(["Asha", "Chand"])
    expect(page.get_by_role("button", name="Save as segment")).to_have_count(0)
    page.get_by_role("button", name="Filter by a rule").click()
    expect(shown(page)).to_have_text(["Asha", "Bela", "Chand"])


def build(page: Page) -> Locator:
    page.get_by_role("link", name="New campaign").click()
    page.get_by_label("Build a rule").check()
    return page.get_by_role("group", name="Condition 1", exact=True)


def choose(row: Locator, **parts: str) -> None:
    for label, value in parts.items():
        control = row.get_by_label(label.replace("_", " "), exact=True)
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)


def test_a_rule_is_built_and_read_back(page: Page, stack: Stack, errors: list[str]) -> None:
    """Each sort of condition, also its opposite; the text mode shows the same rule."""
    city = prepared(page, stack)
    row = build(page)
    choose(row, Field="City", Comparison="is one of")
    choose(row, **{"Values, separated by commas": f"{city}, Nowhere"})
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("3 customers")
    rows = [
        {"Field": "Tag", "Comparison": "has not", "Tag": "bela"},
        {"Field": "Spend", "Comparison": "is between", "From": "500", "To": "15,000"},
        {"Field": "Ordered", "Comparison": "at most (times)", "Value": "2", "Days": "60"},
        {"Field": "Received a message", "Comparison": "did not", "Days": "7"},
        {"Field": "Attribute", "Attribute name": "plan", "Comparison": "is missing"},
        {"Field": "E-mail", "Comparison": "contains", "Value": "example.com"},
    ]
    for number, parts in enumerate(rows, start=2):
        page.get_by_role("button", name="Add a condition (AND)").click()
        choose(page.get_by_role("group", name=f"Condition {number}", exact=True), **parts)
    expect(preview).to_contain_text("1 customer")
    expect(preview).to_contain_text("are not among those who have the tag “bela”")
    page.get_by_label("Write a rule").check()
    expect(page.get_by_role("textbox", name="Rule")).to_have_value(
        f'city in ("{city}", "Nowhere") AND NOT has tag "bela" AND spend between 500 and 15000 '
        "AND ordered <= 2 times in the last 60 days AND NOT received any campaign in the last 7 days "
        'AND attributes.plan is missing AND email contains "example.com"'
    )
    page.get_by_label("Build a rule").check()
    expect(page.get_by_role("group", name="Condition 7", exact=True).get_by_label("Value")).to_have_value("example.com")
    page.get_by_role("group", name="Condition 3", exact=True).get_by_label("To").fill("100")
    wrong = page.get_by_role("group", name="Condition 3", exact=True)
    expect(wrong.get_by_role("alert")).to_contain_text("between goes from the lower to the higher", ignore_case=True)
    at = wrong.locator("[aria-invalid=true]")
    expect(at).to_have_count(1)
    expect(at).to_have_accessible_description(re.compile("from the lower to the higher"))


def test_segments_are_suggested_and_a_field_is_drawn(page: Page, stack: Stack, errors: list[str]) -> None:
    city = prepared(page, stack)
    call(page, "api => api.segments.save(name, {text})", name=f"Of {city}", text=f'city = "{city}"')
    row = build(page)
    choose(row, Field="Segment", Comparison="is in")
    name = row.get_by_label("Segment", exact=True)
    name.focus()
    expect(row.locator(f"datalist option[value='Of {city}']")).to_have_count(1)
    name.fill(f"Of {city}")
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("3 customers")
    preview.get_by_text("How a field is spread").click()
    chart = preview.get_by_role("img", name="How spend is spread over 3 customers")
    expect(chart).to_be_visible()
    page.wait_for_function(f"one => ({DRAWN})(one)", arg=chart.element_handle())
    preview.get_by_text("Show as a table").click()
    expect(preview.get_by_role("table", name="How spend is spread")).to_contain_text("20,000")
    preview.get_by_label("Field").fill("spned")
    expect(preview.get_by_text("did you mean spend?")).to_be_visible()
    preview.get_by_label("Field").fill("tags")
    expect(preview.get_by_role("img", name="How tags is spread")).to_be_visible()
