"""Files of orders: what is understood of them, and what people said about messages in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cases.file_reading import FILES
from tests.component.test_api_customers import CustomersApiFixture
from tests.component.test_import_undo import UndoFixture

CSV = {"content-type": "text/csv"}
HEAD = b"Order ID,Order Date,Email,Phone,Order Total,Financial Status,Currency,Accepts Marketing\n"
ORDERS = (
    HEAD
    + b"O-1,2026-01-02,a@example.com,,100,paid,INR,yes\n"
    + b"O-2,2026-01-03,b@example.com,,50,refunded,INR,no\n"
    + b"O-3,2026-01-04,stranger@example.com,,70,paid,INR,no\n"
    + b"O-4,2026-01-05,c@example.com,,20,paid,INR,\n"
    + b"O-5,2026-01-06,,9822077001,10,paid,USD,\n"
)


@pytest.fixture
async def api() -> UndoFixture:
    return UndoFixture()


async def send(api: CustomersApiFixture, content: bytes, **params: Any) -> Any:
    response = await api.call("POST", "/api/activities", content=content, headers=CSV, params=params)
    assert response.status_code in {200, 202}, response.text
    if "import_id" in response.json():
        await api.process_imports()
    return response.json()


async def preview(api: CustomersApiFixture, content: bytes, **params: Any) -> Any:
    return (await api.call("POST", "/api/imports/previews", content=content, headers=CSV, params=params)).json()


async def consents(api: CustomersApiFixture) -> dict[str, bool | None]:
    return {one["email"]: one["consent"].get("email") for one in await api.all_customers()}


async def add(api: CustomersApiFixture, *people: dict[str, Any]) -> None:
    answer = await api.call("POST", "/api/customers", json=list(people))
    assert not answer.json()["rejected"], answer.text


@pytest.mark.parametrize("background", [False, True])
async def test_no_in_a_file_of_orders_counts_also_if_the_order_does_not(api: UndoFixture, background: bool) -> None:
    """Of a refunded order, of an order of nobody, and of one that is counted already; a yes only where it stands."""
    people = [{"external_id": name, "email": f"{name}@example.com"} for name in "abc"]
    await add(api, *people)
    await send(api, ORDERS, background=background)
    assert await consents(api) == {"a@example.com": True, "b@example.com": False, "c@example.com": None}
    await add(api, {"external_id": "s", "email": "stranger@example.com"})
    assert (await consents(api))["stranger@example.com"] is False
    await send(api, HEAD + b"O-1,2026-01-02,a@example.com,,100,paid,INR,no\n", background=background)
    assert (await consents(api))["a@example.com"] is False


async def test_yes_in_a_file_of_orders_ends_no_no(api: UndoFixture) -> None:
    """It has no time of its own, as in a file of customers."""
    await add(api, {"email": "b@example.com", "consent": {"email": False}})
    await send(api, HEAD + b"O-1,2026-01-02,b@example.com,,100,paid,INR,yes\n")
    assert await consents(api) == {"b@example.com": False}


async def test_no_reaches_everybody_with_the_address_and_another_address_of_the_person(api: UndoFixture) -> None:
    """Whoever of several it was, nothing more is written to them."""
    shared = {"email": "both@example.com"}
    await add(api, {"external_id": "1"} | shared, {"external_id": "2"} | shared, {"external_id": "3"})
    answer = await send(api, HEAD + b"O-1,2026-01-02,both@example.com,,100,paid,INR,no\n")
    assert answer["results"][0]["errors"][0]["code"] == "several_customers"
    found = {one["external_id"]: one["consent"] for one in await api.all_customers()}
    assert found == {"1": {"email": False}, "2": {"email": False}, "3": {}}
    await send(api, b"Customer ID,Order ID,Date,Email,Total,Newsletter\n3,O-2,2026-01-02,new@example.com,5,no\n")
    found = {one["external_id"]: one["consent"] for one in await api.all_customers()}
    assert found["3"] == {"email": False}
    await add(api, {"external_id": "4", "email": "new@example.com"})
    assert {one["external_id"]: one["consent"] for one in await api.all_customers()}["4"] == {"email": False}


async def test_no_of_an_order_with_a_bad_amount_is_kept(api: UndoFixture) -> None:
    """The row is rejected, and can be corrected; until then nothing is written to the person."""
    await add(api, {"email": "a@example.com"})
    answer = await send(api, HEAD + b"O-1,soon,a@example.com,,100,paid,INR,no\nO-2,2026-01-02,a@example.com,,5,,,\n")
    assert [one["status"] for one in answer["results"]] == ["rejected", "counted"]
    assert await consents(api) == {"a@example.com": False}


async def test_consent_in_a_later_line_of_an_order_is_kept(api: UndoFixture) -> None:
    """Of several lines the strictest statement counts."""
    await add(api, {"email": "a@example.com"})
    lines = b"O-1,2026-01-02,a@example.com,,100,paid,INR,yes\nO-1,2026-01-02,a@example.com,,,,,no\n"
    assert (await send(api, HEAD + lines))["counted"] == 1
    assert await consents(api) == {"a@example.com": False}


async def test_dry_run_writes_no_consent(api: UndoFixture) -> None:
    """Neither at once nor in the background."""
    await add(api, {"email": "b@example.com"})
    for background in (False, True):
        await send(api, ORDERS, dry_run=True, background=background)
    assert await consents(api) == {"b@example.com": None}


async def test_undo_of_orders_takes_a_yes_back_and_leaves_a_no(api: UndoFixture) -> None:
    """As the undo of a file of customers; figures are as before too."""
    await add(api, *({"external_id": name, "email": f"{name}@example.com"} for name in "abc"))
    import_id = (await send(api, ORDERS, background=True, file="orders.csv"))["import_id"]
    assert (await api.status(import_id))["file"] == "orders.csv"
    undone = await api.undo_import(import_id)
    assert (undone["put_back"], undone["opt_outs"]) == (3, 1)
    assert await consents(api) == {"a@example.com": None, "b@example.com": False, "c@example.com": None}
    assert {one["orders"] for one in await api.all_customers()} == {0}


async def test_very_many_orders_of_people_who_say_no_fit_into_commits(api: UndoFixture) -> None:
    """Each changes an order, a customer and two addresses."""
    people = [{"external_id": f"{n}", "email": f"p{n}@example.com", "phone": f"98220{n:05}"} for n in range(300)]
    await add(api, *people)
    rows = [f"O-{n},2026-01-02,p{n}@example.com,98220{n:05},5,paid,INR,no" for n in range(300)]
    await send(api, HEAD + "\n".join(rows).encode(), background=True)
    assert {one["consent"].get("email") for one in await api.all_customers()} == {False}
    assert {one["orders"] for one in await api.all_customers()} == {1}


async def test_order_in_another_currency_is_rejected(api: UndoFixture) -> None:
    """Amounts of two currencies have no sum; without the column they are taken as they are."""
    await add(api, {"phone": "9822077001"})
    answer = await send(api, ORDERS)
    assert [error["code"] for error in answer["results"][4]["errors"]] == ["currency"]
    assert (await send(api, ORDERS, columns=json.dumps({"Currency": ""})))["counted"] == 1


async def test_preview_of_orders_shows_what_was_understood(api: UndoFixture) -> None:
    """Whom the orders found and by what, refunds, lines that are one order, currencies, and the words of consent."""
    await add(api, *({"external_id": name, "email": f"{name}@example.com"} for name in "abc"))
    items = b"O-1,2026-01-02,a@example.com,,,,,\n"
    start, rest = ORDERS.split(b"O-2", 1)
    shown = await preview(api, start + items + b"O-2" + rest, what="activities")
    assert shown["activities"] == {
        "types": {"order": 3},
        "joined": 1,
        "refunded": 0,
        "undone": 1,
        "currencies": {"INR": 4, "USD": 1},
        "currency": "INR",
        "found_by": {"email": 2},
        "unknown": 1,
    }
    assert (shown["rows"], shown["rejected"], shown["compared"], shown["new"], shown["unclear"]) == (5, 2, 3, 2, 0)
    consent = next(one for one in shown["columns"] if one["header"] == "Accepts Marketing")
    assert {word["word"]: word["meaning"] for word in consent["words"]} == {"yes": "granted", "no": "denied"}
    await send(api, ORDERS)
    shown = await preview(api, ORDERS, what="activities")
    assert (shown["new"], shown["known"], shown["repeated"]) == (0, 2, 0)


@pytest.mark.parametrize("name", ["10a-shopify-orders.csv", "10c-indian-pos.csv"])
async def test_file_of_orders_is_recognized(api: UndoFixture, name: str) -> None:
    """Also if it is looked at as one of customers, and if everybody in it says no."""
    content = (FILES / name).read_bytes()
    for what in ("customers", "activities"):
        shown = await preview(api, content.replace(b",yes,", b",no,"), what=what)
        assert shown["looks_like"] == "activities"


async def test_every_address_of_a_row_is_suppressed(api: UndoFixture) -> None:
    """A list of people has both; of one that cannot be read the answer says so, and the other is suppressed."""
    content = b"Email,Phone,Reason\na@example.com,9822077001,asked\nb@example.com,12345,\nnobody,,\n"
    shown = await preview(api, content, what="suppressions")
    assert (shown["rows"], shown["rejected"], shown["activities"]) == (3, 2, None)
    answer = (await api.call("POST", "/api/suppressions", content=content, headers=CSV)).json()
    assert (answer["suppressed"], [one["row"] for one in answer["rejected"]]) == (3, [3, 4])
    listed = (await api.call("GET", "/api/suppressions")).json()["items"]
    assert sorted((one["kind"], one["reason"]) for one in listed) == [
        ("email", "asked"), ("email", "by hand"), ("phone", "asked"),
    ]  # fmt: skip


ID_AND_EMAIL = b"Order ID,Order Date,external_id,Email,Phone,Order Total\n"


@pytest.mark.parametrize("unknown", ["reject", "create"])
async def test_order_with_an_id_that_nobody_has_finds_the_customer_by_the_address(
    api: UndoFixture, unknown: str
) -> None:
    """A newsletter knew the address, and the shop its own id: whichever is there first has the order, once."""
    await add(api, {"email": "a@example.com"}, {"phone": "9822077001"})
    orders = ID_AND_EMAIL + b"1,2026-01-02,55,a@example.com,,100\n2,2026-01-03,56,new@example.com,9822077001,20\n"
    shown = await preview(api, orders, what="activities")
    assert shown["activities"]["found_by"] == {"email": 1, "phone": 1}
    assert (await send(api, orders, on_unknown_customer=unknown))["counted"] == 2
    await add(api, {"external_id": "55", "email": "a@example.com"})
    assert (await send(api, orders, on_unknown_customer=unknown))["duplicate"] == 2
    spend = {(one["external_id"], one["email"], one["phone"]): one["spend"] for one in await api.all_customers()}
    assert spend == {
        (None, "a@example.com", None): 100,
        (None, None, "+919822077001"): 20,
        ("55", "a@example.com", None): 0,
    }


async def test_order_with_an_id_that_somebody_has_is_theirs_whoever_has_the_address(api: UndoFixture) -> None:
    """And with an id that nobody has, it is of nobody with another id: a family has one mailbox."""
    await add(api, {"external_id": "55"}, {"email": "a@example.com"}, {"external_id": "7", "email": "b@example.com"})
    orders = ID_AND_EMAIL + b"1,2026-01-02,55,a@example.com,,100\n2,2026-01-03,8,b@example.com,,20\n"
    answer = await send(api, orders)
    assert (answer["counted"], answer["rejected"]) == (1, 1)
    assert {one["external_id"]: one["spend"] for one in await api.all_customers()} == {"55": 100, None: 0, "7": 0}
