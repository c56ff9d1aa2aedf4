"""Consent belongs to an address and a channel, and counts until the moment of sending."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from common.addresses.consent import ConsentState, ConsentStatement, stronger
from common.events import MessageReady, RecipientSelected, Tick
from common.storage.documents import Query, Snapshot
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_customers import CSV, CustomersApiFixture
from tests.in_memory_herald import NOW, InMemoryHerald
from tests.support import ADMIN, HASHER

INBOX = "asha@example.com"
LONG_BEFORE, BEFORE, AFTER = NOW - timedelta(days=99), NOW - timedelta(days=9), NOW - timedelta(days=1)


async def add(herald: InMemoryHerald, *rows: dict[str, Any]) -> list[str]:
    """Adds customers, each in a commit of its own; their ids."""
    upserts = CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    inputs = [CustomerInput.model_validate(row) for row in rows]
    return [str(result.id) for row in inputs for result in await upserts.upsert([row])]


async def sent_to(herald: InMemoryHerald) -> list[str]:
    """The addresses to which the vendor sent, sorted."""
    claims = await herald.documents.query(Query(collection="claims"))
    return sorted(claim["to"] for claim in claims if claim.id in herald.vendor.sent_keys)


async def consents(herald: InMemoryHerald, ids: Sequence[str]) -> list[str | None]:
    """What each customer says about e-mail."""
    customers = await herald.documents.get_all([f"customers/{id_}" for id_ in ids])
    return [customer["consents"].get("email", {}).get("state") for customer in customers]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
async def test_no_of_one_record_holds_for_the_address(order: tuple[int, ...]) -> None:
    """A shop's record says no; the records of an order and of a newsletter list with the same address say nothing."""
    herald = InMemoryHerald()
    rows: list[dict[str, Any]] = [
        {"external_id": "shop", "email": INBOX, "consent": {"email": False}},
        {"external_id": "order", "email": INBOX},
        {"external_id": "newsletter", "email": INBOX, "consent": {"email": True}},
    ]
    ids = await add(herald, *(rows[number] for number in order))
    assert await consents(herald, ids) == ["denied"] * 3
    await herald.launch()
    await herald.work()
    assert herald.vendor.sent_keys == []
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"no_consent": 3}


@pytest.mark.parametrize(
    ("first", "then", "holds"),
    [
        (("denied", BEFORE), ("granted", AFTER), "granted"),
        (("granted", AFTER), ("denied", BEFORE), "granted"),
        (("granted", BEFORE), ("denied", AFTER), "denied"),
        (("denied", None), ("granted", None), "denied"),
        (("granted", None), ("denied", None), "denied"),
        (("granted", AFTER), ("denied", None), "denied"),
        (("denied", None), ("granted", AFTER), "denied"),
        (("denied", AFTER), ("granted", None), "denied"),
        (("denied", AFTER), ("granted", AFTER), "denied"),
        (("denied", AFTER), ("unknown", None), "denied"),
        (("granted", None), ("unknown", AFTER), "granted"),
    ],
)
async def test_newest_statement_about_an_address_holds(first: Any, then: Any, holds: str) -> None:
    """Two records with one address: a statement without a time counts in favour of the person."""
    herald = InMemoryHerald()
    ids = await add(
        herald,
        *(
            {"external_id": str(number), "email": INBOX, "consent": {"email": {"state": state, "at": at}}}
            for number, (state, at) in enumerate((first, then))
        ),
    )
    if "denied" in (first[0], then[0]):
        assert await consents(herald, ids) == [holds, holds]
    later = await add(herald, {"external_id": "later", "email": INBOX})
    assert await consents(herald, later) == ([holds] if "denied" in (first[0], then[0]) else [None])


def test_strength_of_statements_does_not_depend_on_their_order() -> None:
    """Whatever comes in first, the same state holds."""
    states: tuple[ConsentState, ...] = ("granted", "denied", "unknown")
    statements = [
        ConsentStatement(state=state, at=at, recorded_at=recorded)
        for state, at, recorded in itertools.product(states, (None, BEFORE, NOW), (LONG_BEFORE, AFTER))
    ]
    for one, other in itertools.product(statements, repeat=2):
        assert stronger(one, other).state == stronger(other, one).state


async def test_newer_yes_ends_the_no_of_all_records_of_the_address() -> None:
    """Somebody subscribes again on a form: the old no of the shop's record ends, also for later records."""
    herald = InMemoryHerald()
    said_no = {"email": INBOX, "consent": {"email": {"state": "denied", "at": BEFORE}}}
    subscribed = {"email": INBOX, "consent": {"email": {"state": "granted", "at": AFTER, "source": "form"}}}
    ids = await add(herald, {"external_id": "shop", **said_no}, {"external_id": "form", **subscribed})
    ids += await add(herald, {"external_id": "order", "email": INBOX}, {"external_id": "old list", **said_no})
    assert await consents(herald, ids) == ["granted"] * 4


async def test_no_in_one_commit_holds_for_all_its_rows() -> None:
    """Rows of one file share an address: the order of the rows makes no difference."""
    herald = InMemoryHerald()
    upserts = CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    rows = [
        CustomerInput.model_validate({"external_id": str(n), "email": INBOX, "consent": {"email": n != 1}})
        for n in range(3)
    ]
    ids = [str(result.id) for result in await upserts.upsert(rows)]
    assert await consents(herald, ids) == ["denied"] * 3


