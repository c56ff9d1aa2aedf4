"""A test message to addresses of the team: sent as every message is, and in no number of the campaign."""

from __future__ import annotations

from typing import Any

import pytest

from common.addresses.address import Address
from common.addresses.state import suppression_write
from common.events import MessageReady, ReceiptsReported
from common.ids import campaign_id_of_tests
from common.messages.ledger import Ledger
from common.storage.documents import Create, Query
from receipts.composition import ReceiptsSettings
from receipts.composition import compose as compose_receipts
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture
from tests.in_memory_herald import InMemoryVendor
from tests.support import HASHER, SETTINGS, logged_actions
from vendor.composition import VendorSettings
from vendor.composition import compose as compose_vendor

TEAM = ["team@example.com", " Boss@Example.com "]


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.customers()
    return api


class KeepingVendor(InMemoryVendor):
    """Keeps what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[MessageReady] = []

    async def send(self, message: MessageReady) -> Any:
        self.messages.append(message)
        return await super().send(message)


async def draft(api: CampaignsApiFixture, **changes: Any) -> str:
    return str((await api.campaign(text="everyone", personalization="template", **changes)).json()["id"])


async def send_test(api: CampaignsApiFixture, campaign: str, to: list[str] = TEAM, **body: Any) -> Any:
    return await api.call("POST", f"/api/campaigns/{campaign}/test", json={"to": to, **body})


async def deliver(api: CampaignsApiFixture, vendor: InMemoryVendor) -> None:
    """Delivers what was published, and records what delivery reports."""
    ports: dict[str, Any] = {"documents": api.documents, "publisher": api.publisher, "clock": lambda: api.now}
    deliverer = compose_vendor(**ports, settings=VendorSettings(SETTINGS), vendors={"simulator": vendor}).deliverer
    recorder = compose_receipts(**ports, settings=ReceiptsSettings(SETTINGS)).recorder
    for message in [event for event in api.publisher.events if isinstance(event, MessageReady)]:
        await deliverer.deliver(message)
    for report in [event for event in api.publisher.events if isinstance(event, ReceiptsReported)]:
        await recorder.record(report)


async def test_test_goes_to_each_address_with_the_values_of_a_real_person(api: CampaignsApiFixture) -> None:
    """It says that it is a test, and whose values it shows; that person is not written to."""
    campaign = await draft(api)
    answer = await send_test(api, campaign)
    assert (answer.status_code, answer.json()["to"]) == (202, ["team@example.com", "boss@example.com"])
    assert (answer.json()["subject"], answer.json()["body"]) == ("Hi Big", "Come back, Big")
    vendor = KeepingVendor()
    await deliver(api, vendor)
    assert sorted(message.to for message in vendor.messages) == ["boss@example.com", "team@example.com"]
    assert {message.subject for message in vendor.messages} == {"[Test] Hi Big"}


async def test_test_is_in_no_number_of_the_campaign(api: CampaignsApiFixture) -> None:
    """Neither a receipt nor a counter is written, and its claim expires."""
    campaign = await draft(api)
    await send_test(api, campaign)
    await deliver(api, InMemoryVendor())
    for id_ in (campaign, campaign_id_of_tests(campaign)):
        statistics = await Ledger(api.documents, shard="0").statistics(id_)
        assert (statistics.audience, set(statistics.kinds.values())) == (0, {0})
    assert await api.documents.query(Query(collection="receipts")) == []
    claims = await api.documents.query(Query(collection="claims"))
    assert len(claims) == 2
    assert all(claim["expires_at"] > api.now for claim in claims)
    assert (await api.call("GET", f"/api/campaigns/{campaign}/messages")).json()["items"] == []


async def test_test_is_in_the_audit_log_without_addresses(api: CampaignsApiFixture) -> None:
    """Who sent it, of which campaign, to how many."""
    campaign = await draft(api)
    await send_test(api, campaign)
    [entry] = await logged_actions(api.documents, "test message sent")
    assert (entry.data or {}) | {"at": None} == {
        "what": "test message sent", "by": "admin@example.com", "at": None, "campaign": campaign, "addresses": 2,
    }  # fmt: skip


async def test_test_to_a_suppressed_address_is_refused(api: CampaignsApiFixture) -> None:
    """Nothing is sent to the others either."""
    campaign = await draft(api)
    address = Address(kind="email", value="boss@example.com")
    write = suppression_write(HASHER.path(address), address, reason="unsubscribed", by="x", now=NOW)
    await api.documents.commit([write])
    refused = await send_test(api, campaign)
    assert refused.status_code == 422
    assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [("to.1", "suppressed")]
    assert api.publisher.events == []


@pytest.mark.parametrize(
    ("to", "field"),
    [
        ([], "to"),
        (["nobody"], "to.0"),
        (["a@example.com", "a@b"], "to.1"),
        ([f"{n}@a.example" for n in range(6)], "to"),
    ],
)
async def test_test_needs_a_few_addresses(api: CampaignsApiFixture, to: list[str], field: str) -> None:
    """Up to five of the campaign's channel."""
    refused = await send_test(api, await draft(api), to)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


async def test_test_needs_the_right_to_send_and_a_message(api: CampaignsApiFixture) -> None:
    """It is a real message to somebody."""
    campaign = await draft(api)
    await api.access.commit([Create("members/drafter@example.com", {"role": "manager", "may_send": False})])
    body = {"to": TEAM}
    refused = await api.call("POST", f"/api/campaigns/{campaign}/test", by="drafter@example.com", json=body)
    assert refused.status_code == 403
    empty = await send_test(api, await draft(api, message={"subject": "Hi", "body": " "}))
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "message.body")


async def test_test_by_gemini_says_if_the_template_was_used(api: CampaignsApiFixture) -> None:
    """As for every message, with the reason."""
    campaign = (await api.campaign(text="everyone")).json()["id"]
    answer = (await send_test(api, campaign)).json()
    assert (answer["personalized_by"], answer["fallback"].partition(":")[0]) == ("template", "unavailable")


async def test_test_that_cannot_be_sent_at_once_is_given_up(api: CampaignsApiFixture) -> None:
    """No campaign would release it later."""
    await send_test(api, await draft(api))
    vendor = InMemoryVendor()
    vendor.failures_left = 2
    await deliver(api, vendor)
    assert await api.documents.query(Query(collection="deferred")) == []
