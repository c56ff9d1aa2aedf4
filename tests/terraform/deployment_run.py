"""A deployment in memory: each entry point is composed on its own, as in the cloud, and records what it uses.

The topology decides which entry point gets the messages of a topic. `run_everything` uses every feature that publishes
to another topic, or has its own query. So its records are what the entry points need.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.errors import Unavailable
from common.events import Event, OptOut, ReceiptsReported
from common.ids import opt_out_id
from common.llm.language_model import LanguageModel, ModelResponse, Prompt
from common.mail.links import LinkedMessage, LinkedRequest, MessageLinks
from common.pubsub.publisher import Publisher
from common.storage.documents import Delete, Documents, Query, Snapshot, Update, Write
from common.storage.indexes import QueryShape
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.principal import Identity
from common.webhooks.event_types import EVENT_TYPES
from common.webhooks.public_hosts import PublicHosts
from common.webhooks.recording import EventRecordingDocuments
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from local.gemini.summary import summary_claims
from local.push.issuer import Issuer
from members.composition import MembersSettings
from members.composition import compose as compose_members
from personalization.composition import PersonalizationSettings
from personalization.composition import compose as compose_personalization
from receipts.composition import ReceiptsSettings
from receipts.composition import compose as compose_receipts
from tests.in_memory_herald import InMemoryVendor
from tests.support import ADMIN, SETTINGS, ApiClient, identity_from_token
from tests.terraform.deployment import read_topology
from vendor.composition import VendorSettings
from vendor.composition import compose as compose_vendor
from vendor.vendor import Vendor
from webhooks.composition import WebhooksSettings
from webhooks.composition import compose as compose_webhooks

ISSUER = Issuer("https://issuer.example", "push@herald.example")
AUDIENCE = "https://herald.example"
ENVIRON = SETTINGS | {
    "TICK_SECONDS": "0.1",
    "RETENTION_DAYS": "30",
    "AUDIT_RETENTION_DAYS": "30",
    "PUSH_AUDIENCE": AUDIENCE,
    "PUSH_IDENTITY": ISSUER.identity,
    "PUSH_ISSUER": ISSUER.url,
    "PUSH_CERTS_URL": f"data:application/json;base64,{b64encode(json.dumps(ISSUER.certificates()).encode()).decode()}",
}
RECORDING = {"campaigns", "customers", "receipts"}
"""The functions that write down what happened for webhooks."""
FULL_BUDGET, NO_BUDGET = 60.0, 0.0
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Come back"}


@dataclass
class EntryPointUsage:
    """What one entry point used."""

    topics: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    queries: set[QueryShape] = field(default_factory=set)
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)  # written: a value by collection and field


class UsageRecordingDocuments:
    """Passes all calls on and records them, as the use of a service."""

    def __init__(self, documents: Documents, usage: EntryPointUsage, service: str = "firestore") -> None:
        self._documents = documents
        self._usage = usage
        self._service = service

    def _use(self) -> Documents:
        self._usage.services.add(self._service)
        return self._documents

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        return await self._use().get(path, at=at)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        return await self._use().get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        self._usage.queries.add(QueryShape.of_query(query))
        return await self._use().query(query)

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        self._usage.queries.add(QueryShape.of_query(query, summed=fields))
        return await self._use().sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        for write in writes:
            if not isinstance(write, Delete):
                values = {name: value for name, value in write.data.items() if value is not None}
                self._usage.fields.setdefault(write.path.partition("/")[0], {}).update(values)
        await self._use().commit(writes)


class UsageRecordingReader(UsageRecordingDocuments):
    """A database that the entry point may only read."""

    def __init__(self, documents: Documents, usage: EntryPointUsage, service: str = "access") -> None:
        super().__init__(documents, usage, service)

    async def commit(self, writes: Sequence[Write]) -> None:
        raise Unavailable("Permission denied.")


@dataclass(frozen=True)
class UsageRecordingSignIn:
    """Records that accounts are asked for."""

    usage: EntryPointUsage

    async def __call__(self, token: str, *, fresh: bool = False) -> Identity:
        self.usage.services.add("accounts")
        return await identity_from_token(token, fresh=fresh)


class UsageRecordingPublisher:
    """Passes all calls on and records the topics."""

    def __init__(self, publisher: Publisher, usage: EntryPointUsage) -> None:
        self._publisher = publisher
        self._usage = usage

    async def publish(self, events: Sequence[Event]) -> None:
        self._usage.topics |= {event.topic for event in events}
        await self._publisher.publish(events)

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self._usage.topics.add(topic)
        await self._publisher.publish_raw(topic, data, attributes)


class UsageRecordingModel:
    """Passes all prompts on and records them."""

    def __init__(self, model: LanguageModel, usage: EntryPointUsage) -> None:
        self._model = model
        self._usage = usage

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self._usage.services.add("gemini")
        return await self._model.generate(prompt)


class SummaryModel:
    """Summarises as the stand-in does; every other answer passes no check."""

    async def generate(self, prompt: Prompt) -> ModelResponse:
        if {"slots", "must", "language"} <= prompt.data.keys():
            claims = summary_claims(prompt.data["slots"], prompt.data["language"])
            return ModelResponse(content={"claims": claims})
        return ModelResponse(content={"text": "Well done."})


class InMemoryDeployment:
    """All entry points of the topology. They share the database, the topics, the vendor and the clock."""

    def __init__(self, publisher: type[MemoryPublisher] = MemoryPublisher) -> None:
        self.topology = read_topology()
        self.documents = MemoryDocuments()
        self.access = MemoryDocuments()
        self.publisher = publisher(topics=self.topology["topics"])
        self.vendor: Vendor = InMemoryVendor()
        self.now = datetime.now(UTC)
        self.usage = {entry: EntryPointUsage() for entry in self.topology["functions"]}
        self.import_seconds = FULL_BUDGET
        self._instances: dict[str, Any] = {}

    def function(self, entry: str) -> Any:
        """The function of the entry point's instance."""
        if entry not in self._instances:
            self._instances[entry] = self._compose(entry)
        return self._instances[entry]

    def restart(self, *, import_seconds: float) -> None:
        """Start all instances again."""
        self._instances.clear()
        self.import_seconds = import_seconds

    def _compose(self, entry: str) -> Any:
        usage = self.usage[entry]
        recorded = UsageRecordingDocuments(self.documents, usage)
        if "firestore-reader" in self.topology["functions"][entry]["uses"]:
            recorded = UsageRecordingReader(self.documents, usage, "firestore-reader")
        is_recording = self.topology["functions"][entry]["folder"] in RECORDING
        documents = EventRecordingDocuments(recorded, clock=lambda: self.now) if is_recording else recorded
        publisher = UsageRecordingPublisher(self.publisher, usage)
        ports: dict[str, Any] = {"documents": documents, "publisher": publisher, "clock": lambda: self.now}
        model = UsageRecordingModel(SummaryModel(), usage)
        sign_in = UsageRecordingSignIn(usage)
        monotonic = map(float, count(step=1000)).__next__  # nothing stays in a cache
        fan_out: Any = {"page_size": 1, "fan_out_seconds": 0}
        reading: Any = {"open_access": lambda: UsageRecordingReader(self.access, usage)}
        compose: dict[str, Callable[[], object]] = {
            "campaigns": lambda: compose_campaigns(
                **ports,
                verify_id_token=sign_in,
                settings=CampaignsSettings(ENVIRON),
                create_model=lambda: model,
                **fan_out,
                **reading,
            ),
            "customers": lambda: compose_customers(
                **ports,
                verify_id_token=sign_in,
                settings=CustomersSettings(ENVIRON),
                import_seconds=self.import_seconds,
                **reading,
            ),
            "members": lambda: compose_members(
                **ports,
                access=UsageRecordingDocuments(self.access, usage, "access-writer"),
                verify_id_token=sign_in,
                settings=MembersSettings(ENVIRON),
                monotonic=monotonic,
            ),
            "personalization": lambda: compose_personalization(
                **ports, settings=PersonalizationSettings(ENVIRON), model=model, linger=0, monotonic=monotonic
            ),
            "receipts": lambda: compose_receipts(**ports, settings=ReceiptsSettings(ENVIRON), monotonic=monotonic),
            "vendor": lambda: compose_vendor(
                **ports, settings=VendorSettings(ENVIRON), vendors={"simulator": self.vendor}, monotonic=monotonic
            ),
            "webhooks": lambda: compose_webhooks(
                **ports,
                access=UsageRecordingReader(self.access, usage),
                settings=WebhooksSettings(ENVIRON),
                hosts=PublicHosts(resolve=_no_address),
            ),
        }
        return compose[self.topology["functions"][entry]["folder"]]()

    async def call(self, entry: str, method: str, path: str, **request: Any) -> Any:
        """Call the API as the admin. Return the JSON of the response; None for other responses."""
        response = await ApiClient(self.function(entry).app)(method, path, by=ADMIN, **request)
        assert response.is_success, (method, path, response.text)
        return response.json() if response.text.startswith("{") else None

    async def push(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Deliver a message to the subscriptions of the topic until it is acknowledged."""
        for name, subscription in self.topology["subscriptions"].items():
            if subscription["topic"] == topic:
                endpoint = getattr(self.function(subscription["function"]), f"{subscription['function']}_endpoint")
                message = {"data": b64encode(data).decode(), "attributes": dict(attributes), "messageId": "1"}
                body = {"message": message, "subscription": f"projects/p/subscriptions/{name}"}
                while await _post(endpoint, body) != 204:
                    self.now += timedelta(minutes=10)  # until the lease of a claim has expired

    async def deliver_all(self) -> None:
        """Deliver all messages, including those that are published in the meantime."""
        while self.publisher.events or self.publisher.raw:
            events, self.publisher.events = self.publisher.events, []
            raw, self.publisher.raw = self.publisher.raw, []
            messages = [*((event.topic, event.encode(), {}) for event in events), *raw]
            await asyncio.gather(*(self.push(*message) for message in messages))

    def lose_messages(self, *topics: str) -> None:
        """Drop the messages that wait in these topics."""
        self.publisher.events = [event for event in self.publisher.events if event.topic not in topics]

    async def tick(self, *, minutes: float = 0) -> None:
        self.now += timedelta(minutes=minutes)
        await self.push("ticks", b"{}", {})
        await self.push("audit-ticks", b"{}", {})
        await self.push("event-ticks", b"{}", {})


async def _no_address(_host: str, _port: int) -> Sequence[str]:
    return []


async def _post(endpoint: Any, body: Mapping[str, Any]) -> int:
    """Post a push request to an endpoint; return the status."""

    async def handle(request: Request) -> Response:
        response: Response = await endpoint(request)
        return response

    app = Starlette(routes=[Route("/", handle, methods=["POST"])])
    headers = {"Authorization": f"Bearer {ISSUER.token(AUDIENCE)}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://herald") as client:
        return (await client.post("/", json=body, headers=headers)).status_code


async def run_everything() -> InMemoryDeployment:
    """Use every feature once."""
    deployment = InMemoryDeployment()
    await _manage_webhooks(deployment)
    await _manage_customers(deployment)
    await _import(deployment)
    campaign = await _send_campaign(deployment)
    await _look_at(deployment, campaign)
    await _interrupt_campaign(deployment)
    await _lose_messages(deployment)
    await _use_form(deployment)
    await _erase(deployment, campaign)
    await _compare_index(deployment)
    await _break_messages(deployment, campaign)
    await deployment.tick(minutes=31 * 24 * 60)
    for _ in range(10):  # each removes some of the old records
        await deployment.tick()
    return deployment


async def _manage_members(deployment: InMemoryDeployment) -> None:
    """Members, API keys and the audit log."""
    await deployment.call("members", "GET", "/api/me")
    await deployment.call("members", "POST", "/api/members", json={"address": "m@example.com", "role": "manager"})
    await deployment.call("members", "GET", "/api/members")
    key = await deployment.call("members", "POST", "/api/keys", json={"name": "shop", "role": "viewer"})
    await ApiClient(deployment.function("customers").app)("GET", "/api/customers", by=key["key"])
    await deployment.call("members", "GET", "/api/keys")
    for wanted in ({}, {"who": ADMIN}, {"what": "launch"}, {"who": ADMIN, "what": "launch"}):
        await deployment.call("members", "POST", "/api/audit/search", json=wanted)
    await deployment.call("members", "GET", "/api/audit.csv", params={"from": "2026-01-01"})
    await deployment.call("members", "GET", "/api/audit/campaigns/c0")


async def _manage_customers(deployment: InMemoryDeployment) -> None:
    """Customers, activities, suppressions and API keys."""
    people = [{"external_id": str(n), "email": f"p{n}@example.com", "name": f"P{n}"} for n in range(20)]
    excluded = [{"external_id": "no", "email": "no@example.com", "consent": {"email": False}}]
    tagged = {"city": "Pune", "tags": ["vip"], "attributes": {"size": 1}, "last_active_at": "2026-01-01T00:00:00Z"}
    await deployment.call("customers", "POST", "/api/customers", json=[people[0] | tagged, *people[1:], *excluded])
    order = {"event_id": "1", "type": "order", "email": "order@example.com", "amount": 12.5, "fields": {"shop": "Pune"}}
    at, create = {"at": "2026-01-01T00:00:00Z"}, {"on_unknown_customer": "create"}
    await deployment.call("customers", "POST", "/api/activities", json=[order | at], params=create)
    addresses = [{"email": "p1@example.com"}, {"phone": "+919876543210"}]
    await deployment.call("customers", "POST", "/api/suppressions", json=addresses)
    await deployment.call("customers", "GET", "/api/suppressions.csv")
    await deployment.call("customers", "GET", "/api/suppressions")
    await deployment.call("members", "GET", "/api/me")
    await _manage_members(deployment)


async def _manage_webhooks(deployment: InMemoryDeployment) -> None:
    """A webhook whose server has no address; its events are sent again."""
    body = {"name": "shop", "url": "https://shop.example/herald", "events": list(EVENT_TYPES)}
    webhook = await deployment.call("members", "POST", "/api/webhooks", json=body)
    path = f"/api/webhooks/{webhook['id']}"
    await deployment.call("members", "GET", "/api/webhooks")
    await deployment.call("members", "PATCH", path, json={"name": "the shop", "enabled": False})
    await deployment.call("members", "PATCH", path, json={"enabled": True})
    await deployment.call("members", "POST", f"{path}/secret")
    await deployment.call("members", "POST", f"{path}/test")
    await deployment.tick()
    await deployment.call("members", "GET", f"{path}/attempts")
    await deployment.call("members", "POST", f"{path}/replay", json={"since": deployment.now.isoformat()})


async def _import(deployment: InMemoryDeployment) -> None:
    """An import that does not fit into the time of one delivery."""
    rows = [{"external_id": f"import-{n}"} for n in range(3)]
    started = await deployment.call("customers", "POST", "/api/customers", json=rows, params={"background": "true"})
    deployment.restart(import_seconds=NO_BUDGET)
    commands, deployment.publisher.events = deployment.publisher.events, []
    for command in commands:
        await deployment.push(command.topic, command.encode(), {})
    deployment.restart(import_seconds=FULL_BUDGET)
    await deployment.deliver_all()
    status = await deployment.call("customers", "GET", f"/api/imports/{started['import_id']}")
    assert status["state"] == "completed"
    unpublished = Update(f"imports/{started['import_id']}", {"commands_pending": True})
    await deployment.documents.commit([unpublished])
    await deployment.tick()
    await deployment.deliver_all()
    await _undo_import(deployment)


async def _undo_import(deployment: InMemoryDeployment) -> None:
    """A saved mapping; an import that is cancelled before anything is written, and one that is undone."""
    mapping = {"name": "Shop", "headings": ["Wer"], "columns": {"Wer": {"field": "email"}}}
    await deployment.call("customers", "PUT", "/api/imports/mappings", json=mapping)
    table = {"content": b"Wer\na@example.com\n", "headers": {"content-type": "text/csv"}}
    await deployment.call("customers", "POST", "/api/imports/previews", **table)
    rows = [{"external_id": "undone"}]
    background = {"background": "true"}
    cancelled = await deployment.call("customers", "POST", "/api/customers", json=rows, params=background)
    await deployment.call("customers", "POST", f"/api/imports/{cancelled['import_id']}/cancel")
    await deployment.deliver_all()
    started = await deployment.call("customers", "POST", "/api/customers", json=rows, params=background)
    await deployment.deliver_all()
    await deployment.call("customers", "POST", f"/api/imports/{started['import_id']}/undo")
    await deployment.deliver_all()
    listed = (await deployment.call("customers", "GET", "/api/imports"))["items"]
    assert {one["id"]: one["undo"] and one["undo"]["removed"] for one in listed}[started["import_id"]] == 1


async def _create(deployment: InMemoryDeployment, name: str, **fields: Any) -> str:
    """Create a campaign and return its path."""
    body = {"name": name, "text": "everyone", "message": MESSAGE, "frequency_cap": "99/7"} | fields
    key = {"Idempotency-Key": name.replace(" ", "-")}
    campaign = await deployment.call("campaigns", "POST", "/api/campaigns", json=body, headers=key)
    return f"/api/campaigns/{campaign['id']}"


async def _send_campaign(deployment: InMemoryDeployment) -> str:
    """A campaign from the schedule to the retry of its failures. Return its path."""
    path = await _create(deployment, "Diwali")
    at = (deployment.now + timedelta(minutes=1)).isoformat()
    await deployment.call("campaigns", "POST", f"{path}/launch", json={"at": at})
    await deployment.tick(minutes=2)
    await deployment.deliver_all()
    await deployment.call("campaigns", "POST", f"{path}/retry")
    await deployment.deliver_all()
    await deployment.tick(minutes=2)
    await deployment.deliver_all()
    assert (await deployment.call("campaigns", "GET", path))["state"] == "finished"
    return path


async def _look_at(deployment: InMemoryDeployment, campaign: str) -> None:
    """What a member can see of customers, segments and a campaign."""
    [customer] = (await deployment.call("customers", "POST", "/api/customers/search", json={"search": "P3"}))["items"]
    await deployment.call("customers", "GET", f"/api/customers/{customer['id']}")
    await deployment.call("customers", "GET", f"/api/customers/{customer['id']}/export")
    await deployment.call("campaigns", "POST", "/api/segments", json={"name": "All", "text": "everyone"})
    for text in ('in segment "all"', 'opened campaign "diwali"'):
        await deployment.call("campaigns", "POST", "/api/segments/preview", json={"text": text})
    for page in ("", "/statistics", "/messages", "/messages?state=pending", "/messages?state=sent"):
        await deployment.call("campaigns", "GET", f"{campaign}{page}")
    await deployment.call("campaigns", "GET", f"{campaign}/explanation", params={"customer_id": customer["id"]})
    for method in ("POST", "GET"):
        await deployment.call("campaigns", method, f"{campaign}/summary")
    for path in ("/api/campaigns", "/api/campaigns?state=finished", "/api/segments", "/api/audience", "/api/overview"):
        await deployment.call("campaigns", "GET", path)
    for path in ("/fallbacks", "/messages.csv", "/messages?reason=full", "/checklist"):
        await deployment.call("campaigns", "GET", f"{campaign}{path}")
    test = {"to": ["team@example.com"]}
    for path, body in (("/estimate", None), ("/preview", {"written_by": "gemini"}), ("/test", test)):
        await deployment.call("campaigns", "POST", f"{campaign}{path}", json=body)
    await deployment.call("campaigns", "POST", "/api/assist/rules", json={"words": "everyone"})
    await deployment.call("campaigns", "POST", "/api/assist/plans", json={"goal": "Tell everyone about us"})
    await deployment.call("campaigns", "POST", "/api/campaigns/facts", json={"message": {"body": "15% off"}})
    await deployment.deliver_all()
    draft = await deployment.call("campaigns", "POST", "/api/campaigns?draft=true", json={"text": "city ="})
    await deployment.call("campaigns", "POST", f"{campaign}/copy")
    await deployment.call("campaigns", "DELETE", f"/api/campaigns/{draft['id']}")


async def _interrupt_campaign(deployment: InMemoryDeployment) -> None:
    """Pause and resume a campaign, then cancel one with deferred messages, and one whose messages are on their way."""
    paused = await _create(deployment, "Holi", text='name = "P5"')
    await deployment.call("campaigns", "POST", f"{paused}/launch")
    await _fan_out(deployment)
    await deployment.call("campaigns", "POST", f"{paused}/pause")
    await deployment.deliver_all()
    await deployment.call("campaigns", "POST", f"{paused}/resume")
    await deployment.deliver_all()
    cancelled = await _create(deployment, "Onam", per_minute=1)
    await deployment.call("campaigns", "POST", f"{cancelled}/launch")
    await _fan_out(deployment)
    await deployment.call("campaigns", "GET", f"{cancelled}/statistics")
    await deployment.call("campaigns", "POST", f"{cancelled}/cancel")
    await deployment.deliver_all()
    unfinished = await _create(deployment, "Pongal")
    await deployment.call("campaigns", "POST", f"{unfinished}/launch")
    await deployment.call("campaigns", "POST", f"{unfinished}/cancel")
    await deployment.deliver_all()


async def _fan_out(deployment: InMemoryDeployment) -> None:
    """Plan the audience, and deliver the first command of each bucket."""
    await _deliver_topic(deployment, "fan-outs")
    await _deliver_topic(deployment, "fan-outs")


async def _deliver_topic(deployment: InMemoryDeployment, topic: str) -> None:
    """Deliver the messages of one topic that wait now."""
    events = deployment.publisher.events
    deployment.publisher.events = [event for event in events if event.topic != topic]
    await asyncio.gather(*(deployment.push(topic, event.encode(), {}) for event in events if event.topic == topic))


async def _lose_messages(deployment: InMemoryDeployment) -> None:
    """The watchdog publishes again what is lost: commands, recipients with the skipped ones, and messages."""
    for topics in (("fan-outs",), ("recipients", "receipts"), ("deliveries",)):
        path = await _create(deployment, f"lost {topics}")
        await deployment.call("campaigns", "POST", f"{path}/launch")
        for topic in ("fan-outs", "fan-outs", "recipients", "deliveries"):
            deployment.lose_messages(*topics)
            await _deliver_topic(deployment, topic)
        deployment.lose_messages(*topics)
        await deployment.deliver_all()
        for _ in range(3):
            await deployment.tick(minutes=11)
            await deployment.deliver_all()


async def _erase(deployment: InMemoryDeployment, campaign: str) -> None:
    """A callback of the vendor, a click on a link, a choice of topics, an answer of STOP, and an erasure."""
    [message] = (await deployment.call("campaigns", "GET", f"{campaign}/messages", params={"limit": 1}))["items"]
    ids = {"message_id": message["message_id"], "campaign_id": campaign.rpartition("/")[2]}
    event = ids | {"customer_id": message["customer_id"], "kind": "opened", "at": deployment.now.isoformat()}
    body = json.dumps({"events": [event]})
    signature = Webhook(SecretStr(SETTINGS["CALLBACK_SECRET"]).get_secret_value()).sign("m", datetime.now(UTC), body)
    signed = {"webhook-id": "m", "webhook-timestamp": str(int(datetime.now(UTC).timestamp()))}
    headers = signed | {"webhook-signature": signature}
    await deployment.call("receipts", "POST", "/api/receipts/simulator", content=body, headers=headers)
    linked = LinkedMessage(campaign_id=ids["campaign_id"], customer_id=message["customer_id"], attempt=1)
    link = MessageLinks(SecretStr(SETTINGS["SUPPRESSION_KEY"])).click_url(linked, "https://shop.example", link="x")
    browser = {"user-agent": "Mozilla/5.0 Firefox/145.0"}
    reader = ApiClient(deployment.function("receipts").app)
    await reader("GET", link, by=None, headers=browser)
    await _choose_topics(deployment, reader, linked)
    stop = OptOut(channel="sms", to="+15005550006", vendor="twilio", id=opt_out_id("twilio", "SM0"))
    await deployment.publisher.publish([ReceiptsReported(receipts=[], opt_outs=[stop])])
    await deployment.deliver_all()
    await deployment.call("customers", "DELETE", f"/api/customers/{message['customer_id']}")


async def _choose_topics(deployment: InMemoryDeployment, reader: ApiClient, linked: LinkedMessage) -> None:
    """The reader of a message leaves one of the deployment's topics."""
    topics = [{"name": "offers", "labels": {"en": "Offers", "hi": "ऑफ़र"}}]
    await deployment.call("campaigns", "PUT", "/api/topics", json={"items": topics})
    with_address = replace(linked, address_hash="0" * 40)
    page = MessageLinks(SecretStr(SETTINGS["SUPPRESSION_KEY"])).unsubscribe_url(with_address)
    await reader("POST", page, by=None, content=b"choice=topics&shown=offers")


async def _use_form(deployment: InMemoryDeployment) -> None:
    """Somebody sends a form and follows the link in its mail; then the form is deleted."""
    form = {
        "name": "Shop",
        "thank_you": "Look into your mailbox.",
        "allowed_origins": ["https://shop.example"],
        "vendor": "simulator",
        "confirmation": {"subject": "Please confirm", "body": "You asked for it.", "button": "Yes"},
    }
    created = await deployment.call("customers", "POST", "/api/forms", json=form)
    path = f"/api/forms/{created['id']}"
    await deployment.call("customers", "POST", path, json={"email": "visitor@example.com", "name": "Vera"})
    await deployment.deliver_all()
    [request] = await deployment.documents.query(Query(collection="form_requests"))
    link = LinkedRequest(form_id=created["id"], request_id=request.id, until=request["expires_at"])
    page = MessageLinks(SecretStr(SETTINGS["SUPPRESSION_KEY"])).confirm_url(link)
    visitor = ApiClient(deployment.function("customers").app)
    for method in ("GET", "POST"):
        assert (await visitor(method, page, by=None)).status_code == 200
    await deployment.call("customers", "PUT", path, json=form)
    await deployment.call("customers", "GET", "/api/forms")
    await deployment.call("customers", "DELETE", path)


async def _break_messages(deployment: InMemoryDeployment, campaign: str) -> None:
    """Each subscription gets a message that becomes a dead letter; one of them names its recipient."""
    for topic in deployment.topology["topics"]:
        await deployment.push(topic, b"no event", {})
    ids = {"message_id": "0" * 32, "campaign_id": campaign.rpartition("/")[2], "customer_id": "0"}
    await deployment.push("deliveries", json.dumps(ids).encode(), {})
    await deployment.deliver_all()


async def _compare_index(deployment: InMemoryDeployment) -> None:
    """The audience index is rebuilt."""
    await deployment.call("campaigns", "POST", "/api/audience/rebuild")
    await deployment.tick()
    await deployment.deliver_all()
