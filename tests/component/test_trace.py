"""One message has one trace in all functions: from its recipient's event to what the vendor reports."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from common.events import Event, MessageReady, Receipt, ReceiptsReported, RecipientSelected, Tick
from common.ids import message_id
from common.logs import JsonFormatter
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.pubsub.publisher import trace_attributes
from common.settings import RateLimitSettings
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.trace import ATTRIBUTE, SAMPLING, continued_trace, current_trace, note_outcome, traceparent
from common.web.app import create_app
from common.web.rate_limits import RateLimits
from local.trace import LoggedSpan, in_order, read_spans, table, to_otlp
from tests.component.test_push_endpoint import ASHA, ISSUERS, EndpointFixture
from tests.support import AT, SETTINGS, ApiClient
from tests.terraform.deployment_run import MESSAGE as MESSAGE_TEXT
from tests.terraform.deployment_run import InMemoryDeployment
from vendor.vendors.simulator.sender import SimulatedVendor, SimulatorSettings

MESSAGE = message_id("c", "1")
PERSON = {"message_id": MESSAGE, "campaign_id": "c", "customer_id": "1", "to": "a@example.com"}
ROUTING = {"channel": "email", "vendor": "simulator"}
TEXT = {"subject": "Hi", "body": "Dear"}
READY = MessageReady(**PERSON, **ROUTING, **TEXT, personalized_by="template")
REQUEST = f"00-{'a' * 32}-{'b' * 16}-01"


class Log:
    """The lines that were logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def spans(self, trace_id: str) -> list[LoggedSpan]:
        return read_spans(["\n".join(self.lines)], trace_id)


@pytest.fixture
def log() -> Iterator[Log]:
    """Everything that is logged from INFO on, as Cloud Logging gets it."""
    log = Log()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.lines.append(self.format(record))

    handler, root = Handler(), logging.getLogger()
    handler.setFormatter(JsonFormatter("shop"))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield log
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def every_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """All messages are traced."""
    monkeypatch.setattr(SAMPLING, "one_in", 1)


class TracingPublisher(MemoryPublisher):
    """Sends the trace along in the attributes, as the adapter for Pub/Sub does."""

    async def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            await super().publish_raw(event.topic, event.encode(), trace_attributes(event))

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        await super().publish_raw(topic, data, {**trace_attributes(), **attributes})


async def send_campaign(people: int, *, report_seconds: float = 0) -> list[str]:
    """All functions send a campaign, and the vendor reports by callbacks. Returns the ids of the messages."""
    deployment = InMemoryDeployment(TracingPublisher)
    deployment.vendor = SimulatedVendor(
        settings=SimulatorSettings(report_seconds=report_seconds),
        callback_url="http://herald/api/receipts/simulator",
        secret=SecretStr(SETTINGS["CALLBACK_SECRET"]),
        transport=httpx.ASGITransport(deployment.function("receipts").app),
    )
    rows = [{"external_id": str(n), "email": f"p{n}@example.com", "name": f"P{n}"} for n in range(people)]
    await deployment.call("customers", "POST", "/api/customers", json=rows)
    draft = {"name": "Diwali", "text": "everyone", "message": MESSAGE_TEXT}
    campaign = await deployment.call("campaigns", "POST", "/api/campaigns", json=draft)
    path = f"/api/campaigns/{campaign['id']}"
    await deployment.call("campaigns", "POST", f"{path}/launch")
    await deployment.deliver_all()
    messages = (await deployment.call("campaigns", "GET", f"{path}/messages"))["items"]
    return [message["message_id"] for message in messages]


HOPS = [(0, "fan-outs"), (1, "recipients"), (2, "deliveries"), (0, "Herald receipts"), (1, "receipts")]
"""Each step of a message below the one that led to it. A vendor's report begins anew."""


@pytest.mark.usefixtures("every_trace")
async def test_trace_of_a_message_has_all_hops_in_order(log: Log) -> None:
    """From the fan-out to the ledger; the context travels in the attributes of Pub/Sub and nowhere else."""
    [message] = await send_campaign(1)
    spans = log.spans(message)
    steps = [(depth, span.step) for depth, span in in_order(spans)]
    assert steps[:5] == HOPS
    assert steps[5:] == [(2, "fan-outs")]  # the last receipt asks to finish the campaign
    fan_out, recipients, deliveries, callback, receipts, _ = [span for _, span in in_order(spans)]
    assert [recipients.parent_id, deliveries.parent_id] == [fan_out.span_id, recipients.span_id]
    assert (fan_out.parent_id, callback.parent_id, receipts.parent_id) == (None, None, callback.span_id)
    assert (recipients.outcome, deliveries.outcome) == ("template: shape", "accepted")
    assert [span.status for span in (recipients, deliveries, receipts)] == [204] * 3
    assert all(span.started_at <= later.started_at for span, later in pairwise(spans))
    assert fan_out.linked_trace
    assert [span.step for span in log.spans(fan_out.linked_trace) if span.span_id == fan_out.span_id] == ["fan-outs"]


