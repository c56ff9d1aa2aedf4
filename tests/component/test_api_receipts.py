"""The receipts function: vendors' callbacks and dead letters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from common.errors import InvalidWrite
from common.events import MessageReady, ProcessImportShard, Receipt, ReceiptsReported
from common.ids import message_id
from common.pubsub.push import PushMessage
from common.storage.documents import Create, Query, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from receipts.composition import ReceiptsFunction, ReceiptsSettings, compose
from receipts.record_dead_letter import DeadLetter
from tests.support import SETTINGS, ApiClient, planned_pages
from vendor.vendors.simulator.sender import SimulatedVendor, SimulatorSettings

SECRET = SecretStr(SETTINGS["CALLBACK_SECRET"])
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATH = "/api/receipts/simulator"


def compose_receipts(documents: MemoryDocuments, publisher: MemoryPublisher | None = None) -> ReceiptsFunction:
    """The receipts function in memory, with one vendor's secret."""
    return compose(
        documents=documents,
        publisher=publisher or MemoryPublisher(),
        settings=ReceiptsSettings(SETTINGS),
        clock=lambda: NOW,
    )


class ReceiptsFixture:
    """The receipts API in memory."""

    def __init__(self) -> None:
        self.publisher = MemoryPublisher()
        app = compose_receipts(MemoryDocuments(), self.publisher).app
        self.transport = httpx.ASGITransport(app)
        self.call = ApiClient(app)

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
def fixture() -> ReceiptsFixture:
    return ReceiptsFixture()


PLANNED = planned_pages("c", [str(number) for number in range(1000)])


def event(number: int = 0, **changes: Any) -> dict[str, Any]:
    ids = {"message_id": message_id("c", str(number)), "campaign_id": "c", "customer_id": str(number)}
    return {**ids, "kind": "sent", "at": "2026-01-01T12:00:00Z", **changes}


def body(*events: Any) -> bytes:
    return json.dumps({"events": events}).encode()


async def test_callback_with_a_valid_signature_is_published(fixture: ReceiptsFixture) -> None:
    """The response has the number of accepted receipts."""
    answer = await fixture.report(body(event(1), event(2, kind="failed", reason="No mailbox")))
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "refused": []})
    assert [(receipt.customer_id, receipt.kind, receipt.reason) for receipt in fixture.receipts()] == [
        ("1", "sent", None),
        ("2", "failed", "No mailbox"),
    ]


async def test_callback_with_a_thousand_receipts_is_published_in_three_events(fixture: ReceiptsFixture) -> None:
    """An event has at most 400 receipts."""
    answer = await fixture.report(body(*(event(number) for number in range(1000))))
    assert answer.json()["accepted"] == 1000
    assert len(fixture.publisher.events) == 3
    assert len({receipt.message_id for receipt in fixture.receipts()}) == 1000


async def test_callback_that_arrives_twice_is_counted_once(fixture: ReceiptsFixture) -> None:
    """The callback has thousands of receipts, out of order, and arrives twice."""
    kinds = [("opened", 500), ("delivered", 1000), ("failed", 100), ("sent", 1000)]
    reported = [event(number, kind=kind) for kind, total in kinds for number in range(total)]
    for content in (reported, reported[::-1]):
        assert (await fixture.report(body(*content))).json()["accepted"] == 2600
    documents = MemoryDocuments()
    await documents.commit([Create("campaigns/c", {"state": "cancelled"}), *PLANNED])
    function = compose_receipts(documents)
    for published in fixture.publisher.events:
        assert isinstance(published, ReceiptsReported)
        await function.recorder.record(published)
    counted = (await function.ledger.statistics("c")).kinds
    assert {kind: number for kind, number in counted.items() if number} == {
        "failed": 100, "sent": 900, "delivered": 1000, "opened": 500,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("at", "0001-01-01T00:00:00+14:00", "out_of_range"),
        ("at", "9999-12-31T23:59:59-12:00", "out_of_range"),
        ("at", "1999-12-31T23:59:59Z", "out_of_range"),
        ("at", "0001-01-01T00:00:00", "out_of_range"),
        ("attempt", 10**30, "range"),
        ("attempt", 0, "range"),
        ("name", "x" * 501, "too_long"),
        ("to", "x" * 501, "too_long"),
        ("reason", "x" * 1001, "too_long"),
        ("campaign_id", "x" * 101, "too_long"),
        ("customer_id", "x" * 101, "too_long"),
        ("message_id", "x" * 32, "invalid"),
    ],
)
async def test_receipt_with_an_impossible_value_is_refused_alone(
    fixture: ReceiptsFixture, field: str, value: Any, code: str
) -> None:
    """Otherwise the whole batch of receipts that is recorded with it would fail."""
    answer = await fixture.report(body(event(1), event(2, **{field: value})))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert [(error["field"], error["code"]) for error in answer.json()["refused"]] == [(f"events.1.{field}", code)]
    assert [receipt.customer_id for receipt in fixture.receipts()] == ["1"]


