"""What grows has an end: counters, and the records of campaigns that were finished long ago."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.errors import Contention, Misconfigured, Refused
from common.events import Receipt, Tick
from common.ids import message_id, random_id
from common.messages.ledger import COUNTER_SHARDS, Ledger, counter_shard
from common.settings import RetentionSettings
from common.storage.documents import Query, Snapshot, Write
from common.storage.memory import MemoryDocuments
from receipts.composition import ReceiptsSettings
from receipts.composition import compose as compose_receipts
from tests.in_memory_herald import NOW, FixedTextModel, InMemoryHerald
from tests.support import SETTINGS, identity_from_token

RECORDS = ("receipts", "pages", "plans", "claims")


async def stored(herald: InMemoryHerald, collection: str) -> list[Snapshot]:
    return await herald.documents.query(Query(collection=collection))


async def tick_with_retention(herald: InMemoryHerald) -> None:
    """One tick of a deployment that keeps records for 30 days."""
    function = compose_campaigns(
        documents=herald.documents,
        publisher=herald.publisher,
        create_model=FixedTextModel,
        open_access=MemoryDocuments,
        verify_id_token=identity_from_token,
        settings=CampaignsSettings(SETTINGS | {"RETENTION_DAYS": "30"}),
        clock=lambda: herald.now,
    )
    await function.scheduler.tick(Tick())


async def finished_campaign() -> InMemoryHerald:
    herald = InMemoryHerald(page_size=5)
    await herald.add_customers(600)
    await herald.launch()
    await herald.work()
    await herald.tick()
    return herald


async def test_records_of_an_old_campaign_are_removed_and_its_statistics_stay() -> None:
    """Its counters are folded first; the campaign cannot be retried any more."""
    herald = await finished_campaign()
    before = await herald.ledger.statistics("c")
    herald.now += timedelta(days=29)
    await tick_with_retention(herald)
    assert all([await stored(herald, collection) for collection in RECORDS])
    herald.now += timedelta(days=2)
    for _ in range(3):  # a tick has little time, and begins with the results
        await tick_with_retention(herald)
    assert [await stored(herald, collection) for collection in RECORDS] == [[], [], [], []]
    after = await herald.ledger.statistics("c")
    assert (after.totals, after.kinds, after.retryable) == (before.totals, before.kinds, before.retryable)
    assert (after.audience_complete, after.pending) == (True, 0)
    assert len(await stored(herald, "counters")) == 1
    assert (await herald.campaign())["totals"] == before.totals
    with pytest.raises(Refused, match="no longer stored"):
        await herald.lifecycle.retry(await herald.campaign(), by="me")


async def test_results_are_stored_before_the_records_are_removed() -> None:
    """They come from the receipts and the plan, which are gone then."""
    herald = InMemoryHerald(index=True)
    await herald.add_customers(60)
    await herald.launch(holdout_percent=20)
    await herald.work()
    await herald.tick()
    before = await herald.ledger.statistics("c")
    herald.now += timedelta(days=31)
    for _ in range(3):
        await tick_with_retention(herald)
    results = (await herald.campaign())["results"]
    assert await stored(herald, "receipts") == []
    assert results["reached"] == before.totals["sent"] > 0
    assert results["lift"]["held_out"]["people"] == before.skipped_reasons["held_out"]


async def test_records_are_kept_by_default_and_for_an_open_campaign() -> None:
    """Without the setting no receipt is removed; a campaign that was opened again is not old, and keeps its claims."""
    herald = await finished_campaign()
    herald.now += timedelta(days=40)
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await tick_with_retention(herald)
    herald.now += timedelta(days=60)
    await tick_with_retention(herald)
    assert all([await stored(herald, collection) for collection in ("receipts", "claims")])


async def test_receipts_are_kept_without_the_setting() -> None:
    """After three years they are still there; the claims are not."""
    herald = await finished_campaign()
    herald.now += timedelta(days=1_000)
    await herald.tick()
    assert await stored(herald, "receipts")
    assert not await stored(herald, "claims")


async def test_folded_counters_count_what_comes_later() -> None:
    """Someone opens a message after its records were folded."""
    herald = await finished_campaign()
    before = await herald.ledger.statistics("c")
    for _ in range(2):
        await herald.ledger.fold("c")
        person = random_id()
        opened = Receipt(
            message_id=message_id("c", person), campaign_id="c", customer_id=person, kind="opened", at=herald.now
        )
        await herald.ledger.record([opened])
    after = await herald.ledger.statistics("c")
    assert after.totals == before.totals
    assert after.kinds["opened"] == before.kinds["opened"] + 2


def test_retention_of_a_few_days_is_refused() -> None:
    """A campaign's late reports must not meet removed receipts."""
    with pytest.raises(Misconfigured, match="RETENTION_DAYS"):
        RetentionSettings.read({"RETENTION_DAYS": "3"})


async def test_counter_documents_do_not_grow_with_the_instances() -> None:
    """A thousand cold starts record one receipt each, in a fixed number of counters."""
    documents = MemoryDocuments()
    for number in range(1_000):
        person = str(number)
        receipt = Receipt(message_id=message_id("c", person), campaign_id="c", customer_id=person, kind="sent", at=NOW)
        function = compose_receipts(documents=documents, publisher=None, settings=ReceiptsSettings(SETTINGS))  # type: ignore[arg-type]
        await function.ledger.record([receipt])
    assert len(await documents.query(Query(collection="counters"))) <= COUNTER_SHARDS
    assert (await Ledger(documents, shard="x").statistics("c")).kinds["sent"] == 1_000


class BusyCounters(MemoryDocuments):
    """One counter document is contended."""

    def __init__(self, shard: str) -> None:
        super().__init__()
        self._shard = shard
        self.refused = 0

    async def commit(self, writes: Sequence[Write]) -> None:
        if any(write.path == f"counters/c.{self._shard}" for write in writes):
            self.refused += 1
            raise Contention()
        await super().commit(writes)


async def test_contended_counters_are_left_for_others(caplog: pytest.LogCaptureFixture) -> None:
    """The receipt is recorded once, in another shard, and the contention is logged."""
    shard = counter_shard("one")
    documents = BusyCounters(shard)
    ledger = Ledger(documents, shard=shard)
    receipt = Receipt(message_id=message_id("c", "1"), campaign_id="c", customer_id="1", kind="sent", at=NOW)
    assert await ledger.record([receipt]) == 1
    assert (await ledger.statistics("c")).kinds["sent"] == 1
    assert documents.refused >= 1
    assert "counters contended" in caplog.text