@pytest.mark.usefixtures("every_trace")
async def test_messages_that_share_a_callback_have_traces_of_their_own(log: Log) -> None:
    """A callback and the event about several messages are a step of each of them."""
    messages = await send_campaign(3, report_seconds=0.2)
    traces = [log.spans(message) for message in messages]
    assert [[(depth, span.step) for depth, span in in_order(spans)] for spans in traces] == [HOPS] * 3
    for step in ("Herald receipts", "receipts"):
        assert len({span.span_id for spans in traces for span in spans if span.step == step}) == 1


@pytest.mark.usefixtures("every_trace")
async def test_deferred_message_goes_on_where_it_was_deferred(log: Log) -> None:
    """Requeued by a tick, days later and by another instance, it has the same trace."""
    documents, publisher = MemoryDocuments(), TracingPublisher()
    deferred = DeferredMessages(documents, publisher)
    with continued_trace(traceparent({MESSAGE}), "deliveries") as step:
        note_outcome("deferred: rate")
        await deferred.defer([DeferredMessage(event=READY, reason="rate", until=AT)])
    with continued_trace(None, "ticks"):
        await deferred.requeue(await deferred.due("c", now=AT))
    [(_, _, attributes)] = publisher.raw
    assert attributes[ATTRIBUTE] == f"00-{MESSAGE}-{step.span_id}-01"
    assert [(span.step, span.outcome) for span in log.spans(MESSAGE)] == [("deliveries", "deferred: rate")]


def trace_in(attributes: dict[str, str]) -> str:
    return attributes[ATTRIBUTE].split("-")[1]


def test_events_of_a_message_have_its_trace_and_commands_that_of_the_request() -> None:
    """Whatever led to the event: a retry, or the watchdog, too."""
    selected = RecipientSelected(**PERSON, **ROUTING, fields={}, message=TEXT, personalization="template")
    with continued_trace(REQUEST, "a request"):
        assert [trace_in(trace_attributes(event)) for event in (selected, READY)] == [MESSAGE] * 2
        assert trace_in(trace_attributes(Tick())) == "a" * 32
        report = ReceiptsReported(
            receipts=[Receipt(message_id=MESSAGE, campaign_id="c", customer_id="1", kind="sent", at=AT)]
        )
        assert trace_in(trace_attributes(report)) == MESSAGE
    assert trace_attributes(Tick()) == {}


@pytest.mark.usefixtures("every_trace")
async def test_push_continues_the_trace_that_the_message_carries(log: Log) -> None:
    """The handler publishes and logs within it; afterwards there is none."""
    fixture = EndpointFixture(ISSUERS[0])
    assert await fixture.push(ASHA, attributes={ATTRIBUTE: REQUEST}, attempt=2) == 204
    assert fixture.traces == ["a" * 32]
    assert await fixture.push(ASHA, attributes={ATTRIBUTE: "nonsense"}) == 204
    assert len(fixture.traces[1] or "") == 32
    assert current_trace() is None
    [span] = log.spans("a" * 32)
    assert (span.step, span.parent_id, span.attempt, span.status) == ("greetings", "b" * 16, 2, 204)


@pytest.mark.usefixtures("every_trace")
async def test_each_attempt_is_a_span_and_a_dead_letter_follows_the_last(log: Log) -> None:
    """They have the same parent. The dead letter's parent is the attempt that gave up."""
    fixture = EndpointFixture(ISSUERS[0])
    fixture.publisher = TracingPublisher()
    fixture.error = RuntimeError("broken")
    for attempt in (1, 2, 5):
        await fixture.push(ASHA, attributes={ATTRIBUTE: REQUEST}, attempt=attempt)
    spans = log.spans("a" * 32)
    assert [(span.attempt, span.status, span.outcome, span.parent_id) for span in spans] == [
        (1, 503, None, "b" * 16), (2, 503, None, "b" * 16), (5, 204, "dead letter", "b" * 16),
    ]  # fmt: skip


async def test_request_continues_its_trace_or_begins_one() -> None:
    """What a request publishes belongs to it."""
    app: FastAPI = create_app("traces", limits=RateLimits(RateLimitSettings.read({})))
    app.get("/trace")(lambda: {"trace": traceparent()})
    call = ApiClient(app)
    sent = {ATTRIBUTE: f"00-{'c' * 32}-{'b' * 16}-01"}
    assert (await call("GET", "/trace", headers=sent)).json()["trace"].split("-")[1] == "c" * 32
    first, second = [(await call("GET", "/trace")).json()["trace"] for _ in range(2)]
    assert first.split("-")[1] != second.split("-")[1]


