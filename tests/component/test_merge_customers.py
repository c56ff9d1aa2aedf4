"""Merging of two customers who are one person: what they become, and where the old id leads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from common.audience import EVENTS, Audience, compact, engagement_event, event_delta
from common.audience.reconciliation import reconcile
from common.errors import Unavailable
from common.ids import BUCKETS, message_id
from common.rules import parse
from common.storage.documents import Create, Snapshot
from customers.commands.erase import Erasure
from customers.commands.merge import CustomerMerges
from customers.model.customer import CustomerInput, merge_row
from customers.model.merge import combine
from customers.records.person_records import PersonRecords, PersonRecordSet
from tests.component.test_api_customers import CustomersApiFixture
from tests.support import AT, HASHER

KEPT = {
    "external_id": "shop-1",
    "email": "asha@example.com",
    "name": "Asha Rao",
    "tags": ["vip", "pune"],
    "attributes": {"size": "M", "note": ""},
}
OTHER = {
    "external_id": "till-9",
    "email": "a.rao@example.com",
    "phone": "+919876543210",
    "city": "Pune",
    "tags": ["pune", "till"],
    "attributes": {"size": "L", "note": "left-handed", "colour": "red"},
}


class MergeFixture(CustomersApiFixture):
    """The API, and two customers who are one person."""

    kept: str
    other: str

    async def add(self, row: dict[str, Any]) -> str:
        answer = await self.call("POST", "/api/customers", json=row)
        return str(answer.json()["results"][0]["id"])

    async def order(self, number: int, customer_id: str, amount: float, day: int) -> None:
        order = {"event_id": f"o{number}", "type": "order", "at": f"2026-01-{day:02}", "amount": amount}
        answer = await self.call("POST", "/api/activities", json=order | {"customer_id": customer_id})
        assert answer.json()["counted"] == 1, answer.text

    async def merge(self, *, keep: str | None = None, merge: str | None = None, confirm: bool = True) -> dict[str, Any]:
        body = {"keep": keep or self.kept, "merge": merge or self.other, "confirm": confirm}
        answer = await self.call("POST", "/api/customers/merge", json=body, by="manager@example.com")
        assert answer.status_code == 200, answer.text
        merged: dict[str, Any] = answer.json()
        return merged

    async def get(self, customer_id: str) -> dict[str, Any]:
        answer = await self.call("GET", f"/api/customers/{customer_id}")
        assert answer.status_code == 200, answer.text
        customer: dict[str, Any] = answer.json()
        return customer

    async def names_by_rule(self, rule: str) -> list[str]:
        """The external ids of those who match the rule, in an index that is just loaded."""
        audience = Audience(self.documents)
        await audience.refresh()
        return [row.external_id or "" for row in await audience.newest(parse(rule), datetime.now(UTC))]

    async def events(self) -> list[tuple[str, str]]:
        """Customer and kind of all events, in an index that is just loaded."""
        audience = Audience(self.documents)
        await audience.load_events()
        return sorted(await audience.select("SELECT customer, kind FROM events", []))

    async def receive_message(self, number: int, customer_id: str, kind: str = "sent") -> None:
        """A campaign's message to the customer, with a receipt that the audience index does not have."""
        message = message_id(f"c{number}", customer_id)
        shared = {"campaign": f"c{number}", "customer": customer_id, "at": AT}
        claim = {**shared, "to": "a.rao@example.com", "name": "Asha", "subject": "Hi", "body": "Dear Asha"}
        receipt = {**shared, "message": message, "kind": kind, "slot": "outcome"}
        await self.documents.commit(
            [Create(f"claims/{message}.1", claim), Create(f"receipts/{message}.outcome", receipt)]
        )


@pytest.fixture
async def api() -> MergeFixture:
    api = MergeFixture()
    await api.add_members("viewer", "manager")
    api.kept, api.other = await api.add(KEPT), await api.add(OTHER)
    await api.order(1, api.kept, 100, day=1)
    await api.order(2, api.other, 20.5, day=1)
    await api.order(3, api.other, 30, day=2)
    await api.receive_message(1, api.other)
    return api


