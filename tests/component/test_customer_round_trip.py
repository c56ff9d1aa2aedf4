"""What the API gives of a customer goes in again: PUT takes what GET gives; ids are numbers or texts; null clears."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from common.events import ProcessImportShard
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.composition import CustomersSettings, compose
from tests.support import SETTINGS, ApiClient, IdCheckingStore, examples, identity_from_token

FULL = {
    "external_id": "7",
    "email": "asha@example.com",
    "phone": "+919812345678",
    "name": "Asha Rao",
    "first_name": "Asha",
    "last_name": "Rao",
    "city": "Pune",
    "company": "Rao & Co",
    "timezone": "Asia/Kolkata",
    "spend": 12.5,
    "visits": 3,
    "orders": 2,
    "active_days": 2,
    "last_active_at": "2026-01-02T00:00:00Z",
    "first_order_at": "2025-01-02T00:00:00Z",
    "created_at": "2020-05-01T00:00:00Z",
    "tags": ["vip", "a, b"],
    "attributes": {"plan": "gold", "n": 5, "flag": True, "list": [1, "x"], "map": {"a": None}},
    "consent": {"email": True, "sms": False},
}


class Herald:
    """The customers function in memory."""

    def __init__(self) -> None:
        self.documents = IdCheckingStore()
        self.publisher = MemoryPublisher()
        function = compose(
            documents=self.documents,
            publisher=self.publisher,
            open_access=MemoryDocuments,
            verify_id_token=identity_from_token,
            settings=CustomersSettings(SETTINGS),
        )
        self.imports = function.import_jobs
        self.call = ApiClient(function.app)

    async def add(self, **fields: Any) -> str:
        [result] = (await self.call("POST", "/api/customers", json=fields)).json()["results"]
        assert not result["errors"], result
        return str(result["id"])

    async def get(self, id_: str) -> Any:
        return (await self.call("GET", f"/api/customers/{id_}")).json()

    async def put(self, id_: str, body: Any) -> Any:
        response = await self.call("PUT", f"/api/customers/{id_}", json=body)
        assert response.status_code == 200, response.text
        return await self.get(id_)


async def test_put_of_what_get_gives_changes_nothing() -> None:
    """Not even the version or a consent's time."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    got = await herald.get(id_)
    assert await herald.put(id_, got) == got
    assert (got["created_at"], got["consent"]) == (FULL["created_at"], FULL["consent"])


TEXT = st.text("abc é,'", min_size=1, max_size=5).map(str.strip).filter(bool)
VALUES = st.integers(-9, 9) | st.booleans() | TEXT | st.floats(-5, 5) | st.lists(TEXT, max_size=2)
CUSTOMERS = st.fixed_dictionaries(
    {"external_id": st.integers(1, 99) | st.just("x")},
    optional={
        "name": TEXT | st.none(),
        "first_name": TEXT | st.none(),
        "last_name": TEXT | st.none(),
        "email": st.sampled_from(["a@example.com", None]),
        "spend": st.integers(0, 9_999).map(lambda minor: minor / 100) | st.none(),
        "visits": st.integers(0, 9) | st.none(),
        "tags": st.lists(TEXT, max_size=3, unique=True) | st.none(),
        "attributes": st.dictionaries(TEXT, VALUES, max_size=3) | st.none(),
        "consent": st.dictionaries(st.sampled_from(["email", "sms"]), st.booleans()) | st.none(),
        "created_at": st.sampled_from(["2020-01-01", None]),
    },
)


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow])
@given(CUSTOMERS)
def test_put_of_any_customer_that_get_gives_changes_nothing(fields: dict[str, Any]) -> None:
    """Whatever their fields are."""

    async def round_trip() -> None:
        herald = Herald()
        id_ = await herald.add(**fields)
        got = await herald.get(id_)
        assert await herald.put(id_, got) == got

    asyncio.run(round_trip())


