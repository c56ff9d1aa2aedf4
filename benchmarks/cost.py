"""What Herald costs in the cloud: `python -m benchmarks.cost` prints the tables of docs/deploy.md.

From the operations of one message (`message_costs.json`) and published prices: US dollars, us-central1, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.message_costs import Measured
from benchmarks.service import services

MILLION, GIBIBYTE = 1_000_000, 2**30
SIZES = (10_000, 100_000, 1_000_000)
DAYS = 30

EVENT_BYTES = 1_500  # of one message on a topic: who it is for, and the text
TICKS = DAYS * 24 * 60
TICK_READS = 9  # when nothing happens: due and open campaigns, the index's heads and changes, how far a comparison is
COMPARISON_READS = 209  # once a day, without customers: the sums of each bucket and of each part of what they did
TICK_SECONDS = 0.2
ALERTS = 7  # conditions in terraform/monitoring.tf


@dataclass(frozen=True, kw_only=True)
class Price:
    """Of one unit, and how many units a month are free."""

    dollars: float
    free: float = 0.0


PRICES: Mapping[str, Price] = {
    "Firestore reads": Price(dollars=0.03 / 100_000, free=DAYS * 50_000),
    "Firestore writes": Price(dollars=0.09 / 100_000, free=DAYS * 20_000),
    "Firestore deletes": Price(dollars=0.01 / 100_000, free=DAYS * 20_000),
    "Pub/Sub, GiB": Price(dollars=40 / 1024, free=10),
    "Functions, requests": Price(dollars=0.40 / MILLION, free=2 * MILLION),
    "Functions, vCPU-seconds": Price(dollars=0.000024, free=180_000),
    "Functions, GiB-seconds": Price(dollars=0.0000025, free=360_000),
    "Gemini, input tokens": Price(dollars=0.30 / MILLION),  # gemini-3.5-flash-lite
    "Gemini, output tokens": Price(dollars=2.50 / MILLION),
    "Alerts, conditions": Price(dollars=0.10),  # announced for 2026; free before
}
DAILY = {"Firestore reads", "Firestore writes", "Firestore deletes"}
"""Free each day, and lost if not used: a campaign has but one day's."""

Usage = dict[str, float]


def of_messages(messages: int, measured: Measured) -> Usage:
    """What so many messages use, personalized by Gemini."""
    busy = services(measured)
    events = measured.requests["recipients"] + measured.requests["deliveries"]
    return {
        "Firestore reads": messages * measured.reads,
        "Firestore writes": messages * measured.writes,
        "Firestore deletes": messages * 1.0,  # of the claim, when it expires
        "Pub/Sub, GiB": messages * events * 2 * EVENT_BYTES / GIBIBYTE,  # published, and delivered
        "Functions, requests": messages * sum(measured.requests.values()),
        "Functions, vCPU-seconds": messages * sum(one.busy for one in busy.values()),
        "Functions, GiB-seconds": messages * sum(one.busy * one.memory for one in busy.values()),
        "Gemini, input tokens": messages * measured.input_tokens,
        "Gemini, output tokens": messages * measured.output_tokens,
    }


def idle() -> Usage:
    """A month in which nothing happens but time."""
    return {
        "Firestore reads": TICKS * TICK_READS + DAYS * COMPARISON_READS,
        "Pub/Sub, GiB": TICKS * 2 * 1_000 / GIBIBYTE,
        "Functions, requests": TICKS,
        "Functions, vCPU-seconds": TICKS * TICK_SECONDS,
        "Functions, GiB-seconds": TICKS * TICK_SECONDS * 2,
        "Alerts, conditions": ALERTS,
    }


def dollars(name: str, units: float, *, free: bool = False) -> float:
    """With `free`, less what the first use in a month (of Firestore, in a day) has for nothing."""
    price = PRICES[name]
    given = price.free / (DAYS if name in DAILY else 1) if free else 0
    return max(0.0, units - given) * price.dollars


def by_size(measured: Measured) -> Table:
    """Every line without what is free; the sum once more with it."""
    usages = [of_messages(size, measured) for size in SIZES]
    table = Table("", *(f"{size:,}" for size in SIZES), box=box.MARKDOWN)
    for name in usages[0]:
        table.add_row(name, *(_text(dollars(name, usage[name])) for usage in usages))
    table.add_row("**together**", *(_text(sum(_lines(usage, free=False))) for usage in usages))
    table.add_row("**less what is free**", *(_text(sum(_lines(usage, free=True))) for usage in usages))
    return table


def when_idle() -> Table:
    """A whole month, so all of what is free each day counts."""
    table = Table("", "a month uses", "free", "costs", box=box.MARKDOWN)
    for name, units in idle().items():
        price = PRICES[name]
        cost = max(0.0, units - price.free) * price.dollars
        table.add_row(name, f"{units:,.2g}" if units < 10 else f"{units:,.0f}", f"{price.free:,.0f}", _text(cost))
    return table


def _lines(usage: Usage, *, free: bool) -> Iterator[float]:
    return (dollars(name, units, free=free) for name, units in usage.items())


def _text(amount: float) -> str:
    return f"${amount:,.2f}"


def main() -> None:
    output = Console(width=120)
    output.print(by_size(Measured.read()))
    output.print(when_idle())


if __name__ == "__main__":
    main()
