"""Vendors' callbacks, and what arrives with the dead letters."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from common.events import ImportLane, MessagePersonalized, Receipt, ReceiptsReported
from common.ids import message_id
from common.messages.campaign_state import Controls
from common.messages.ledger import Ledger
from common.pubsub.push import Pushed
from common.settings import Simulator
from common.storage.documents import Create
from common.storage.memory import MemoryDocuments, MemoryPublisher
from receipts.app import create_receipts_app
from receipts.callbacks.standard_webhooks import standard_webhooks
from receipts.dead_letters import DeadLetter
from receipts.record_dead_letter import Burials
from receipts.recorder import Recorder
from tests.support import Caller
from vendor.vendors.simulator.sender import SimulatedVendor

SECRET = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATH = "/api/receipts/simulator"


class World:
    def __init__(self) -> None:
        self.publisher = MemoryPublisher()
        app = create_receipts_app(publisher=self.publisher, readers={"simulator": standard_webhooks(SECRET)})
        self.transport = httpx.ASGITransport(app)
        self.call = Caller(app)

    async def report(
        self, body: bytes, *, at: datetime | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        at = at or datetime.now(UTC)
        signature = Webhook(SECRET.get_secret_value()).sign("msg_1", at, body.decode())
        signed = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
        return await self.call("POST", PATH, by=None, content=body, headers=signed | (headers or {}))

    def receipts(self) -> list[Any]:
        return [r for event in self.publisher.events if isinstance(event, ReceiptsReported) for r in event.receipts]


@pytest.fixture
def world() -> World:
    return World()


def event(number: int = 0, **changes: Any) -> dict[str, Any]:
    ids = {"message_id": message_id("c", str(number)), "campaign_id": "c", "customer_id": str(number)}
    return {**ids, "kind": "sent", "at": "2026-01-01T12:00:00Z", **changes}


def body(*events: Any) -> bytes:
    return json.dumps({"events": events}).encode()


async def test_a_signed_callback_is_published_and_answered(world: World) -> None:
    answer = await world.report(body(event(1), event(2, kind="failed", reason="No mailbox")))
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "refused": []})
    assert [(one.customer_id, one.kind, one.reason) for one in world.receipts()] == [
        ("1", "sent", None),
        ("2", "failed", "No mailbox"),
    ]


async def test_a_thousand_in_one_callback(world: World) -> None:
    answer = await world.report(body(*(event(number) for number in range(1000))))
    assert answer.json()["accepted"] == 1000
    assert len(world.publisher.events) == 3
    assert len({one.message_id for one in world.receipts()}) == 1000


async def test_a_thousand_in_one_callback_are_counted_once_each(world: World) -> None:
    """Though it comes twice, and what it tells out of order."""
    kinds = [("opened", 500), ("delivered", 1000), ("failed", 100), ("sent", 1000)]
    told = [event(number, kind=kind) for kind, most in kinds for number in range(most)]
    for content in (told, told[::-1]):
        assert (await world.report(body(*content))).json()["accepted"] == 2600
    documents = MemoryDocuments()
    await documents.commit([Create("campaigns/c", {"state": "cancelled"})])
    ledger = Ledger(documents, shard="one")
    recorder = Recorder(ledger, Controls(documents))
    for published in world.publisher.events:
        assert isinstance(published, ReceiptsReported)
        await recorder.record(published)
    found = (await ledger.statistics("c")).kinds
    assert {kind: number for kind, number in found.items() if number} == {
        "failed": 100, "sent": 900, "delivered": 1000, "opened": 500,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("at", "0001-01-01T00:00:00+14:00", "out_of_range"),
        ("at", "9999-12-31T23:59:59-12:00", "out_of_range"),
        ("at", "1999-12-31T23:59:59Z", "out_of_range"),
        ("at", "0001-01-01T00:00:00", "out_of_range"),
        ("attempt", 10**30, "less_than_equal"),
        ("attempt", 0, "greater_than_equal"),
        ("name", "x" * 501, "string_too_long"),
        ("to", "x" * 501, "string_too_long"),
        ("reason", "x" * 1001, "string_too_long"),
        ("campaign_id", "x" * 101, "string_too_long"),
        ("customer_id", "x" * 101, "string_too_long"),
        ("message_id", "x" * 32, "string_pattern_mismatch"),
    ],
)
async def test_what_no_vendor_can_know_is_refused_by_itself(world: World, field: str, value: Any, code: str) -> None:
    """It would cost the whole batch of receipts that it is recorded with."""
    answer = await world.report(body(event(1), event(2, **{field: value})))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert [(one["field"], one["code"]) for one in answer.json()["refused"]] == [(f"events.1.{field}", code)]
    assert [one.customer_id for one in world.receipts()] == ["1"]


async def test_when_it_happened_is_told_in_utc(world: World) -> None:
    given = [datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 23)]
    texts = [given[0].astimezone(timezone(timedelta(hours=5.5))).isoformat(), given[1].replace(tzinfo=None).isoformat()]
    await world.report(body(*(event(number, at=text) for number, text in enumerate(texts))))
    assert [(one.at, one.at.tzinfo) for one in world.receipts()] == [(at, UTC) for at in given]
    answer = await world.report(body(event(at=(datetime.now(UTC) + timedelta(hours=25)).isoformat())))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "out_of_range")


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "x"},
    ],
)
async def test_a_callback_that_is_not_signed_right_is_refused(world: World, headers: dict[str, str]) -> None:
    answer = await world.report(body(event()), headers=headers)
    assert answer.status_code == 401
    assert world.receipts() == []


async def test_an_old_callback_played_again_is_refused(world: World) -> None:
    assert (await world.report(body(event()), at=NOW.replace(year=2020))).status_code == 401


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"{", "body"),
        (b"{}", "events"),
        (body(), "events"),
        (body(event(kind="eaten")), "events.0.kind"),
        (body(event(kind="retried")), "events.0.kind"),
        (body(event(message_id="x")), "events.0.message_id"),
        (body(event(customer_id="somebody else")), "events.0"),
        (body(event(at="soon")), "events.0.at"),
        (body(event(campaign_id="a/b")), "events.0.campaign_id"),
    ],
)
async def test_a_callback_that_is_not_valid_names_the_field(world: World, content: bytes, field: str) -> None:
    answer = await world.report(content)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_a_wrong_receipt_does_not_cost_the_others(world: World) -> None:
    answer = await world.report(body(event(1), event(2, kind="eaten"), event(3, campaign_id="other"), event(4)))
    assert answer.status_code == 202
    assert (answer.json()["accepted"], [one["field"] for one in answer.json()["refused"]]) == (
        2,
        ["events.1.kind", "events.2"],
    )
    assert [one.customer_id for one in world.receipts()] == ["1", "4"]


async def test_an_unknown_vendor_is_not_found(world: World) -> None:
    assert (await world.call("POST", "/api/receipts/pigeon", by=None)).status_code == 404


def message(number: int, *, attempt: int = 1) -> MessagePersonalized:
    return MessagePersonalized(
        message_id=message_id("c", str(number)),
        attempt=attempt,
        campaign_id="c",
        customer_id=str(number),
        to="a@example.com",
        subject="Hi",
        body="Come",
        channel="email",
        vendor="simulator",
        personalized_by="template",
    )


async def test_the_simulators_reports_are_such_callbacks(world: World) -> None:
    """What the simulated vendor posts is what the receipts function verifies; its outcome depends on the id alone."""
    settings = Simulator(report_seconds=0.01, duplicate_share=0.5)
    vendor = SimulatedVendor(settings=settings, callback_url=f"http://herald{PATH}", secret=SECRET)
    vendor._client = httpx.AsyncClient(transport=world.transport)
    await asyncio.gather(*(vendor.send(message(number)) for number in range(300)))
    first = {one.message_id: one.kind for one in world.receipts()}
    failed = sum(kind == "failed" for kind in first.values())
    assert len(first) == 300
    assert 15 <= failed <= 45
    assert len(world.receipts()) > 380  # some came twice
    assert all(one.kind == first[one.message_id] for one in world.receipts())


def pushed(data: bytes, **attributes: str) -> Pushed:
    return Pushed(data=data, attributes=attributes, subscription="dead-letters", attempt=1)


def burials(documents: MemoryDocuments) -> Burials:
    recorder = Recorder(Ledger(documents, shard="one"), Controls(documents))
    return Burials(documents, recorder, clock=lambda: NOW)


@pytest.mark.parametrize("subscription", ["recipients", "deliveries"])
async def test_a_persons_message_that_nobody_could_work_off_is_recorded_as_failed(
    subscription: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And is not in the log, too: it says whom it was for."""
    documents = MemoryDocuments()
    await documents.commit([Create("campaigns/c", {"state": "running"})])
    ledger = Ledger(documents, shard="one")
    letter = DeadLetter.of(pushed(message(1).encode(), subscription=subscription, reason="No such vendor."))
    for _ in range(2):
        await burials(documents).bury(letter)
    assert (await ledger.statistics("c")).kinds["failed"] == 1
    [receipt] = [await ledger._documents.get(f"receipts/{message_id('c', '1')}.outcome")]
    assert receipt["reason"] == "No such vendor."
    told = [one.__dict__ for one in caplog.records if one.getMessage() == "dead letter"]
    assert [one["recorded"] and "data" not in one for one in told] == [True, True]


