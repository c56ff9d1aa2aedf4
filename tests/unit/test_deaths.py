"""A function dies at any step of the main job, and the result is the same: the rows of docs/exactness.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.states import Action
from common.documents import Query, Where
from common.ids import message_id
from common.ledger import OUTCOME
from tests.deaths import Plan, When
from tests.herald import Herald

PAGE = Path(__file__).parents[2] / "docs" / "exactness.md"
COMMITS = [
    "launch", "plan a page", "finish a page", "claim", "renew or end a claim", "record", "put aside",
    "forget what was released", "pause", "resume", "retry", "finish a retry", "note the progress", "finish",
]  # fmt: skip
PUBLICATIONS = ["fan-outs", "recipients", "deliveries", "receipts", "ticks"]
DEATHS: list[tuple[str, When, int]] = [
    *((step, when, 1) for step in [*COMMITS, "send", "release"] for when in ("before", "after")),
    *((f"publish {topic}", when, 1) for topic in PUBLICATIONS for when in ("before", "middle", "after")),
    *((step, when, 2) for step in ("claim", "record", "send", "publish recipients") for when in ("before", "after")),
]
"""At which step, when, and which time that it is taken."""


@pytest.mark.parametrize(("step", "when", "nth"), DEATHS, ids=[f"{step}, {when}, {nth}" for step, when, nth in DEATHS])
async def test_a_death_changes_nothing(step: str, when: When, nth: int) -> None:
    """A whole campaign: launched, paused, resumed, with a vendor that was down, retried, finished."""
    plan = Plan(step=step, when=when, nth=nth)
    herald = Herald(seed=nth, copies=2, page=2, plan=plan)
    people = await herald.customers(24)
    await herald.launch(state="draft", launched_at=None, open=False)
    herald.publisher.events = []
    await press(herald, "launch")
    await herald.work(most=100)
    await press(herald, "pause")
    await herald.work(most=150)
    herald.vendor.down = 3
    await press(herald, "resume")
    await until_finished(herald)
    await press(herald, "retry")
    await until_finished(herald)
    assert plan.happened
    await check(herald, people)


async def press(herald: Herald, action: Action) -> None:
    await herald.press(lambda conductor: getattr(conductor, action))


async def until_finished(herald: Herald) -> None:
    for _ in range(12):
        await herald.tick(minutes=6)
        if (await herald.campaign())["state"] == "finished":
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
    keys = {message if attempt == 1 else f"{message}.{attempt}" for message, attempt in outcomes}
    assert set(herald.vendor.book) == keys
    assert await herald.documents.query(Query(collection="held", where=of_campaign)) == []


def test_every_row_of_the_page_is_a_test_and_every_test_a_row() -> None:
    table = PAGE.read_text().partition("## A function dies")[2].partition("\n## ")[0]
    rows = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert rows == {step for step, _, _ in DEATHS}