async def test_receipt_time_in_any_zone_is_converted_to_utc(fixture: ReceiptsFixture) -> None:
    """A time without a zone is UTC, and a time more than a day ahead is refused."""
    times = [datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 23)]
    texts = [times[0].astimezone(timezone(timedelta(hours=5.5))).isoformat(), times[1].replace(tzinfo=None).isoformat()]
    await fixture.report(body(*(event(number, at=text) for number, text in enumerate(texts))))
    assert [(receipt.at, receipt.at.tzinfo) for receipt in fixture.receipts()] == [(at, UTC) for at in times]
    answer = await fixture.report(body(event(at=(datetime.now(UTC) + timedelta(hours=25)).isoformat())))
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
async def test_callback_with_an_invalid_signature_is_refused(fixture: ReceiptsFixture, headers: dict[str, str]) -> None:
    """Nothing is published."""
    answer = await fixture.report(body(event()), headers=headers)
    assert answer.status_code == 401
    assert fixture.receipts() == []


async def test_callback_with_an_old_timestamp_is_refused(fixture: ReceiptsFixture) -> None:
    """A recorded callback cannot be sent again later."""
    assert (await fixture.report(body(event()), at=NOW.replace(year=2020))).status_code == 401


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
async def test_callback_without_a_valid_receipt_names_the_field(
    fixture: ReceiptsFixture, content: bytes, field: str
) -> None:
    """The error has the path of the invalid field."""
    answer = await fixture.report(content)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_callback_with_an_invalid_receipt_accepts_the_others(fixture: ReceiptsFixture) -> None:
    """The response lists the errors of the invalid receipts."""
    answer = await fixture.report(body(event(1), event(2, kind="eaten"), event(3, campaign_id="other"), event(4)))
    assert answer.status_code == 202
    assert (answer.json()["accepted"], [error["field"] for error in answer.json()["refused"]]) == (
        2,
        ["events.1.kind", "events.2"],
    )
    assert [receipt.customer_id for receipt in fixture.receipts()] == ["1", "4"]


async def test_callback_of_an_unknown_vendor_is_not_found(fixture: ReceiptsFixture) -> None:
    """The path has the vendor's name."""
    assert (await fixture.call("POST", "/api/receipts/pigeon", by=None)).status_code == 404


