"""One meaning of a time without a zone, at every door: the deployment's `TIME_ZONE`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.audit import audit_entry
from common.events import FanOut, ProcessImportShard, RecipientSelected
from common.ids import bucket_of
from common.messages.templates import render
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.webhooks.event_types import WebhookEvent
from common.webhooks.store import new_batch
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from customers.model.customer import CustomerInput
from local.openapi import build_document
from members.composition import MembersSettings
from members.composition import compose as compose_members
from tests.support import SETTINGS, ApiClient, FakeModel, IdCheckingStore, identity_from_token

NOW = datetime(2026, 11, 27, 6, tzinfo=UTC)
ASHA = "asha@example.com"
DOORS_OF_BODIES = {
    ("post", "/api/customers", "consent.at"),
    ("post", "/api/customers", "created_at"),
    ("post", "/api/customers", "first_order_at"),
    ("post", "/api/customers", "last_active_at"),
    ("patch", "/api/customers/{customer_id}", "consent.at"),
    ("patch", "/api/customers/{customer_id}", "created_at"),
    ("patch", "/api/customers/{customer_id}", "first_order_at"),
    ("patch", "/api/customers/{customer_id}", "last_active_at"),
    ("put", "/api/customers/{customer_id}", "consent.at"),
    ("put", "/api/customers/{customer_id}", "created_at"),
    ("put", "/api/customers/{customer_id}", "first_order_at"),
    ("put", "/api/customers/{customer_id}", "last_active_at"),
    ("post", "/api/activities", "at"),
    ("post", "/api/activities", "consent.at"),
    ("post", "/api/campaigns/{campaign_id}/launch", "at"),
    ("post", "/api/audit/search", "from"),
    ("post", "/api/audit/search", "to"),
    ("post", "/api/audit/export", "from"),
    ("post", "/api/audit/export", "to"),
    ("post", "/api/webhooks/{webhook_id}/replay", "since"),
}
"""The times in the bodies of all requests. Each has a test here."""
DOORS_OF_PARAMETERS = {
    ("/api/audit", "from"),
    ("/api/audit", "to"),
    ("/api/audit.csv", "from"),
    ("/api/audit.csv", "to"),
    ("/api/campaigns/{campaign_id}/estimate", "start_at"),
}
"""The times in the parameters of all requests. Each has a test here."""


class HeraldInZone:
    """The functions of a deployment with this time zone, on one store."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.documents = IdCheckingStore()
        self.publisher = MemoryPublisher()
        settings = SETTINGS | {"TIME_ZONE": zone}
        shared: dict[str, Any] = {
            "documents": self.documents,
            "publisher": self.publisher,
            "verify_id_token": identity_from_token,
            "clock": lambda: NOW,
        }
        customers = compose_customers(**shared, open_access=MemoryDocuments, settings=CustomersSettings(settings))
        self.import_jobs = customers.import_jobs
        self.customers = ApiClient(customers.app)
        campaigns = compose_campaigns(
            **shared, open_access=MemoryDocuments, create_model=FakeModel, settings=CampaignsSettings(settings)
        )
        self.commands = campaigns.commands
        self.campaigns = ApiClient(campaigns.app)
        members = compose_members(**shared, access=MemoryDocuments(), settings=MembersSettings(settings))
        self.members = ApiClient(members.app)

    async def process_imports(self) -> None:
        while self.publisher.events:
            event = self.publisher.events.pop()
            assert isinstance(event, ProcessImportShard)
            await self.import_jobs.process(event)

    async def customer(self) -> Any:
        [listed] = (await self.customers("GET", "/api/customers")).json()["items"]
        return (await self.customers("GET", f"/api/customers/{listed['id']}")).json()

    async def add(self, **fields: Any) -> str:
        response = await self.customers("POST", "/api/customers", json={"email": ASHA, **fields})
        [result] = response.json()["results"]
        assert not result["errors"]
        return str(result["id"])

    async def count(self, rule: str) -> int:
        response = await self.campaigns("POST", "/api/segments/preview", json={"text": rule})
        return int(response.json()["count"])

    async def campaign(self, **fields: Any) -> str:
        body = {"name": "Diwali", "text": "everyone", "message": {"subject": "Hi", "body": "Come"}} | fields
        response = await self.campaigns("POST", "/api/campaigns", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    async def message(self, body: str) -> tuple[str, RecipientSelected]:
        """The preview of a message with this body for the only customer, and the event for their real message."""
        id_ = await self.campaign(message={"subject": "Hi", "body": body})
        preview = (await self.campaigns("POST", f"/api/campaigns/{id_}/preview", json={"people": 1})).json()
        assert (await self.campaigns("POST", f"/api/campaigns/{id_}/launch")).status_code == 202
        customer = await self.customer()
        self.publisher.events.clear()
        await self.commands.handle(FanOut(campaign_id=id_, bucket=bucket_of(customer["id"])))
        [event] = [event for event in self.publisher.events if isinstance(event, RecipientSelected)]
        return preview["people"][0]["template"]["body"], event


@pytest.fixture(params=["Asia/Kolkata", "America/New_York"])
def deployment(request: pytest.FixtureRequest) -> HeraldInZone:
    return HeraldInZone(request.param)


LATE = datetime(2026, 11, 26, 23)
Send = Callable[[HeraldInZone, str], Awaitable[object]]


def _json(deployment: HeraldInZone, at: str) -> Awaitable[object]:
    return deployment.customers("POST", "/api/customers", json={"email": ASHA, "last_active_at": at})


def _rows(media_type: str, text: str, **params: str) -> Send:
    async def send(deployment: HeraldInZone, at: str) -> object:
        body, headers = text.format(at=at), {"content-type": media_type}
        response = await deployment.customers("POST", "/api/customers", content=body, headers=headers, params=params)
        await deployment.process_imports()
        return response

    return send


async def _patch(deployment: HeraldInZone, at: str) -> object:
    id_ = await deployment.add()
    return await deployment.customers("PATCH", f"/api/customers/{id_}", json={"last_active_at": at})


async def _put(deployment: HeraldInZone, at: str) -> object:
    id_ = await deployment.add()
    times = {"created_at": "2020-01-01", "first_order_at": at, "last_active_at": at}
    body = {"email": ASHA, **times, "consent": {"email": {"state": "granted", "at": at}}}
    return await deployment.customers("PUT", f"/api/customers/{id_}", json=body)


async def _activity(deployment: HeraldInZone, at: str) -> object:
    await deployment.add()
    order = {"email": ASHA, "event_id": "1", "type": "order", "amount": 5, "at": at}
    return await deployment.customers("POST", "/api/activities", json=order)


async def _activities_in_the_background(deployment: HeraldInZone, at: str) -> object:
    await deployment.add()
    body, headers = f"email,event_id,type,amount,at\n{ASHA},1,order,5,{at}\n", {"content-type": "text/csv"}
    params = {"background": "true"}
    response = await deployment.customers("POST", "/api/activities", content=body, headers=headers, params=params)
    await deployment.process_imports()
    return response


CSV = f"email,last_active_at\n{ASHA},{{at}}\n"
NDJSON = f'{{{{"email": "{ASHA}", "last_active_at": "{{at}}"}}}}\n'
DOORS: Mapping[str, Send] = {
    "json": _json,
    "ndjson": _rows("application/x-ndjson", NDJSON),
    "csv": _rows("text/csv", CSV),
    "import of a csv": _rows("text/csv", CSV, background="true"),
    "import of ndjson": _rows("application/x-ndjson", NDJSON, background="true"),
    "patch": _patch,
    "put": _put,
    "activity": _activity,
    "import of activities": _activities_in_the_background,
}


@pytest.mark.parametrize("door", DOORS)
async def test_time_without_a_zone_is_the_deployments(deployment: HeraldInZone, door: str) -> None:
    """It is the same instant at every door, and the rule finds it on the day that was written."""
    await DOORS[door](deployment, "2026-11-26 23:00:00")
    shown = datetime.fromisoformat((await deployment.customer())["last_active_at"])
    assert shown == LATE.replace(tzinfo=deployment.zone)
    assert await deployment.count("last_active_at = 2026-11-26") == 1
    assert await deployment.count('last_active_at = "2026-11-26T23:00:00"') == 1


@pytest.mark.parametrize("door", DOORS)
async def test_day_begins_at_midnight_in_the_deployments_zone(deployment: HeraldInZone, door: str) -> None:
    """Also west of Greenwich, where midnight in UTC is on the day before."""
    await DOORS[door](deployment, "2026-11-26")
    shown = datetime.fromisoformat((await deployment.customer())["last_active_at"])
    assert shown == datetime(2026, 11, 26, tzinfo=deployment.zone)


@pytest.mark.parametrize("door", DOORS)
async def test_time_with_an_offset_keeps_it(deployment: HeraldInZone, door: str) -> None:
    """The deployment's zone is for times without one only."""
    await DOORS[door](deployment, "2026-11-26T23:00:00+02:00")
    shown = datetime.fromisoformat((await deployment.customer())["last_active_at"])
    assert shown == datetime(2026, 11, 26, 21, tzinfo=UTC)


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
async def test_time_at_which_a_customer_was_known_is_in_the_deployments_zone(
    deployment: HeraldInZone, method: str
) -> None:
    """However it is written."""
    id_ = await deployment.add()
    path = "/api/customers" if method == "POST" else f"/api/customers/{id_}"
    known = {"created_at": "2020-05-01T23:00:00"} | ({} if method == "PATCH" else {"email": ASHA})
    await deployment.customers(method, path, json=known)
    shown = datetime.fromisoformat((await deployment.customer())["created_at"])
    assert shown == datetime(2020, 5, 1, 23, tzinfo=deployment.zone)


async def test_time_of_a_consent_is_in_the_deployments_zone(deployment: HeraldInZone) -> None:
    """In a row, in a change of one customer, and with an order."""
    id_ = await deployment.add(consent={"email": {"state": "granted", "at": "2026-11-25T23:00:00"}})
    first = datetime.fromisoformat((await deployment.customer())["consents"]["email"]["at"])
    said = {"consent": {"email": {"state": "denied", "at": "2026-11-26T23:00:00"}}}
    await deployment.customers("PATCH", f"/api/customers/{id_}", json=said)
    second = datetime.fromisoformat((await deployment.customer())["consents"]["email"]["at"])
    said = {"consent": {"email": {"state": "granted", "at": "2026-11-27T23:00:00"}}}
    order = {"email": ASHA, "event_id": "1", "type": "order", "amount": 5, "at": "2026-11-27"}
    await deployment.customers("POST", "/api/activities", json=order | said)
    third = datetime.fromisoformat((await deployment.customer())["consents"]["email"]["at"])
    assert (first, second, third) == (
        datetime(2026, 11, 25, 23, tzinfo=deployment.zone),
        datetime(2026, 11, 26, 23, tzinfo=deployment.zone),
        datetime(2026, 11, 27, 23, tzinfo=deployment.zone),
    )


@pytest.mark.parametrize(
    ("method", "path", "place"),
    [
        ("GET", "/api/audit", "params"),
        ("GET", "/api/audit.csv", "params"),
        ("POST", "/api/audit/search", "json"),
        ("POST", "/api/audit/export", "json"),
    ],
)
async def test_period_of_the_audit_log_is_in_the_deployments_zone(
    deployment: HeraldInZone, method: str, path: str, place: str
) -> None:
    """Also without a time: the day begins at midnight where the shop is."""
    midnight = datetime(2026, 11, 26, tzinfo=deployment.zone)
    for minutes in (-1, 1):
        at = midnight + timedelta(minutes=minutes)
        await deployment.documents.commit([audit_entry(f"what {minutes}", by="me", at=at)])
    for name, shown, hidden in (("from", "what 1", "what -1"), ("to", "what -1", "what 1")):
        for time in ("2026-11-26", "2026-11-26T00:00:00"):
            wanted: dict[str, Any] = {place: {name: time}}
            text = (await deployment.members(method, path, **wanted)).text
            assert (shown in text, hidden in text) == (True, False), (name, time)


async def test_events_since_a_time_are_those_since_it_in_the_deployments_zone(deployment: HeraldInZone) -> None:
    """The event of a minute before midnight is not sent again, that of a minute after it is."""
    body = {"name": "shop", "url": "https://shop.example/herald", "events": ["customer.changed"]}
    webhook = (await deployment.members("POST", "/api/webhooks", json=body)).json()
    midnight = NOW.astimezone(deployment.zone).replace(hour=0, minute=0)
    for minutes in (-1, 1):
        event = WebhookEvent(type="customer.changed", timestamp="", data={})
        await deployment.documents.commit([new_batch([event], now=midnight + timedelta(minutes=minutes))])
    since = {"since": f"{midnight:%Y-%m-%dT%H:%M:%S}"}
    answer = await deployment.members("POST", f"/api/webhooks/{webhook['id']}/replay", json=since)
    assert (answer.status_code, answer.json()) == (202, {"events": 1, "until": None})


async def test_start_of_an_estimate_is_in_the_deployments_zone(deployment: HeraldInZone) -> None:
    """At two in the night where the shop is, with quiet hours until eight, everybody waits until eight there."""
    await deployment.add()
    id_ = await deployment.campaign(quiet_hours="22:00-08:00")
    start = {"start_at": "2031-12-25T02:00:00"}
    response = await deployment.campaigns("POST", f"/api/campaigns/{id_}/estimate", params=start)
    assert response.status_code == 200, response.text
    [group] = response.json()["waiting"]["people"]
    assert datetime.fromisoformat(group["until"]) == datetime(2031, 12, 25, 8, tzinfo=deployment.zone)


async def test_start_of_a_campaign_is_in_the_deployments_zone(deployment: HeraldInZone) -> None:
    """`2026-12-25T09:00:00` is nine in the morning where the shop is."""
    await deployment.add()
    id_ = await deployment.campaign()
    start = {"at": "2026-12-25T09:00:00"}
    response = await deployment.campaigns("POST", f"/api/campaigns/{id_}/launch", json=start)
    shown = datetime.fromisoformat(response.json()["start_at"])
    assert shown == datetime(2026, 12, 25, 9, tzinfo=deployment.zone)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00"),  # does not exist: the clock goes from 2:00 to 3:00
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),  # exists twice
        ("2026-07-01T00:00:00", "2026-06-30T22:00:00+00:00"),
    ],
)
async def test_time_at_a_change_of_the_clock_has_the_offset_before_it(written: str, read: str) -> None:
    """In imports and in rules alike."""
    deployment = HeraldInZone("Europe/Berlin")
    await deployment.add(last_active_at=written)
    shown = datetime.fromisoformat((await deployment.customer())["last_active_at"])
    assert shown == datetime.fromisoformat(read)
    assert await deployment.count(f'last_active_at = "{written}"') == 1


