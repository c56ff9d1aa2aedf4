"""The customers API, on documents in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.audience import Audience
from common.events import ImportLane
from common.storage.documents import Create
from common.storage.memory import MemoryPublisher
from common.web.app import MOST_BYTES
from customers.app import create_customers_app
from customers.commands.record_activities import Activities
from customers.commands.upsert import Ingestion
from customers.imports.jobs import Imports
from customers.services import services_of
from tests.support import HASHES, NO_IDS, Caller, Wary, access


class World:
    def __init__(self) -> None:
        self.documents = Wary()
        self.publisher = MemoryPublisher()
        ingestion, activities = Ingestion(self.documents, hashes=HASHES), Activities(self.documents, hashes=HASHES)
        self.imports = Imports(
            documents=self.documents, publisher=self.publisher, ingestion=ingestion, activities=activities
        )
        services = services_of(self.documents, imports=self.imports, hashes=HASHES, audience=Audience(self.documents))
        app = create_customers_app(access=access(self.documents), services=services)
        self.call = Caller(app)

    async def admit(self, *roles: str) -> World:
        """A member of each of these roles, called by it."""
        await self.documents.commit([Create(f"members/{role}@example.com", {"role": role}) for role in roles])
        return self

    async def work_off(self) -> None:
        """Everything that waits, each event twice."""
        while self.publisher.events:
            event = self.publisher.events.pop()
            assert isinstance(event, ImportLane)
            for _ in range(2):
                await self.imports.work(ImportLane.decode(event.encode()))

    async def everybody(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = (await self.call("GET", "/api/customers", params={"limit": 500, **after})).json()
            found += page["items"]
            if page["next"] is None:
                return found
            after = {"after": page["next"]}


@pytest.fixture
async def world() -> World:
    return await World().admit("viewer")


ASHA = {"email": "asha@example.com", "name": "Asha", "spend": 12500.5}


@pytest.mark.parametrize(
    ("by", "method", "status"),
    [
        (None, "GET", 401),
        ("nobody", "GET", 401),
        ("stranger@example.com", "GET", 403),
        ("viewer@example.com", "GET", 200),
        ("viewer@example.com", "POST", 403),
        ("Viewer@Example.com", "GET", 200),
        ("admin@example.com", "POST", 200),
    ],
)
async def test_only_members_get_in_and_viewers_only_read(world: World, by: str, method: str, status: int) -> None:
    answer = await world.call(method, "/api/customers", by=by, **({"json": ASHA} if method == "POST" else {}))
    assert answer.status_code == status
    if status >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["status"], bool(problem["detail"])) == (status, True)


async def test_one_customer_in_and_out(world: World) -> None:
    answer = await world.call("POST", "/api/customers", json=ASHA)
    [result] = answer.json()["results"]
    assert (result["status"], result["row"], answer.json()["created"]) == ("created", 1, 1)
    shown = (await world.call("GET", f"/api/customers/{result['id']}")).json()
    assert (shown["name"], shown["spend"], shown["visits"]) == ("Asha", 12500.5, 0)
    [listed] = (await world.call("GET", "/api/customers")).json()["items"]
    assert shown == listed | {"activities": [], "messages": []}
    again = await world.call("POST", "/api/customers", json=ASHA)
    assert again.json()["unchanged"] == 1


async def test_every_row_gets_its_answer_and_good_ones_go_in(world: World) -> None:
    rows: list[Any] = [
        ASHA,
        {"email": "wrong"},
        {"phone": "+919876543210"},
        7,
        {"email": "b@example.com", "visits": "x"},
    ]
    answer = (await world.call("POST", "/api/customers", json=rows)).json()
    assert [one["status"] for one in answer["results"]] == ["created", "rejected", "created", "rejected", "rejected"]
    assert [error["field"] for one in answer["results"] for error in one["errors"]] == ["email", "body", "visits"]
    assert (answer["created"], answer["rejected"]) == (2, 3)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b"7", "body"),
        (b'"x"', "body"),
        (b'{"email": "x"}', "email"),
        (b"\xff", "body"),
    ],
)
async def test_what_is_no_customer_is_a_problem_naming_the_field(world: World, content: bytes, field: str) -> None:
    answer = await world.call("POST", "/api/customers", content=content)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_many_rows_are_accepted_and_worked_off_in_the_background(world: World) -> None:
    rows: list[Any] = [{"external_id": str(n % 1000), "name": f"P{n}"} for n in range(1100)] + [{"email": "wrong"}]
    answer = await world.call("POST", "/api/customers", json=rows)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["results"]) == (1101, [])
    path = f"/api/imports/{answer.json()['import_id']}"
    assert (await world.call("GET", path)).json()["state"] == "working"
    await world.work_off()
    status = (await world.call("GET", path)).json()
    assert (status["state"], status["rows"], status["done"]) == ("done", 1101, 1101)
    assert (status["created"], status["updated"], status["rejected"]) == (1000, 100, 1)
    found = {one["external_id"]: one["name"] for one in await world.everybody()}
    assert found == {str(n % 1000): f"P{n}" for n in range(1100)}  # of two rows for a person the later one counts
    results = [json.loads(line) for line in (await world.call("GET", f"{path}/results")).text.splitlines()]
    assert sorted(one["row"] for one in results) == list(range(1, 1102))
    query: dict[str, Any] = {"status": "rejected", "limit": 1}
    [only] = (await world.call("GET", f"{path}/results", params=query)).text.splitlines()
    assert (json.loads(only)["row"], json.loads(only)["errors"][0]["field"]) == (1101, "email")
    rejected = (await world.call("GET", f"{path}/rejected.csv")).text.splitlines()
    assert rejected[0] == "external_id,name,email,rejected_row,rejected_reason"
    assert rejected[1].startswith(",,wrong,1101,email: This is no e-mail address")


async def test_the_list_is_newest_first_paged_and_filtered(world: World) -> None:
    for number in range(5):
        await world.call("POST", "/api/customers", json={"external_id": str(number), "visits": number})
    page = (await world.call("GET", "/api/customers", params={"limit": 2})).json()
    assert [one["external_id"] for one in page["items"]] == ["4", "3"]
    rest = (await world.call("GET", "/api/customers", params={"limit": 5, "after": page["next"]})).json()
    assert [one["external_id"] for one in rest["items"]] == ["2", "1", "0"]
    assert rest["next"] is None
    some = (await world.call("GET", "/api/customers", params={"filter": "visits >= 3"})).json()
    assert [one["external_id"] for one in some["items"]] == ["4", "3"]


async def test_the_list_is_searched_and_sorted(world: World) -> None:
    people = [("Asha", 3), ("Natasha", 7), ("Ravi", 5)]
    for number, (name, visits) in enumerate(people):
        await world.call("POST", "/api/customers", json={"external_id": str(number), "name": name, "visits": visits})
    query: dict[str, Any] = {"search": "ash", "sort": "-visits", "limit": 1}
    first = (await world.call("GET", "/api/customers", params=query)).json()
    rest = (await world.call("GET", "/api/customers", params=query | {"after": first["next"]})).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["Natasha", "Asha"]
    assert rest["next"] is None


@pytest.mark.parametrize("search", ["ash", "ASHA R", "asha@ex", "98123 45", "+91 98123-45678", "rao asha"])
async def test_a_person_is_found_by_name_email_and_phone(world: World, search: str) -> None:
    asha = {"name": "Asha Rao", "email": "asha@example.com", "phone": "+919812345678"}
    for person in (asha, {"name": "Ravi", "email": "ravi@example.org", "phone": "+919876543210"}):
        await world.call("POST", "/api/customers", json=person)
    found = (await world.call("GET", "/api/customers", params={"search": search})).json()
    assert [one["name"] for one in found["items"]] == ["Asha Rao"]


async def test_the_list_is_filtered_by_what_they_did_and_sorted_by_what_it_came_to(world: World) -> None:
    for number, amounts in enumerate([[10, 20], [40], []]):
        await world.call("POST", "/api/customers", json={"external_id": str(number)})
        order = {"type": "order", "at": "2026-01-01", "external_id": str(number)}
        orders = [{**order, "event_id": f"{number}-{amount}", "amount": amount} for amount in amounts]
        await world.call("POST", "/api/activities", json=orders)
    query = {"filter": "ordered", "sort": "-average_order_value"}
    found = (await world.call("GET", "/api/customers", params=query)).json()["items"]
    assert [(one["external_id"], one["average_order_value"]) for one in found] == [("1", 40), ("0", 15)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"filter": "visits >"}, "filter"),
        ({"filter": "vists > 1"}, "filter"),
        ({"filter": "in segment 'none'"}, "filter"),
        ({"sort": "shoe_size"}, "sort"),
        ({"after": "nonsense"}, "after"),
        ({"limit": 0}, "limit"),
    ],
)
async def test_a_wrong_query_is_a_problem(world: World, query: dict[str, Any], field: str) -> None:
    answer = await world.call("GET", "/api/customers", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_there_is_no_such_customer(world: World) -> None:
    answer = await world.call("GET", "/api/customers/none")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:herald:not_found")


async def test_a_body_over_the_limit_is_refused_whether_it_says_its_length_or_not(world: World) -> None:
    async def endless() -> Any:
        for _ in range(MOST_BYTES // 1_000_000 + 2):
            yield b" " * 1_000_000

    said = await world.call("POST", "/api/customers", content=b" " * (MOST_BYTES + 1))
    unsaid = await world.call("POST", "/api/customers", content=endless())
    for answer in (said, unsaid):
        assert (answer.status_code, answer.json()["title"]) == (413, "Request Entity Too Large")


CSV = {"Content-Type": "text/csv"}


async def test_a_table_comes_in_with_an_answer_for_each_row(world: World) -> None:
    content = "E-Mail;Name;Umsatz\nasha@example.com;Asha;1.250,50\nwrong;X;\nravi@example.com;Ravi;7\n"
    answer = (await world.call("POST", "/api/customers", content=content.encode("windows-1252"), headers=CSV)).json()
    assert [(one["row"], one["status"]) for one in answer["results"]] == [
        (1, "created"),
        (2, "rejected"),
        (3, "created"),
    ]
    assert answer["columns"] == {"E-Mail": "email", "Name": "name", "Umsatz": "spend"}
    assert {one["name"]: one["spend"] for one in await world.everybody()} == {"Asha": 1250.5, "Ravi": 7}


async def test_a_dry_run_says_the_same_and_writes_nothing(world: World) -> None:
    rows: list[Any] = [ASHA, {"email": "wrong"}, ASHA | {"city": "Pune"}]
    dry = await world.call("POST", "/api/customers", params={"dry_run": True}, json=rows)
    assert await world.everybody() == []
    wet = await world.call("POST", "/api/customers", json=rows)
    assert dry.json() == wet.json()
    activities = [{"event_id": "1", "type": "visit", "at": "2026-01-01", "email": ASHA["email"]}] * 2
    dry = await world.call("POST", "/api/activities", params={"dry_run": True}, json=activities)
    assert [one["status"] for one in dry.json()["results"]] == ["counted", "duplicate"]
    assert (await world.everybody())[0]["visits"] == 0


async def test_a_dry_run_in_the_background_says_the_same(world: World) -> None:
    query = {"dry_run": True, "background": True}
    answer = await world.call("POST", "/api/customers", params=query, json=[ASHA, {"email": "wrong"}])
    await world.work_off()
    status = (await world.call("GET", f"/api/imports/{answer.json()['import_id']}")).json()
    assert (status["state"], status["created"], status["rejected"], status["dry_run"]) == ("done", 1, 1, True)
    assert await world.everybody() == []


async def test_columns_are_mapped_by_the_caller(world: World) -> None:
    query = {"columns": json.dumps({"Wer": "email", "Wo": ""})}
    answer = await world.call("POST", "/api/customers", params=query, content=b"Wer,Wo\na@x.com,Pune", headers=CSV)
    assert answer.json()["created"] == 1
    assert (await world.everybody())[0]["city"] is None
    for columns in ("{", "[]", '{"Wann": "email"}'):
        answer = await world.call("POST", "/api/customers", params={"columns": columns}, content=b"Wer\nx", headers=CSV)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "columns")


async def test_columns_are_looked_at_before_a_table_is_brought_in(world: World) -> None:
    """Whether or not one of them says who a row is about."""
    content = "Wer;Umsatz;Größe;id\n;;;\nasha@example.com;1.250,50;7;x\n".encode("windows-1252")
    answer = await world.call("POST", "/api/imports/columns", content=content, headers=CSV)
    assert answer.json()["columns"] == [
        {"header": "Wer", "field": "attributes.Wer", "example": "asha@example.com"},
        {"header": "Umsatz", "field": "spend", "example": "1.250,50"},
        {"header": "Größe", "field": "attributes.Größe", "example": "7"},
        {"header": "id", "field": "", "example": "x"},
    ]
    assert {"email", "phone", "name.first", "consent.email"} <= set(answer.json()["fields"])
    nothing = await world.call("POST", "/api/imports/columns", content=b"", headers=CSV)
    assert nothing.status_code == 422


async def test_activities_one_many_and_as_lines(world: World) -> None:
    await world.call("POST", "/api/customers", json=ASHA | {"spend": 0})
    order = {"event_id": "o1", "type": "order", "at": "2026-01-01T10:00:00Z", "email": ASHA["email"], "amount": 99.5}
    one = await world.call("POST", "/api/activities", json=order)
    assert (one.json()["counted"], one.json()["results"][0]["status"]) == (1, "counted")
    refund = order | {"event_id": "r1", "type": "refund", "amount": 9.5}
    many = await world.call("POST", "/api/activities", json=[order, refund])
    assert (many.json()["duplicate"], many.json()["counted"]) == (1, 1)
    lines = "\n".join(json.dumps(order | {"event_id": f"o{n}"}) for n in (1, 2)) + "\nnonsense\n"
    ndjson = {"Content-Type": "application/x-ndjson"}
    several = (await world.call("POST", "/api/activities", content=lines.encode(), headers=ndjson)).json()
    assert (several["duplicate"], several["counted"], several["rejected"]) == (1, 1, 1)
    [asha] = await world.everybody()
    assert (asha["spend"], asha["orders"], asha["average_order_value"], asha["active_days"]) == (189.5, 2, 94.75, 1)


async def test_an_activity_of_nobody_is_refused_or_creates_the_person(world: World) -> None:
    visit = {"event_id": "v1", "type": "visit", "at": "2026-01-01", "phone": "098765 43210"}
    refused = await world.call("POST", "/api/activities", json=visit)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown")
    created = await world.call("POST", "/api/activities", params={"unknown": "create"}, json=visit)
    assert created.json()["counted"] == 1
    assert [one["phone"] for one in await world.everybody()] == ["+919876543210"]


async def test_many_activities_are_worked_off_in_the_background(world: World) -> None:
    visits = [
        {"event_id": str(n % 900), "type": "visit", "at": "2026-01-01", "external_id": str(n % 9)} for n in range(1200)
    ]
    answer = await world.call("POST", "/api/activities", params={"unknown": "create"}, json=visits)
    await world.work_off()
    status = (await world.call("GET", f"/api/imports/{answer.json()['import_id']}")).json()
    assert (status["counted"], status["duplicate"], status["state"]) == (900, 300, "done")
    assert {one["external_id"]: one["visits"] for one in await world.everybody()} == {str(n): 100 for n in range(9)}


async def test_an_upload_that_breaks_off_brings_nothing_in(world: World) -> None:
    content = json.dumps([{"external_id": str(n)} for n in range(2000)])[:-20].encode()
    answer = await world.call("POST", "/api/customers", content=content)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "json")
    assert world.publisher.events == []
    assert await world.everybody() == []


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b'"', b"{", b"[", b"x" * 140_000]), max_size=12),
    st.sampled_from(["text/csv", "application/x-ndjson", "application/json", "text/csv; charset=utf-16", ""]),
)
async def test_whatever_is_sent_no_answer_is_our_fault(pieces: list[bytes], media: str) -> None:
    world = World()
    for head in (b"", b"email,name,spend\n"):
        for path in ("/api/customers", "/api/activities"):
            content = head + b"\n".join(pieces)
            answer = await world.call("POST", path, content=content, headers={"Content-Type": media})
            assert answer.status_code < 500, answer.text


pieces = st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")) | st.sampled_from(
    [
        b'"',
        b'a,"b',
        b'""',
        b"\r",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"{",
        b'{"email": 7}',
        b"[]",
        b"x" * 140_000,
        b"," * 600,
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.none() | pieces, max_size=12), st.booleans())
async def test_whatever_stands_between_them_the_good_rows_go_in(lines: list[bytes | None], as_table: bool) -> None:
    """Bytes of no encoding, quotation marks that are never closed, huge cells, pieces of binary files."""
    world = World()
    good = {f"{n}@example.com": n for n, line in enumerate(lines) if line is None}
    rows = [
        f"{n}@example.com,{n}" if as_table else json.dumps({"email": f"{n}@example.com", "visits": n})
        for n in range(12)
    ]
    content = b"\n".join(rows[n].encode() if line is None else line for n, line in enumerate(lines))
    media = "text/csv" if as_table else "application/x-ndjson"
    head = b"email,visits\n" if as_table else b""
    answer = await world.call("POST", "/api/customers", content=head + content, headers={"Content-Type": media})
    assert answer.status_code < 500
    found = {one["email"]: one["visits"] for one in await world.everybody()}
    assert good.items() <= found.items()


@pytest.mark.parametrize("no_id", NO_IDS)
async def test_what_is_no_id_is_not_found_and_not_asked_for(world: World, no_id: str) -> None:
    for method, path in [
        ("GET", f"/api/customers/{no_id}"),
        ("GET", f"/api/customers/{no_id}/export"),
        ("PATCH", f"/api/customers/{no_id}"),
        ("DELETE", f"/api/customers/{no_id}"),
        ("GET", f"/api/imports/{no_id}"),
        ("GET", f"/api/imports/{no_id}/results"),
        ("GET", f"/api/imports/{no_id}/rejected.csv"),
        ("DELETE", f"/api/keys/{no_id}"),
    ]:
        body: dict[str, Any] = {"json": {"name": "x"}} if method == "PATCH" else {}
        answer = await world.call(method, path, **body)
        assert (answer.status_code, path) == (404, path)


async def test_there_is_no_such_import(world: World) -> None:
    for path in ("", "/results", "/rejected.csv"):
        assert (await world.call("GET", f"/api/imports/none{path}")).status_code == 404
