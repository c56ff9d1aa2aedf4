"""The figures as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.table import Table

from benchmarks.audiences.herald import AudienceFigures
from benchmarks.audiences.postgres import QueryResult
from benchmarks.audiences.rules import RULES


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresResults:
    """Results by rule name, without and with indexes."""

    plain: Mapping[str, QueryResult]  # without indexes
    indexed: Mapping[str, QueryResult]  # with the best indexes for these rules


def table(figures: AudienceFigures, postgres_results: PostgresResults | None) -> Table:
    """Return the times of all rules, compared with PostgreSQL."""
    result = Table(title=_title(figures), caption=_caption(figures), title_justify="left", caption_justify="left")
    for name in ("rule", "people", "Herald: preview", "Herald: count", "PostgreSQL: count", "with indexes"):
        result.add_column(name, justify="left" if name == "rule" else "right")
    for benchmark_rule in RULES:
        name = benchmark_rule.name
        result.add_row(
            name,
            f"{figures.counts[name]:,}",
            _milliseconds(figures.preview_seconds[name]),
            _milliseconds(figures.count_seconds[name]),
            *(_milliseconds(answer.seconds) for answer in _postgres_answers(figures, postgres_results, name)),
        )
    return result


def _postgres_answers(
    figures: AudienceFigures, postgres_results: PostgresResults | None, name: str
) -> list[QueryResult]:
    """Return the results of a rule. Both systems must have found the same number of customers."""
    results = [postgres_results.plain[name], postgres_results.indexed[name]] if postgres_results else []
    assert all(answer.count == figures.counts[name] for answer in results), (name, figures.counts[name], results)
    return results


def _title(figures: AudienceFigures) -> str:
    return f"{figures.customers:,} customers (warm; medians)"


def _caption(figures: AudienceFigures) -> str:
    """Return the figures that do not depend on a rule."""
    verdict = (
        "every preview during compaction was correct"
        if figures.correct_during_compaction
        else "A PREVIEW DURING COMPACTION WAS WRONG"
    )
    return (
        f"cold preview {figures.cold_seconds:.2f} s with {figures.cold_reads} Firestore reads; events: "
        f"{figures.events_seconds:.2f} s more on first use; memory {figures.megabytes:.0f} MB; "
        f"import {figures.import_seconds:.0f} s; "
        f"{figures.compactions} compactions in {figures.compaction_seconds:.1f} s, {verdict}"
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
