"""Export, erasure, consent and suppression over HTTP, on documents in memory."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from common.addresses.address import Address
from common.addresses.changes import RecentAddressChanges
from common.events import MessageReady, RecipientSelected
from common.messages.dead_letters import dead_letter_write
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.storage.documents import Create, Query, Snapshot
from tests.component.test_api_customers import CustomersApiFixture
from tests.support import HASHER, logged_actions

ASHA = {"external_id": "7", "email": "asha@example.com", "phone": "+919876543210", "name": "Asha Rao"}
EMAIL = Address(kind="email", value="asha@example.com")
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def api() -> CustomersApiFixture:
    return await CustomersApiFixture().add_members("viewer", "manager")


async def add_asha(api: CustomersApiFixture, **fields: Any) -> str:
    answer = await api.call("POST", "/api/customers", json=ASHA | fields)
    return str(answer.json()["results"][0]["id"])


async def add_history(api: CustomersApiFixture) -> str:
    """Create what a campaign leaves behind, and return the customer's id."""
    customer = await add_asha(api)
    order = {"event_id": "o1", "type": "order", "at": "2026-01-01", "external_id": "7", "amount": 5}
    await api.call("POST", "/api/activities", json=order | {"fields": {"note": "for Asha Rao"}})
    person_fields = {"campaign": "c", "customer": customer, "name": "Asha Rao", "to": ASHA["email"]}
    text = {"subject": "Hi Asha Rao", "body": "Dear Asha Rao"}
    claim = person_fields | text | {"lease_until": datetime.now(UTC), "at": datetime.now(UTC)}
    receipt = person_fields | {"message": "m", "kind": "failed", "slot": "outcome", "at": datetime.now(UTC)}
    receipt["reason"] = f"no mailbox {ASHA['email']}"
    await api.documents.commit([Create("claims/m", claim), Create("receipts/m.outcome", receipt)])
    await defer_messages(api, customer)
    await import_rejected_row(api)
    return customer


async def defer_messages(api: CustomersApiFixture, customer: str) -> None:
    """Defer two messages to the customer, one with its text and one without."""
    person_fields = {"campaign_id": "c", "customer_id": customer, "name": "Asha Rao", "to": ASHA["email"]}
    routing = {"channel": "email", "vendor": "simulator"}
    text = {"subject": "Hi Asha Rao", "body": "Dear Asha Rao", "personalized_by": "gemini"}
    message = {"message": {"subject": "Hi", "body": "Dear"}, "personalization": "gemini"}
    without_text = RecipientSelected(
        message_id="1" * 32, **person_fields, **routing, fields={"name": "Asha Rao"}, **message
    )
    with_text = MessageReady(message_id="2" * 32, **person_fields, **routing, **text)
    deferred = DeferredMessages(api.documents, api.publisher)
    await deferred.defer(
        [DeferredMessage(event=event, reason="paused", until=datetime.now(UTC)) for event in (without_text, with_text)]
    )


async def import_rejected_row(api: CustomersApiFixture) -> None:
    rows = [ASHA | {"name": "Asha Rao-Iyer", "spend": "much"}, ASHA, {"email": "other@example.com", "visits": "x"}]
    await api.call("POST", "/api/customers", params={"background": True}, json=rows)
    await api.process_imports()


FUNCTIONS = Path(__file__).parents[2] / "functions"


async def stored_data(api: CustomersApiFixture) -> str:
    """Return all stored data except what a tick removes: deltas of the audience index, and notes of erasures."""
    documents = [
        document
        for name in api.documents.collections() - {"audience", "redactions"}
        for document in await api.documents.query(Query(collection=name))
    ]
    return json.dumps([[document.path, _decompressed(document)] for document in documents], default=str)


def _decompressed(document: Snapshot) -> dict[str, Any]:
    data = dict(document.data or {})
    if isinstance(data.get("rows"), bytes):
        data["rows"] = gzip.decompress(data["rows"]).decode()
    if isinstance(data.get("data"), bytes):
        data["data"] = data["data"].decode()
    return data