async def test_put_clears_what_is_not_given() -> None:
    """Attributes are replaced as a whole; consents and the time at which the customer was first known stay."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    after = await herald.put(id_, {"external_id": "7", "email": FULL["email"], "attributes": {"plan": "red"}})
    assert (after["name"], after["phone"], after["spend"], after["tags"]) == (None, None, 0, [])
    assert after["attributes"] == {"plan": "red"}
    assert (after["consent"], after["created_at"]) == (FULL["consent"], FULL["created_at"])


async def test_put_records_a_changed_consent_as_said_now() -> None:
    """Only of the channel that changed."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    got = await herald.get(id_)
    after = await herald.put(id_, got | {"consent": {"email": False, "sms": False}})
    assert after["consent"] == {"email": False, "sms": False}
    assert after["consents"]["sms"] == got["consents"]["sms"]
    assert after["consents"]["email"]["at"] is not None


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"external_id": "8"}, "external_id", "identity"),
        ({"external_id": None}, "external_id", "identity"),
        ({"colour": "red"}, "colour", "unknown"),
        ({"created_at": "2999-01-01"}, "created_at", "date"),
    ],
)
async def test_put_of_what_is_no_customer_is_refused(change: dict[str, Any], field: str, code: str) -> None:
    """A misspelled field is not dropped, and what identifies a customer does not change."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    response = await herald.call("PUT", f"/api/customers/{id_}", json=await herald.get(id_) | change)
    [error] = response.json()["errors"]
    assert (response.status_code, error["field"], error["code"]) == (422, field, code)


async def test_ids_and_phones_may_be_numbers() -> None:
    """Programs send them so; they are the same as the texts."""
    herald = Herald()
    id_ = await herald.add(external_id=7, phone=9812345678)
    assert await herald.add(external_id="7") == id_
    got = await herald.get(id_)
    assert (got["external_id"], got["phone"]) == ("7", "+919812345678")
    order = {"event_id": 12, "type": "visit", "at": "2026-01-01", "external_id": 7}
    [counted] = (await herald.call("POST", "/api/activities", json=order)).json()["results"]
    assert (counted["status"], counted["id"]) == ("counted", id_)
    [again] = (await herald.call("POST", "/api/activities", json=order | {"event_id": "12"})).json()["results"]
    assert again["status"] == "duplicate"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_null_clears_every_field(method: str) -> None:
    """In both ways of changing a customer; a null consent says nothing."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    cleared = dict.fromkeys(FULL.keys() - {"external_id"})
    if method == "POST":
        await herald.add(**cleared, external_id="7")
    else:
        response = await herald.call("PATCH", f"/api/customers/{id_}", json=cleared)
        assert response.status_code == 200, response.text
    after = await herald.get(id_)
    kept = {"external_id", "consent", "created_at"}
    assert {name: after[name] for name in kept} == {name: FULL[name] for name in kept}
    empty = {"spend": 0, "visits": 0, "orders": 0, "active_days": 0, "tags": [], "attributes": {}}
    assert {name: after[name] for name in FULL.keys() - kept} == dict.fromkeys(FULL.keys() - kept) | empty


async def test_null_removes_one_attribute_also_in_a_list_of_customers() -> None:
    """As in a change of one customer."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    await herald.add(external_id="7", attributes={"plan": None, "new": 1})
    assert (await herald.get(id_))["attributes"].keys() == {"n", "flag", "list", "map", "new"}


async def test_earliest_time_at_which_a_customer_was_known_is_kept() -> None:
    """A migrated list does not make everybody new, and a later one changes nothing."""
    herald = Herald()
    id_ = await herald.add(external_id="7")
    for given_time, expected in [("2021-01-01", "2021"), ("2020-01-01", "2020"), ("2022-01-01", "2020")]:
        await herald.add(external_id="7", created_at=given_time + "T00:00:00Z")
        assert (await herald.get(id_))["created_at"].startswith(expected)


TRICKY_TEXTS = (
    *(
        "7",
        "007",
        "5e12",
        "1.10",
        "-5",
        "12,5",
        "N/A",
        "-",
        "yes",
        "true",
        "null",
        "{}",
        "[1]",
        "2026-01-31",
        "31/01/2026",
    ),
    *(
        "=1+1",
        "'=1+1",
        "'7210",
        '="0123"',
        "+1-1",
        "@home",
        "\uff1d1",
        "\u200b=1",
        "\t=1",
        "a, b",
        "a;b",
        "* x",
        '"q"',
        "x | y",
    ),
    *(
        " a ",
        "a\nb",
        "\n=1",
        "शहर",
        "👩‍👩‍👧",
        "é",
        "O'Brien",
        "Total",
        "1.0",
        "a@x.com",
        "a@x.com; b@x.com",
        "46352",
        "x" * 99,
    ),
)
ANY_TEXT = st.sampled_from(TRICKY_TEXTS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd"), min_size=1, max_size=9
)
ANY_VALUE = st.recursive(
    ANY_TEXT
    | st.just("")
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda values: (
        st.lists(values.filter(lambda value: not isinstance(value, list)), max_size=2)
        | st.dictionaries(st.sampled_from("ab"), values, max_size=2)
    ),
    max_leaves=4,
)
NAMES = st.sampled_from(
    [
        "plan",
        "pin",
        "Wallet Balance",
        "attributes",
        "email",
        "status",
        "a.b",
        "x (text)",
        " y ",
        "a@b.co",
        '"z"',
        "consent.sms",
        "id",
    ]
) | ANY_TEXT.filter(lambda name: not name.startswith("__"))
ANY_CUSTOMER = st.fixed_dictionaries(
    {"external_id": ANY_TEXT.filter(lambda text: text.strip(" '\t\n") != "")},
    optional={
        "name": ANY_TEXT,
        "city": ANY_TEXT,
        "company": ANY_TEXT,
        "first_name": ANY_TEXT,
        "last_name": ANY_TEXT,
        "timezone": st.sampled_from(["Asia/Kolkata", "UTC"]),
        "email": st.sampled_from(
            ["a@example.com", "b|c@example.com", "o'brien@example.com", "x/y@example.com", "=z@example.com"]
        ),
        "phone": st.sampled_from(["+919812345678", "+14155552671"]),
        "spend": st.integers(0, 10**14).map(lambda minor: minor / 100),
        "visits": st.integers(0, 2**31 - 1),
        "last_active_at": st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(str),
        "created_at": st.datetimes(datetime(1990, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)).map(str),
        "tags": st.lists(ANY_TEXT, max_size=3),
        "attributes": st.dictionaries(NAMES, ANY_VALUE, max_size=4),
        "consent": st.dictionaries(st.sampled_from(["email", "sms", "whatsapp"]), st.booleans()),
    },
)
CSV = {"content-type": "text/csv"}


async def customers_of(herald: Herald) -> Any:
    """All customers, by their ids in the deployment's order."""
    items = (await herald.call("GET", "/api/customers", params={"limit": 100})).json()["items"]
    return sorted(items, key=lambda one: one["id"])


