"""What Herald costs in the cloud: `python -m benchmarks.cost` prints the tables of docs/deploy.md.

It multiplies the operations of one message (`message_costs.json`) by the published prices: US dollars, us-central1,
November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.function_profiles import function_profiles
from benchmarks.message_costs import MessageCosts

MILLION, GIBIBYTE = 1_000_000, 2**30
SIZES = (10_000, 100_000, 1_000_000)
DAYS = 30

EVENT_BYTES = 1_500  # of one message on a topic: the recipient and the text
TICKS = DAYS * 24 * 60
TICK_READS = 13  # of an idle tick: four queries of campaigns, erasures, imports, counters, the index, reconciliation
RECONCILIATION_READS = 155  # once a day, without customers: sums by bucket and range of events, who was merged, lists
TICK_SECONDS = 0.2
AUDIT_TICK_READS = 1  # an empty outbox
AUDIT_TICK_SECONDS = 0.1
AUDIT_TICK_GIBIBYTES = 0.5
EVENT_TICK_READS = 1  # no outgoing events; that there is no webhook is read in the access database
EVENT_TICK_SECONDS = 0.1
EVENT_TICK_GIBIBYTES = 0.5
ALERTS = 14  # conditions in terraform/monitoring.tf
ALERT_SERIES = 6  # time series that report without traffic: three subscriptions, the oldest message, two of `tick`
ALERT_PERIODS = DAYS * 24 * 120  # a condition is evaluated every 30 seconds
IMAGE_GIBIBYTES = 0.9  # estimated: thirteen functions share the layers of their folder, and two versions are kept


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of one unit, and the free units per month."""

    dollars: float
    free: float = 0.0


PRICES: Mapping[str, Price] = {
    "Firestore reads": Price(dollars=0.03 / 100_000, free=DAYS * 50_000),
    "Firestore writes": Price(dollars=0.09 / 100_000, free=DAYS * 20_000),
    "Firestore deletes": Price(dollars=0.01 / 100_000),  # by TTL policies, which have no free quota
    "Pub/Sub, GiB": Price(dollars=40 / 1024, free=10),
    "Functions, requests": Price(dollars=0.40 / MILLION, free=2 * MILLION),
    "Functions, vCPU-seconds": Price(dollars=0.000024, free=180_000),
    "Functions, GiB-seconds": Price(dollars=0.0000025, free=360_000),
    "Gemini, input tokens": Price(dollars=0.30 / MILLION),  # gemini-3.5-flash-lite
    "Gemini, output tokens": Price(dollars=2.50 / MILLION),
    "Alerts, conditions": Price(dollars=0.10),  # announced for 2026; free until then
    "Alerts, time series": Price(dollars=0.35 / MILLION),  # the same
    "Images, GiB": Price(dollars=0.10, free=0.5),
}
DAILY_FREE = {"Firestore reads", "Firestore writes"}
"""The free quota applies per day and does not accumulate: a campaign uses one day's quota."""

Usage = dict[str, float]


def message_usage(messages: int, costs: MessageCosts) -> Usage:
    """Return the usage of `messages` messages that Gemini personalizes."""
    profiles = function_profiles(costs)
    events = costs.requests["recipients"] + costs.requests["deliveries"]
    return {
        "Firestore reads": messages * costs.reads,
        "Firestore writes": messages * costs.writes,
        "Firestore deletes": messages * 2.0,  # the claim and the inbox, when they expire
        "Pub/Sub, GiB": messages * events * 2 * EVENT_BYTES / GIBIBYTE,  # published and delivered
        "Functions, requests": messages * sum(costs.requests.values()),
        "Functions, vCPU-seconds": messages * sum(profile.busy_seconds for profile in profiles.values()),
        "Functions, GiB-seconds": messages
        * sum(profile.busy_seconds * profile.memory for profile in profiles.values()),
        "Gemini, input tokens": messages * costs.input_tokens,
        "Gemini, output tokens": messages * costs.output_tokens,
    }


def idle_usage() -> Usage:
    """Return the usage of a month without any campaign."""
    return {
        "Firestore reads": TICKS * (TICK_READS + AUDIT_TICK_READS + EVENT_TICK_READS) + DAYS * RECONCILIATION_READS,
        "Pub/Sub, GiB": 3 * TICKS * 2 * 1_000 / GIBIBYTE,
        "Functions, requests": 3 * TICKS,
        "Functions, vCPU-seconds": TICKS * (TICK_SECONDS + AUDIT_TICK_SECONDS + EVENT_TICK_SECONDS),
        "Functions, GiB-seconds": TICKS
        * (TICK_SECONDS * 2 + AUDIT_TICK_SECONDS * AUDIT_TICK_GIBIBYTES + EVENT_TICK_SECONDS * EVENT_TICK_GIBIBYTES),
        "Alerts, conditions": ALERTS,
        "Alerts, time series": ALERT_SERIES * ALERT_PERIODS,
        "Images, GiB": IMAGE_GIBIBYTES,
    }


def dollars(name: str, units: float, *, free: bool = False) -> float:
    """With `free`, less what the first use in a month (of Firestore, in a day) has for nothing."""
    price = PRICES[name]
    free_units = price.free / (DAYS if name in DAILY_FREE else 1) if free else 0
    return max(0.0, units - free_units) * price.dollars


def cost_table(costs: MessageCosts) -> Table:
    """Return the cost per campaign size. The lines ignore the free quota; the last sum deducts it."""
    usages = [message_usage(size, costs) for size in SIZES]
    table = Table("", *(f"{size:,}" for size in SIZES), box=box.MARKDOWN)
    for name in usages[0]:
        table.add_row(name, *(_format(dollars(name, usage[name])) for usage in usages))
    table.add_row("**total**", *(_format(sum(_costs(usage, free=False))) for usage in usages))
    table.add_row("**minus free quota**", *(_format(sum(_costs(usage, free=True))) for usage in usages))
    return table


def idle_table() -> Table:
    """Return the cost of an idle month. The free quota of every day applies."""
    table = Table("", "used per month", "free", "costs", box=box.MARKDOWN)
    for name, units in idle_usage().items():
        price = PRICES[name]
        cost = max(0.0, units - price.free) * price.dollars
        table.add_row(name, _amount(units), _amount(price.free), _format(cost))
    return table


def _amount(units: float) -> str:
    return f"{units:,.2g}" if 0 < units < 10 else f"{units:,.0f}"


def _costs(usage: Usage, *, free: bool) -> Iterator[float]:
    return (dollars(name, units, free=free) for name, units in usage.items())


def _format(amount: float) -> str:
    return f"${amount:,.2f}"


def main() -> None:
    output = Console(width=120)
    output.print(cost_table(MessageCosts.read()))
    output.print(idle_table())


if __name__ == "__main__":
    main()