def test_every_collection_is_classified_by_personal_data() -> None:
    """A new collection must be classified here, and handled by erasure if it contains personal data."""
    redacted = {
        "customers",
        "activities",
        "claims",
        "receipts",
        "deferred",
        "import_chunks",
        "audience",
        "dead_letters",
        "form_requests",
    }
    hashed_only = {"addresses", "inboxes", "pages", "plans", "redactions"}
    hashed_only |= {"visits"}  # times of clicks by message id, for a day
    hashed_only |= {"idempotency"}  # answers about customers have their ids, and expire in a day
    hashed_only |= {"import_changes", "import_undos"}  # erasure removes the person from the first; the second has ids
    hashed_only |= {"outgoing_events"}  # ids and facts, for a week
    without_personal_data = {"segments", "campaigns", "counters", "members", "keys", "imports", "names"}
    without_personal_data |= {"audit", "audit_outbox", "key_names", "key_uses", "identities"}
    hashed_only |= {"recent_sends"}  # of an address: which campaigns have sent to it, for as long as a cap may ask
    hashed_only |= {"segment_people"}  # ids, and hashes of addresses that nobody has yet; erasure removes the person
    without_personal_data |= {"forms", "form_counts"}
    without_personal_data |= {"import_mappings"}  # headings of files
    without_personal_data |= {"retries", "gemini_usage", "visits", "opt_outs", "campaign_sentences"}
    without_personal_data |= {"webhooks", "webhook_states", "webhook_deliveries", "webhook_attempts"}
    source = "\n".join(path.read_text() for path in FUNCTIONS.rglob("*.py"))
    names = re.findall(r'f"([a-z_]+)/{|(?:collection=|COLLECTION = )"([a-z_]+)"', source)
    assert {path or collection for path, collection in names} - {
        "projects"
    } == redacted | hashed_only | without_personal_data


async def test_export_contains_all_data_of_customer(api: CustomersApiFixture) -> None:
    """The export has the customer, activities, messages and receipts."""
    customer = await add_history(api)
    export = (await api.call("GET", f"/api/customers/{customer}/export")).json()
    assert export["customer"]["name"] == "Asha Rao"
    assert [(item["type"], item["amount"], item["fields"]) for item in export["activities"]] == [
        ("order", 5, {"note": "for Asha Rao"})
    ]
    assert [item["body"] for item in export["messages"]] == ["Dear Asha Rao"]
    assert [item["kind"] for item in export["receipts"]] == ["failed"]
    assert (await api.call("GET", "/api/customers/none/export")).status_code == 404


async def test_customer_detail_shows_newest_and_export_has_all(api: CustomersApiFixture) -> None:
    """The detail reads and shows the newest 100 of each kind; the export has all of them."""
    customer = await add_asha(api)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(700):
        at = {"campaign": "c", "customer": customer, "at": first + timedelta(minutes=number)}
        done = at | {"event_id": f"e{number}", "type": "visit"}
        sent = at | {"message": f"m{number}", "kind": "sent"}
        await api.documents.commit(
            [
                Create(f"activities/{number}", done),
                Create(f"claims/m{number}", at | {"subject": "Hi"}),
                Create(f"receipts/m{number}.outcome", sent),
            ]
        )
    read: list[int] = []
    ask = api.documents.query

    async def counting_query(query: Query) -> list[Snapshot]:
        found = await ask(query)
        read.append(len(found))
        return found

    api.documents.query = counting_query  # type: ignore[method-assign]
    detail = (await api.call("GET", f"/api/customers/{customer}")).json()
    assert sum(read) == 1_500
    assert [item["event_id"] for item in detail["activities"]] == [f"e{number}" for number in range(699, 599, -1)]
    assert [item["id"] for item in detail["messages"]] == [f"m{number}" for number in range(699, 599, -1)]
    assert {(item["subject"], len(item["history"])) for item in detail["messages"]} == {("Hi", 1)}
    export = (await api.call("GET", f"/api/customers/{customer}/export")).json()
    assert [len(export[name]) for name in ("activities", "messages", "receipts")] == [700, 700, 700]


