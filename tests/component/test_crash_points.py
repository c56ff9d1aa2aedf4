"""A function crashes at any step of a campaign, and the result is the same: the rows of docs/exactness.md."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.model.states import Action
from common.events import attempt_id
from common.ids import message_id
from common.messages.ledger import OUTCOME
from common.storage.documents import Query, Where
from tests.crash_points import CrashPlan, CrashTime
from tests.in_memory_herald import InMemoryHerald
from vendor.vendors.simulator.sender import stable_fraction

PAGE = Path(__file__).parents[2] / "docs" / "exactness.md"
COMMITS = [
    "launch", "clear commands_pending", "write the audience plan", "set the audience plan",
    "plan a page", "finish a page", "claim", "renew or end a claim", "record",
    "defer", "delete deferred messages", "pause", "resume", "cancel", "retry", "start a shard of a retry",
    "finish a shard of a retry", "finish a retry", "record progress",
    "finish",
]  # fmt: skip
PUBLICATIONS = ["fan-outs", "recipients", "deliveries", "receipts", "ticks"]
CRASHES: list[tuple[str, CrashTime, int]] = [
    *((step, when, 1) for step in [*COMMITS, "send", "requeue"] for when in ("before", "after")),
    *((f"publish {topic}", when, 1) for topic in PUBLICATIONS for when in ("before", "middle", "after")),
    *((step, when, 2) for step in ("claim", "record", "send", "publish recipients") for when in ("before", "after")),
]
"""The step, the time of the crash, and the number of times that the step is reached."""
MAX_MINUTES = 5
"""The campaigns here take less, unless they have to wait for the watchdog, which takes ten minutes."""


@pytest.mark.parametrize(
    ("step", "when", "nth"), CRASHES, ids=[f"{step}, {when}, {nth}" for step, when, nth in CRASHES]
)
async def test_campaign_with_a_crash_at_any_step_has_the_same_result(step: str, when: CrashTime, nth: int) -> None:
    """Each recipient has one outcome, whichever step the process crashes at. No watchdog repairs what a crash loses."""
    plan = CrashPlan(step=step, when=when, nth=nth)
    herald = InMemoryHerald(seed=nth, copies=2, page_size=2, plan=plan, watchdog=False, finishes_early=step != "finish")
    people = await herald.add_customers(24)
    await add_draft(herald)
    await act(herald, "launch")
    await herald.work(max_events=100)
    await act(herald, "pause")
    await herald.work(max_events=150)
    await (cancel(herald) if step == "cancel" else resume_and_retry(herald))
    assert plan.triggered
    await assert_consistent(herald, people)


async def add_draft(herald: InMemoryHerald) -> None:
    await herald.launch(state="draft", launched_at=None, open=False)
    herald.publisher.events = []


async def resume_and_retry(herald: InMemoryHerald) -> None:
    """Resumes a paused campaign while the vendor is down, and retries it when it is finished."""
    herald.vendor.failures_left = 3
    await act(herald, "resume")
    await run_until_finished(herald)
    await act(herald, "retry")
    await run_until_finished(herald)


async def cancel(herald: InMemoryHerald) -> None:
    await act(herald, "cancel")
    await run_until_finished(herald)
    assert (await herald.campaign())["state"] == "cancelled"


LOST_ACTIONS = [
    ("launch", "launch", "after", 1),
    ("launch", "publish fan-outs", "middle", 1),
    ("resume", "resume", "after", 1),
    ("resume", "publish fan-outs", "middle", 2),
    ("cancel", "cancel", "after", 1),
    ("cancel", "publish fan-outs", "before", 2),
    ("retry", "retry", "after", 1),
    ("retry", "publish fan-outs", "before", 2),
]


@pytest.mark.parametrize("repeated", [True, False])
@pytest.mark.parametrize(
    ("action", "step", "when", "nth"), LOST_ACTIONS, ids=[f"{action}: {step}" for action, step, *_ in LOST_ACTIONS]
)
async def test_action_with_a_crash_after_its_commit_takes_effect_at_the_next_tick(
    action: Action, step: str, when: CrashTime, nth: int, repeated: bool
) -> None:
    """The process crashes after the action's commit; if the manager repeats the action, it needs no tick."""
    plan = CrashPlan(step=step, when=when, nth=nth)
    herald = InMemoryHerald(plan=plan)
    people = await herald.add_customers(24)
    await add_draft(herald)
    await prepare_for(herald, action)
    before = herald.now
    await act(herald, action, times=2 if repeated else 1)
    assert plan.triggered
    if not repeated:
        await herald.tick(minutes=1)
    await herald.work()
    retryable = [customer for customer in people if 0.1 <= stable_fraction("outcome", message_id("c", customer)) < 0.3]
    statistics = await herald.ledger.statistics("c")
    assert (statistics.totals["audience"], statistics.pending) == (24, 0)
    assert statistics.kinds["retried"] == (len(retryable) if action == "retry" else 0)
    assert herald.now - before < timedelta(minutes=MAX_MINUTES)


