"""A function dies at any step of the main job, and the result is the same: the rows of docs/exactness.md."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.model.states import Action
from common.events import attempt_id
from common.ids import message_id
from common.messages.ledger import OUTCOME
from common.storage.documents import Query, Where
from tests.crash_points import Plan, When
from tests.in_memory_herald import Herald
from vendor.vendors.simulator.sender import chance

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "exactness.md"
COMMITS = [
    "launch", "note that all are told", "plan a page", "finish a page", "claim", "renew or end a claim", "record",
    "put aside", "forget what was released", "pause", "resume", "cancel", "retry", "finish a retry",
    "note the progress", "finish",
]  # fmt: skip
PUBLICATIONS = ["fan-outs", "recipients", "deliveries", "receipts", "ticks"]
DEATHS: list[tuple[str, When, int]] = [
    *((step, when, 1) for step in [*COMMITS, "send", "release"] for when in ("before", "after")),
    *((f"publish {topic}", when, 1) for topic in PUBLICATIONS for when in ("before", "middle", "after")),
    *((step, when, 2) for step in ("claim", "record", "send", "publish recipients") for when in ("before", "after")),
]
"""At which step, when, and which time that it is taken."""
ORDINARY_MINUTES = 5
"""What the campaigns here take at most, if nobody has to wait for the watchdog, which takes ten."""


@pytest.mark.parametrize(("step", "when", "nth"), DEATHS, ids=[f"{step}, {when}, {nth}" for step, when, nth in DEATHS])
async def test_a_death_changes_nothing(step: str, when: When, nth: int) -> None:
    plan = Plan(step=step, when=when, nth=nth)
    herald = Herald(seed=nth, copies=2, page=2, plan=plan)
    people = await herald.customers(24)
    await drafted(herald)
    await press(herald, "launch")
    await herald.work(most=100)
    await press(herald, "pause")
    await herald.work(most=150)
    await (cancelled(herald) if step == "cancel" else retried(herald))
    assert plan.happened
    await check(herald, people)


async def drafted(herald: Herald) -> None:
    await herald.launch(state="draft", launched_at=None, open=False)
    herald.publisher.events = []


async def retried(herald: Herald) -> None:
    """A paused campaign is resumed, with a vendor that was down, and retried when it is finished."""
    herald.vendor.down = 3
    await press(herald, "resume")
    await until_over(herald)
    await press(herald, "retry")
    await until_over(herald)


async def cancelled(herald: Herald) -> None:
    await press(herald, "cancel")
    await until_over(herald)
    assert (await herald.campaign())["state"] == "cancelled"


LOST = [
    ("launch", "launch", "after", 1),
    ("launch", "publish fan-outs", "middle", 1),
    ("resume", "resume", "after", 1),
    ("resume", "publish fan-outs", "middle", 2),
    ("cancel", "cancel", "after", 1),
    ("cancel", "publish fan-outs", "before", 2),
    ("retry", "retry", "after", 1),
    ("retry", "publish fan-outs", "before", 2),
]


@pytest.mark.parametrize("pressed_again", [True, False])
@pytest.mark.parametrize(("action", "step", "when", "nth"), LOST, ids=[f"{one[0]}: {one[1]}" for one in LOST])
async def test_what_a_manager_asked_for_waits_for_the_next_tick_at_most(
    action: Action, step: str, when: When, nth: int, pressed_again: bool
) -> None:
    """The commit went through, and the process died: who presses again needs no tick either."""
    plan = Plan(step=step, when=when, nth=nth)
    herald = Herald(plan=plan)
    people = await herald.customers(24)
    await drafted(herald)
    await brought_to(herald, action)
    before = herald.now
    await press(herald, action, times=2 if pressed_again else 1)
    assert plan.happened
    if not pressed_again:
        await herald.tick(minutes=1)
    await herald.work()
    retryable = [one for one in people if 0.1 <= chance("outcome", message_id("c", one)) < 0.3]
    statistics = await herald.ledger.statistics("c")
    assert (statistics.totals["audience"], statistics.pending) == (24, 0)
    assert statistics.kinds["retried"] == (len(retryable) if action == "retry" else 0)
    assert herald.now - before < timedelta(minutes=ORDINARY_MINUTES)


async def brought_to(herald: Herald, action: Action) -> None:
    """To where the action is possible, with something left for it to do."""
    if action == "launch":
        return
    await press(herald, "launch")
    if action == "retry":
        await herald.work()
        await herald.tick()
        return
    await herald.work(most=30)
    await press(herald, "pause")
    await herald.work()


async def press(herald: Herald, action: Action, *, times: int = 2) -> None:
    await herald.press(lambda conductor: getattr(conductor, action), times=times)


async def until_over(herald: Herald) -> None:
    for _ in range(12):
        await herald.tick(minutes=6)
        if not (await herald.campaign())["open"]:
            return
    raise AssertionError((await herald.campaign())["state"], await herald.totals())


async def check(herald: Herald, people: list[str]) -> None:
    """One outcome each, the counters are those of the ledger, and the ledger is what the vendor was given."""
    statistics = await herald.ledger.statistics("c")
    assert (statistics.totals["audience"], statistics.pending) == (len(people), 0)
    assert await herald.ledger.discrepancy("c", statistics) is None
    of_campaign = [Where("campaign", "==", "c")]
    receipts = await herald.documents.query(Query(collection="receipts", where=of_campaign))
    outcomes = {(one["message"], one["attempt"]) for one in receipts if one["slot"] == OUTCOME}
    retried = {(one["message"], one["attempt"]) for one in receipts if one["kind"] == "retried"}
    assert {message for message, _ in outcomes} == {message_id("c", one) for one in people}
    assert outcomes == {(message_id("c", one), 1) for one in people} | retried
    given = [one for one in receipts if one["slot"] == OUTCOME and one["kind"] != "skipped"]
    assert set(herald.vendor.book) == {attempt_id(one["message"], one["attempt"]) for one in given}
    assert await herald.documents.query(Query(collection="held", where=of_campaign)) == []


def rows(heading: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    table = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_every_row_of_the_page_is_a_test_and_every_test_a_row() -> None:
    steps = {cells[0]: cells[-1] for cells in rows("A function dies")}
    assert steps == {f"`{step}`": f"`test_a_death_changes_nothing[{step}, …]`" for step, _, _ in DEATHS}


def test_whatever_else_can_go_wrong_has_tests_too() -> None:
    named = {cells[0]: re.findall(r"`(test_\w+)`", cells[-1]) for cells in rows("What else can go wrong")}
    known = set(re.findall(r"def (test_\w+)\(", "".join(path.read_text() for path in TESTS.glob("*/test_*.py"))))
    assert len(named) > 10
    assert [what for what, tests in named.items() if not tests or not known.issuperset(tests)] == []
