"""Bringing in a file of customers in a browser, against the whole stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import SOON, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def file_of(group: str, count: int) -> bytes:
    """A table as people have them: a header that nobody knows, and a row that is wrong."""
    rows = [f"{n}.{group}@example.com;Asha {n};{n},50;Größe {n}" for n in range(count)]
    return "\n".join(["Kontakt;Full name;Umsatz;Notiz", *rows, "nobody;Asha;7;"]).encode("windows-1252")


def chosen(page: Page, stack: Stack, group: str, count: int) -> None:
    """On the page, signed in, with the file chosen."""
    sign_in(page, stack, "admin@example.com")
    page.get_by_role("link", name="Customers").click()
    page.get_by_role("link", name="Import").click()
    expect(page.get_by_role("heading", name="Import customers")).to_be_visible()
    content = file_of(group, count)
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": content}
    )


def test_a_file_is_mapped_tried_and_imported(page: Page, stack: Stack, errors: list[str], tmp_path: Path) -> None:
    group = f"g{random_id()}"
    chosen(page, stack, group, 1200)
    columns = page.get_by_role("region", name="2. Check the columns")
    expect(columns.get_by_role("row", name=re.compile("Kontakt"))).to_contain_text(f"0.{group}@example.com")
    expect(columns.get_by_role("alert")).to_contain_text("who a row is about")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.get_by_label("What the column Kontakt is").select_option("E-mail")
    page.get_by_label("What the column Notiz is").select_option("Leave out")
    page.get_by_role("button", name="Try it without writing").click()
    run = page.get_by_role("region", name="Import", exact=True)
    expect(run).to_contain_text("Nothing was written yet", timeout=SOON)
    expect(run.get_by_role("row", name="would be new")).to_contain_text("1,200")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(run).to_contain_text("Imported.", timeout=SOON)
    expect(run.get_by_role("row", name="new")).to_contain_text("1,200")
    expect(run.get_by_role("table", name="Rejected rows")).to_contain_text("This is no e-mail address")
    with page.expect_download() as download:
        run.get_by_role("button", name="Download rejected rows").click()
    download.value.save_as(tmp_path / "rejected.csv")
    lines = (tmp_path / "rejected.csv").read_text().splitlines()
    assert lines[0] == "Kontakt,Full name,Umsatz,Notiz,rejected_row,rejected_reason"
    assert lines[1].startswith("nobody,Asha,7,,1201,email: This is no e-mail address")


def test_a_file_that_cannot_be_is_refused_before_it_is_sent(page: Page, stack: Stack, errors: list[str]) -> None:
    chosen(page, stack, "g", 1)
    expect(page.get_by_role("region", name="2. Check the columns")).to_be_visible()
    for name, content, why in (("people.xlsx", b"PK", "ends in .csv"), ("people.csv", b"", "nothing in this file")):
        page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        expect(page.get_by_role("region", name="1. Choose a file")).to_contain_text(why)
        expect(page.get_by_role("region", name="2. Check the columns")).to_have_count(0)