@pytest.mark.parametrize("edge", ["0001-01-01", "9999-12-31T23:59:59"])
async def test_time_that_is_outside_of_the_calendar_in_utc_is_an_error_of_its_row(edge: str) -> None:
    """East of Greenwich the first day begins too early, west of it the last one ends too late."""
    deployment = HeraldInZone("Asia/Kolkata" if edge < "1" else "America/New_York")
    response = await deployment.customers("POST", "/api/customers", json=[{"email": ASHA, "last_active_at": edge}])
    [error] = response.json()["results"][0]["errors"]
    assert (error["field"], error["code"]) == ("last_active_at", "date")


async def test_message_for_somebody_at_the_edge_of_the_calendar_is_sent() -> None:
    """Their own day is in no calendar, so the day in UTC is shown."""
    deployment = HeraldInZone("UTC")
    await deployment.add(timezone="America/New_York", last_active_at="0001-01-01T00:00:00Z")
    previewed, _ = await deployment.message("{{ last_active_at }}")
    assert previewed == "1 January 1"


def test_time_without_a_zone_outside_of_a_door_is_an_error_of_the_program() -> None:
    """So no door can be forgotten: such a time is never read as something else."""
    with pytest.raises(LookupError):
        CustomerInput.model_validate({"email": ASHA, "last_active_at": "2026-11-26"})


