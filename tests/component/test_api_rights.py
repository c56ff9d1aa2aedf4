"""People's rights over HTTP, on documents in memory: export, erasure, consent, suppression."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from common.events import MessagePersonalized, RecipientFound
from common.messages.deferred import DeferredMessages, Waiting
from common.messages.suppressions import Address, Watch
from common.storage.documents import Create, Query, Snapshot
from tests.component.test_api_customers import World
from tests.support import HASHES

ASHA = {"external_id": "7", "email": "asha@example.com", "phone": "+919876543210", "name": "Asha Rao"}
EMAIL = Address(kind="email", value="asha@example.com")
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def world() -> World:
    return await World().admit("viewer", "manager")


async def asha(world: World, **fields: Any) -> str:
    answer = await world.call("POST", "/api/customers", json=ASHA | fields)
    return str(answer.json()["results"][0]["id"])


async def with_history(world: World) -> str:
    """What a campaign leaves behind."""
    customer = await asha(world)
    order = {"event_id": "o1", "type": "order", "at": "2026-01-01", "external_id": "7", "amount": 5}
    await world.call("POST", "/api/activities", json=order | {"fields": {"note": "for Asha Rao"}})
    of_them = {"campaign": "c", "customer": customer, "name": "Asha Rao", "to": ASHA["email"]}
    text = {"subject": "Hi Asha Rao", "body": "Dear Asha Rao"}
    claim = of_them | text | {"lease_until": datetime.now(UTC), "at": datetime.now(UTC)}
    receipt = of_them | {"message": "m", "kind": "failed", "slot": "outcome", "at": datetime.now(UTC)}
    receipt["reason"] = f"no mailbox {ASHA['email']}"
    await world.documents.commit([Create("claims/m", claim), Create("receipts/m.outcome", receipt)])
    await hold(world, customer)
    await rejected_row(world)
    return customer


async def hold(world: World, customer: str) -> None:
    """Two messages to her wait, with and without their text."""
    of_them = {"campaign_id": "c", "customer_id": customer, "name": "Asha Rao", "to": ASHA["email"]}
    way = {"channel": "email", "vendor": "simulator"}
    text = {"subject": "Hi Asha Rao", "body": "Dear Asha Rao", "personalized_by": "gemini"}
    message = {"message": {"subject": "Hi", "body": "Dear"}, "personalization": "gemini"}
    found = RecipientFound(message_id="1" * 32, **of_them, **way, fields={"name": "Asha Rao"}, **message)
    ready = MessagePersonalized(message_id="2" * 32, **of_them, **way, **text)
    held = DeferredMessages(world.documents, world.publisher)
    await held.hold([Waiting(event=one, reason="paused", until=datetime.now(UTC)) for one in (found, ready)])


async def rejected_row(world: World) -> None:
    rows = [ASHA | {"name": "Asha Rao-Iyer", "spend": "much"}, ASHA, {"email": "other@example.com", "visits": "x"}]
    await world.call("POST", "/api/customers", params={"background": True}, json=rows)
    await world.work_off()


FUNCTIONS = Path(__file__).parents[2] / "functions"


async def everything(world: World) -> str:
    """All that is stored, in whatever collection, but for the changes of the audience index: the next fold takes along
    what stands before a tombstone."""
    collections = {path.partition("/")[0] for path in world.documents._history}
    found = [one for name in collections - {"audience"} for one in await world.documents.query(Query(collection=name))]
    return json.dumps([[one.path, _unpacked(one)] for one in found], default=str)


def _unpacked(one: Snapshot) -> dict[str, Any]:
    data = dict(one.data or {})
    if isinstance(data.get("rows"), bytes):
        data["rows"] = gzip.decompress(data["rows"]).decode()
    if isinstance(data.get("data"), bytes):
        data["data"] = data["data"].decode()
    return data


def test_each_collection_is_known_for_what_it_tells_of_people() -> None:
    """One that is new has to be looked at, and in erasure if it tells of people."""
    emptied = {"customers", "activities", "claims", "receipts", "held", "parcels", "audience"}
    by_hash_alone = {"suppressions", "pages"}
    of_nobody = {"segments", "campaigns", "counters", "members", "keys", "audit", "imports", "names"}
    code = "\n".join(path.read_text() for path in FUNCTIONS.rglob("*.py"))
    named = re.findall(r'f"([a-z]+)/{|(?:collection=|COLLECTION = )"([a-z]+)"', code)
    assert {one or other for one, other in named} - {"projects"} == emptied | by_hash_alone | of_nobody


async def test_one_persons_everything(world: World) -> None:
    customer = await with_history(world)
    export = (await world.call("GET", f"/api/customers/{customer}/export")).json()
    assert export["customer"]["name"] == "Asha Rao"
    assert [(one["type"], one["amount"], one["fields"]) for one in export["activities"]] == [
        ("order", 5, {"note": "for Asha Rao"})
    ]
    assert [one["body"] for one in export["messages"]] == ["Dear Asha Rao"]
    assert [one["kind"] for one in export["receipts"]] == ["failed"]
    assert (await world.call("GET", "/api/customers/none/export")).status_code == 404


async def test_a_person_is_shown_with_the_newest_and_exported_with_everything(world: World) -> None:
    customer = await asha(world)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(700):
        at = {"campaign": "c", "customer": customer, "at": first + timedelta(minutes=number)}
        done = at | {"event_id": f"e{number}", "type": "visit"}
        sent = at | {"message": f"m{number}", "kind": "sent"}
        await world.documents.commit(
            [
                Create(f"activities/{number}", done),
                Create(f"claims/m{number}", at | {"subject": "Hi"}),
                Create(f"receipts/m{number}.outcome", sent),
            ]
        )
    read: list[int] = []
    ask = world.documents.query

    async def counting(query: Query) -> list[Snapshot]:
        found = await ask(query)
        read.append(len(found))
        return found

    world.documents.query = counting  # type: ignore[method-assign]
    shown = (await world.call("GET", f"/api/customers/{customer}")).json()
    assert sum(read) == 1_500
    assert [one["event_id"] for one in shown["activities"]] == [f"e{number}" for number in range(699, 599, -1)]
    assert [one["id"] for one in shown["messages"]] == [f"m{number}" for number in range(699, 599, -1)]
    assert {(one["subject"], len(one["history"])) for one in shown["messages"]} == {("Hi", 1)}
    export = (await world.call("GET", f"/api/customers/{customer}/export")).json()
    assert [len(export[name]) for name in ("activities", "messages", "receipts")] == [700, 700, 700]


async def test_an_erased_person_is_nowhere_and_cannot_be_brought_back_into_mailings(world: World) -> None:
    customer = await with_history(world)
    assert (await world.call("DELETE", f"/api/customers/{customer}", by="manager@example.com")).status_code == 403
    assert (await world.call("DELETE", f"/api/customers/{customer}")).status_code == 204
    left = await everything(world)
    assert not any(str(known) in left for known in [*ASHA.values(), customer, "Rao"] if known != "7")
    assert await world.everybody() == []
    assert "other@example.com" in left  # a rejected row of somebody else
    waiting = [MessagePersonalized.decode((await world.documents.get(f"held/{n * 32}"))["data"]) for n in "12"]
    assert [(one.skip, one.to, one.message_id) for one in waiting] == [
        ("erased", "", "1" * 32),
        ("erased", "", "2" * 32),
    ]
    receipt = await world.documents.get("receipts/m.outcome")
    assert (receipt["kind"], receipt["campaign"], receipt["reason"]) == ("failed", "c", "erased")
    [entry] = await world.documents.query(Query(collection="audit"))
    assert (entry["what"], entry["activities"], entry["messages"]) == ("customer erased", 1, 1)
    assert (await world.call("DELETE", f"/api/customers/{customer}")).status_code == 404
    await asha(world)
    [back] = await world.everybody()
    assert back["suppressed"] == ["email", "phone"]


async def test_a_reason_that_tells_an_address_goes_however_it_is_spelled(world: World) -> None:
    """Where nothing was written to her, where the vendor shouts, and where she had another address then."""
    customer = await asha(world)
    of_them = {"campaign": "c", "customer": customer, "kind": "failed", "at": datetime.now(UTC)}
    reasons = {
        "a": ("ASHA@Example.com is unknown", None),
        "b": ("+919876543210 is switched off", None),
        "c": ("OLD@example.com has moved", "old@example.com"),
        "d": ("The mailbox is full", "old@example.com"),
    }
    for name, (reason, to) in reasons.items():
        await world.documents.commit([Create(f"receipts/{name}.outcome", of_them | {"reason": reason, "to": to})])
    await world.call("DELETE", f"/api/customers/{customer}")
    left = [await world.documents.get(f"receipts/{name}.outcome") for name in reasons]
    assert [one["reason"] for one in left] == ["erased", "erased", "erased", "The mailbox is full"]


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
async def test_a_rejected_row_of_an_erased_person_is_emptied_however_it_is_spelled(
    world: World, row: dict[str, str]
) -> None:
    customer = await asha(world)
    row = row | {"name": "Asha Rao-Iyer", "spend": "much"}
    table = f"{','.join(row)}\n{','.join(row.values())}\n{'Meera,' * (len(row) - 1)}much\n"
    answer = await world.call(
        "POST", "/api/customers", params={"background": True}, content=table.encode(), headers=CSV
    )
    await world.work_off()
    path = f"/api/imports/{answer.json()['import_id']}/rejected.csv"
    assert "Rao-Iyer" in (await world.call("GET", path)).text
    assert (await world.call("DELETE", f"/api/customers/{customer}")).status_code == 204
    left = (await world.call("GET", path)).text
    assert ("Rao-Iyer" in left, "Meera" in left) == (False, True)


async def test_what_an_erased_person_did_counts_no_second_time(world: World) -> None:
    customer = await with_history(world)
    await world.call("DELETE", f"/api/customers/{customer}")
    order = {"event_id": "o1", "type": "order", "at": "2026-01-01", "external_id": "7", "amount": 5}
    again = await world.call("POST", "/api/activities", params={"unknown": "create"}, json=order)
    assert again.json()["duplicate"] == 1
    assert await world.everybody() == []


async def test_erasing_once_more_finishes_what_was_left(world: World) -> None:
    """The function died after the first commit."""
    customer = await with_history(world)
    kept = [await world.documents.get(path) for path in ("claims/m", "receipts/m.outcome")]
    await world.call("DELETE", f"/api/customers/{customer}")
    await world.documents.commit([Create(f"{one.path}x", one.data or {}) for one in kept])
    assert (await world.call("DELETE", f"/api/customers/{customer}")).status_code == 204
    assert "Asha" not in await everything(world)


async def test_suppressed_by_hand_marks_the_customers_who_have_the_address(world: World) -> None:
    customer = await asha(world)
    answer = await world.call("POST", "/api/suppressions", json={"email": "ASHA@example.com", "reason": "asked"})
    assert answer.json() == {"suppressed": 1, "rejected": []}
    shown = (await world.call("GET", f"/api/customers/{customer}")).json()
    assert shown["suppressed"] == ["email"]
    assert [one["suppressed"] for one in await world.everybody()] == [["email"]]
    lift = await world.call("POST", "/api/suppressions/lift", json={"email": "asha@example.com"})
    assert lift.status_code == 204
    assert [one["suppressed"] for one in await world.everybody()] == [[]]


async def test_a_customer_who_gets_a_suppressed_address_is_marked_and_unmarked(world: World) -> None:
    await world.call("POST", "/api/suppressions", json={"email": "asha@example.com"})
    await asha(world)
    assert [one["suppressed"] for one in await world.everybody()] == [["email"]]
    await asha(world, email="other@example.com")
    assert [one["suppressed"] for one in await world.everybody()] == [[]]
    visit = {"event_id": "1", "type": "visit", "at": "2026-01-01", "email": "asha@example.com"}
    await world.call("POST", "/api/activities", params={"unknown": "create"}, json=visit)
    assert sorted(one["suppressed"] for one in await world.everybody()) == [[], ["email"]]


async def test_the_list_is_brought_in_and_out_as_a_table(world: World) -> None:
    await asha(world)
    table = (
        "Email;Phone;Reason\nasha@example.com;;complained\n;+919876543211;=1+1\nwrong;;\n;;\na@x.com;+919876543212;\n"
    )
    answer = (await world.call("POST", "/api/suppressions", content=table.encode(), headers=CSV)).json()
    assert (answer["suppressed"], [one["row"] for one in answer["rejected"]]) == (2, [3, 5])
    text = (await world.call("GET", "/api/suppressions.csv")).content.decode("utf-8-sig")
    listed = sorted(csv.DictReader(io.StringIO(text)), key=lambda row: row["email"])
    assert [(row["email"], row["phone"], row["reason"]) for row in listed] == [
        ("", "", "'=1+1"),
        ("asha@example.com", "", "complained"),
    ]
    assert all(len(row["hash"]) == 40 and row["by"] == "admin@example.com" for row in listed)
    assert (await world.call("GET", "/api/suppressions.csv", by="viewer@example.com")).status_code == 403


async def test_a_watch_sees_what_was_suppressed_since(world: World) -> None:
    now = datetime.now(UTC)
    watch = Watch(world.documents, HASHES)
    assert not await watch.holds(EMAIL, checked_at=now)
    await world.call("POST", "/api/suppressions", json={"email": EMAIL.value})
    watch._asked -= 2  # two seconds pass
    assert await watch.holds(EMAIL, checked_at=now)
    assert not await watch.holds(Address(kind="email", value="b@x.com"), checked_at=now)
    await world.call("POST", "/api/suppressions/lift", json={"email": EMAIL.value})
    watch._asked -= 2
    assert not await watch.holds(EMAIL, checked_at=now)


async def test_a_watch_looks_up_what_was_checked_long_ago(world: World) -> None:
    await world.call("POST", "/api/suppressions", json={"email": EMAIL.value})
    later = Watch(world.documents, HASHES, clock=lambda: datetime.now(UTC) + timedelta(days=2))
    assert await later.holds(EMAIL, checked_at=datetime.now(UTC))
    assert await later.holds(EMAIL, checked_at=None)


async def test_a_watch_asks_once_for_many(world: World) -> None:
    asked: list[Query] = []

    class Counting:
        async def query(self, query: Query) -> list[Any]:
            asked.append(query)
            return await world.documents.query(query)

    counting: Any = Counting()
    watch = Watch(counting, HASHES)
    for _ in range(100):
        await watch.holds(EMAIL, checked_at=datetime.now(UTC))
    assert len(asked) == 1


async def test_consent_is_known_with_when_and_from_where(world: World) -> None:
    customer = await asha(world, consent={"email": {"given": True, "at": "2026-01-02T03:04:05Z", "source": "shop"}})
    path = f"/api/customers/{customer}"
    first = (await world.call("GET", path)).json()
    told = {"given": True, "at": "2026-01-02T03:04:05Z", "source": "shop"}
    assert (first["consent"], first["consents"]) == ({"email": True}, {"email": told})
    again = await world.call("POST", "/api/customers", json=ASHA | {"consent": {"email": True}})
    assert again.json()["unchanged"] == 1
    await world.call("POST", "/api/customers", json=ASHA | {"consent": {"email": False, "sms": True}})
    second = (await world.call("GET", path)).json()
    assert second["consent"] == {"email": False, "sms": True}
    assert second["consents"]["email"]["source"] is None
    assert second["consents"]["email"]["at"] > "2026-01-02T03:04:05Z"


async def test_all_as_a_table_that_can_be_brought_in_again(world: World) -> None:
    odd = {"name": "=HYPERLINK(1)", "city": "@home", "attributes": {"note": "-1+1", "size": 7}, "tags": ["a", "b c"]}
    await asha(world, spend=12.5, consent={"email": True}, **odd)
    await world.call("POST", "/api/customers", json={"phone": "+919876543219"})
    before = await world.everybody()
    table = (await world.call("GET", "/api/customers.csv")).content
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    asha_row = next(row for row in rows if row["external_id"] == "7")
    assert (asha_row["name"], asha_row["city"], asha_row["phone"]) == ("'=HYPERLINK(1)", "'@home", "+919876543210")
    assert asha_row["attributes.note"] == "'-1+1"
    again = (await world.call("POST", "/api/customers", content=table, headers=CSV)).json()
    assert (again["unchanged"], again["rejected"]) == (2, 0)
    assert await world.everybody() == before
    only = (await world.call("GET", "/api/customers.csv", params={"filter": "spend > 1"})).text
    assert len(only.splitlines()) == 2
