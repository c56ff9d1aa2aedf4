"""The figures as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.table import Table

from benchmarks.audiences.herald import Figures
from benchmarks.audiences.postgres import Answer
from benchmarks.audiences.rules import RULES


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    plain: Mapping[str, Answer]  # PostgreSQL without indexes
    indexed: Mapping[str, Answer]  # and with the best there are


def table(figures: Figures, beside: Beside | None) -> Table:
    made = Table(title=_title(figures), caption=_caption(figures), title_justify="left", caption_justify="left")
    for name in ("rule", "people", "Herald: preview", "Herald: count", "PostgreSQL: count", "with indexes"):
        made.add_column(name, justify="left" if name == "rule" else "right")
    for asked in RULES:
        name = asked.name
        made.add_row(
            name,
            f"{figures.counts[name]:,}",
            _milliseconds(figures.preview_seconds[name]),
            _milliseconds(figures.count_seconds[name]),
            *(_milliseconds(one.seconds) for one in _answers(figures, beside, name)),
        )
    return made


def _answers(figures: Figures, beside: Beside | None, name: str) -> list[Answer]:
    """Both sides must have found the same number of people, or the figures say nothing."""
    found = [beside.plain[name], beside.indexed[name]] if beside else []
    assert all(one.count == figures.counts[name] for one in found), (name, figures.counts[name], found)
    return found


def _title(figures: Figures) -> str:
    return f"{figures.customers:,} customers (warm; medians)"


def _caption(figures: Figures) -> str:
    right = "every preview was right meanwhile" if figures.right_while_folding else "A PREVIEW WAS WRONG MEANWHILE"
    return (
        f"cold preview {figures.cold_seconds:.2f} s with {figures.cold_reads} Firestore reads; what customers did: "
        f"{figures.events_seconds:.2f} s more, once; memory {figures.megabytes:.0f} MB; "
        f"import {figures.import_seconds:.0f} s; {figures.folds} folds in {figures.fold_seconds:.1f} s, {right}"
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