def restored(customers: Any) -> Any:
    """The customers without what is different after they were brought into an empty deployment."""
    return [{name: value for name, value in one.items() if name not in {"consents", "updated_at"}} for one in customers]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANY_CUSTOMER, min_size=1, max_size=4))
def test_export_of_any_customers_goes_in_again_and_changes_nothing(given_fields: list[dict[str, Any]]) -> None:
    """As CSV and as JSON, whatever is in their fields; an empty deployment then has the same customers, with the same
    types."""

    async def round_trip() -> None:
        herald, empty = Herald(), Herald()
        for fields in given_fields:
            await herald.add(**fields)
        before = await customers_of(herald)
        table = (await herald.call("GET", "/api/customers.csv")).content
        answer = (await herald.call("POST", "/api/customers", content=table, headers=CSV)).json()
        assert (answer.get("unchanged"), [one["warnings"] for one in answer["results"]]) == (
            len(before),
            [[]] * len(before),
        ), answer
        assert await customers_of(herald) == before
        listed = (await herald.call("POST", "/api/customers", json=before)).json()
        assert listed.get("unchanged") == len(before), listed
        again = (await empty.call("POST", "/api/customers", content=table, headers=CSV)).json()
        assert again["created"] == len(before)
        assert restored(await customers_of(empty)) == restored(before)

    asyncio.run(round_trip())


SHARING = st.lists(
    st.fixed_dictionaries(
        {"email": st.sampled_from(["a@example.com", "b@example.com", None])},
        optional={
            "phone": st.sampled_from(["+919812345678", "+14155552671"]),
            "external_id": st.sampled_from(["1", "2"]),
            "name": ANY_TEXT,
        },
    ).filter(lambda fields: any(fields.get(name) for name in ("email", "phone", "external_id"))),
    min_size=2,
    max_size=5,
)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(
    [{"external_id": "1", "email": "a@example.com"}, {"email": None, "phone": "+919812345678", "name": "Asha"}],
    ["a@example.com"] * 2,
)
@given(SHARING, st.lists(st.sampled_from(["a@example.com", "b@example.com"]), max_size=5))
def test_export_of_people_who_share_addresses_goes_in_again_and_changes_nothing(
    people: list[dict[str, Any]], later: list[str]
) -> None:
    """With an id or without one: also who got an address later that others have."""

    async def round_trip() -> None:
        herald = Herald()
        for fields in people:
            await herald.call("POST", "/api/customers", json=fields, params={"on_several_customers": "oldest"})
        for customer, email in zip(await customers_of(herald), later, strict=False):
            await herald.call("PATCH", f"/api/customers/{customer['id']}", json={"email": email})
        before = await customers_of(herald)
        table = (await herald.call("GET", "/api/customers.csv")).content
        answer = (await herald.call("POST", "/api/customers", content=table, headers=CSV)).json()
        assert (answer.get("unchanged"), answer.get("rejected")) == (len(before), 0), answer
        assert [one["id"] for one in answer["results"]] == [row["id"] for row in csv.DictReader(read_text(table))]
        listed = (await herald.call("POST", "/api/customers", json=before)).json()
        assert listed.get("unchanged") == len(before), listed
        assert await customers_of(herald) == before

    asyncio.run(round_trip())


