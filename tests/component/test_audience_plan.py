"""The audience of a campaign is that of one moment, however long its fan-out takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from campaigns.sending import audience_plan
from campaigns.sending.audience_plan import AudiencePlanner
from campaigns.sending.exclusions import AudienceExclusions
from campaigns.sending.frequency import MessageFrequency
from common.audience import Audience
from common.audience.walk import begin_walk
from common.events import FanOut, PlanAudience
from common.ids import bucket_of
from common.storage.documents import Query, Update, Write
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER


def exclusions(herald: InMemoryHerald) -> AudienceExclusions:
    """Those of a deployment without a cap."""
    frequency = MessageFrequency(documents=herald.documents, audience=Audience(herald.documents))
    return AudienceExclusions(
        hashes=HASHER, frequency=frequency, cap=None, unknown_allowed=("email",), clock=lambda: herald.now
    )


async def import_spend(herald: InMemoryHerald, spend: int) -> None:
    """A nightly import that gives all customers this spend."""
    rows = [CustomerInput(external_id=str(n), email=f"p{n}@example.com", spend=spend) for n in range(100)]
    await CustomerUpserts(herald.documents, hashes=HASHER).upsert(rows)


async def planned(herald: InMemoryHerald) -> set[str]:
    pages = await herald.documents.query(Query(collection="pages"))
    return {customer for page in pages for customer in page.get("planned", ())}


async def test_import_during_fan_out_does_not_change_the_audience() -> None:
    """After half of the buckets, nobody matches the rule any more, and a newcomer does: the audience stays the same."""
    herald = InMemoryHerald()
    people = await herald.add_customers(100, spend=100)
    await herald.launch("spend >= 100")
    commands, herald.publisher.events = herald.publisher.events, []
    for command in commands[:32]:
        await herald.deliver(command)
    await import_spend(herald, 1)
    await CustomerUpserts(herald.documents, hashes=HASHER).upsert([CustomerInput(external_id="new", spend=500)])
    for command in commands[32:]:
        await herald.deliver(command)
    assert await planned(herald) == set(people)
    assert (await herald.campaign())["audience_at"] is not None


@pytest.mark.parametrize("before_planning", [True, False])
async def test_pause_of_a_day_does_not_change_the_audience(before_planning: bool) -> None:
    """Also if the campaign is paused right after the launch: its audience is planned while it is paused."""
    herald = InMemoryHerald(page_size=1)
    people = await herald.add_customers(100, spend=100)
    await herald.launch("spend >= 100", state="draft", launched_at=None, open=False)
    herald.publisher.events = []
    await herald.lifecycle.launch(await herald.campaign(), by="me")
    if not before_planning:
        await herald.work(max_events=20)
    await herald.lifecycle.pause(await herald.campaign(), by="me")
    await herald.work()
    herald.now += timedelta(days=1)
    await import_spend(herald, 1)
    await herald.lifecycle.resume(await herald.campaign(), by="me")
    await herald.work()
    assert await planned(herald) == set(people)
    assert (await herald.totals())["audience"] == 100


async def test_two_processes_that_plan_at_once_use_one_plan() -> None:
    """The first plan in the campaign is the plan; the other one is removed."""
    herald = InMemoryHerald()
    await herald.add_customers(100, spend=100)
    await herald.launch("spend >= 100")
    first, second = (
        AudiencePlanner(
            documents=herald.documents,
            begin_walk=lambda: begin_walk(herald.documents),
            publisher=herald.publisher,
            exclusions=exclusions(herald),
        )
        for _ in range(2)
    )
    unplanned = await herald.campaign()

    commit, overtakers = herald.documents.commit, [second]

    async def commit_after_another(writes: Sequence[Write]) -> None:
        """Another process plans between the first one's reading of the campaign and its commit."""
        if overtakers and any(isinstance(write, Update) and write.path == unplanned.path for write in writes):
            await overtakers.pop().ensure_planned(unplanned)
        await commit(writes)

    herald.documents.commit = commit_after_another  # type: ignore[method-assign]
    seen = await first.ensure_planned(unplanned)
    plan = (await herald.campaign())["audience_plan"]
    assert seen["audience_plan"] == plan
    assert {stored.id.partition(".")[0] for stored in await herald.documents.query(Query(collection="plans"))} == {plan}
    assert (await first.ensure_planned(unplanned))["audience_plan"] == plan


@pytest.mark.parametrize("size", [1, 7, 1_000])
async def test_plan_in_several_documents_has_everybody_in_order(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket can be in one document, in several, or share one with others; the reasons for excluding are kept."""
    monkeypatch.setattr(audience_plan, "MAX_PEOPLE", size)
    herald = InMemoryHerald()
    people = await herald.add_customers(200)
    excluded = [CustomerInput(external_id=f"no{n}", email=f"no{n}@x.com", consent={"email": False}) for n in range(20)]
    await CustomerUpserts(herald.documents, hashes=HASHER).upsert(excluded)
    await herald.launch()
    planner = AudiencePlanner(
        documents=herald.documents,
        begin_walk=lambda: begin_walk(herald.documents),
        publisher=herald.publisher,
        exclusions=exclusions(herald),
    )
    campaign = await planner.ensure_planned(await herald.campaign())
    found = [await planner.people(campaign, bucket) for bucket in range(64)]
    assert all([id_ for id_, _ in bucket] == sorted(id_ for id_, _ in bucket) for bucket in found)
    assert all(bucket_of(id_) == number for number, bucket in enumerate(found) for id_, _ in bucket)
    assert {id_ for bucket in found for id_, reason in bucket if not reason} == set(people)
    assert [reason for bucket in found for _, reason in bucket if reason] == ["no_consent"] * 20


async def test_planning_publishes_the_fan_out_of_each_bucket() -> None:
    """A command that is delivered twice plans once, and publishes the fan-outs again, which is harmless."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    await herald.launch()
    herald.publisher.events = []
    for _ in range(2):
        await herald.deliver(PlanAudience(command="plan", campaign_id="c"))
    buckets = [event.bucket for event in herald.publisher.events if isinstance(event, FanOut)]
    assert sorted(buckets) == sorted([*range(64), *range(64)])
    assert len(await herald.documents.query(Query(collection="plans"))) == 1


async def test_plan_is_written_although_the_database_repeats_its_commits() -> None:
    """The answer to a commit is lost, the client sends it again, and finds its own documents."""
    herald = InMemoryHerald()
    people = await herald.add_customers(100)
    await herald.launch()
    herald.documents.lost = 2
    await herald.work()
    assert await planned(herald) == set(people)
    assert (await herald.totals())["pending"] == 0