async def paused_campaign(herald: InMemoryHerald, people: int, **changes: Any) -> list[str]:
    """The ids of people whose messages wait in a paused campaign."""
    ids = await herald.add_customers(people)
    await herald.launch(**changes)
    await herald.work(max_events=64 + people)
    await herald.act(lambda lifecycle: lifecycle.pause)
    await herald.work()
    return ids


async def test_consent_withdrawn_while_a_message_waits_is_respected() -> None:
    """People say no while a campaign is paused for three days; no message needs a read of its own."""
    herald = CountingHerald()
    await paused_campaign(herald, 50)
    herald.now += timedelta(days=3)
    await add(herald, *({"external_id": str(n), "consent": {"email": False}} for n in range(10)))
    herald.restart()
    await herald.act(lambda lifecycle: lifecycle.resume)
    herald.reads.clear()
    await herald.tick()
    statistics = await herald.ledger.statistics("c")
    assert statistics.skipped_reasons == {"no_consent": 10}
    assert not {f"p{n}@example.com" for n in range(10)} & set(await sent_to(herald))
    assert [path for path in herald.reads if path.startswith(("addresses/", "customers/"))] == []


async def test_consent_withdrawn_right_before_the_claim_is_respected() -> None:
    """The message is on its way to the vendor when the person says no."""
    herald = InMemoryHerald()
    await herald.add_customers(20)
    await herald.launch()
    await herald.work(max_events=64)
    await add(herald, {"external_id": "3", "consent": {"email": False}})
    await herald.work()
    assert "p3@example.com" not in await sent_to(herald)
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"no_consent": 1}


async def test_address_corrected_while_a_message_waits_gets_the_message() -> None:
    """The text that waits is not sent to the old address; a new address that says no gets nothing."""
    herald = InMemoryHerald()
    await paused_campaign(herald, 3)
    await add(
        herald,
        {"external_id": "1", "email": "right@example.com"},
        {"external_id": "2", "email": "no@example.com"},
        {"external_id": "other", "email": "no@example.com", "consent": {"email": False}},
    )
    await herald.act(lambda lifecycle: lifecycle.resume)
    await herald.tick()
    assert await sent_to(herald) == ["p0@example.com", "right@example.com"]
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"no_consent": 1}


async def test_release_publishes_what_holds_now() -> None:
    """Delivery looks again; but it is the release that spares a text for somebody who said no."""
    herald = InMemoryHerald()
    await paused_campaign(herald, 3)
    await add(herald, {"external_id": "1", "email": "right@example.com"})
    await add(herald, {"external_id": "2", "email": "p2@example.com", "consent": {"email": False}})
    await herald.act(lambda lifecycle: lifecycle.resume)
    herald.publisher.events = []
    await herald.handlers[Tick](Tick())
    released = [event for event in herald.publisher.events if isinstance(event, RecipientSelected | MessageReady)]
    outcomes = {event.to: getattr(event, "skip_reason", None) for event in released}
    assert outcomes.items() >= {"p2@example.com": "no_consent", "right@example.com": None}.items()


async def test_address_corrected_right_before_the_claim_gets_the_message() -> None:
    """Delivery itself looks at the address, not only the release."""
    herald = InMemoryHerald()
    await herald.add_customers(20)
    await herald.launch()
    await herald.work(max_events=64)
    await add(herald, {"external_id": "3", "email": "right@example.com"})
    await herald.work()
    assert {"p3@example.com", "right@example.com"} & set(await sent_to(herald)) == {"right@example.com"}


class CountingHerald(InMemoryHerald):
    """Notes which documents are read one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        read = self.documents.get_all

        async def get_all(paths: Sequence[str], **options: Any) -> list[Snapshot]:
            self.reads += paths
            return await read(paths, **options)

        self.documents.get_all = get_all  # type: ignore[method-assign]


async def test_answer_of_an_import_is_recorded_with_file_day_and_member() -> None:
    """Who has a consent in the file keeps it; the answer never ends somebody's no; nobody can write the member."""
    api = CustomersApiFixture()
    await api.call("POST", "/api/customers", json={"external_id": "shop", "email": INBOX, "consent": {"email": False}})
    table = "external_id,email,email consent\n1,a@example.com,\n2,b@example.com,no\n3,asha@example.com,\n"
    params = {"consent": "granted", "file": "fair.csv"}
    response = await api.call("POST", "/api/customers", content=table.encode(), headers=CSV, params=params)
    assert response.json()["created"] == 3, response.text
    people = [(await api.call("GET", f"/api/customers/{one['id']}")).json() for one in response.json()["results"]]
    recorded = people[0]["consents"]["email"]
    assert (recorded["state"], recorded["source"], recorded["by"]) == ("granted", "import: fair.csv", ADMIN)
    assert (recorded["recorded_at"] is None, recorded["at"]) == (False, None)
    assert [person["consent"] for person in people] == [{"email": True}, {"email": False}, {"email": False}]
    forged = {"external_id": "4", "consent": {"email": {"state": "granted", "by": "boss@example.com"}}}
    assert (await api.call("POST", "/api/customers", json=forged)).status_code == 422