async def test_merge_without_confirmation_says_what_would_happen_and_changes_nothing(api: MergeFixture) -> None:
    """The answer has the merged customer, the numbers, and what is lost."""
    before = {name: api.documents.stored(name) for name in sorted(api.documents.collections())}
    preview = await api.merge(confirm=False)
    assert {name: api.documents.stored(name) for name in sorted(api.documents.collections())} == before
    assert (preview["done"], preview["activities"], preview["messages"]) == (False, 2, 1)
    assert preview["conflicts"] == [
        {"field": "external_id", "kept": "shop-1", "dropped": "till-9"},
        {"field": "email", "kept": "asha@example.com", "dropped": "a.rao@example.com"},
        {"field": "attributes.size", "kept": "M", "dropped": "L"},
    ]
    done = await api.merge()
    changing = {"updated_at"}
    assert {name: value for name, value in done["customer"].items() if name not in changing} == {
        name: value for name, value in preview["customer"].items() if name not in changing
    }
    assert (done["done"], done["conflicts"]) == (True, preview["conflicts"])


async def test_merged_customer_has_the_figures_and_fields_of_both(api: MergeFixture) -> None:
    """Figures are sums, a day of both is one day, and empty fields are filled."""
    await api.merge()
    customer = await api.get(api.kept)
    assert (customer["spend"], customer["orders"], customer["active_days"]) == (150.5, 3, 2)
    assert (customer["first_order_at"][:10], customer["last_active_at"][:10]) == ("2026-01-01", "2026-01-02")
    fields = [customer[name] for name in ("external_id", "email", "phone", "city", "name")]
    assert fields == ["shop-1", "asha@example.com", "+919876543210", "Pune", "Asha Rao"]
    assert customer["tags"] == ["vip", "pune", "till"]
    assert customer["attributes"] == {"size": "M", "note": "left-handed", "colour": "red"}
    assert sorted(one["event_id"] for one in customer["activities"]) == ["o1", "o2", "o3"]
    assert [one["campaign"] for one in customer["messages"]] == ["c1"]
    assert customer["merged_from"] == [api.other]


async def test_parts_of_another_name_are_not_those_of_the_kept_one() -> None:
    """Two people of a family were merged: messages greet the kept one, as before. A name that is the same gets its
    parts, and who has none gets all of it."""
    whole, parts = {"name": "Ravi Rao"}, {"name": "Ravi Rao", "first_name": "Ravi", "last_name": "Rao"}
    for kept, expected in (({"name": "Asha Rao"}, None), (whole, "Ravi"), ({}, "Ravi"), ({"last_name": "Iyer"}, None)):
        records = [_record(fields) for fields in (kept, parts)]
        merged = combine(*records, statements={}, merged_from=[], now=AT)
        assert merged["first_name"] == expected, kept


def _record(fields: dict[str, Any]) -> dict[str, Any]:
    row = CustomerInput.model_validate({"external_id": "x", **fields})
    return merge_row("x", None, row, now=AT)


async def test_merge_happens_once_and_is_audited(api: MergeFixture) -> None:
    """A second call changes no figure, and says that it is done; the log names nobody."""
    await api.merge()
    first = await api.documents.get(f"customers/{api.kept}")
    again = await api.merge()
    assert (again["done"], again["conflicts"], again["activities"]) == (True, [], 2)
    assert (await api.documents.get(f"customers/{api.kept}")).data == first.data
    [entry] = [one for one in api.documents.stored("audit_outbox") if one["what"] == "customers merged"]
    assert (entry["by"], entry["activities"], entry["messages"]) == ("manager@example.com", 2, 1)
    assert not {api.kept, api.other} & {str(value) for value in (entry.data or {}).values()}