def read_text(table: bytes) -> io.StringIO:
    return io.StringIO(table.decode("utf-8-sig"))


async def test_row_of_an_export_with_another_external_id_is_not_the_customer_whose_id_it_has() -> None:
    """Somebody copied a row in a spreadsheet to add a customer; an id that a spreadsheet changed says nothing."""
    herald = Herald()
    id_ = await herald.add(external_id="7", name="Asha")
    table = (await herald.call("GET", "/api/customers.csv")).content.decode("utf-8-sig")
    other = table.replace("Asha", "Bela").replace(",7,", ",8,", 1)
    answer = (await herald.call("POST", "/api/customers", content=other.encode(), headers=CSV)).json()
    assert answer["created"] == 1, answer
    broken = table.replace(id_, "1.2E+31")
    assert (await herald.call("POST", "/api/customers", content=broken.encode(), headers=CSV)).json()["unchanged"] == 1
    assert (await herald.get(id_))["name"] == "Asha"


async def test_customer_with_a_field_that_herald_computes_is_refused() -> None:
    """An object that Herald did not give may mean something else by it, such as an id of the caller's."""
    herald = Herald()
    response = await herald.call("POST", "/api/customers", json={"id": "7", "email": "a@example.com"})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "id")


async def test_attribute_types_stand_in_the_headings_of_an_export() -> None:
    """Only where an import would guess otherwise; a cell is JSON only if the values of the column have no other type in
    common."""
    herald = Herald()
    attributes = {"plan": "gold", "ward": "7", "n": 5, "flag": True, "since": "2026-01-31", "map": {"a": None}}
    await herald.add(external_id="7", attributes=attributes | {"mixed": 7})
    await herald.add(external_id="8", attributes={"mixed": "7", "attributes": "x"})
    table = (await herald.call("GET", "/api/customers.csv")).content.decode("utf-8-sig")
    seven, eight = sorted(csv.DictReader(io.StringIO(table)), key=lambda row: row["external_id"])
    assert {name: cell for name, cell in seven.items() if name.startswith("attributes") and cell} == {
        "attributes.plan": "gold",
        "attributes.ward (text)": "7",
        "attributes.n (number)": "5",
        "attributes.flag (flag)": "yes",
        "attributes.since (date)": "2026-01-31",
        "attributes.map (json)": '{"a": null}',
        "attributes.mixed (json)": "7",
    }
    assert (eight["attributes.mixed (json)"], eight["attributes (json)"]) == ('"7"', '{"attributes": "x"}')


async def test_attributes_without_a_column_of_their_own_go_in_again() -> None:
    """There are no more columns than an import takes; all other attributes stand in one column."""
    herald, empty = Herald(), Herald()
    for number in range(6):
        await herald.add(external_id=str(number), attributes={f"a{number}_{n}": n for n in range(100)})
    table = (await herald.call("GET", "/api/customers.csv")).content
    assert (await empty.call("POST", "/api/customers", content=table, headers=CSV)).json()["created"] == 6
    assert restored(await customers_of(empty)) == restored(await customers_of(herald))


REJECTED = "Email,Name,Note,PIN\nwrong,'=1+1,=2,0411\nalso wrong,O'Brien,\"a\nb\",0412\n"


async def test_file_of_rejected_rows_goes_in_again_once_corrected() -> None:
    """Each cell is then read as it would have been in the first file, and its row is the one that a spreadsheet
    showed."""
    herald = Herald()
    sent = await herald.call("POST", "/api/customers?background=true", content=REJECTED.encode(), headers=CSV)
    for event in herald.publisher.events:
        await herald.imports.process(ProcessImportShard.decode(event.encode()))
    path = f"/api/imports/{sent.json()['import_id']}/rejected.csv"
    rejected = (await herald.call("GET", path)).content.decode("utf-8-sig")
    assert {row["rejected_row"] for row in csv.DictReader(io.StringIO(rejected))} == {"2", "3"}
    corrected = rejected.replace("also wrong", "b@example.com").replace("wrong", "a@example.com", 1)
    answer = (await herald.call("POST", "/api/customers", content=corrected.encode(), headers=CSV)).json()
    assert answer["created"] == 2, answer
    stored = {one["email"]: (one["name"], one["attributes"]) for one in await customers_of(herald)}
    assert stored == {
        "a@example.com": ("=1+1", {"Note": "=2", "PIN": "0411"}),
        "b@example.com": ("O'Brien", {"Note": "a\nb", "PIN": "0412"}),
    }
