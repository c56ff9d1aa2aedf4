"""The customers API, with documents in memory."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from common.catalogue.field_codes import FIELD_CODES
from common.events import ProcessImportShard
from common.storage.documents import Create
from common.storage.memory import MemoryPublisher
from common.web.app import MAX_UPLOAD_BYTES
from customers.composition import CustomersSettings, compose
from customers.formats.unpacking import GZIP, OLD_OFFICE, ZIP
from tests.support import INVALID_IDS, SETTINGS, ApiClient, IdCheckingStore, examples, identity_from_token


class CustomersApiFixture:
    """The app of the customers function with in-memory documents and publisher."""

    def __init__(self) -> None:
        self.documents = IdCheckingStore()
        self.access = IdCheckingStore()
        self.publisher = MemoryPublisher()
        function = compose(
            documents=self.documents,
            publisher=self.publisher,
            open_access=lambda: self.access,
            verify_id_token=identity_from_token,
            settings=CustomersSettings(SETTINGS),
        )
        self.imports = function.import_jobs
        self.undo = function.import_undo
        self.call = ApiClient(function.app)

    async def add_members(self, *roles: str) -> CustomersApiFixture:
        """Add a member for each role, such as viewer@example.com."""
        await self.access.commit([Create(f"members/{role}@example.com", {"role": role}) for role in roles])
        return self

    async def process_imports(self) -> None:
        """Process all published commands, each of them twice."""
        while self.publisher.events:
            event = self.publisher.events.pop()
            assert isinstance(event, ProcessImportShard)
            for _ in range(2):
                command = ProcessImportShard.decode(event.encode())
                await (self.undo if command.action == "undo" else self.imports).process(command)

    async def all_customers(self) -> list[dict[str, Any]]:
        """Read all pages of the customer list."""
        customers: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = (await self.call("GET", "/api/customers", params={"limit": 500, **after})).json()
            customers += page["items"]
            if page["next"] is None:
                return customers
            after = {"after": page["next"]}


@pytest.fixture
async def api() -> CustomersApiFixture:
    return await CustomersApiFixture().add_members("viewer")


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
async def test_request_by_role_has_the_expected_status(
    api: CustomersApiFixture, by: str, method: str, status: int
) -> None:
    """Only members have access, viewers only read, and errors are problem documents."""
    response = await api.call(method, "/api/customers", by=by, **({"json": ASHA} if method == "POST" else {}))
    assert response.status_code == status
    if status >= 400:
        problem = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        assert (problem["status"], bool(problem["detail"])) == (status, True)


async def test_upserted_customer_can_be_read(api: CustomersApiFixture) -> None:
    """A new customer is in the list and on its own page; the same row again changes nothing."""
    response = await api.call("POST", "/api/customers", json=ASHA)
    [result] = response.json()["results"]
    assert (result["status"], result["row"], response.json()["created"]) == ("created", 1, 1)
    shown = (await api.call("GET", f"/api/customers/{result['id']}")).json()
    assert (shown["name"], shown["spend"], shown["visits"]) == ("Asha", 12500.5, 0)
    [listed] = (await api.call("GET", "/api/customers")).json()["items"]
    assert shown == listed | {"activities": [], "messages": [], "suppressions": [], "merged_from": []}
    second = await api.call("POST", "/api/customers", json=ASHA)
    assert second.json()["unchanged"] == 1


async def test_upsert_with_invalid_rows_writes_the_valid_ones(api: CustomersApiFixture) -> None:
    """Each row gets a result, in order."""
    rows: list[Any] = [
        ASHA,
        {"email": "wrong"},
        {"phone": "+919876543210"},
        7,
        {"email": "b@example.com", "visits": "x"},
    ]
    response = (await api.call("POST", "/api/customers", json=rows)).json()
    assert [one["status"] for one in response["results"]] == ["created", "rejected", "created", "rejected", "rejected"]
    assert [error["field"] for one in response["results"] for error in one["errors"]] == ["email", "body", "visits"]
    assert (response["created"], response["rejected"]) == (2, 3)


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
async def test_upsert_of_an_invalid_body_names_the_field(api: CustomersApiFixture, content: bytes, field: str) -> None:
    """A body that is not a customer is refused with the name of the field."""
    response = await api.call("POST", "/api/customers", content=content)
    assert response.status_code == 422
    assert [one["field"] for one in response.json()["errors"]] == [field]


async def test_upsert_of_many_rows_is_processed_in_the_background(api: CustomersApiFixture) -> None:
    """More than 500 rows become an import, whose progress, results and rejected rows can be read."""
    rows: list[Any] = [{"external_id": str(n % 1000), "name": f"P{n}"} for n in range(1100)] + [{"email": "wrong"}]
    response = await api.call("POST", "/api/customers", json=rows)
    assert response.status_code == 202
    assert (response.json()["accepted"], response.json()["results"]) == (1101, [])
    path = f"/api/imports/{response.json()['import_id']}"
    assert (await api.call("GET", path)).json()["state"] == "processing"
    await api.process_imports()
    status = (await api.call("GET", path)).json()
    assert (status["state"], status["rows"], status["done"]) == ("completed", 1101, 1101)
    assert (status["created"], status["updated"], status["rejected"]) == (1000, 100, 1)
    customers = {one["external_id"]: one["name"] for one in await api.all_customers()}
    assert customers == {str(n % 1000): f"P{n}" for n in range(1100)}  # the later of two rows of a customer counts
    results = [json.loads(line) for line in (await api.call("GET", f"{path}/results")).text.splitlines()]
    assert sorted(one["row"] for one in results) == list(range(1, 1102))
    query: dict[str, Any] = {"status": "rejected", "limit": 1}
    [only] = (await api.call("GET", f"{path}/results", params=query)).text.splitlines()
    assert (json.loads(only)["row"], json.loads(only)["errors"][0]["field"]) == (1101, "email")
    rejected = (await api.call("GET", f"{path}/rejected.csv")).text.removeprefix("\ufeff").splitlines()
    assert rejected[0] == "external_id,name,email,rejected_row,rejected_reason"
    assert rejected[1].startswith(",,wrong,1101,email: This is not an e-mail address")


async def test_list_is_newest_first_paged_and_filtered(api: CustomersApiFixture) -> None:
    """The newest customer is first, pages continue, and a filter is applied."""
    for number in range(5):
        await api.call("POST", "/api/customers", json={"external_id": str(number), "visits": number})
    page = (await api.call("GET", "/api/customers", params={"limit": 2})).json()
    assert [one["external_id"] for one in page["items"]] == ["4", "3"]
    rest = (await api.call("GET", "/api/customers", params={"limit": 5, "after": page["next"]})).json()
    assert [one["external_id"] for one in rest["items"]] == ["2", "1", "0"]
    assert rest["next"] is None
    some = (await api.call("POST", "/api/customers/search", json={"filter": "visits >= 3"})).json()
    assert [one["external_id"] for one in some["items"]] == ["4", "3"]


async def test_list_is_searched_and_sorted(api: CustomersApiFixture) -> None:
    """Search and sort work across pages."""
    people = [("Asha", 3), ("Natasha", 7), ("Ravi", 5)]
    for number, (name, visits) in enumerate(people):
        await api.call("POST", "/api/customers", json={"external_id": str(number), "name": name, "visits": visits})
    query: dict[str, Any] = {"search": "ash", "sort": "-visits", "limit": 1}
    first = (await api.call("POST", "/api/customers/search", json=query)).json()
    rest = (await api.call("POST", "/api/customers/search", json=query | {"after": first["next"]})).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["Natasha", "Asha"]
    assert rest["next"] is None


@pytest.mark.parametrize("search", ["ash", "ASHA R", "asha@ex", "98123 45", "+91 98123-45678", "rao asha"])
async def test_search_by_name_email_or_phone_finds_the_customer(api: CustomersApiFixture, search: str) -> None:
    """Parts of the name, the e-mail and the phone are searched."""
    asha = {"name": "Asha Rao", "email": "asha@example.com", "phone": "+919812345678"}
    for person in (asha, {"name": "Ravi", "email": "ravi@example.org", "phone": "+919876543210"}):
        await api.call("POST", "/api/customers", json=person)
    customers = (await api.call("POST", "/api/customers/search", json={"search": search})).json()
    assert [one["name"] for one in customers["items"]] == ["Asha Rao"]


async def test_list_is_filtered_by_activities_and_sorted_by_average_order_value(api: CustomersApiFixture) -> None:
    """A filter may use activities, and computed fields sort the list."""
    for number, amounts in enumerate([[10, 20], [40], []]):
        await api.call("POST", "/api/customers", json={"external_id": str(number)})
        order = {"type": "order", "at": "2026-01-01", "external_id": str(number)}
        orders = [{**order, "event_id": f"{number}-{amount}", "amount": amount} for amount in amounts]
        await api.call("POST", "/api/activities", json=orders)
    query = {"filter": "ordered", "sort": "-average_order_value"}
    customers = (await api.call("POST", "/api/customers/search", json=query)).json()["items"]
    assert [(one["external_id"], one["average_order_value"]) for one in customers] == [("1", 40), ("0", 15)]


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
async def test_list_with_an_invalid_parameter_names_it(
    api: CustomersApiFixture, query: dict[str, Any], field: str
) -> None:
    """An invalid filter, sort order, cursor or limit is refused with its name."""
    response = await api.call("POST", "/api/customers/search", json=query)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


async def test_get_of_an_unknown_customer_is_not_found(api: CustomersApiFixture) -> None:
    """An unknown id is answered with 404 and the problem type."""
    response = await api.call("GET", "/api/customers/none")
    assert (response.status_code, response.json()["type"]) == (404, "urn:herald:not_found")


async def test_body_over_the_size_limit_is_refused(api: CustomersApiFixture) -> None:
    """A body over the limit is refused with 413, with and without a declared length."""

    async def endless_body() -> Any:
        for _ in range(MAX_UPLOAD_BYTES // 1_000_000 + 2):
            yield b" " * 1_000_000

    declared = await api.call("POST", "/api/customers", content=b" " * (MAX_UPLOAD_BYTES + 1))
    undeclared = await api.call("POST", "/api/customers", content=endless_body())
    for response in (declared, undeclared):
        assert (response.status_code, response.json()["title"]) == (413, HTTPStatus(413).phrase)


CSV = {"Content-Type": "text/csv"}


async def test_table_upload_returns_a_result_per_row(api: CustomersApiFixture) -> None:
    """A CSV in another encoding is read, and each row gets a result."""
    content = "E-Mail;Name;Umsatz\nasha@example.com;Asha;1.250,50\nwrong;X;\nravi@example.com;Ravi;7\n"
    response = (await api.call("POST", "/api/customers", content=content.encode("windows-1252"), headers=CSV)).json()
    assert [(one["row"], one["status"]) for one in response["results"]] == [
        (2, "created"),
        (3, "rejected"),
        (4, "created"),
    ]
    assert response["columns"] == {"E-Mail": "email", "Name": "name", "Umsatz": "spend"}
    assert {one["name"]: one["spend"] for one in await api.all_customers()} == {"Asha": 1250.5, "Ravi": 7}


async def test_dry_run_returns_the_same_and_writes_nothing(api: CustomersApiFixture) -> None:
    """A dry run returns what the real request returns, for customers and activities."""
    rows: list[Any] = [ASHA, {"email": "wrong"}, ASHA | {"city": "Pune"}]
    dry_run = await api.call("POST", "/api/customers", params={"dry_run": True}, json=rows)
    assert await api.all_customers() == []
    written = await api.call("POST", "/api/customers", json=rows)
    assert dry_run.json() == written.json()
    activities = [{"event_id": "1", "type": "visit", "at": "2026-01-01", "email": ASHA["email"]}] * 2
    dry_run = await api.call("POST", "/api/activities", params={"dry_run": True}, json=activities)
    assert [one["status"] for one in dry_run.json()["results"]] == ["counted", "duplicate"]
    assert (await api.all_customers())[0]["visits"] == 0


async def test_dry_run_in_the_background_writes_nothing(api: CustomersApiFixture) -> None:
    """A dry run as an import counts its rows and writes no customer."""
    query = {"dry_run": True, "background": True}
    response = await api.call("POST", "/api/customers", params=query, json=[ASHA, {"email": "wrong"}])
    await api.process_imports()
    status = (await api.call("GET", f"/api/imports/{response.json()['import_id']}")).json()
    assert (status["state"], status["created"], status["rejected"], status["dry_run"]) == ("completed", 1, 1, True)
    assert await api.all_customers() == []


async def test_table_with_a_column_mapping_follows_it(api: CustomersApiFixture) -> None:
    """A mapping assigns and ignores columns; an invalid mapping is refused."""
    query = {"columns": json.dumps({"Wer": "email", "Wo": ""})}
    response = await api.call("POST", "/api/customers", params=query, content=b"Wer,Wo\na@x.com,Pune", headers=CSV)
    assert response.json()["created"] == 1
    assert (await api.all_customers())[0]["city"] is None
    for columns in ("{", "[]", '{"Wann": "email"}'):
        response = await api.call("POST", "/api/customers", params={"columns": columns}, content=b"Wer\nx", headers=CSV)
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "columns")


async def test_inspect_columns_shows_fields_and_examples(api: CustomersApiFixture) -> None:
    """The preview works even if no column identifies the customer."""
    content = "Wer;Umsatz;Größe;id\n;;;\nasha@example.com;1.250,50;7;x\n".encode("windows-1252")
    response = await api.call("POST", "/api/imports/columns", content=content, headers=CSV)
    assert response.json()["columns"] == [
        {"header": "Wer", "field": "attributes.Wer", "example": "asha@example.com"},
        {"header": "Umsatz", "field": "spend", "example": "1.250,50"},
        {"header": "Größe", "field": "attributes.Größe", "example": "7"},
        {"header": "id", "field": "external_id", "example": "x"},
    ]
    assert {"email", "phone", "first_name", "consent.email"} <= set(response.json()["fields"])
    nothing = await api.call("POST", "/api/imports/columns", content=b"", headers=CSV)
    assert nothing.status_code == 422


async def test_activities_in_every_format_are_counted(api: CustomersApiFixture) -> None:
    """An object, an array and NDJSON are counted, and repeated events are duplicates."""
    await api.call("POST", "/api/customers", json=ASHA | {"spend": 0})
    order = {"event_id": "o1", "type": "order", "at": "2026-01-01T10:00:00Z", "email": ASHA["email"], "amount": 99.5}
    one = await api.call("POST", "/api/activities", json=order)
    assert (one.json()["counted"], one.json()["results"][0]["status"]) == (1, "counted")
    refund = order | {"event_id": "r1", "type": "refund", "amount": 9.5}
    many = await api.call("POST", "/api/activities", json=[order, refund])
    assert (many.json()["duplicate"], many.json()["counted"]) == (1, 1)
    lines = "\n".join(json.dumps(order | {"event_id": f"o{n}"}) for n in (1, 2)) + "\nnonsense\n"
    ndjson = {"Content-Type": "application/x-ndjson"}
    several = (await api.call("POST", "/api/activities", content=lines.encode(), headers=ndjson)).json()
    assert (several["duplicate"], several["counted"], several["rejected"]) == (1, 1, 1)
    [asha] = await api.all_customers()
    assert (asha["spend"], asha["orders"], asha["average_order_value"], asha["active_days"]) == (189.5, 2, 94.75, 1)


async def test_activity_of_an_unknown_customer_is_rejected_or_creates_one(api: CustomersApiFixture) -> None:
    """`on_unknown_customer` decides."""
    visit = {"event_id": "v1", "type": "visit", "at": "2026-01-01", "phone": "098765 43210"}
    refused = await api.call("POST", "/api/activities", json=visit)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown")
    created = await api.call("POST", "/api/activities", params={"on_unknown_customer": "create"}, json=visit)
    assert created.json()["counted"] == 1
    assert [one["phone"] for one in await api.all_customers()] == ["+919876543210"]


async def test_many_activities_are_processed_in_the_background(api: CustomersApiFixture) -> None:
    """More than 500 activities become an import that counts each event once."""
    visits = [
        {"event_id": str(n % 900), "type": "visit", "at": "2026-01-01", "external_id": str(n % 9)} for n in range(1200)
    ]
    response = await api.call("POST", "/api/activities", params={"on_unknown_customer": "create"}, json=visits)
    await api.process_imports()
    status = (await api.call("GET", f"/api/imports/{response.json()['import_id']}")).json()
    assert (status["counted"], status["duplicate"], status["state"]) == (900, 300, "completed")
    assert {one["external_id"]: one["visits"] for one in await api.all_customers()} == {str(n): 100 for n in range(9)}


async def test_upload_that_is_cut_off_imports_nothing(api: CustomersApiFixture) -> None:
    """An array that ends early is refused, no command is published and nothing is written."""
    content = json.dumps([{"external_id": str(n)} for n in range(2000)])[:-20].encode()
    response = await api.call("POST", "/api/customers", content=content)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "json")
    assert api.publisher.events == []
    assert await api.all_customers() == []


@settings(max_examples=examples(60))  # each example is an upload
@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b'"', b"{", b"[", b"x" * 140_000]), max_size=12),
    st.sampled_from(["text/csv", "application/x-ndjson", "application/json", "text/csv; charset=utf-16", ""]),
)
async def test_arbitrary_body_never_causes_a_server_error(lines_between: list[bytes], media: str) -> None:
    """Any bytes with any media type are answered with a status below 500."""
    api = CustomersApiFixture()
    for head in (b"", b"email,name,spend\n"):
        for path in ("/api/customers", "/api/activities"):
            content = head + b"\n".join(lines_between)
            response = await api.call("POST", path, content=content, headers={"Content-Type": media})
            assert response.status_code < 500, response.text


lines_between = st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")) | st.sampled_from(
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


@settings(max_examples=examples(60))  # each example is an upload
@given(st.lists(st.none() | lines_between, max_size=12), st.booleans())
@example([b"PK\x03\x04", None], False)
async def test_upload_with_arbitrary_lines_imports_the_valid_rows(lines: list[bytes | None], as_table: bool) -> None:
    """Bytes of no encoding, open quotation marks, huge cells, and pieces of binary files do not affect valid rows.

    A file that begins as an archive does is refused as one: 415, or 422 if it cannot be unpacked.
    """
    api = CustomersApiFixture()
    valid = {f"{n}@example.com": n for n, line in enumerate(lines) if line is None}
    rows = [
        f"{n}@example.com,{n}" if as_table else json.dumps({"email": f"{n}@example.com", "visits": n})
        for n in range(12)
    ]
    content = b"\n".join(rows[n].encode() if line is None else line for n, line in enumerate(lines))
    media = "text/csv" if as_table else "application/x-ndjson"
    head = b"email,visits\n" if as_table else b""
    response = await api.call("POST", "/api/customers", content=head + content, headers={"Content-Type": media})
    assert response.status_code < 500
    assume(response.status_code != 415)
    if (head + content).startswith((GZIP, ZIP, OLD_OFFICE)):
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "body")
        return
    customers = {one["email"]: one["visits"] for one in await api.all_customers()}
    assert valid.items() <= customers.items()


@pytest.mark.parametrize("invalid_id", INVALID_IDS)
async def test_invalid_id_is_not_found_without_a_read(api: CustomersApiFixture, invalid_id: str) -> None:
    """A path that is no id is answered with 404 and never reaches the database."""
    for method, path in [
        ("GET", f"/api/customers/{invalid_id}"),
        ("GET", f"/api/customers/{invalid_id}/export"),
        ("PATCH", f"/api/customers/{invalid_id}"),
        ("DELETE", f"/api/customers/{invalid_id}"),
        ("GET", f"/api/imports/{invalid_id}"),
        ("GET", f"/api/imports/{invalid_id}/results"),
        ("GET", f"/api/imports/{invalid_id}/rejected.csv"),
    ]:
        body: dict[str, Any] = {"json": {"name": "x"}} if method == "PATCH" else {}
        response = await api.call(method, path, **body)
        assert (response.status_code, path) == (404, path)


async def test_unknown_import_is_not_found(api: CustomersApiFixture) -> None:
    """An unknown import is answered with 404 on all its paths."""
    for path in ("", "/results", "/rejected.csv"):
        assert (await api.call("GET", f"/api/imports/none{path}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/customers", {"search": "asha"}),
        ("/api/customers", {"filter": 'email = "asha@example.com"'}),
        ("/api/customers.csv", {"search": "asha"}),
        ("/api/suppressions", {"search": ""}),
    ],
)
async def test_search_in_a_url_is_refused(api: CustomersApiFixture, path: str, query: dict[str, str]) -> None:
    """URLs end up in logs. It is not ignored: nobody gets, or exports, everybody who asked for a few."""
    response = await api.call("GET", path, params=query)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, *query)


async def test_table_without_an_identifying_column_is_refused_with_a_known_code(api: CustomersApiFixture) -> None:
    """Programs and the site know each code of the document."""
    for path in ("/api/customers", "/api/suppressions"):
        response = await api.call("POST", path, content=b"city\nPune\n", headers={"Content-Type": "text/csv"})
        [error] = response.json()["errors"]
        assert (response.status_code, error["code"] in FIELD_CODES) == (422, True), error


@pytest.mark.parametrize("search", ["meenakshy", "menakshi", "meenaskhi iyre", "Minakshi iyer", "meenxk", "menaks"])
async def test_search_forgives_typos_in_names(api: CustomersApiFixture, search: str) -> None:
    """A letter that is wrong, missing, too much or swapped; and the answer says that nobody matches exactly."""
    await api.call("POST", "/api/customers", json=[{"email": "m@example.com", "name": "Meenakshi Iyer"}, ASHA])
    found = (await api.call("POST", "/api/customers/search", json={"search": search})).json()
    assert [one["name"] for one in found["items"]] == ["Meenakshi Iyer"]
    assert (found["total"], found["forgave_typos"]) == (1, True)


@pytest.mark.parametrize("search", ["ashb", "as", "mxx", "m@exbmple.com", "zzzz"])
async def test_search_forgives_no_typos_where_everything_would_match(api: CustomersApiFixture, search: str) -> None:
    """Neither in addresses nor in very short words, and nothing is similar to nonsense."""
    await api.call("POST", "/api/customers", json=[{"email": "m@example.com", "name": "Mia"}])
    found = (await api.call("POST", "/api/customers/search", json={"search": search})).json()
    assert (found["items"], found["forgave_typos"]) == ([], False)


async def test_search_that_matches_exactly_finds_no_similar_names(api: CustomersApiFixture) -> None:
    """Typos are forgiven only where nobody would be found."""
    rows = [{"email": "a@example.com", "name": "Anita"}, {"email": "b@example.com", "name": "Amita"}]
    await api.call("POST", "/api/customers", json=rows)
    found = (await api.call("POST", "/api/customers/search", json={"search": "anita"})).json()
    assert ([one["name"] for one in found["items"]], found["forgave_typos"]) == (["Anita"], False)