async def test_old_id_leads_to_the_kept_customer(api: MergeFixture) -> None:
    """Every door: reading, changing, exporting, rows and activities by id and by what identified the customer."""
    by_address = await api.add({"email": "only@example.com"})
    await api.merge()
    await api.merge(merge=by_address)
    assert (await api.get(api.other))["id"] == api.kept
    changed = await api.call("PATCH", f"/api/customers/{api.other}", json={"company": "Acme"})
    assert (changed.json()["id"], changed.json()["company"]) == (api.kept, "Acme")
    exported = (await api.call("GET", f"/api/customers/{api.other}/export")).json()
    assert (exported["customer"]["id"], len(exported["activities"]), len(exported["messages"])) == (api.kept, 3, 1)
    for row in ({"external_id": "till-9", "city": "Agra"}, {"email": "only@example.com", "city": "Goa"}):
        assert await api.add(row) == api.kept
        assert (await api.get(api.kept))["city"] == row["city"]
    await api.order(4, api.other, 1, day=3)
    visit = {"event_id": "v1", "type": "visit", "at": "2026-01-04", "email": "only@example.com"}
    answer = (await api.call("POST", "/api/activities", json=visit)).json()
    assert answer["results"][0]["id"] == api.kept
    customer = await api.get(api.kept)
    assert (customer["orders"], customer["visits"]) == (4, 1)
    assert (customer["email"], customer["external_id"]) == ("asha@example.com", "shop-1")
    assert len((await api.call("GET", "/api/customers")).json()["items"]) == 1


async def test_large_call_finds_those_who_were_merged(api: MergeFixture) -> None:
    """Also a call that expects all of its customers to be new."""
    await api.merge()
    rows = [{"external_id": f"new{number}"} for number in range(490)]
    await api.call("POST", "/api/customers", json=rows)
    rows = [{"external_id": f"newer{number}"} for number in range(490)]
    answer = (await api.call("POST", "/api/customers", json=[*rows, {"external_id": "till-9", "city": "Agra"}])).json()
    assert answer["results"][490]["id"] == api.kept
    assert (await api.get(api.kept))["city"] == "Agra"


async def test_chain_of_merges_leads_to_the_last_customer(api: MergeFixture) -> None:
    """a into b, then b into c: a leads to c, with everything."""
    last = await api.add({"external_id": "crm-3"})
    await api.merge()
    await api.merge(keep=last, merge=api.kept)
    for customer_id in (api.other, api.kept, last):
        customer = await api.get(customer_id)
        assert (customer["id"], customer["orders"], len(customer["activities"])) == (last, 3, 3)
    assert set(customer["merged_from"]) == {api.kept, api.other}
    assert (await api.merge(keep=api.kept, merge=api.other))["customer"]["id"] == last
    assert await api.names_by_rule("orders = 3 and ordered at least 3 times") == ["crm-3"]
    assert {customer for customer, _ in await api.events()} == {last}


@pytest.mark.parametrize(
    ("keep", "merge", "status"), [("kept", "kept", 422), ("kept", "nobody", 404), ("nobody", "other", 404)]
)
async def test_merge_that_is_not_possible_is_refused(api: MergeFixture, keep: str, merge: str, status: int) -> None:
    """The same customer twice, or somebody who does not exist."""
    ids = {"kept": api.kept, "other": api.other, "nobody": "0" * 32}
    for confirm in (False, True):
        body = {"keep": ids[keep], "merge": ids[merge], "confirm": confirm}
        assert (await api.call("POST", "/api/customers/merge", json=body)).status_code == status


async def test_customer_who_was_merged_into_another_cannot_be_merged_elsewhere(api: MergeFixture) -> None:
    """It is done, and never undone; and a viewer cannot merge."""
    third = await api.add({"external_id": "third"})
    await api.merge()
    body = {"keep": third, "merge": api.other, "confirm": True}
    assert (await api.call("POST", "/api/customers/merge", json=body)).status_code == 409
    assert (await api.call("POST", "/api/customers/merge", json=body, by="viewer@example.com")).status_code == 403