async def test_day_of_an_activity_is_the_deployments(deployment: HeraldInZone) -> None:
    """Two visits within an hour of midnight are two active days where the shop is, but one in Greenwich."""
    id_ = await deployment.add()
    midnight = datetime(2026, 11, 26, tzinfo=deployment.zone)
    times = [midnight - timedelta(minutes=30), midnight + timedelta(minutes=30)]
    visits = [
        {"customer_id": id_, "event_id": f"{n}", "type": "visit", "at": at.isoformat()} for n, at in enumerate(times)
    ]
    await deployment.customers("POST", "/api/activities", json=visits)
    assert (await deployment.customer())["active_days"] == 2


MESSAGE = (
    "{{ last_active_at }}, {{ first_order_at }}, {{ created_at }}, {{ attributes.card.until }}, {{ attributes.since }}"
)
IN_KOLKATA = "26 November 2026, 1 May 2026, 27 November 2026, 2 December 2026, 3 January 2020"
IN_NEW_YORK = "25 November 2026, 30 April 2026, 27 November 2026, 1 December 2026, 3 January 2020"


@pytest.mark.parametrize(
    ("zone", "own", "days"),
    [
        ("Asia/Kolkata", None, IN_KOLKATA),
        ("America/New_York", None, IN_NEW_YORK),
        ("Asia/Kolkata", "America/New_York", IN_NEW_YORK),
        ("America/New_York", "Asia/Kolkata", IN_KOLKATA),
    ],
)
async def test_message_shows_days_in_the_persons_zone_or_the_deployments(zone: str, own: str | None, days: str) -> None:
    """In the preview and in the message that is sent, in words. A day without a time is the same day everywhere."""
    deployment = HeraldInZone(zone)
    await deployment.add(
        timezone=own,
        last_active_at="2026-11-25T20:00:00Z",
        first_order_at="2026-04-30T19:00:00Z",
        attributes={"card": {"until": "2026-12-02T01:00:00+05:30"}, "since": "2020-01-03"},
    )
    previewed, event = await deployment.message(MESSAGE)
    assert (previewed, render(event.message, event.fields).body) == (days, days)


