"""How far Herald reaches, from 100,000 to 100 million people: `python -m benchmarks.scale` prints the tables of
docs/scale.md.

It multiplies what `benchmarks/index_memory.py` and `benchmarks/message_costs.py` measured, and simulates campaigns as
`benchmarks/capacity.py` does. Nothing here was measured with more than a million people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.capacity import Scenario, run
from benchmarks.cost import GIBIBYTE, dollars, message_usage
from benchmarks.index_memory import NEW_EVENTS
from benchmarks.message_costs import MessageCosts
from common.audience.index.compactor import FULL_BLOCK_BYTES
from common.audience.index.connection import READER_SHARE, WORKER_SHARE
from common.audience.index.limits import MEASURED_ROW_BYTES
from common.audience.index.manifest import LEASE_DURATION, RETENTION
from common.ids import BUCKETS

SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
FEW_EVENTS, MANY_EVENTS = 5, 20
"""For each person: messages received, opened and clicked, orders and visits."""

BLOCK_BYTES = {"customers": 52.5, "events": 41.5}
"""Of a row, compressed; by `benchmarks/index_memory.py` with a million customers and two million events."""

COMPACTION_SECONDS, COMPACTION_SECONDS_PER_EVENT = 2.1, 0.5e-6
"""Of a vCPU, for a compaction of `NEW_EVENTS` receipts, and for each event in the blocks that it reads; by the same
benchmark."""

ADDRESS_BYTES = 16
"""Of an address that a plan has seen: in memory 10 bytes were measured, with addresses that resemble each other."""

PLANNED_PERSON_BYTES = 150
"""Of a person in the plan of a bucket, in Python: a tuple and the id."""

BLOCK_ID_BYTES = 32
"""Of a block's id in the manifest."""

MAX_DOCUMENT_BYTES = 2**20
FAN_OUTS = 8
"""That an instance processes at once: `concurrency` in terraform/topology.json."""

MEMORY = 2 * GIBIBYTE
"""Of the functions that read the index."""

TEMPLATE = Scenario(title="")
TEMPLATE_LARGE = Scenario(title="", size="large")
GEMINI_MEDIUM = Scenario(title="", size="medium", gemini_calls=6_000)


@dataclass(frozen=True, kw_only=True)
class Index:
    """The audience index of so many people with so many events each."""

    people: float
    events: float  # of each person

    @property
    def memory(self) -> float:
        """In bytes, of a reader that has all of it."""
        return self.people * (MEASURED_ROW_BYTES["customers"] + self.events * MEASURED_ROW_BYTES["events"])

    @property
    def plan_memory(self) -> float:
        """In bytes, of a walk: one bucket, and the addresses so far."""
        return self.memory / BUCKETS + self.people * ADDRESS_BYTES

    @property
    def fan_out_memory(self) -> float:
        """In bytes, of an instance: the customers and the planned people of the buckets that it processes."""
        return FAN_OUTS * self.people / BUCKETS * (MEASURED_ROW_BYTES["customers"] + PLANNED_PERSON_BYTES)

    @property
    def blocks(self) -> float:
        """How many documents are read, at most, when all of it is loaded."""
        return sum(max(BUCKETS, size / FULL_BLOCK_BYTES) for size in self._bytes())

    @property
    def manifest_bytes(self) -> float:
        """Of the larger manifest, in a campaign: compaction replaces a block of each bucket, at most once a minute."""
        replaced = BUCKETS * RETENTION.total_seconds() / max(60, self.compaction_seconds)
        return (max(max(BUCKETS, size / FULL_BLOCK_BYTES) for size in self._bytes()) + replaced) * BLOCK_ID_BYTES

    @property
    def compaction_seconds(self) -> float:
        """Of a compaction of receipts, which are in all buckets."""
        return COMPACTION_SECONDS + self.people * self.events * COMPACTION_SECONDS_PER_EVENT

    @property
    def receipts_per_second(self) -> float:
        """That compaction keeps up with."""
        return NEW_EVENTS / self.compaction_seconds

    def _bytes(self) -> tuple[float, float]:
        return self.people * BLOCK_BYTES["customers"], self.people * self.events * BLOCK_BYTES["events"]


@dataclass(frozen=True, kw_only=True)
class SizeLimit:
    """Something that holds up to a number of people."""

    name: str
    seen: str
    remedy: str
    load: Callable[[Index], float]
    most: float

    def people(self, events: float) -> float:
        """How many people reach the limit: its load grows with them."""
        low, high = 1.0, 1e12
        while high / low > 1.001:
            middle = (low * high) ** 0.5
            fits = self.load(Index(people=middle, events=events)) <= self.most
            low, high = (middle, high) if fits else (low, middle)
        return low