async def test_erasure_removes_personal_data_and_keeps_suppression(api: CustomersApiFixture) -> None:
    """After an erasure no personal data is left, and the same customer is suppressed when imported again."""
    customer = await add_history(api)
    assert (await api.call("DELETE", f"/api/customers/{customer}", by="manager@example.com")).status_code == 403
    assert (await api.call("DELETE", f"/api/customers/{customer}")).status_code == 204
    remaining = await stored_data(api)
    assert not any(str(known) in remaining for known in [*ASHA.values(), customer, "Rao"] if known != "7")
    assert await api.all_customers() == []
    assert "other@example.com" in remaining  # a rejected row of another customer
    waiting = [MessageReady.decode((await api.documents.get(f"deferred/{n * 32}"))["data"]) for n in "12"]
    assert [(item.skip_reason, item.to, item.message_id) for item in waiting] == [
        ("erased", "", "1" * 32),
        ("erased", "", "2" * 32),
    ]
    receipt = await api.documents.get("receipts/m.outcome")
    assert (receipt["kind"], receipt["campaign"], receipt["reason"]) == ("failed", "c", "erased")
    [entry] = await logged_actions(api.documents, "customer erased")
    assert (entry["what"], entry["activities"], entry["messages"]) == ("customer erased", 1, 1)
    assert (await api.call("DELETE", f"/api/customers/{customer}")).status_code == 404
    await add_asha(api)
    [imported_again] = await api.all_customers()
    assert imported_again["suppressed"] == ["email", "sms", "whatsapp"]


async def test_erasure_redacts_reasons_that_contain_an_address(api: CustomersApiFixture) -> None:
    """Also if no message has the address, if its case differs, or if it is an earlier address."""
    customer = await add_asha(api)
    person_fields = {"campaign": "c", "customer": customer, "kind": "failed", "at": datetime.now(UTC)}
    reasons = {
        "a": ("ASHA@Example.com is unknown", None),
        "b": ("+919876543210 is switched off", None),
        "c": ("OLD@example.com has moved", "old@example.com"),
        "d": ("The mailbox is full", "old@example.com"),
    }
    for name, (reason, to) in reasons.items():
        await api.documents.commit([Create(f"receipts/{name}.outcome", person_fields | {"reason": reason, "to": to})])
    await api.call("DELETE", f"/api/customers/{customer}")
    remaining = [await api.documents.get(f"receipts/{name}.outcome") for name in reasons]
    assert [item["reason"] for item in remaining] == ["erased", "erased", "erased", "The mailbox is full"]


@pytest.mark.parametrize(
    "row",
    [
        {"external_id": " 7 "},
        {"external_id": "7", "email": "new@example.com"},
        {"email": "ASHA@EXAMPLE.COM"},
        {"phone": "098765 43210"},
        {"phone": "+91 98765-43210"},
    ],
)
async def test_erasure_redacts_rejected_rows_in_any_spelling(api: CustomersApiFixture, row: dict[str, str]) -> None:
    """The rejected rows of the customer are emptied for every spelling of the identifiers."""
    customer = await add_asha(api)
    rows = [
        row | {"name": "Asha Rao-Iyer", "spend": "much"},
        dict.fromkeys((*row, "name"), "Meera") | {"spend": "much"},
    ]
    answer = await api.call("POST", "/api/customers", params={"background": True}, json=rows)
    await api.process_imports()
    path = f"/api/imports/{answer.json()['import_id']}/rejected.csv"
    assert "Rao-Iyer" in (await api.call("GET", path)).text
    assert (await api.call("DELETE", f"/api/customers/{customer}")).status_code == 204
    remaining = (await api.call("GET", path)).text
    assert ("Rao-Iyer" in remaining, "Meera" in remaining) == (False, True)


async def test_dead_letters_that_name_an_erased_person_are_emptied(api: CustomersApiFixture) -> None:
    """By the id, an address, or in the reason; those of others stay."""
    customer = await add_asha(api)
    now = datetime.now(UTC)
    letters = [
        (customer.encode(), "why"),
        (b'{"to": "Asha@Example.com"}', "why"),
        (b"1", "no mailbox asha@example.com"),
        (b'{"to": "bela@example.com"}', "why"),
    ]
    writes = [dead_letter_write("receipts", data, reason=reason, now=now) for data, reason in letters]
    await api.documents.commit(writes)
    await api.call("DELETE", f"/api/customers/{customer}")
    kept = [await api.documents.get(write.path) for write in writes]
    assert [letter["data"] for letter in kept] == [b"", b"", b"", b'{"to": "bela@example.com"}']
    assert [letter["reason"] for letter in kept] == ["erased", "erased", "erased", "why"]


