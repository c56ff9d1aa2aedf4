"""The figures of both systems as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich import box
from rich.table import Table

from benchmarks.figures import CampaignFigures, PreviewFigures
from benchmarks.limits import FirestoreLimits
from benchmarks.operations import Operations


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonFigures:
    """All figures of one system."""

    single: float  # customers per second, one per call
    batched: float | None  # customers per second with 500 per call, if the system supports it
    preview: PreviewFigures
    campaign: CampaignFigures
    slow: CampaignFigures  # with a slow vendor
    counted: CampaignFigures  # behind the proxy, which makes it slower
    operations: Operations  # during the counted campaign
    limits: FirestoreLimits | None = None  # how near it comes to the limits of Firestore


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of the table."""

    label: str
    unit: str
    value_of: Callable[[ComparisonFigures], float | None]
    lower_is_better: bool = False

    def ratio(self, herald: ComparisonFigures, naive: ComparisonFigures) -> float | None:
        """Return how many times better Herald is."""
        herald_value, naive_value = self.value_of(herald), self.value_of(naive)
        if not herald_value or not naive_value:
            return None
        return naive_value / herald_value if self.lower_is_better else herald_value / naive_value


ROWS = [
    ReportRow("ingestion, one customer per call", "customers/s", lambda figures: figures.single),
    ReportRow("ingestion, 500 customers per call", "customers/s", lambda figures: figures.batched),
    ReportRow("audience preview", "ms", lambda figures: figures.preview.milliseconds, lower_is_better=True),
    ReportRow("campaign", "messages/s", lambda figures: figures.campaign.rate),
    ReportRow("campaign, the vendor takes 50 ms", "messages/s", lambda figures: figures.slow.rate),
    ReportRow(
        "CPU of its own processes", "s/1,000 messages", lambda figures: figures.campaign.own_cpu_per_thousand, True
    ),
    ReportRow(
        "CPU of emulators and stand-ins",
        "s/1,000 messages",
        lambda figures: figures.campaign.other_cpu_per_thousand,
        True,
    ),
    ReportRow(
        "Firestore writes", "per message", lambda figures: figures.operations.writes / figures.counted.messages, True
    ),
    ReportRow(
        "Firestore reads", "per message", lambda figures: figures.operations.reads / figures.counted.messages, True
    ),
]


def table(herald: ComparisonFigures, naive: ComparisonFigures) -> Table:
    """Return the comparison, which prints as Markdown. Raise `ValueError` if the audiences differ."""
    if herald.preview.count != naive.preview.count:
        raise ValueError(f"Herald found {herald.preview.count} customers, the naive variant {naive.preview.count}")
    result = Table("", "Herald", "naive", "ratio", "unit", box=box.MARKDOWN)
    for row in ROWS:
        ratio = row.ratio(herald, naive)
        result.add_row(
            row.label,
            _format(row.value_of(herald)),
            _format(row.value_of(naive)),
            f"{_format(ratio)}×" if ratio else "",
            row.unit,
        )
    return result


def _format(number: float | None) -> str:
    """Format three significant digits; a measurement on a laptop is not more precise."""
    if number is None:
        return "–"
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