LIMITS = (
    SizeLimit(
        name="the whole index (previews, the checklist of a launch, lists of customers, results): half of 2 GiB",
        seen="503 `audience_too_large`; no new campaign can be launched; those that run go on",
        remedy="`memory` of `campaigns`, `customers` and `tick`: `4Gi`; more needs more than one vCPU, too",
        load=lambda index: index.memory,
        most=READER_SHARE * MEMORY,
    ),
    SizeLimit(
        name="the same with 32 GiB, the most of an instance",
        seen="the same",
        remedy="nothing: a preview of more people needs an engine outside the instance",
        load=lambda index: index.memory,
        most=READER_SHARE * 32 * GIBIBYTE,
    ),
    SizeLimit(
        name="compaction is slower than a campaign of 1,000 messages a second",
        seen="`GET /api/audience`: commits wait; readers load them as deltas, and stay exact",
        remedy="a rate for the campaign (`per_minute`); the backlog is gone some time after its end",
        load=lambda index: -index.receipts_per_second,
        most=-1_000,
    ),
    SizeLimit(
        name="a compaction takes longer than its lease of five minutes",
        seen="compactions overtake each other, and none may finish; the numbers of deltas grow",
        remedy="nothing: compaction must not read the ids of all blocks",
        load=lambda index: index.compaction_seconds,
        most=LEASE_DURATION.total_seconds(),
    ),
    SizeLimit(
        name="the manifest, which lists all blocks, is larger than a document",
        seen="compaction fails, and is logged; the numbers of deltas grow",
        remedy="nothing: larger blocks in Cloud Storage are needed",
        load=lambda index: index.manifest_bytes,
        most=MAX_DOCUMENT_BYTES,
    ),
    SizeLimit(
        name="a plan, or the daily comparison: one bucket and the addresses so far in a fifth of 2 GiB",
        seen="`audience_too_large` in the log of `fan_out`; the campaign does not begin",
        remedy="`memory` of `fan_out` and `tick`: `4Gi`",
        load=lambda index: index.plan_memory,
        most=WORKER_SHARE * MEMORY,
    ),
    SizeLimit(
        name="eight fan-outs at once in half of 2 GiB",
        seen="instances of `fan_out` end for lack of memory, and their pages are published again",
        remedy="`memory` of `fan_out`: `4Gi`",
        load=lambda index: index.fan_out_memory,
        most=READER_SHARE * MEMORY,
    ),
)


def campaign_table(costs: MessageCosts) -> Table:
    """What a campaign to everybody takes and costs."""
    result = Table("a message to each of", *(f"{size:,}" for size in SIZES), box=box.MARKDOWN)
    for title, scenario in (
        ("from the template, size small", TEMPLATE),
        ("from the template, size large", TEMPLATE_LARGE),
        ("Gemini with 6,000 calls a minute, size medium", GEMINI_MEDIUM),
    ):
        runs = [run(size, scenario, costs) for size in SIZES]
        result.add_row(title, *(f"{_duration(seconds)}: {limit}" for seconds, limit in runs))
    result.add_row("costs, from the template", *(_dollars(_spent(size, costs, gemini=False)) for size in SIZES))
    result.add_row("costs, with texts by Gemini", *(_dollars(_spent(size, costs, gemini=True)) for size in SIZES))
    return result


def index_table() -> Table:
    """What the index takes, with few events for each person."""
    indexes = [Index(people=size, events=FEW_EVENTS) for size in SIZES]
    result = Table("people", *(f"{size:,}" for size in SIZES), box=box.MARKDOWN)
    result.add_row("the whole index in memory", *(_bytes(index.memory) for index in indexes))
    result.add_row("a plan: one bucket and the addresses", *(_bytes(index.plan_memory) for index in indexes))
    result.add_row("eight fan-outs at once", *(_bytes(index.fan_out_memory) for index in indexes))
    result.add_row("documents that a cold reader loads, at most", *(_figure(index.blocks) for index in indexes))
    result.add_row("the larger manifest during a campaign", *(_bytes(index.manifest_bytes) for index in indexes))
    result.add_row("a compaction during a campaign, CPU-s", *(_figure(index.compaction_seconds) for index in indexes))
    result.add_row(
        "receipts/s that compaction keeps up with", *(_figure(index.receipts_per_second) for index in indexes)
    )
    return result


def limit_table() -> Table:
    """What breaks first, in order."""
    columns = (f"people, {events} events each" for events in (FEW_EVENTS, MANY_EVENTS))
    result = Table(*columns, "what reaches its limit", "what you see", "what to set", box=box.MARKDOWN)
    for limit in sorted(LIMITS, key=lambda one: one.people(FEW_EVENTS)):
        people = (_people(limit.people(events)) for events in (FEW_EVENTS, MANY_EVENTS))
        result.add_row(*people, limit.name, limit.seen, limit.remedy)
    return result


def tables(costs: MessageCosts) -> Iterator[Table]:
    yield campaign_table(costs)
    yield index_table()
    yield limit_table()


def _spent(messages: int, costs: MessageCosts, *, gemini: bool) -> float:
    usage = message_usage(messages, costs)
    return sum(dollars(name, units) for name, units in usage.items() if gemini or not name.startswith("Gemini"))


def _duration(seconds: float) -> str:
    if seconds < 2 * 3600:
        return f"{max(1, round(seconds / 60))} min"
    return f"{seconds / 3600:.1f} h" if seconds < 2 * 86_400 else f"{seconds / 86_400:.1f} days"


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount < 100 else f"${amount:,.0f}"


def _bytes(number: float) -> str:
    return f"{_figure(number / 1e3)} kB" if number < 1e6 else f"{_figure(number / 1e6)} MB"


def _figure(number: float) -> str:
    """With two significant digits."""
    rounded = float(f"{number:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def _people(number: float) -> str:
    return f"{_figure(number / 1e6)} million"


def main() -> None:
    output = Console(width=400)
    for table in tables(MessageCosts.read()):
        output.print(table)


if __name__ == "__main__":
    main()