def test_log_line_has_the_trace_as_cloud_logging_reads_it() -> None:
    """Logs Explorer then shows all lines of a trace together, and at its spans."""
    record = logging.makeLogRecord({"msg": "x", "levelname": "WARNING", "event": "event_failed"})
    assert "trace" not in json.loads(JsonFormatter().format(record))
    with continued_trace(traceparent({MESSAGE}), "deliveries") as span:
        line = json.loads(JsonFormatter("shop").format(record))
    assert (line["trace"], line["severity"], line["event"]) == (MESSAGE, "WARNING", "event_failed")
    assert line["logging.googleapis.com/trace"] == f"projects/shop/traces/{MESSAGE}"
    assert line["span_id"] == line["logging.googleapis.com/spanId"] == span.span_id
    assert line["logging.googleapis.com/trace_sampled"] is False


def test_the_same_messages_are_sampled_everywhere(log: Log) -> None:
    """One in a thousand, by its id; the flag of `traceparent` says which. With 0, none is."""
    sampled, other = f"{7_000:032x}", f"{7_001:032x}"
    for trace_id in (sampled, other):
        with continued_trace(traceparent({trace_id}), "deliveries"):
            assert (traceparent() or "").endswith("01" if trace_id == sampled else "00")
    assert [len(log.spans(trace_id)) for trace_id in (sampled, other)] == [1, 0]


def test_nothing_is_traced_with_zero(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting turns spans off."""
    monkeypatch.setattr(SAMPLING, "one_in", 0)
    with continued_trace(traceparent({"0" * 32}), "deliveries"):
        pass
    assert log.lines == []


def span(step: str, span_id: str, parent_id: str | None = None, **fields: object) -> LoggedSpan:
    start = datetime(2026, 11, 27, 12, tzinfo=UTC)
    return LoggedSpan.model_validate(
        {
            "trace": MESSAGE,
            "span_id": span_id,
            "parent_id": parent_id,
            "step": step,
            "started_at": start,
            "seconds": 1.5,
        }
        | fields
    )


def test_table_shows_each_step_below_the_one_that_led_to_it() -> None:
    """With the attempts, what it waited for, how long it took, and what became of the message."""
    first = span("recipients", "1", attempt=1, status=204, waited=0.25, outcome="gemini")
    again = span("deliveries", "2", "1", attempt=1, status=503)
    lines = table([first, again, span("deliveries", "3", "1", attempt=2, status=204, outcome="sent")]).splitlines()
    assert lines[0] == "2026-11-27 12:00:00 UTC"
    assert [line.split() for line in lines[2:]] == [
        ["0.000", "s", "recipients", "1", "0.250", "s", "1.500", "s", "gemini"],
        ["0.000", "s", "deliveries", "1", "1.500", "s", "(delivered", "again)"],
        ["0.000", "s", "deliveries", "2", "1.500", "s", "sent"],
    ]
    assert lines[3].startswith("0.000 s    deliveries")


def test_span_whose_parent_was_not_logged_is_shown() -> None:
    """Its function stopped, or the log is not complete."""
    assert in_order([span("deliveries", "2", "1")]) == [(0, span("deliveries", "2", "1"))]


def test_otlp_has_the_ids_times_and_links() -> None:
    """As the JSON form of OTLP asks for: ids in hexadecimal digits, 64-bit numbers as texts."""
    linked = span("receipts", "2" * 16, "1" * 16, attempt=1, status=503, linked_trace="c" * 32)
    [resource] = to_otlp([linked])["resourceSpans"]
    [otlp] = resource["scopeSpans"][0]["spans"]
    assert (otlp["traceId"], otlp["spanId"], otlp["parentSpanId"]) == (MESSAGE, "2" * 16, "1" * 16)
    assert (otlp["kind"], otlp["status"], otlp["links"]) == (
        5,
        {"code": 2},
        [{"traceId": "c" * 32, "spanId": "2" * 16}],
    )
    assert int(otlp["endTimeUnixNano"]) - int(otlp["startTimeUnixNano"]) == 1_500_000_000


def test_spans_are_read_from_what_gcloud_prints() -> None:
    """A list of entries, with the payload inside."""
    entry = {"jsonPayload": json.loads(span("receipts", "2").model_dump_json()) | {"event": "span"}, "insertId": "x"}
    other = {"textPayload": "started"}
    assert read_spans([json.dumps([entry, other])], MESSAGE) == [span("receipts", "2")]