async def test_at_most_29_customers_are_merged_into_one(api: MergeFixture) -> None:
    """One query can ask for the records of 30 ids."""
    rows = [{"external_id": f"twin{number}"} for number in range(30)]
    twins = [one["id"] for one in (await api.call("POST", "/api/customers", json=rows)).json()["results"]]
    for twin in twins[:29]:
        assert (await api.merge(merge=twin))["done"]
    body = {"keep": api.kept, "merge": twins[29], "confirm": True}
    answer = await api.call("POST", "/api/customers/merge", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_many")
    assert len((await api.get(twins[0]))["merged_from"]) == 29


async def test_stronger_consent_of_both_holds_for_the_merged_customer(api: MergeFixture) -> None:
    """The newest statement with a time wins; who unsubscribed at the address that is lost has said no."""
    old, new = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
    rows = [
        KEPT | {"consent": {"sms": {"state": "granted", "at": old}, "whatsapp": {"state": "denied", "at": new}}},
        OTHER | {"consent": {"sms": {"state": "denied", "at": new}, "whatsapp": {"state": "granted", "at": old}}},
    ]
    await api.call("POST", "/api/customers", json=rows)
    assert (await api.get(api.kept))["consent"] == {"sms": True, "whatsapp": False}
    body = {"email": "a.rao@example.com", "reason": "unsubscribed"}
    assert (await api.call("POST", "/api/suppressions", json=body)).status_code < 300
    preview = await api.merge(confirm=False)
    assert preview["customer"]["consent"] == {"email": False, "sms": False, "whatsapp": False}
    await api.merge()
    customer = await api.get(api.kept)
    assert customer["consent"] == {"email": False, "sms": False, "whatsapp": False}
    assert customer["suppressed"] == []
    later = await api.add({"external_id": "z", "email": "asha@example.com"})
    assert (await api.get(later))["consent"] == {"email": False}


async def test_mailbox_that_bounced_says_nothing_about_the_person(api: MergeFixture) -> None:
    """Only the address that is lost was suppressed."""
    await api.call("POST", "/api/suppressions", json={"email": "a.rao@example.com", "reason": "bounced"})
    await api.merge()
    customer = await api.get(api.kept)
    assert (customer["consent"], customer["suppressed"]) == ({}, [])


async def test_suppressed_address_stays_suppressed_for_the_merged_customer(api: MergeFixture) -> None:
    """The kept customer gets the phone number of the other one, which is suppressed."""
    await api.call("POST", "/api/suppressions", json={"phone": "+919876543210", "reason": "complained"})
    await api.merge()
    assert (await api.get(api.kept))["suppressed"] == ["sms", "whatsapp"]


async def test_shared_address_is_merged(api: MergeFixture) -> None:
    """Both have the address, on which the other one said no: one commit writes both, and the address."""
    for row in (KEPT, OTHER | {"consent": {"email": {"state": "denied", "at": "2026-02-01"}}}):
        await api.call("POST", "/api/customers", json=row | {"email": "same@example.com"})
    await api.merge()
    customer = await api.get(api.kept)
    assert (customer["email"], customer["consent"]["email"]) == ("same@example.com", False)
    duplicates = (await api.call("GET", "/api/customers/duplicates")).json()
    assert duplicates["items"] == []


async def test_events_of_both_are_the_kept_customers_in_the_audience_index(api: MergeFixture) -> None:
    """Rules about orders and messages find the kept customer, nobody else, and the reconciliation finds no
    difference."""
    await reconcile(api.documents, list(range(BUCKETS)), full_scan=range(BUCKETS))
    assert await api.names_by_rule("received any campaign") == ["till-9"]
    await api.merge()
    assert await api.names_by_rule("ordered at least 3 times") == ["shop-1"]
    assert await api.names_by_rule("received any campaign") == ["shop-1"]
    assert await api.events() == [(api.kept, "order")] * 3 + [(api.kept, "sent")]
    assert await api.names_by_rule("spend > 0") == ["shop-1"]
    assert await reconcile(api.documents, list(range(BUCKETS)), full_scan=range(BUCKETS)) == 0


async def test_reconciliation_finishes_a_merge_that_was_cut_off(api: MergeFixture) -> None:
    """The commit was the last thing that happened; and a report came in later under the old id."""
    await reconcile(api.documents, list(range(BUCKETS)), full_scan=())

    class CutOff(Exception):
        """The process dies."""

    class MergesWithoutTheRest(CustomerMerges):
        """Dies after the commit."""

        async def _move_events(self, kept_id: str) -> None:
            raise CutOff

    with pytest.raises(CutOff):
        await MergesWithoutTheRest(api.documents, hashes=HASHER).merge(api.kept, api.other, by="m@example.com")
    await api.receive_message(2, api.other)
    assert (await api.get(api.kept))["orders"] == 3
    assert await reconcile(api.documents, list(range(BUCKETS)), full_scan=()) == 4
    assert await api.events() == [(api.kept, "order")] * 3 + [(api.kept, "sent")] * 2
    assert await reconcile(api.documents, list(range(BUCKETS)), full_scan=range(BUCKETS)) == 0


async def test_late_event_in_the_index_under_the_old_id_is_moved_at_night(api: MergeFixture) -> None:
    """A report that is recorded after the merge has the id under which the message was sent."""
    await reconcile(api.documents, list(range(BUCKETS)), full_scan=())
    await api.merge()
    await api.receive_message(3, api.other)
    [receipt] = [one for one in api.documents.stored("receipts") if one["campaign"] == "c3"]
    late = engagement_event(receipt.id, customer=api.other, kind="sent", campaign="c3", at=datetime.now(UTC))
    await api.documents.commit(event_delta([late]))
    assert (api.other, "sent") in await api.events()
    await compact(api.documents, now=AT, owner="tick", table=EVENTS)
    assert await reconcile(api.documents, list(range(BUCKETS)), full_scan=()) > 0
    assert await api.events() == [(api.kept, "order")] * 3 + [(api.kept, "sent")] * 2
    await compact(api.documents, now=AT, owner="tick", table=EVENTS)
    assert await api.events() == [(api.kept, "order")] * 3 + [(api.kept, "sent")] * 2
    assert await reconcile(api.documents, list(range(BUCKETS)), full_scan=range(BUCKETS)) == 0


async def test_erasure_that_is_cut_off_can_be_repeated(api: MergeFixture) -> None:
    """After its commit nothing leads from the kept customer to the other one any more: nothing may be left there."""

    class CutOffRecords(PersonRecords):
        """The process dies after the commit."""

        async def read_records(self, customer: Snapshot, ids: Sequence[str]) -> PersonRecordSet:
            if not (await api.documents.get(customer.path)).exists:
                raise Unavailable
            return await super().read_records(customer, ids)

    async def redact_imports(ids: Collection[str], addresses: Collection[str]) -> None:
        """There are none."""

    await api.merge()
    records = CutOffRecords(api.documents)
    erasure = Erasure(api.documents, hashes=HASHER, person_records=records, redact_imports=redact_imports)
    with pytest.raises(Unavailable):
        await erasure.erase(api.kept, by="me")
    assert (await api.call("DELETE", f"/api/customers/{api.kept}")).status_code == 204
    for name in ("activities", "claims", "receipts"):
        assert {one["customer"] for one in api.documents.stored(name)} == {"erased"}


async def test_erasure_of_the_kept_customer_erases_the_merged_one_too(api: MergeFixture) -> None:
    """Nothing names either of them, no id leads anywhere, and all addresses are suppressed."""
    await api.merge()
    assert (await api.call("DELETE", f"/api/customers/{api.other}")).status_code == 204
    assert api.documents.stored("customers") == []
    for name in ("activities", "claims", "receipts"):
        assert {one["customer"] for one in api.documents.stored(name)} == {"erased"}
    assert [one["body"] for one in api.documents.stored("claims")] == [""]
    for customer_id in (api.kept, api.other):
        assert (await api.call("GET", f"/api/customers/{customer_id}")).status_code == 404
    for address in ({"email": "asha@example.com"}, {"email": "a.rao@example.com"}, {"phone": "+919876543210"}):
        again = await api.get(await api.add({"external_id": "again", **address}))
        assert set(again["suppressed"]) & {"email", "sms"}, address
    assert await api.names_by_rule("ordered at least 1 times") == []
    assert await reconcile(api.documents, list(range(BUCKETS)), full_scan=range(BUCKETS)) == 0
