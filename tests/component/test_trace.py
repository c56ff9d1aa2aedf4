"""One message has one trace in all functions: from its recipient's event to what the vendor reports."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi import FastAPI

from common.events import MessageReady, Receipt, ReceiptsReported, RecipientSelected, Tick
from common.ids import message_id
from common.logs import JsonFormatter
from common.pubsub.publisher import trace_attributes
from common.settings import RateLimitSettings
from common.trace import ATTRIBUTE, SAMPLED_ONE_IN, continued_trace, current_trace, is_sampled, traceparent
from common.web.app import create_app
from common.web.rate_limits import RateLimits
from tests.component.test_push_endpoint import ASHA, ISSUERS, EndpointFixture
from tests.support import AT, ApiClient

MESSAGE = message_id("c", "1")
PERSON = {"message_id": MESSAGE, "campaign_id": "c", "customer_id": "1", "to": "a@example.com"}
ROUTING = {"channel": "email", "vendor": "simulator"}
TEXT = {"subject": "Hi", "body": "Dear"}


def trace_in(attributes: dict[str, str]) -> str:
    return attributes[ATTRIBUTE].split("-")[1]


def test_events_of_a_message_have_its_trace_and_commands_that_of_the_request() -> None:
    """Whatever led to the event: a retry, or the watchdog, too."""
    selected = RecipientSelected(**PERSON, **ROUTING, fields={}, message=TEXT, personalization="template")
    ready = MessageReady(**PERSON, **ROUTING, **TEXT, personalized_by="template")
    with continued_trace(f"00-{'a' * 32}-{'b' * 16}-01"):
        assert [trace_in(trace_attributes(event)) for event in (selected, ready)] == [MESSAGE] * 2
        assert trace_in(trace_attributes(Tick())) == "a" * 32
        report = ReceiptsReported(
            receipts=[Receipt(message_id=MESSAGE, campaign_id="c", customer_id="1", kind="sent", at=AT)]
        )
        assert trace_in(trace_attributes(report)) == MESSAGE
    assert trace_attributes(Tick()) == {}


async def test_push_continues_the_trace_that_the_message_carries(caplog: pytest.LogCaptureFixture) -> None:
    """The handler publishes and logs within it; afterwards there is none."""
    caplog.set_level(logging.INFO)
    fixture = EndpointFixture(ISSUERS[0])
    sampled = f"{SAMPLED_ONE_IN:032x}"
    assert await fixture.push(ASHA, attributes={ATTRIBUTE: f"00-{sampled}-{'b' * 16}-01"}) == 204
    assert fixture.traces == [sampled]
    assert await fixture.push(ASHA, attributes={ATTRIBUTE: "nonsense"}) == 204
    assert len(fixture.traces[1] or "") == 32
    assert current_trace() is None
    [step] = [record for record in caplog.records if record.__dict__.get("event") == "event_processed"]
    assert step.__dict__["subscription"] == "greetings"


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
    """Logs Explorer then shows all lines of a trace together."""
    record = logging.makeLogRecord({"msg": "x", "levelname": "WARNING", "event": "event_failed"})
    assert "trace" not in json.loads(JsonFormatter().format(record))
    with continued_trace(traceparent(MESSAGE)):
        line = json.loads(JsonFormatter("shop").format(record))
    assert (line["trace"], line["severity"], line["event"]) == (MESSAGE, "WARNING", "event_failed")
    assert line["logging.googleapis.com/trace"] == f"projects/shop/traces/{MESSAGE}"


def test_the_same_messages_are_sampled_everywhere() -> None:
    """One in a thousand, by its id."""
    with continued_trace(traceparent(f"{SAMPLED_ONE_IN * 7:032x}")):
        assert is_sampled()
    with continued_trace(traceparent(f"{SAMPLED_ONE_IN * 7 + 1:032x}")):
        assert not is_sampled()
    assert not is_sampled()
