"""Requests that are wrong in ways that code easily forgets. Each gets a clear 422; none is an internal error."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_api_customers import CustomersApiFixture

LONE_SURROGATE = "\ud800"
BEYOND_UTC = ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
NEVER = [
    *BEYOND_UTC,
    "9999-12-31T23:59:59",
    "0001-01-01",
    "10000-01-01",
    "-1-01-01",
    "1e400",
    "\uff12\uff10\uff12\uff16-01-01",
    "",
]


def cursor(*parts: object) -> str:
    """A forged cursor: what a list would give, with other contents."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


async def check(answer: Any) -> None:
    """The answer is a problem that names a field, or a success; never an internal error."""
    assert answer.status_code < 500, answer.text
    if answer.status_code == 422:
        assert all(error["field"] and error["message"] for error in answer.json()["errors"])


@pytest.mark.parametrize("at", NEVER)
async def test_time_that_cannot_be_is_refused(at: str) -> None:
    """A start, a customer's date, an order's date or a date in a rule at the ends of the calendar."""
    campaigns = CampaignsApiFixture()
    campaign = (await campaigns.campaign()).json()["id"]
    await check(await campaigns.call("POST", f"/api/campaigns/{campaign}/launch", json={"at": at}))
    await check(await campaigns.call("POST", "/api/segments/preview", json={"text": f"last_active_at before {at}"}))
    await check(await campaigns.call("POST", "/api/segments/preview", json={"text": f'last_active_at = "{at}"'}))
    customers = CustomersApiFixture()
    await check(await customers.call("POST", "/api/customers", json={"email": "a@example.com", "last_active_at": at}))
    order = {"event_id": "1", "type": "order", "at": at, "email": "a@example.com", "amount": 1}
    await check(await customers.call("POST", "/api/activities", json=order))


@pytest.mark.parametrize("days", [-1, 0, 36_500, 36_501, 10**9, 10**400])
async def test_number_of_days_beyond_the_calendar_is_refused(days: int) -> None:
    """A period that begins before the calendar."""
    campaigns = CampaignsApiFixture()
    for text in (f"inactive for {days} days", f"created_at in the last {days} days", f"spend > {days}"):
        await check(await campaigns.call("POST", "/api/segments/preview", json={"text": text}))


@pytest.mark.parametrize(
    "after",
    [
        cursor("created_at", True, "2026-01-01T00:00:00", LONE_SURROGATE),
        cursor("name", False, LONE_SURROGATE, "x"),
        cursor("spend", False, 10**400, "x"),
        cursor("created_at", True, "9999-12-31T23:59:59-14:00", "x"),
        cursor("created_at", True, ["x"], "x"),
        cursor("created_at", True, None, "\x00"),
        cursor([], {}, None, "x"),
        "\u0660",
        "=",
        "é",
        "x" * 50_000,
    ],
)
@pytest.mark.parametrize("sort", ["-created_at", "name", "spend"])
async def test_forged_cursor_is_refused_or_gives_an_honest_page(after: str, sort: str) -> None:
    """Cursors come back from outside: their contents are checked like any other value."""
    customers = CustomersApiFixture()
    await customers.call("POST", "/api/customers", json={"email": "a@example.com", "name": "A"})
    await check(await customers.call("GET", "/api/customers", params={"after": after, "sort": sort}))
    await check(await CampaignsApiFixture().call("GET", "/api/campaigns", params={"after": after}))


@pytest.mark.parametrize(
    "charset", ["idna", "undefined", "punycode", "rot13", "hex", "utf-8-sig", "x" * 300, "\\", '"']
)
@pytest.mark.parametrize("path", ["/api/customers", "/api/activities", "/api/suppressions", "/api/imports/columns"])
async def test_strange_charset_is_refused(charset: str, path: str) -> None:
    """Python knows encodings that no file has, and some of them fail in ways of their own."""
    customers = CustomersApiFixture()
    for body in (b"email\na@example.com\n", b"email\n\xc3\xa9..a@x\xff.com\n", b"", b"." * 70):
        headers = {"Content-Type": f"text/csv; charset={charset}"}
        await check(await customers.call("POST", path, content=body, headers=headers))


@pytest.mark.parametrize(
    "columns",
    [
        json.dumps({"email": LONE_SURROGATE}),
        json.dumps({LONE_SURROGATE: "email"}),
        json.dumps({"email": "attributes.\x00"}),
        json.dumps({"email": "attributes." + "a." * 5_000}),
        "[" * 10_000,
        '{"a": 1e999}',
        "null",
    ],
)
async def test_strange_mapping_of_columns_is_refused(columns: str) -> None:
    """The mapping is part of the address, and as free as any text."""
    customers = CustomersApiFixture()
    body: dict[str, Any] = {"content": b"email\na@example.com\n", "headers": {"Content-Type": "text/csv"}}
    await check(await customers.call("POST", "/api/customers", params={"columns": columns}, **body))
    await check(await customers.call("POST", "/api/suppressions", params={"columns": columns}, **body))


@pytest.mark.parametrize("search", [LONE_SURROGATE, "\x00", "%", "'; drop table customers", "\u202e", " " * 100])
async def test_strange_search_is_answered(search: str) -> None:
    """A search is any text."""
    customers = CustomersApiFixture()
    await customers.call("POST", "/api/customers", json={"email": "a@example.com", "name": "A"})
    body: dict[str, Any] = {"content": json.dumps({"search": search}), "headers": {"Content-Type": "application/json"}}
    await check(await customers.call("POST", "/api/customers/search", **body))
