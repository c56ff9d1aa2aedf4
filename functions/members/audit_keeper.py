"""What is done about the audit log each minute."""

from __future__ import annotations

from dataclasses import dataclass

from common.events import AuditTick

from .audit_outbox import AuditOutbox
from .audit_retention import AuditRetention

BUDGET_SECONDS = 20.0
"""For each duty; a push may take a minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditKeeper:
    """Moves entries to the log, and removes the old ones."""

    outbox: AuditOutbox
    retention: AuditRetention

    async def tick(self, _tick: AuditTick) -> None:
        """Repeating it is harmless. What is not done in time is done at the next tick."""
        try:
            await self.outbox.move(seconds=BUDGET_SECONDS)
        finally:
            await self.retention.run(seconds=BUDGET_SECONDS)
