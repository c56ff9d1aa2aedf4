"""What an import would do with a file is shown before anything is written, and can be changed."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.cases.file_reading import FILES
from tests.component.test_api_customers import CustomersApiFixture

CSV = {"content-type": "text/csv"}


@pytest.fixture
async def api() -> CustomersApiFixture:
    return CustomersApiFixture()


async def preview(api: CustomersApiFixture, content: bytes, status: int = 200, **params: Any) -> Any:
    response = await api.call("POST", "/api/imports/previews", content=content, headers=CSV, params=params)
    assert response.status_code == status
    return response.json()


async def test_preview_shows_what_was_understood_and_writes_nothing(api: CustomersApiFixture) -> None:
    """Each column has its field, type, order of dates and values; rows are new, known, or twice in the file."""
    await api.call("POST", "/api/customers", json={"email": "a@example.com"})
    content = (
        b"Bericht;;;\n;;;\nE-Mail;Last Visit;Newsletter;Pin\n"
        b"a@example.com;25/12/2025;yes;07001\nb@example.com;soon;maybe;411001\nb@example.com;;no;\nnobody;;;\n"
    )
    shown = await preview(api, content)
    assert (shown["format"], shown["separator"], shown["header_row"], shown["rows"]) == ("csv", ";", 3, 4)
    assert (shown["new"], shown["known"], shown["repeated"], shown["rejected"], shown["warned"]) == (1, 1, 1, 1, 1)
    email, visit, consent, pin = shown["columns"]
    assert (email["field"], email["samples"]) == ("email", ["a@example.com", "b@example.com", "nobody"])
    assert (visit["field"], visit["type"], visit["format"], visit["decided_by"]) == (
        "last_active_at", "date", "dmy", "values",
    )  # fmt: skip
    assert visit["misfits"] == 1
    [misfit] = visit["misfit_examples"]
    assert (misfit["row"], misfit["field"], misfit["code"], misfit["value"]) == (5, "last_active_at", "date", "soon")
    words = {word["word"]: word["meaning"] for word in consent["words"]}
    assert words == {"yes": "granted", "no": "denied", "maybe": "unknown"}
    assert (pin["field"], pin["type"]) == ("attributes.Pin", "text")
    assert len((await api.call("GET", "/api/customers")).json()["items"]) == 1


async def test_preview_with_changed_columns_shows_and_imports_them(api: CustomersApiFixture) -> None:
    """What the preview shows with `columns` is what the import does with the same `columns`."""
    content = b"Wer,Wann,Pin\na@example.com,03/04/2025,411001\n"
    assert "identifies the customer" in (await preview(api, content))["problem"]
    columns = {
        "Wer": "email",
        "Wann": {"field": "last_active_at", "format": "mdy"},
        "Pin": {"field": "attributes.pin", "type": "number"},
    }
    shown = await preview(api, content, columns=json.dumps(columns))
    assert shown["problem"] is None
    assert [(one["field"], one["type"], one["decided_by"]) for one in shown["columns"]] == [
        ("email", "email", "caller"), ("last_active_at", "date", "caller"), ("attributes.pin", "number", "caller"),
    ]  # fmt: skip
    await api.call("POST", "/api/customers", content=content, headers=CSV, params={"columns": json.dumps(columns)})
    [customer] = (await api.call("GET", "/api/customers")).json()["items"]
    assert (customer["last_active_at"][:10], customer["attributes"]) == ("2025-03-04", {"pin": 411001})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("01a-mailchimp-unsubscribed.csv", "suppressions"),
        ("mailchimp-cleaned.csv", "suppressions"),
        ("01b-hubspot.csv", "suppressions"),
        ("08-shopify-customers.csv", "customers"),
        ("customers.xlsx", "customers"),
    ],
)
async def test_preview_recognizes_a_list_of_people_who_must_not_be_written_to(
    api: CustomersApiFixture, name: str, kind: str
) -> None:
    """If everybody in the file says no, it is offered as a suppression list."""
    assert (await preview(api, (FILES / name).read_bytes()))["looks_like"] == kind


async def test_preview_warns_of_a_heading_about_consent_that_is_not_read(api: CustomersApiFixture) -> None:
    """Herald does not know every tool's headings, but it does not keep an opt-out silently as an attribute."""
    content = b"email,Global Unsub Flag,Opted out of email,Adopted,Options\na@example.com,7,no,1,2\n"
    warned = [one["header"] for one in (await preview(api, content))["columns"] if one["may_be_consent"]]
    assert warned == ["Global Unsub Flag"]
    chosen = json.dumps({"Global Unsub Flag": "attributes.flag"})
    assert not any(one["may_be_consent"] for one in (await preview(api, content, columns=chosen))["columns"])


async def test_preview_of_a_workbook_lists_its_sheets(api: CustomersApiFixture) -> None:
    """The first sheet with cells is read, unless another one is named."""
    content = (FILES / "two-sheets.xlsx").read_bytes()
    shown = await preview(api, content)
    assert (shown["format"], shown["sheets"]) == ("xlsx", ["Notes", "Leads", "Old"])
    assert shown["columns"][0]["samples"] == ["a1@example.com"]
    assert (await preview(api, content, sheet="Old"))["columns"][0]["samples"] == ["a2@example.com"]
    assert (await preview(api, content, 422, sheet="None"))["errors"][0]["field"] == "sheet"


async def test_file_that_is_no_table_is_415(api: CustomersApiFixture) -> None:
    """The answer says what to do."""
    response = await preview(api, (FILES / "25b-customers.xlsx").read_bytes(), 415)
    assert "CSV" in response["detail"]


