"""The figures of both sides, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich import box
from rich.table import Table

from benchmarks.figures import Campaign, Preview
from benchmarks.operations import Operations


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    single: float  # customers a second, one in a call
    many: float | None  # and 500 in a call, where that is possible
    preview: Preview
    campaign: Campaign
    slow: Campaign  # with a vendor that takes its time
    counted: Campaign  # behind the proxy, which takes time of its own
    operations: Operations  # during the counted campaign


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    unit: str
    of: Callable[[Figures], float | None]
    less_is_better: bool = False

    def ratio(self, herald: Figures, naive: Figures) -> float | None:
        """How many times better Herald is."""
        ours, theirs = self.of(herald), self.of(naive)
        if not ours or not theirs:
            return None
        return theirs / ours if self.less_is_better else ours / theirs


ROWS = [
    Row("ingestion, one customer a call", "customers/s", lambda one: one.single),
    Row("ingestion, 500 customers a call", "customers/s", lambda one: one.many),
    Row("audience preview", "ms", lambda one: one.preview.milliseconds, less_is_better=True),
    Row("campaign", "messages/s", lambda one: one.campaign.rate),
    Row("campaign, the vendor takes 50 ms", "messages/s", lambda one: one.slow.rate),
    Row("CPU of its own processes", "s/1,000 messages", lambda one: one.campaign.own_cpu_per_thousand, True),
    Row("CPU of emulators and stand-ins", "s/1,000 messages", lambda one: one.campaign.others_cpu_per_thousand, True),
    Row("Firestore writes", "per message", lambda one: one.operations.writes / one.counted.messages, True),
    Row("Firestore reads", "per message", lambda one: one.operations.reads / one.counted.messages, True),
]


def table(herald: Figures, naive: Figures) -> Table:
    """Printed, it is Markdown. Figures of two sides that found different people are none."""
    if herald.preview.found != naive.preview.found:
        raise ValueError(f"Herald found {herald.preview.found} people, the naive variant {naive.preview.found}")
    found = Table("", "Herald", "naive", "ratio", "unit", box=box.MARKDOWN)
    for row in ROWS:
        ratio = row.ratio(herald, naive)
        found.add_row(
            row.what, _text(row.of(herald)), _text(row.of(naive)), f"{_text(ratio)}×" if ratio else "", row.unit
        )
    return found


def _text(number: float | None) -> str:
    """Three digits are more than a measurement on a laptop is worth."""
    if number is None:
        return "–"
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
