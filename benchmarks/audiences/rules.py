"""Five rules of growing complexity, as Herald rules and as SQL conditions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchmarkRule:
    """One rule in both languages."""

    name: str
    text: str
    sql: str  # a condition on PostgreSQL's table `customers`


DAYS_90 = "timestamp '2026-11-23 09:30' - interval '90 days'"
DAYS_60 = "timestamp '2026-11-23 09:30' - interval '60 days'"
LAPSED = f"(spend > 1000000 AND visits < 3 OR last_active_at <= {DAYS_90})"
GOLD = "(coalesce(lower(attributes->>'plan') = 'gold', false))"
SEGMENTS = {"Lapsed": "spend > 10000 AND visits < 3 OR inactive for 90 days", "Gold": "attributes.plan = 'gold'"}

RULES = (
    BenchmarkRule(name="three ranges", text=SEGMENTS["Lapsed"], sql=LAPSED),
    BenchmarkRule(name="text search", text="name contains 'asha'", sql="name ILIKE '%asha%'"),
    BenchmarkRule(name="attribute", text=SEGMENTS["Gold"], sql=GOLD),
    BenchmarkRule(
        name="behaviour",
        text="ordered at least 2 times in the last 60 days",
        sql=f"id IN (SELECT customer FROM events WHERE kind = 'order' AND occurred_at > {DAYS_60} "
        "GROUP BY customer HAVING count(*) >= 2)",
    ),
    BenchmarkRule(
        name="segment in segment",
        text="in segment 'Lapsed' AND NOT in segment 'Gold'",
        sql=f"{LAPSED} AND NOT {GOLD}",
    ),
)

INDEXES = (
    "CREATE EXTENSION pg_trgm",
    "CREATE INDEX ON customers (last_active_at)",
    "CREATE INDEX ON customers (visits, spend)",
    "CREATE INDEX ON customers USING gin (name gin_trgm_ops)",
    "CREATE INDEX ON customers (lower(attributes->>'plan'))",
    "CREATE INDEX ON events (kind, occurred_at) INCLUDE (customer)",
    "VACUUM ANALYZE",
)
"""The best indexes for these rules."""
