"""The tables of docs/deploy.md equal the computed ones, and the computation follows from the prices and limits."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rich.console import Console
from rich.table import Table

from benchmarks import capacity, cost, scale
from benchmarks.capacity import Scenario, run
from benchmarks.message_costs import MessageCosts
from common.events import Tick
from common.storage.documents import Query, Snapshot
from local.topology import ROOT
from tests.in_memory_herald import InMemoryHerald
from tests.support import ResponseLosingStore
from tests.terraform.tree import Tree

COSTS = MessageCosts.read()
DEPLOY_DOC = (ROOT / "docs" / "deploy.md").read_text()
SCALE_DOC = (ROOT / "docs" / "scale.md").read_text()


def rows(text: str) -> list[list[str]]:
    """Return the cells of Markdown tables, without the separator lines."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if "|" in line]
    return [line for line in lines if not re.fullmatch(r"[-: ]*", "".join(line))]


def table_cells(table: Table, width: int = 120) -> list[list[str]]:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(table)
    return rows(captured.get())


@pytest.mark.parametrize("table", [cost.cost_table, lambda _: cost.idle_table(), capacity.table])
def test_deploy_document_contains_computed_tables(table: object) -> None:
    """After a change, `python -m benchmarks.cost` and `python -m benchmarks.capacity` print the new tables."""
    assert callable(table)
    expected = table_cells(table(COSTS))
    document = rows(DEPLOY_DOC)
    start = document.index(expected[0])
    assert document[start : start + len(expected)] == expected


def test_scale_document_contains_computed_tables() -> None:
    """After a change, `python -m benchmarks.scale` prints the new tables."""
    assert rows(SCALE_DOC) == [row for table in scale.tables(COSTS) for row in table_cells(table, width=400)]


@pytest.mark.parametrize("limit", scale.LIMITS, ids=lambda limit: limit.name)
def test_limit_of_scale_is_where_its_load_reaches_it(limit: scale.SizeLimit) -> None:
    """A few people less fit, and a few more do not. More events for each person never help."""
    people = limit.people(scale.FEW_EVENTS)
    assert limit.load(scale.Index(people=people * 0.99, events=scale.FEW_EVENTS)) <= limit.most
    assert limit.load(scale.Index(people=people * 1.01, events=scale.FEW_EVENTS)) > limit.most
    assert limit.people(scale.MANY_EVENTS) <= people


def test_scale_uses_the_settings_of_the_deployment() -> None:
    """Memory and concurrency of the functions that the page is about."""
    functions = json.loads((ROOT / "terraform" / "topology.json").read_text())["functions"]
    assert functions["fan_out"]["concurrency"] == scale.FAN_OUTS
    assert {functions[name]["memory"] for name in ("campaigns", "customers", "fan_out", "tick")} == {
        f"{scale.MEMORY // cost.GIBIBYTE}Gi"
    }


def test_cost_is_proportional_to_usage() -> None:
    """Ten times the messages cost ten times as much, and twice the writes twice as much."""
    one, ten = (
        sum(cost.dollars(name, units) for name, units in cost.message_usage(size, COSTS).items()) for size in (1, 10)
    )
    assert ten == pytest.approx(10 * one)
    doubled = cost.message_usage(1000, replace(COSTS, writes=2 * COSTS.writes))
    assert doubled["Firestore writes"] == pytest.approx(2 * cost.message_usage(1000, COSTS)["Firestore writes"])


def test_free_quota_is_deducted() -> None:
    """The free quota is deducted, per day or per month."""
    assert cost.dollars("Functions, requests", 2_000_000, free=True) == 0
    assert cost.dollars("Functions, requests", 3_000_000, free=True) == pytest.approx(0.40)
    assert cost.dollars("Firestore writes", 120_000, free=True) == pytest.approx(0.09)


def test_idle_month_costs_what_the_pages_say_for_alerts_and_images() -> None:
    """All other usage of an idle month is within the free quota. README.md and docs/deploy.md have the sum."""
    spent = {name: max(0.0, units - cost.PRICES[name].free) for name, units in cost.idle_usage().items()}
    costs = {name: units * cost.PRICES[name].dollars for name, units in spent.items() if units}
    assert set(costs) == {"Alerts, conditions", "Alerts, time series", "Images, GiB"}
    said = f"costs about ${round(sum(costs.values()), 1):.2f} a month"
    for page in ("README.md", "docs/deploy.md"):
        assert said in " ".join((ROOT / page).read_text().split()), page


def test_alert_conditions_are_counted() -> None:
    """Each alert has one condition, and each condition is paid for."""
    tree = Tree.read()
    assert len(tree.local("alerts")) + len(tree.local("log_alerts")) == cost.ALERTS


def test_deletes_by_ttl_have_no_free_quota() -> None:
    """Firestore bills every document that a TTL policy deletes."""
    assert cost.dollars("Firestore deletes", 10_000, free=True) == pytest.approx(0.001)


def test_million_messages_in_idle_database_are_limited_by_ramp() -> None:
    """Firestore allows 500 writes per second and 50 % more every five minutes: 18 minutes for a million."""
    seconds, limit = run(1_000_000, Scenario(title="", size="large"), COSTS)
    assert seconds == pytest.approx(18 * 60, rel=0.05)
    assert limit == "Firestore's ramp"


def test_small_gemini_quota_is_the_limit() -> None:
    """With 100 calls per minute, the quota determines the duration."""
    seconds, limit = run(100_000, Scenario(title="", gemini_calls=100), COSTS)
    assert seconds == pytest.approx(100_000 / 10 / 100 * 60, rel=0.05)
    assert limit == "Gemini's quota"


def test_slow_function_is_limited_by_instances() -> None:
    """The instances of a slow function determine the duration."""
    slow = replace(COSTS, cpu_seconds={**COSTS.cpu_seconds, "record": 1.0})
    for size, instances in (("small", 1), ("large", 20)):
        seconds, limit = run(10_000, Scenario(title="", size=size), slow)
        assert limit == "instances of record"
        assert seconds == pytest.approx(10_000 / instances, rel=0.1)


class BilledStore(ResponseLosingStore):
    """Counts reads as Firestore bills them: documents (`get_all` reads each), and one for an empty query."""

    reads = 0

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        self.reads += len(paths)
        return await super().get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        results = await super().query(query)
        self.reads += max(1, len(results))
        return results

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        results = await super().sums(query, fields)
        self.reads += max(1, math.ceil(results["count"] / 1_000))
        return results


async def test_idle_tick_and_daily_reconciliation_read_as_assumed() -> None:
    """The numbers of reads in `benchmarks.cost` equal those of an idle tick and of the daily reconciliation."""
    herald = InMemoryHerald(index=True)
    herald.documents = billed_store = BilledStore()
    herald.restart()
    reads = []
    for now in (herald.now, herald.now, herald.now + timedelta(days=1)):
        herald.now, before = now, billed_store.reads
        await herald.scheduler.tick(Tick())
        reads.append(billed_store.reads - before)
    assert reads[1:] == [cost.TICK_READS, cost.TICK_READS + cost.RECONCILIATION_READS]
