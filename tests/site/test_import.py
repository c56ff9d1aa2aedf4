"""The import of customers in a browser, on the whole stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, sign_in
from tests.site.page_checks import check_as_it_is, check_page

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def csv_file(group: str, count: int) -> bytes:
    """Return a file with unknown headings, a decimal comma, an old encoding, and one invalid row."""
    rows = [f"{n}.{group}@example.com;Asha {n};{n},50;Größe {n}" for n in range(count)]
    return "\n".join(["Kontakt;Full name;Umsatz;Notiz", *rows, "nobody;Asha;7;"]).encode("windows-1252")


def choose_file(page: Page, stack: Stack, group: str, count: int) -> None:
    """Sign in, open the import page, and choose the file."""
    sign_in(page, stack, "admin@example.com")
    page.get_by_role("link", name="Customers").click()
    page.get_by_role("link", name="Import").first.click()
    expect(page.get_by_role("heading", name="Import a file")).to_be_visible()
    content = csv_file(group, count)
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": content}
    )
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.get_by_label("Did these people agree to get e-mails from you?").select_option("granted")


def test_import_maps_columns_and_offers_rejected_rows(
    page: Page, stack: Stack, errors: list[str], tmp_path: Path
) -> None:
    """The columns are mapped, a dry run and the import follow, and the rejected rows can be downloaded."""
    group = f"g{random_id()}"
    choose_file(page, stack, group, 1200)
    columns = page.get_by_role("region", name="2. Check the columns")
    expect(columns.get_by_role("listitem").filter(has_text="Kontakt")).to_contain_text(f"0.{group}@example.com")
    expect(columns.get_by_role("alert")).to_contain_text("identifies the customer")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.get_by_label("Field of column Kontakt").select_option("E-mail")
    page.get_by_label("Field of column Notiz").select_option("Do not import")
    page.get_by_role("button", name="Check without saving").click()
    run = page.get_by_role("region", name="Result", exact=True)
    expect(run).to_contain_text("Nothing was saved", timeout=SLOW_TIMEOUT)
    expect(run).to_contain_text("1,200")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Customers").first.click()  # the import goes on
    page.get_by_role("link", name="Import").first.click()  # without customers, there are two
    expect(run).to_contain_text("Imported.", timeout=SLOW_TIMEOUT)
    expect(run).to_contain_text("1,200")
    expect(run.get_by_role("listitem").filter(has_text="Line 1,202")).to_contain_text("E-mail: Enter")
    with page.expect_download() as download:
        run.get_by_role("button", name="Download rejected rows").click()
    download.value.save_as(tmp_path / "rejected.csv")
    lines = (tmp_path / "rejected.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "Kontakt,Full name,Umsatz,Notiz,rejected_row,rejected_reason"
    assert lines[1].startswith("nobody,Asha,7,,1202,email: This is not an e-mail address")


def test_invalid_file_is_rejected_before_upload(page: Page, stack: Stack, errors: list[str]) -> None:
    """A file with the wrong extension and an empty file are rejected on the page."""
    choose_file(page, stack, "g", 1)
    expect(page.get_by_role("region", name="2. Check the columns")).to_be_visible()
    for name, content, reason in (("people.pdf", b"%PDF", "ends in .csv"), ("people.csv", b"", "file is empty")):
        page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        expect(page.get_by_role("region", name="1. Choose a file")).to_contain_text(reason)
        expect(page.get_by_role("region", name="2. Check the columns")).to_have_count(0)


def test_import_is_in_the_history_and_can_be_undone(page: Page, stack: Stack, errors: list[str]) -> None:
    """The history leads to the import, and the undo removes its people and says how many."""
    group = f"u{random_id()}"
    choose_file(page, stack, group, 30)
    page.get_by_label("Field of column Kontakt").select_option("E-mail")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("region", name="Result", exact=True)).to_contain_text("Imported.", timeout=SLOW_TIMEOUT)
    page.get_by_role("link", name="All imports").click()
    row = page.get_by_role("row").filter(has_text="people.csv").first  # the newest
    expect(row).to_contain_text("30 new")
    row.get_by_role("link").first.click()
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo this import").click()
    undone = page.get_by_role("region", name="Undo this import")
    expect(undone).to_contain_text("The import is undone.", timeout=SLOW_TIMEOUT)
    expect(undone).to_contain_text("30")
    past = page.url
    page.goto(stack.site)
    expect(page.get_by_role("region", name="Last imports")).to_contain_text(re.compile(r"people\.csv.*31 rows"))
    check_page(
        page,
        "past-import",
        url=past,
        ready=lambda one: expect(one.locator(".stat").first).to_be_visible(),
    )
    check_page(
        page,
        "imports",
        url=f"{stack.site}/customers/imports",
        ready=lambda one: expect(one.get_by_role("row").filter(has_text="people.csv").first).to_be_visible(),
    )


ORDERS = "Order ID,Order Date,Email,Total,Financial Status,Currency,Accepts Marketing\n"


def choose(page: Page, stack: Stack, name: str, content: str) -> None:
    """Sign in if needed, and choose a file on the import page."""
    if not page.get_by_role("navigation").count():
        sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("navigation").first).to_be_visible()
    page.goto(f"{stack.site}/customers/import")
    file = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]


def test_file_of_orders_is_recognized_imported_and_undone(page: Page, stack: Stack, errors: list[str]) -> None:
    """What was understood is shown; people whom Herald does not know are created only if the reader says so."""
    group = f"o{random_id()}"
    rows = [f"{group}-{n},2026-01-02,{n}.{group}@example.com,{n + 10},paid,INR,no" for n in range(3)]
    undone = f"{group}-9,2026-01-02,9.{group}@example.com,5,refunded,INR,no"
    choose(page, stack, "orders.csv", ORDERS + "\n".join([*rows, undone]))
    kind = page.get_by_role("region", name="What is in the file?")
    expect(kind.get_by_label("The file has")).to_have_value("activities", timeout=SLOW_TIMEOUT)
    expect(kind).to_contain_text("Recognized by its columns")
    understood = page.get_by_role("region", name="What Herald understood")
    expect(understood).to_contain_text("Refunded or cancelled")
    expect(understood).to_contain_text("All amounts are in INR")
    expect(page.get_by_label("Field of column Order ID")).to_have_value("event_id")
    expect(page.get_by_label("Field of column Accepts Marketing")).to_have_value("consent.email")
    page.get_by_label("Orders and visits of people whom Herald does not know").select_option("create")
    check_as_it_is(page, "import-orders")
    page.get_by_role("button", name="Import", exact=True).click()
    run = page.get_by_role("region", name="Result", exact=True)
    expect(run).to_contain_text("Imported.", timeout=SLOW_TIMEOUT)
    expect(run.get_by_role("listitem")).to_contain_text("refunded", ignore_case=True)
    page.get_by_role("link", name="All imports").click()
    row = page.get_by_role("row").filter(has_text="orders.csv").first
    expect(row).to_contain_text("3 counted")
    row.get_by_role("link").first.click()
    expect(page.get_by_text("Its orders and visits are removed")).to_be_visible()
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("region", name="Undo this import")).to_contain_text(
        "The import is undone.", timeout=SLOW_TIMEOUT
    )


def test_saved_mapping_is_offered_for_the_next_file(page: Page, stack: Stack, errors: list[str]) -> None:
    """It is shown as used, and one press takes it off; the next file with the same headings is offered it."""
    group = f"m{random_id()}"
    content = f"Kontakt {group},Notiz\n1.{group}@example.com,x\n"
    choose(page, stack, "first.csv", content)
    page.get_by_label(f"Field of column Kontakt {group}").select_option("E-mail")
    card = page.get_by_role("region", name="Mapping for files like this one")
    card.get_by_label("Name").fill(f"Shop {group}")
    card.get_by_role("button", name="Save the mapping").click()
    expect(card).to_contain_text(f"The mapping “Shop {group}” of admin@example.com")
    choose(page, stack, "second.csv", f"Notiz,Kontakt {group}\ny,2.{group}@example.com\n")
    expect(card).to_contain_text("is used", timeout=SLOW_TIMEOUT)
    expect(page.get_by_label(f"Field of column Kontakt {group}")).to_have_value("email", timeout=SLOW_TIMEOUT)
    check_as_it_is(page, "import-mapping")
    card.get_by_role("button", name="Do not use it").click()
    expect(page.get_by_label(f"Field of column Kontakt {group}")).not_to_have_value("email", timeout=SLOW_TIMEOUT)
    card.get_by_role("button", name=f"Use the mapping “Shop {group}”").click()
    expect(page.get_by_label(f"Field of column Kontakt {group}")).to_have_value("email", timeout=SLOW_TIMEOUT)
    card.get_by_role("button", name="Delete the mapping").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the mapping").click()
    expect(page.get_by_label(f"Field of column Kontakt {group}")).not_to_have_value("email", timeout=SLOW_TIMEOUT)
    expect(card).to_have_count(0)


def test_list_of_suppressions_is_taken_at_once(page: Page, stack: Stack, errors: list[str]) -> None:
    """The page says before that it cannot be undone, and after it what was not read."""
    group = f"s{random_id()}"
    choose(
        page, stack, "no.csv", f"Email,Unsubscribed\n1.{group}@example.com,yes\n2.{group}@example.com,yes\nnobody,yes\n"
    )
    understood = page.get_by_role("region", name="What Herald understood")
    expect(understood).to_contain_text("Everybody in this file says no", timeout=SLOW_TIMEOUT)
    understood.get_by_role("button", name="Take it as people who must not be written to").click()
    step = page.get_by_role("region", name="3. Suppress these addresses")
    expect(step).to_contain_text("cannot be undone")
    step.get_by_role("button", name="Suppress these addresses").click()
    page.get_by_role("dialog").get_by_role("button", name="Suppress these addresses").click()
    result = page.get_by_role("region", name="Result", exact=True)
    expect(result).to_contain_text("2 addresses are suppressed. 1 row has", timeout=SLOW_TIMEOUT)
    expect(result.get_by_role("listitem")).to_contain_text("Line 4")
    check_as_it_is(page, "import-suppressed")


def test_import_page_in_every_variant(page: Page, stack: Stack, errors: list[str]) -> None:
    """The page before a file is chosen."""
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("navigation")).to_be_visible()
    check_page(
        page,
        "import",
        url=f"{stack.site}/customers/import",
        ready=lambda one: expect(one.get_by_role("heading", level=1)).to_be_visible(),
    )