async def test_message_in_hindi_shows_days_in_hindi() -> None:
    """As the rule's own description has them."""
    deployment = HeraldInZone("Asia/Kolkata")
    await deployment.add(last_active_at="2026-11-26 23:00")
    previewed, _ = await deployment.message("आप {{ last_active_at }} को आए थे")
    assert previewed == "आप 26 नवंबर 2026 को आए थे"
    assert await deployment.count("last_active_at = 2026-11-26") == 1


def test_every_time_in_a_body_has_a_test() -> None:
    """A new time in a request is added to `DOORS_OF_BODIES` or `DOORS_OF_PARAMETERS`, with a test."""
    document = build_document()
    found = {
        (method, path, field)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for media in operation.get("requestBody", {}).get("content", {}).values()
        for field in _times_in(media["schema"], document["components"]["schemas"])
    }
    assert found == DOORS_OF_BODIES
    parameters = {
        (path, parameter["name"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if [*_times_in(parameter["schema"], document["components"]["schemas"])]
    }
    assert parameters == DOORS_OF_PARAMETERS


def _times_in(schema: Any, schemas: Mapping[str, Any]) -> Iterator[str]:
    """The paths of the times in a JSON schema: `consent.at`."""
    known = {**schemas, **schema.get("$defs", {})}
    if name := schema.get("$ref", "").rpartition("/")[2]:
        yield from _times_in(known[name], {**known, name: {}})  # rules contain rules
    if schema.get("format") in {"date-time", "date"}:
        yield ""
    entries = [part for key in ("items", "additionalProperties") if isinstance(part := schema.get(key), dict)]
    choices = [part for key in ("oneOf", "anyOf", "allOf") for part in schema.get(key, ())]
    for part in [*entries, *choices, *schema.get("patternProperties", {}).values()]:
        yield from _times_in(part, known)
    for name, part in schema.get("properties", {}).items():
        for inner in _times_in(part, known):
            yield f"{name}.{inner}".removesuffix(".")