async def test_row_has_warnings_for_the_cells_that_were_left_out(api: CustomersApiFixture) -> None:
    """At once and in the background: the person comes in, and the warning says what was there."""
    content = b"email,visits\na@example.com,seven\n"
    for background in (False, True):
        response = await api.call(
            "POST", "/api/customers", content=content, headers=CSV, params={"background": background}
        )
        rows = response.json()["results"]
        if background:
            await api.process_imports()
            path = f"/api/imports/{response.json()['import_id']}"
            assert (await api.call("GET", path)).json()["warned"] == 1
            rows = [json.loads((await api.call("GET", f"{path}/results")).text)]
        [row] = rows
        assert row["status"] in {"created", "unchanged"}
        [warning] = row["warnings"]
        assert (warning["field"], warning["code"], warning["value"]) == ("visits", "type", "seven")


async def test_orders_of_a_shop_are_counted_once_for_the_person_with_the_address(api: CustomersApiFixture) -> None:
    """All rows are orders, the lines of one order are one, and a refunded order counts nothing."""
    customers = (FILES / "08-shopify-customers.csv").read_bytes()
    await api.call("POST", "/api/customers", content=customers, headers=CSV)
    orders = (FILES / "10a-shopify-orders.csv").read_bytes()
    shown = await preview(api, orders, what="activities")
    assert (shown["type"], shown["rows"], shown["rejected"]) == ("order", 2, 1)
    fields = {column["header"]: column["field"] for column in shown["columns"]}
    assert [fields[name] for name in ("Name", "Email", "Created at", "Total")] == ["event_id", "email", "at", "amount"]
    first = (await api.call("POST", "/api/activities", content=orders, headers=CSV)).json()
    assert (first["counted"], first["rejected"]) == (1, 1)
    assert first["results"][1]["errors"][0]["code"] == "undone"
    assert (await api.call("POST", "/api/activities", content=orders, headers=CSV)).json()["duplicate"] == 1
    people = {one["name"]: one for one in (await api.call("GET", "/api/customers")).json()["items"]}
    assert (people["Fld Asha"]["orders"], people["Fld Asha"]["spend"]) == (8, 12450.5 + 1416)
    assert (people["Fld Bilal"]["orders"], people["Fld Bilal"]["spend"]) == (0, 0)


async def test_bills_of_a_shop_belong_to_the_customer_with_the_phone(api: CustomersApiFixture) -> None:
    """Bill number, date with the day first, and net amount are those of an order."""
    await api.call("POST", "/api/customers", json={"external_id": "C-1", "phone": "9822077001"})
    content = (FILES / "10c-indian-pos.csv").read_bytes()
    response = (await api.call("POST", "/api/activities", content=content, headers=CSV)).json()
    assert response["counted"] == 1
    [customer] = (await api.call("GET", "/api/customers")).json()["items"]
    assert (customer["orders"], customer["spend"], customer["last_active_at"][:7]) == (1, 1416, "2026-11")


async def test_refunded_part_is_subtracted_and_visits_need_no_type(api: CustomersApiFixture) -> None:
    """An order counts what was kept of it; a table without amounts is one of visits."""
    orders = b"Order ID,Order Date,Customer Email,Order Total,Refund Amount\nO-1,2026-01-02,a@example.com,100,30\n"
    create = {"on_unknown_customer": "create"}
    await api.call("POST", "/api/activities", content=orders, headers=CSV, params=create)
    visits = b"Visit ID,Visit Date,Email\nV-1,2026-01-03,a@example.com\n"
    await api.call("POST", "/api/activities", content=visits, headers=CSV)
    [customer] = (await api.call("GET", "/api/customers")).json()["items"]
    assert (customer["orders"], customer["spend"], customer["visits"]) == (1, 70, 1)


async def test_compressed_body_is_read(api: CustomersApiFixture) -> None:
    """With `Content-Encoding: gzip`, or as a file that is compressed."""
    content = gzip.compress(b"email\na@example.com\n")
    headers = CSV | {"content-encoding": "gzip"}
    response = await api.call("POST", "/api/customers", content=content, headers=headers)
    assert response.json()["created"] == 1


async def test_rejected_rows_have_both_columns_with_one_heading(api: CustomersApiFixture) -> None:
    """The file has every column as it was sent, so it can be corrected and sent again."""
    content = b"Email,Email,Name\nnobody,no one,Asha\n"
    response = await api.call("POST", "/api/customers", content=content, headers=CSV, params={"background": True})
    await api.process_imports()
    rejected = (await api.call("GET", f"/api/imports/{response.json()['import_id']}/rejected.csv")).text
    assert rejected.splitlines()[0] == "\ufeffEmail,Email,Name,rejected_row,rejected_reason"
    assert rejected.splitlines()[1].startswith("nobody,no one,Asha,2,")


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize(
    ("mode", "after"),
    [
        ("add", ["vip", "loyal", "new", "diwali"]),
        ("replace", ["LOYAL", "new", "diwali"]),
        ("remove", ["vip", "diwali"]),
    ],
)
async def test_tags_of_a_row_are_added_unless_the_caller_says_otherwise(
    api: CustomersApiFixture, mode: str, after: list[str], background: bool
) -> None:
    """Every customer of the file also gets the import's own tag."""
    await api.call("POST", "/api/customers", json={"email": "a@example.com", "tags": ["vip", "loyal"]})
    given = "loyal" if mode == "add" else "LOYAL"
    content = f'email,tags\na@example.com,"{given}, new"\nb@example.com,\n'.encode()
    params = {"tags": mode, "tag": "diwali", "background": background}
    await api.call("POST", "/api/customers", content=content, headers=CSV, params=params)
    if background:
        await api.process_imports()
    people = {one["email"]: one["tags"] for one in (await api.call("GET", "/api/customers")).json()["items"]}
    assert people == {"a@example.com": after, "b@example.com": ["diwali"]}
