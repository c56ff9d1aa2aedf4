"""The pages about people: suppressions, a person, segments."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, call, sign_in
from tests.site.page_checks import AXE, check_page, violations

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def enter(page: Page, stack: Stack, path: str, *, email: str = "admin@example.com") -> None:
    sign_in(page, stack, email)
    expect(page.get_by_role("navigation")).to_be_visible()
    page.goto(f"{stack.site}{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()  # signed in: a request before would ask again


def table(page: Page) -> None:
    expect(page.get_by_role("table")).to_be_visible()


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
    check_page(page, "suppressions", url=f"{stack.site}/suppressions", ready=table)
    page.goto(f"{stack.site}/suppressions#search={address}")
    page.reload()  # only the fragment has changed, which loads nothing
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("asked by phone")
    page.get_by_role("dialog").get_by_role("button", name="Lift").click()
    expect(row).to_have_count(0)


CREATE = """(async (api) => {
  await api.customers.add({
    email: address, name: "Asha Rao", phone, city: "Pune", spend: 1250, visits: 3,
    tags: ["gold"], attributes: {shoe_size: 42}, consent: {email: true},
  });
  const { items: [{ id }] } = await api.customers.list({ search: address, limit: 1 });
  const campaign = await api.campaigns.create({
    name: `Diwali ${address}`, text: `email = "${address}"`, message: { subject: "Hello", body: "Hi {{first_name}}!" },
    personalization: "template", vendor: "simulator", channel: "email", per_minute: null,
  });
  await api.segments.save(`Of ${address}`, { text: `email = "${address}"` });
  await api.campaigns.launch(campaign.id);
  let finished = await api.campaigns.get(campaign.id);
  for (let tries = 0; tries < 120 && finished.state !== "finished"; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    finished = await api.campaigns.get(campaign.id);
  }
  return [id, finished.totals.sent ? "Sent" : "Failed"];
})"""


def add_person(page: Page, address: str) -> tuple[str, str]:
    """Add a customer with a campaign that writes to them. Return their id, and what happened to the message: the
    simulator lets one in ten fail.

    The phone number is only theirs: erasing somebody suppresses their number for everybody who has it.
    """
    phone = f"+9198{secrets.randbelow(10**8):08}"
    person, outcome = call(page, CREATE, address=address, phone=phone)
    return person, outcome


MANY = """(async (api) => {
  await api.customers.add([1, 2, 3, 4].map((n) => ({ email: `${n}.${city}@example.com`, name: `Asha ${n}`, city })));
})"""


def test_selected_customers_are_tagged_written_to_and_suppressed(page: Page, stack: Stack, errors: list[str]) -> None:
    """All who match, also those between two presses with Shift; the tag is taken back; a campaign is for the tag."""
    enter(page, stack, "/customers")
    city = f"C{random_id()}"
    call(page, MANY, city=city)
    page.goto(f"{stack.site}/customers#filter=city%20%3D%20%22{city}%22&sort=name")
    page.reload()
    bar, dialog = page.get_by_role("region", name="Selected customers"), page.get_by_role("dialog")
    page.get_by_label("Select Asha 1").click()
    page.get_by_label("Select Asha 3").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    page.get_by_label("Select all that are shown").click()
    expect(bar).to_contain_text("4 selected")
    bar.get_by_role("button", name="Tags").click()
    dialog.get_by_label("Tag", exact=True).fill("vip")
    dialog.get_by_role("button", name="Add to 4 people").click()
    expect(page.get_by_text("4 people got the tag “vip”.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(bar).to_contain_text("4 selected")  # the list is loaded again, and they are still selected
    page.get_by_label("Select Asha 4").click()
    bar.get_by_role("button", name="New campaign").click()
    dialog.get_by_label("Tag").fill(city)
    dialog.get_by_role("button", name="Write the message").click()
    expect(page.get_by_role("textbox", name="Rule")).to_have_value(f'has tag "{city}"', timeout=SLOW_TIMEOUT)
    expect(page.locator(".audience-count")).to_contain_text("3")
    page.goto(f"{stack.site}/customers#search={city}")
    page.get_by_label("Select Asha 2").click()
    page.set_viewport_size({"width": 390, "height": 900})
    bar.get_by_role("button", name="Suppress").click()
    dialog.get_by_label("Reason").fill("asked us")
    page.evaluate(AXE.read_text())
    assert list(violations(page)) == []
    dialog.get_by_role("button", name="Suppress 1 person").click()
    expect(page.get_by_text("1 person gets no more messages.")).to_be_visible()


SHARED = """(async (api) => {
  await api.customers.add({ email: address, name: "Asha Rao", external_id: `${city}-1`, city, spend: 1250 });
  await api.customers.add({ email: address, name: "A. Rao", external_id: `${city}-2`, city, spend: 50 });
})"""


def test_duplicates_are_shown_and_merged(page: Page, stack: Stack, errors: list[str]) -> None:
    """The dialog says what gets lost; then there is one customer, who has what both spent."""
    enter(page, stack, "/customers")
    city, address = f"C{random_id()}", f"0.{random_id()}@shop.example.com"  # among the first in the list
    call(page, SHARED, address=address, city=city)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Duplicates").click()
    group = page.get_by_role("region", name=address)
    expect(group.get_by_role("row")).to_have_count(3)
    check_page(page, "duplicates", url=f"{stack.site}/customers/duplicates", ready=table_of(address))
    page.goto("about:blank")
    page.goto(f"{stack.site}/customers/duplicates")
    group.get_by_role("button", name="Keep this one").click()  # the other one: A. Rao
    group.get_by_role("button", name="Merge").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Make Asha Rao a part of A. Rao?")
    expect(dialog).to_contain_text("name: A. Rao (not Asha Rao)")
    dialog.get_by_role("button", name="Merge for good").click()
    expect(group).to_have_count(0)
    page.goto(f"{stack.site}/customers#search={address}")
    expect(page.get_by_role("rowheader")).to_have_text(["A. Rao"])
    expect(page.get_by_role("table")).to_contain_text("1,300")  # what both spent


def table_of(address: str) -> Callable[[Page], None]:
    return lambda page: expect(page.get_by_role("region", name=address).get_by_role("table")).to_be_visible()


def person_is_shown(page: Page) -> None:
    expect(page.locator("main dl").first).to_be_visible()


def test_person_page_in_every_variant(page: Page, stack: Stack, errors: list[str]) -> None:
    """With a message whose text unfolds, and a link to its campaign."""
    enter(page, stack, "/customers")
    address = f"{random_id()}@shop.example.com"
    person, outcome = add_person(page, address)
    page.goto(f"{stack.site}/customers/{person}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Asha Rao")
    expect(page.get_by_role("link", name=f"Diwali {address}")).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(page.get_by_text(outcome, exact=True)).to_be_visible(timeout=SLOW_TIMEOUT)
    page.locator("summary", has_text="Hello").click()
    expect(page.get_by_text("Hi Asha!")).to_be_visible()
    expect(page.get_by_role("region", name="Segments")).to_contain_text(f"Of {address}")
    check_page(page, "person", url=f"{stack.site}/customers/{person}", ready=person_is_shown)


def test_person_is_edited_in_place_and_erased(page: Page, stack: Stack, errors: list[str]) -> None:
    """Fields, attributes and consent are saved; erasing wants the name."""
    enter(page, stack, "/customers")
    person, _ = add_person(page, f"{random_id()}@shop.example.com")
    page.goto(f"{stack.site}/customers/{person}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("City").fill("Mumbai")
    page.get_by_label("Value").fill("43")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("region", name="Details")).to_contain_text("Pune")
    expect(page.get_by_role("region", name="Details")).to_contain_text("42")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("City").fill("Mumbai")
    page.get_by_label("Value").fill("43")
    page.get_by_role("button", name="Save").click()
    details = page.get_by_role("region", name="Details")
    expect(details).to_contain_text("Mumbai")
    expect(details).to_contain_text("43")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("yes")
    expect(page.get_by_label("SMS", exact=True)).to_have_value("")  # nothing is known, which is not a no
    page.get_by_label("SMS", exact=True).select_option("Said yes")
    expect(page.get_by_text("Consent to SMS is recorded.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("SMS", exact=True)).to_have_value("yes")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export JSON").click()
    assert download.value.suggested_filename == f"{person}.json"
    page.get_by_role("button", name="Erase").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Erase for good").click()
    expect(dialog).to_contain_text("This is not the same.")
    dialog.get_by_role("textbox").fill("Asha Rao")
    dialog.get_by_role("button", name="Erase for good").click()
    expect(page).to_have_url(f"{stack.site}/customers")


def is_beside(page: Page, *regions: str) -> bool:
    """Whether two parts of the page stand side by side, the first one on the left."""
    left, right = (page.get_by_role("region", name=name).bounding_box() for name in regions)
    assert left
    assert right
    return left["x"] + left["width"] <= right["x"] and left["y"] == right["y"]


def test_segment_is_made_with_a_suggestion_and_deleted(page: Page, stack: Stack, errors: list[str]) -> None:
    """A rule that cannot be read offers what may be meant; the list says how many are in it."""
    enter(page, stack, "/segments/new")
    name = f"Pune {random_id()}"
    page.get_by_label("Name").fill(name)
    rule = page.get_by_role("textbox", name="Rule")
    rule.fill("city = Pune")
    page.get_by_role("button", name="Use it").click()
    expect(rule).to_have_value('city = "Pune"')
    expect(page.get_by_role("region", name="Conditions").get_by_label("Value")).to_have_value("Pune")
    expect(page.locator(".audience-count")).to_be_visible()
    expect(page.get_by_role("region", name="Now")).to_contain_text("the city “Pune”")
    assert is_beside(page, "Conditions", "The same as text")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    url = page.url
    page.get_by_role("button", name="New campaign for these").click()
    chosen = page.get_by_role("combobox", name="Segment").locator("option:checked")
    expect(chosen).to_have_text(name, timeout=SLOW_TIMEOUT)
    check_page(page, "segment", url=url, ready=lambda page: expect(page.locator(".audience-count")).to_be_visible())
    check_page(page, "segments", url=f"{stack.site}/segments", ready=table)
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button").last.click()
    expect(row).to_have_count(0)


def test_size_of_a_segment_is_a_line_and_a_change_is_taken_back(page: Page, stack: Stack, errors: list[str]) -> None:
    """The list and the page show the last days on which it was counted; Undo brings the rule before back."""
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    name = f"S{random_id()}"
    segment = call(page, "api => api.segments.save(name, {text: 'spend > 1'})", name=name)
    sizes = [{"day": f"2026-11-{day:02}", "count": 1_200 + day} for day in (1, 2, 5, 6, 7)]

    def add_sizes(route: Route) -> None:
        """What is read with the sizes; everything else passes."""
        if route.request.method != "GET":
            return route.continue_()
        headers = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
        found = route.fetch(headers=headers)
        data = found.json()
        for one in data.get("items", [data]):
            one["sizes"] = sizes if one["id"] == segment["id"] else []
        return route.fulfill(response=found, json=data)

    page.route(re.compile(rf"/api/segments(\?|/{segment['id']})"), add_sizes)
    line = page.get_by_role("img", name=re.compile("1,201 on .*, 1,207 on "))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{stack.site}/segments")
    expect(line).to_be_visible()
    check_page(page, "segment-sizes", url=f"{stack.site}/segments/{segment['id']}", ready=_sparkline)
    page.goto("about:blank")
    page.goto(f"{stack.site}/segments/{segment['id']}")
    expect(line).to_be_visible()
    rule = page.get_by_role("textbox", name="Rule")
    rule.fill("spend > 7")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(rule).to_have_value("spend > 1")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    call(page, "api => api.segments.remove(id)", id=segment["id"])


def _sparkline(page: Page) -> None:
    expect(page.locator(".sparkline")).to_be_visible()
    expect(page.locator(".sample-people, .rule-words")).not_to_have_count(0)


def test_list_of_people_is_made_filled_and_used(page: Page, stack: Stack, errors: list[str]) -> None:
    """What a change would do is asked first; people who are selected in the list of customers join it."""
    enter(page, stack, "/segments")
    mark = random_id()
    rows = [{"external_id": f"{mark}-{number}", "name": f"Guest {number}", "city": mark} for number in range(3)]
    call(page, "api => api.customers.add(rows)", rows=rows)
    page.get_by_role("link", name="New list of people").first.click()
    page.get_by_label("Name").fill(f"Guests {mark}")
    page.get_by_role("button", name="Create the list").click()
    people = page.get_by_role("textbox", name="People")
    people.fill(f"{mark}-0\nnobody-{mark}@example.com, {mark}-0; not@an@address")
    page.get_by_role("button", name="Check").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Add 2 people?")
    expect(question).to_contain_text("1 is a customer. 1 person not known yet. 1 row names nobody and is left out.")
    question.get_by_role("button", name="Add people").click()
    numbers = page.get_by_role("region", name="The list in numbers")
    expect(numbers).to_contain_text("Not known yet")
    expect(page.get_by_text("Row 3:")).to_be_visible()
    expect(people).to_have_value("")
    url = page.url
    page.goto(f"{stack.site}/customers")
    page.get_by_role("button", name="Filter by a rule").click()
    page.get_by_role("textbox", name="Rule").fill(f'city = "{mark}"')
    expect(page.get_by_role("table", name="Customers").get_by_role("rowheader")).to_have_count(3)
    expect(page.get_by_role("status").filter(has_text="3 customers")).to_be_visible()
    page.get_by_label("Select Guest 1").click()
    page.get_by_label("Select Guest 2").click()
    page.get_by_role("button", name="Add to a list").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="List").select_option(f"Guests {mark}")
    dialog.get_by_role("button", name="Add 2 people").click()
    expect(dialog).to_have_count(0)
    page.goto(url)
    expect(page.get_by_role("table", name="Some of them").get_by_role("rowheader")).to_have_count(3)
    check_page(page, "list", url=url, ready=table)
    check_page(
        page,
        "new-list",
        url=f"{stack.site}/segments/new-list",
        ready=lambda page: expect(page.get_by_role("textbox")).to_be_visible(),
    )


def test_type_of_an_attribute_is_chosen(page: Page, stack: Stack, errors: list[str]) -> None:
    """Before, the page says for how many people the values do not fit; who dismisses the question changes nothing."""
    enter(page, stack, "/customers/attributes")
    name = f"wallet {random_id()}"
    rows = [{"external_id": f"{name} {value}", "attributes": {name: value}} for value in (5, 7, "n/a")]
    call(page, "api => api.customers.add(rows)", rows=rows)
    page.reload()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("1 person with another type: “n/a”")
    choice = row.get_by_role("combobox")
    expect(choice).to_have_value("number")
    choice.select_option("Text")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("2 of 3 people have another type of value, such as “5”, “7”.")
    question.get_by_role("button", name="Cancel").click()
    expect(choice).to_have_value("number")
    choice.select_option("Text")
    question.get_by_role("button", name="Change the type").click()
    expect(row).to_contain_text("2 people with another type: “5”, “7”")
    expect(choice).to_have_value("text")
    check_page(page, "attributes", url=f"{stack.site}/customers/attributes", ready=table)