async def test_activity_of_erased_customer_stays_a_duplicate(api: CustomersApiFixture) -> None:
    """An activity that is sent again after the erasure creates no customer."""
    customer = await add_history(api)
    await api.call("DELETE", f"/api/customers/{customer}")
    order = {"event_id": "o1", "type": "order", "at": "2026-01-01", "external_id": "7", "amount": 5}
    response = await api.call("POST", "/api/activities", params={"on_unknown_customer": "create"}, json=order)
    assert response.json()["duplicate"] == 1
    assert await api.all_customers() == []


async def test_repeated_erasure_completes_an_interrupted_one(api: CustomersApiFixture) -> None:
    """The function was killed after its first commit."""
    customer = await add_history(api)
    originals = [await api.documents.get(path) for path in ("claims/m", "receipts/m.outcome")]
    await api.call("DELETE", f"/api/customers/{customer}")
    await api.documents.commit([Create(f"{item.path}x", item.data or {}) for item in originals])
    assert (await api.call("DELETE", f"/api/customers/{customer}")).status_code == 204
    assert "Asha" not in await stored_data(api)


async def test_suppression_flags_existing_customers(api: CustomersApiFixture) -> None:
    """Customers with the address are flagged, and unflagged when the suppression is removed."""
    customer = await add_asha(api)
    answer = await api.call("POST", "/api/suppressions", json={"email": "ASHA@example.com", "reason": "asked"})
    assert answer.json() == {"suppressed": 1, "rejected": []}
    detail = (await api.call("GET", f"/api/customers/{customer}")).json()
    assert detail["suppressed"] == ["email"]
    assert [item["suppressed"] for item in await api.all_customers()] == [["email"]]
    removal = await api.call("POST", "/api/suppressions/lift", json={"email": "asha@example.com", "reason": "asked us"})
    assert (removal.status_code, removal.json()) == (200, {"remaining": None})
    assert [item["suppressed"] for item in await api.all_customers()] == [[]]


async def test_customer_with_suppressed_address_is_flagged(api: CustomersApiFixture) -> None:
    """The flag follows the address of the customer."""
    await api.call("POST", "/api/suppressions", json={"email": "asha@example.com"})
    await add_asha(api)
    assert [item["suppressed"] for item in await api.all_customers()] == [["email"]]
    await add_asha(api, email="other@example.com")
    assert [item["suppressed"] for item in await api.all_customers()] == [[]]
    visit = {"event_id": "1", "type": "visit", "at": "2026-01-01", "email": "asha@example.com"}
    await api.call("POST", "/api/activities", params={"on_unknown_customer": "create"}, json=visit)
    assert sorted(item["suppressed"] for item in await api.all_customers()) == [[], ["email"]]