async def prepare_for(herald: InMemoryHerald, action: Action) -> None:
    """Brings the campaign to a state in which the action is allowed and has an effect."""
    if action == "launch":
        return
    await act(herald, "launch")
    if action == "retry":
        await herald.work()
        await herald.tick()
        return
    await herald.work(max_events=30)
    await act(herald, "pause")
    await herald.work()


async def act(herald: InMemoryHerald, action: Action, *, times: int = 2) -> None:
    await herald.act(lambda lifecycle: getattr(lifecycle, action), times=times)


async def run_until_finished(herald: InMemoryHerald) -> None:
    for _ in range(12):
        await herald.tick(minutes=6)
        if not (await herald.campaign())["open"]:
            return
    raise AssertionError((await herald.campaign())["state"], await herald.totals())


async def assert_consistent(herald: InMemoryHerald, people: list[str]) -> None:
    """Each recipient has one outcome, the counters equal the ledger, and the ledger equals the vendor's send log."""
    statistics = await herald.ledger.statistics("c")
    assert (statistics.totals["audience"], statistics.pending) == (len(people), 0)
    assert await herald.ledger.discrepancy("c", statistics) is None
    of_campaign = [Where("campaign", "==", "c")]
    receipts = await herald.documents.query(Query(collection="receipts", where=of_campaign))
    outcomes = {(receipt["message"], receipt["attempt"]) for receipt in receipts if receipt["slot"] == OUTCOME}
    retried = {(receipt["message"], receipt["attempt"]) for receipt in receipts if receipt["kind"] == "retried"}
    assert {message for message, _ in outcomes} == {message_id("c", customer) for customer in people}
    assert outcomes == {(message_id("c", customer), 1) for customer in people} | retried
    sent = [receipt for receipt in receipts if receipt["slot"] == OUTCOME and receipt["kind"] != "skipped"]
    assert set(herald.vendor.sent_keys) == {attempt_id(receipt["message"], receipt["attempt"]) for receipt in sent}
    assert await herald.documents.query(Query(collection="deferred")) == []


def table(heading: str) -> list[list[str]]:
    """The cells of a section's table, without the header row. `heading` starts with its number signs."""
    section = PAGE.read_text().partition(f"\n{heading}\n")[2].partition("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_page_lists_exactly_the_tested_steps() -> None:
    """Each step of a campaign is a row of the page's table, and has a test in the page's appendix."""
    steps = {f"`{step}`" for step, _, _ in CRASHES}
    tests = {"`test_campaign_with_a_crash_at_any_step_has_the_same_result`"}
    assert {cells[0] for cells in table("## A function dies")} == steps
    assert {cells[0] for cells in table("### A function dies")} == steps
    assert {cells[-1] for cells in table("### A function dies")} == tests