def test_pubsubs_own_dead_letters_say_after_how_many_attempts() -> None:
    letter = DeadLetter.of(
        pushed(
            message(1, attempt=2).encode(),
            CloudPubSubDeadLetterSourceSubscription="deliveries",
            CloudPubSubDeadLetterSourceDeliveryCount="20",
        )
    )
    receipt = letter.receipt(NOW)
    assert receipt is not None
    assert (receipt.kind, receipt.attempt, receipt.reason) == ("failed", 2, "Given up after 20 attempts.")


@pytest.mark.parametrize(
    ("data", "subscription"),
    [
        (b"{", "recipients"),
        (b"{", "ingest"),
        (b'{"message_id": "x"}', "deliveries"),
        (message(1).encode(), "fan-outs"),
        (b"", ""),
    ],
)
async def test_what_is_about_nobody_is_logged(data: bytes, subscription: str, caplog: pytest.LogCaptureFixture) -> None:
    await burials(MemoryDocuments()).bury(DeadLetter.of(pushed(data, subscription=subscription, reason="why")))
    assert "dead letter" in caplog.text


async def test_an_import_that_nobody_could_work_off_is_recorded_as_failed() -> None:
    documents = MemoryDocuments()
    await documents.commit([Create("imports/a1", {"state": "working", "rows": 3})])
    lost = [ImportLane(import_id=one, lane=3).encode() for one in ("a1", "b2")]  # of the second nothing is kept
    for data in lost:
        await burials(documents).bury(DeadLetter.of(pushed(data, subscription="ingest", reason="Firestore: no.")))
    head = await documents.get("imports/a1")
    assert (head["state"], head["reason"], head["rows"]) == ("failed", "Firestore: no.", 3)


async def test_receipts_of_no_campaign_or_no_attempt_are_not_counted(caplog: pytest.LogCaptureFixture) -> None:
    documents = MemoryDocuments()
    await documents.commit([Create("campaigns/c", {"state": "cancelled"})])
    ledger = Ledger(documents, shard="one")
    recorder = Recorder(ledger, Controls(documents))
    person = {"name": "Asha", "to": "asha@example.com"}
    good, other, later = event(1), event(2, campaign_id="none", **person), event(3, attempt=2, **person)
    receipts = [Receipt.model_validate(one) for one in (good, other, later)]
    await recorder.record(ReceiptsReported(receipts=receipts))
    assert (await ledger.statistics("c")).kinds["sent"] == 1
    assert (await ledger.statistics("none")).kinds["sent"] == 0
    assert "receipt of no campaign" in caplog.text
    assert "receipt of no attempt" in caplog.text
    assert not any("asha" in str(one.__dict__).lower() for one in caplog.records)
