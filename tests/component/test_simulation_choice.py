"""How the simulator behaves for one campaign: as the campaign says, and else as the settings do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from campaigns.lifecycle.approval import content_fingerprint
from common.clock import utc_now
from common.events import MessageReady, SimulationChoice
from common.storage.documents import Snapshot
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_api_receipts import PATH, SECRET, ReceiptsFixture, message
from tests.component.test_preview_text import RecordingVendor
from tests.in_memory_herald import NOW, InMemoryHerald
from vendor.vendor import VendorUnavailable
from vendor.vendors.simulator.sender import SimulatedVendor, SimulatorSettings

CHOICE = {
    "success_share": 0.4, "latency_seconds": 2.0, "duplicate_share": 0.5, "reorder_seconds": 3.0, "outage_seconds": 20,
}  # fmt: skip


class Simulator:
    """The simulated vendor, whose waits take no time and are noted."""

    def __init__(self) -> None:
        self.now = utc_now()  # callbacks are signed with it
        self.waits: list[float] = []
        self.receipts = ReceiptsFixture()
        self.vendor = SimulatedVendor(
            settings=SimulatorSettings(report_seconds=0.01, failure_share=0.0),
            callback_url=f"http://herald{PATH}",
            secret=SECRET,
            transport=self.receipts.transport,
            clock=lambda: self.now,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def send(self, number: int, **choice: Any) -> None:
        await self.vendor.send(with_choice(message(number), **choice))


def with_choice(ready: MessageReady, **choice: Any) -> MessageReady:
    return ready.model_copy(update={"simulation": SimulationChoice(**choice)})


async def test_share_of_success_and_of_duplicates_is_that_of_the_campaign() -> None:
    """The settings of this deployment report all as sent, and once."""
    simulator = Simulator()
    await asyncio.gather(*(simulator.send(n, success_share=0.4, duplicate_share=0.5) for n in range(200)))
    kinds = {receipt.message_id: receipt.kind for receipt in simulator.receipts.receipts()}
    assert 60 <= sum(kind == "sent" for kind in kinds.values()) <= 100
    assert 270 <= len(simulator.receipts.receipts()) <= 330
    other = Simulator()
    await asyncio.gather(*(other.vendor.send(message(n)) for n in range(50)))
    assert {receipt.kind for receipt in other.receipts.receipts()} == {"sent"}
    assert len(other.receipts.receipts()) == 50


async def test_latency_and_order_of_reports() -> None:
    """Each message waits as long as the campaign says, and each report differently."""
    simulator = Simulator()
    await asyncio.gather(*(simulator.send(n, latency_seconds=2, reorder_seconds=3) for n in range(20)))
    assert simulator.waits.count(2) == 20
    reports = [wait for wait in simulator.waits if wait != 2]
    assert len(set(reports)) == 20
    assert 0 <= min(reports) < max(reports) <= 3


async def test_outage_is_a_part_of_each_minute_and_says_when_it_ends() -> None:
    """The vendor surely does not have the message, and other campaigns go on."""
    simulator = Simulator()
    simulator.now = simulator.now.replace(second=5)
    with pytest.raises(VendorUnavailable) as raised:
        await simulator.send(1, outage_seconds=20)
    error = raised.value
    assert (error.retry_after, error.may_have_accepted, error.is_about_message) == (15, False, True)
    await simulator.send(2)
    simulator.now += timedelta(seconds=15)
    await simulator.send(1, outage_seconds=20)
    assert len(simulator.receipts.receipts()) == 2


async def test_choice_of_the_campaign_reaches_the_vendor() -> None:
    """Delivery reads it with the campaign's state; the claim does not store it."""
    herald = InMemoryHerald()
    vendor = herald.vendor = RecordingVendor()
    herald.restart()
    await herald.add_customers(1)
    await herald.launch(simulation=CHOICE, personalization="template")
    await herald.work()
    assert {sent.simulation for sent in vendor.messages} == {SimulationChoice.model_validate(CHOICE)}


async def test_choice_is_saved_copied_and_taken_away() -> None:
    """A value that is not possible is refused with its field."""
    api = CampaignsApiFixture()
    path = f"/api/campaigns/{(await api.campaign(simulation=CHOICE)).json()['id']}"
    assert (await api.call("POST", f"{path}/copy")).json()["simulation"] == CHOICE
    assert (await api.call("PATCH", path, json={"simulation": None})).json()["simulation"] is None
    for field, value in (("success_share", 1.1), ("latency_seconds", 11), ("outage_seconds", 60), ("speed", 1)):
        refused = await api.call("PATCH", path, json={"simulation": {field: value}})
        assert [error["field"] for error in refused.json()["errors"]] == [f"simulation.{field}"]


def test_approval_of_a_campaign_without_a_choice_stays() -> None:
    """Older drafts do not have the field."""
    rule = {"rules": "{}"}
    old, new, other = (
        Snapshot(path="campaigns/c", data={"name": "x", **fields}, version=None, at=NOW)
        for fields in ({}, {"simulation": None}, {"simulation": CHOICE})
    )
    assert content_fingerprint(old, rule) == content_fingerprint(new, rule) != content_fingerprint(other, rule)
