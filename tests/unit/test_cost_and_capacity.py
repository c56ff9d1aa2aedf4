"""The tables of docs/deploy.md are what is computed, and what is computed follows from the prices and the limits."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rich.console import Console
from rich.table import Table

from benchmarks import capacity, cost
from benchmarks.capacity import Scenario, run
from benchmarks.message_costs import Measured
from common.events import Tick
from common.storage.documents import Query, Snapshot
from local.topology import ROOT
from tests.in_memory_herald import Herald
from tests.support import ForgetfulDocuments

MEASURED = Measured.read()
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()


def rows(text: str) -> list[list[str]]:
    """The cells of Markdown tables, without the lines under headings."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if "|" in line]
    return [line for line in lines if not re.fullmatch(r"[-: ]*", "".join(line))]


def printed(table: Table) -> list[list[str]]:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(table)
    return rows(captured.get())


@pytest.mark.parametrize("table", [cost.by_size, lambda _: cost.when_idle(), capacity.table])
def test_the_document_has_the_tables(table: object) -> None:
    """After a change, `python -m benchmarks.cost` and `benchmarks.capacity` print them anew."""
    assert callable(table)
    wanted = printed(table(MEASURED))
    document = rows(DOCUMENT)
    start = document.index(wanted[0])
    assert document[start : start + len(wanted)] == wanted


def test_cost_grows_with_what_is_used() -> None:
    one, ten = (
        sum(cost.dollars(name, units) for name, units in cost.of_messages(size, MEASURED).items()) for size in (1, 10)
    )
    assert ten == pytest.approx(10 * one)
    twice = cost.of_messages(1000, replace(MEASURED, writes=2 * MEASURED.writes))
    assert twice["Firestore writes"] == pytest.approx(2 * cost.of_messages(1000, MEASURED)["Firestore writes"])


def test_what_is_free_is_free() -> None:
    assert cost.dollars("Functions, requests", 2_000_000, free=True) == 0
    assert cost.dollars("Functions, requests", 3_000_000, free=True) == pytest.approx(0.40)
    assert cost.dollars("Firestore writes", 120_000, free=True) == pytest.approx(0.09)


def test_nothing_but_time_costs_nothing_but_alerts() -> None:
    spent = {name: max(0.0, units - cost.PRICES[name].free) for name, units in cost.idle().items()}
    assert {name for name, units in spent.items() if units} == {"Alerts, conditions"}


def test_a_million_into_a_quiet_database_takes_as_long_as_its_ramp() -> None:
    """500 writes a second, and half as many again every five minutes: 18 minutes for a million."""
    seconds, limit = run(1_000_000, Scenario(title="", gemini_calls=None), MEASURED)
    assert seconds == pytest.approx(18 * 60, rel=0.05)
    assert limit == "Firestore's ramp"


def test_geminis_quota_decides_where_it_is_small() -> None:
    seconds, limit = run(100_000, Scenario(title="", gemini_calls=100, warm=True), MEASURED)
    assert seconds == pytest.approx(100_000 / 10 / 100 * 60, rel=0.05)
    assert limit == "Gemini's quota"


def test_a_slow_function_is_held_up_by_its_instances() -> None:
    slow = replace(MEASURED, cpu_seconds={**MEASURED.cpu_seconds, "record": 1.0})
    seconds, limit = run(10_000, Scenario(title="", warm=True), slow)
    assert limit == "instances of record"
    assert seconds == pytest.approx(10_000 / 20, rel=0.1)


class Billed(ForgetfulDocuments):
    """Counts reads as Firestore bills them: documents (`get_all` gets each), and queries that find nothing."""

    reads = 0

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        self.reads += 1
        return await super().get(path, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        found = await super().query(query)
        self.reads += max(1, len(found))
        return found

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        found = await super().sums(query, fields)
        self.reads += max(1, math.ceil(found["count"] / 1_000))
        return found


async def test_what_an_idle_tick_and_the_daily_comparison_read() -> None:
    herald = Herald()
    herald.documents = billed = Billed()
    herald.begin()
    reads = []
    for now in (herald.now, herald.now, herald.now + timedelta(days=1)):
        herald.now, before = now, billed.reads
        await herald.ticker.tick(Tick())
        reads.append(billed.reads - before)
    assert reads[1:] == [cost.TICK_READS, cost.TICK_READS + cost.COMPARISON_READS]