async def test_suppression_list_is_imported_and_exported_as_csv(api: CustomersApiFixture) -> None:
    """Invalid rows are rejected with their number, and formulas are escaped in the export."""
    await add_asha(api)
    table = (
        "Email;Phone;Reason\nasha@example.com;;complained\n;+919876543211;=1+1\nwrong;;\n;;\na@x.com;+919876543212;\n"
    )
    answer = (await api.call("POST", "/api/suppressions", content=table.encode(), headers=CSV)).json()
    assert (answer["suppressed"], [item["row"] for item in answer["rejected"]]) == (4, [4])
    text = (await api.call("GET", "/api/suppressions.csv")).content.decode("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(text)))
    assert sorted((row["email"], row["phone"], row["reason"]) for row in listed) == [
        ("", "", "'=1+1"),
        ("", "", "by hand"),
        ("", "", "by hand"),
        ("asha@example.com", "", "complained"),
    ]
    assert all(len(row["hash"]) == 40 and row["by"] == "admin@example.com" for row in listed)
    assert (await api.call("GET", "/api/suppressions.csv", by="viewer@example.com")).status_code == 403


async def test_recent_suppressions_include_later_changes(api: CustomersApiFixture) -> None:
    """Suppressions and removals after the check are seen within a second."""
    now = datetime.now(UTC)
    seconds = count(step=2)
    recent = RecentAddressChanges(api.documents, HASHER, monotonic=lambda: next(seconds))  # two seconds for each check
    assert not (await recent.get(EMAIL, checked_at=now)).suppressed
    await api.call("POST", "/api/suppressions", json={"email": EMAIL.value})
    assert (await recent.get(EMAIL, checked_at=now)).suppressed
    assert not (await recent.get(Address(kind="email", value="b@x.com"), checked_at=now)).suppressed
    await api.call("POST", "/api/suppressions/lift", json={"email": EMAIL.value, "reason": "asked us"})
    assert not (await recent.get(EMAIL, checked_at=now)).suppressed


async def test_recent_suppressions_look_up_old_checks(api: CustomersApiFixture) -> None:
    """A check before the start of the cache needs a read."""
    await api.call("POST", "/api/suppressions", json={"email": EMAIL.value})
    later = RecentAddressChanges(api.documents, HASHER, clock=lambda: datetime.now(UTC) + timedelta(days=2))
    assert (await later.get(EMAIL, checked_at=datetime.now(UTC))).suppressed
    assert (await later.get(EMAIL, checked_at=None)).suppressed


async def test_recent_suppressions_query_once_for_many_messages(api: CustomersApiFixture) -> None:
    """Many lookups within a second need one query, and the first one another for what the flags cannot know of."""
    queries: list[Query] = []

    class Counting:
        async def query(self, query: Query) -> list[Any]:
            queries.append(query)
            return await api.documents.query(query)

    counting: Any = Counting()
    recent = RecentAddressChanges(counting, HASHER)
    for _ in range(100):
        await recent.get(EMAIL, checked_at=datetime.now(UTC))
    assert len(queries) == 2


async def test_consent_has_time_and_source(api: CustomersApiFixture) -> None:
    """A consent keeps its time and source until it changes."""
    customer = await add_asha(
        api, consent={"email": {"state": "granted", "at": "2026-01-02T03:04:05Z", "source": "shop"}}
    )
    path = f"/api/customers/{customer}"
    first = (await api.call("GET", path)).json()
    expected_consent = {"state": "granted", "at": "2026-01-02T03:04:05Z", "source": "shop"}
    assert (first["consent"], first["consents"]["email"].items() >= expected_consent.items()) == ({"email": True}, True)
    response = await api.call("POST", "/api/customers", json=ASHA | {"consent": {"email": True}})
    assert response.json()["unchanged"] == 1
    await api.call("POST", "/api/customers", json=ASHA | {"consent": {"email": False, "sms": True}})
    second = (await api.call("GET", path)).json()
    assert second["consent"] == {"email": False, "sms": True}
    assert (second["consents"]["email"]["at"], second["consents"]["email"]["source"]) == (None, None)
    assert second["consents"]["email"]["recorded_at"] > "2026-01-02T03:04:05Z"


async def test_exported_csv_can_be_imported_unchanged(api: CustomersApiFixture) -> None:
    """The import of an export changes nothing, and formulas are escaped."""
    special_values = {
        "name": "=HYPERLINK(1)",
        "city": "@home",
        "attributes": {"note": "-1+1", "size": 7},
        "tags": ["a", "b c"],
    }
    await add_asha(api, spend=12.5, consent={"email": True}, **special_values)
    await api.call("POST", "/api/customers", json={"phone": "+919876543219"})
    before = await api.all_customers()
    table = (await api.call("GET", "/api/customers.csv")).content
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    asha_row = next(row for row in rows if row["external_id"] == "7")
    assert (asha_row["name"], asha_row["city"], asha_row["phone"]) == ("'=HYPERLINK(1)", "'@home", "+919876543210")
    assert asha_row["attributes.note"] == "'-1+1"
    response = (await api.call("POST", "/api/customers", content=table, headers=CSV)).json()
    assert (response["unchanged"], response["rejected"]) == (2, 0)
    assert await api.all_customers() == before
    filtered = (await api.call("POST", "/api/customers/export", json={"filter": "spend > 1"})).text
    assert len(filtered.splitlines()) == 2


async def test_export_has_only_those_who_match_the_search(api: CustomersApiFixture) -> None:
    """The export is what the list shows: the search and the filter narrow both."""
    names = ["Asha Rao", "Asha Das", "Bela Rao"]
    people = [{"email": f"{n}@example.com", "name": name, "spend": n} for n, name in enumerate(names)]
    await api.call("POST", "/api/customers", json=people)

    async def exported(**query: str) -> set[str]:
        table = (await api.call("POST", "/api/customers/export", json=query)).content
        return {row["name"] for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig")))}

    assert await exported(search="asha") == {"Asha Rao", "Asha Das"}
    assert await exported(search="rao", filter="spend > 1") == {"Bela Rao"}
    assert await exported(search="nobody") == set()