def message(number: int, *, attempt: int = 1) -> MessageReady:
    """A message to customer `number`."""
    return MessageReady(
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


async def test_simulated_vendor_reports_by_valid_callbacks(fixture: ReceiptsFixture) -> None:
    """The receipts function verifies its callbacks, and the outcome depends only on the id."""
    settings = SimulatorSettings(report_seconds=0.01, duplicate_share=0.5)
    vendor = SimulatedVendor(
        settings=settings, callback_url=f"http://herald{PATH}", secret=SECRET, transport=fixture.transport
    )
    await asyncio.gather(*(vendor.send(message(number)) for number in range(300)))
    first = {receipt.message_id: receipt.kind for receipt in fixture.receipts()}
    failed = sum(kind == "failed" for kind in first.values())
    assert len(first) == 300
    assert 15 <= failed <= 45
    assert len(fixture.receipts()) > 380  # some are reported twice
    assert all(receipt.kind == first[receipt.message_id] for receipt in fixture.receipts())


def push_message(data: bytes, **attributes: str) -> PushMessage:
    return PushMessage(data=data, attributes=attributes, subscription="dead-letters", attempt=1)


@pytest.mark.parametrize("subscription", ["recipients", "deliveries"])
async def test_dead_letter_of_a_recipients_message_is_recorded_as_failed(
    subscription: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log does not have the message, because it has personal data."""
    documents = MemoryDocuments()
    await documents.commit([Create("campaigns/c", {"state": "running"}), *PLANNED])
    letter = DeadLetter.from_push(
        push_message(message(1).encode(), subscription=subscription, reason="Unknown vendor.")
    )
    for _ in range(2):
        await compose_receipts(documents).dead_letter_recorder.record(letter)
    assert (await compose_receipts(documents).ledger.statistics("c")).kinds["failed"] == 1
    receipt = await documents.get(f"receipts/{message_id('c', '1')}.outcome")
    assert receipt["reason"] == "Unknown vendor."
    logged = [record.__dict__ for record in caplog.records if record.__dict__.get("event") == "dead_letter"]
    assert [record["recorded"] and "data" not in record for record in logged] == [True, True]


def test_dead_letter_by_pubsub_has_the_number_of_attempts_as_reason() -> None:
    """Pub/Sub gives up after its last delivery attempt, without a reason of its own."""
    letter = DeadLetter.from_push(
        push_message(
            message(1, attempt=2).encode(),
            CloudPubSubDeadLetterSourceSubscription="deliveries",
            CloudPubSubDeadLetterSourceDeliveryCount="20",
        )
    )
    receipt = letter.failed_receipt(NOW)
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
async def test_dead_letter_without_a_recipient_is_kept(
    data: bytes, subscription: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is stored once with its content, for a month. The log names it, and has nothing of the content."""
    documents, reason = MemoryDocuments(), "no mailbox asha@example.com, +91 98765 43210"
    letter = DeadLetter.from_push(push_message(data, subscription=subscription, reason=reason))
    for _ in range(2):
        await compose_receipts(documents).dead_letter_recorder.record(letter)
    [kept] = await documents.query(Query(collection="dead_letters"))
    assert (kept["data"], kept["reason"], kept["subscription"]) == (data, reason, subscription)
    assert kept["expires_at"] - kept["at"] == timedelta(days=30)
    logged = [record.__dict__ for record in caplog.records if record.__dict__.get("event") == "dead_letter"]
    assert [record["letter"] for record in logged] == [kept.id] * 2
    assert logged[0]["reason"] == "no mailbox … …"
    assert "@" not in str(logged)


async def test_dead_letter_that_cannot_be_recorded_is_kept() -> None:
    """The database refuses its receipt for good; the message itself is not lost."""

    class RefusingStore(MemoryDocuments):
        async def commit(self, writes: Sequence[Write]) -> None:
            if any(write.path.startswith("claims/") for write in writes):
                raise InvalidWrite("A part cannot be stored.")
            await super().commit(writes)

    documents = RefusingStore()
    letter = DeadLetter.from_push(push_message(message(1).encode(), subscription="deliveries", reason="why"))
    with pytest.raises(InvalidWrite):
        await compose_receipts(documents).dead_letter_recorder.record(letter)
    [kept] = await documents.query(Query(collection="dead_letters"))
    assert (kept["data"], kept["reason"]) == (message(1).encode(), "why A part cannot be stored.")


async def test_dead_letter_of_an_import_shard_marks_the_import_as_failed() -> None:
    """An import that is deleted already is ignored."""
    documents = MemoryDocuments()
    await documents.commit([Create("imports/a1", {"state": "processing", "rows": 3})])
    lost = [
        ProcessImportShard(import_id=import_id, shard=3).encode() for import_id in ("a1", "b2")
    ]  # the second import is deleted
    for data in lost:
        await compose_receipts(documents).dead_letter_recorder.record(
            DeadLetter.from_push(push_message(data, subscription="ingest", reason="Firestore: no."))
        )
    head = await documents.get("imports/a1")
    assert (head["state"], head["reason"], head["rows"]) == ("failed", "Firestore: no.", 3)


async def test_receipts_of_an_unknown_campaign_or_attempt_are_not_counted(caplog: pytest.LogCaptureFixture) -> None:
    """They are logged without personal data."""
    documents = MemoryDocuments()
    await documents.commit([Create("campaigns/c", {"state": "cancelled"}), *PLANNED])
    function = compose_receipts(documents)
    person = {"name": "Asha", "to": "asha@example.com"}
    good, other, later = event(1), event(2, campaign_id="none", **person), event(3, attempt=2, **person)
    receipts = [Receipt.model_validate(values) for values in (good, other, later)]
    await function.recorder.record(ReceiptsReported(receipts=receipts))
    assert (await function.ledger.statistics("c")).kinds["sent"] == 1
    assert (await function.ledger.statistics("none")).kinds["sent"] == 0
    assert "receipt of an unknown campaign" in caplog.text
    assert "receipt of an unknown attempt" in caplog.text
    assert not any("asha" in str(record.__dict__).lower() for record in caplog.records)
