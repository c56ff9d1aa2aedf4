"""The audience without DuckDB: the customers as the database has them at the last refresh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from common.audience import Audience, CustomerRow, OncePerValue, row_from_document
from common.ids import ERASED_CUSTOMER_ID
from common.rules.nodes import Rule
from common.storage.documents import Documents, Query
from tests.oracle import matches

CLOCK = "audience/clock"
"""A document that does not exist; reading it tells the time of the database."""


class SimulatedAudience(Audience):
    """Answers what fan-out asks, with the rules in plain Python."""

    def __init__(self, documents: Documents) -> None:
        super().__init__(documents)
        self._database_port = documents

    async def refresh(self) -> None:
        self.read_at = (await self._database_port.get(CLOCK)).at

    async def page(
        self, rule: Rule, now: datetime, *, bucket: int, after_id: str = "", limit: int = 500
    ) -> list[CustomerRow]:
        rows = [row for row in await self._all_rows() if row.bucket == bucket and row.id > after_id]
        return [row for row in rows if matches(rule, asdict(row), now)][:limit]

    async def list_by_bucket(
        self, rule: Rule, now: datetime, *, labels: Mapping[str, Rule], once: OncePerValue | None = None
    ) -> tuple[datetime, list[tuple[int, str]]]:
        """Everybody who matches the rule at the last refresh: for each bucket a line with the id, and the first label
        whose rule matches."""
        lines: dict[int, list[str]] = defaultdict(list)
        taken: set[str] = set()
        for row in await self._all_rows():
            fields = asdict(row)
            if matches(rule, fields, now):
                label = next((name for name, labelling in labels.items() if matches(labelling, fields, now)), None)
                value = fields[once.field] if once and not label else None
                label = once.label if once and value in taken else label
                taken |= {value} if value else set()
                lines[row.bucket].append(f"{row.id} {label}" if label else row.id)
        assert self.read_at is not None, "refresh the audience first"
        return self.read_at, [(bucket, "\n".join(of_bucket)) for bucket, of_bucket in sorted(lines.items())]

    async def rows(self, customer_ids: Iterable[str]) -> dict[str, CustomerRow]:
        wanted = set(customer_ids) - {ERASED_CUSTOMER_ID}
        return {row.id: row for row in await self._all_rows() if row.id in wanted} if wanted else {}

    async def rows_in_bucket(self, bucket: int) -> list[CustomerRow]:
        return [row for row in await self._all_rows() if row.bucket == bucket]

    async def _all_rows(self) -> list[CustomerRow]:
        if self.read_at is None:
            await self.refresh()
        found = await self._database_port.query(Query(collection="customers", at=self.read_at))
        return [row_from_document(customer.id, customer.data or {}) for customer in found]
