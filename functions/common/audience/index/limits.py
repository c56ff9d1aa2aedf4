"""What the memory of an instance holds: said in the log when an index is first loaded, and checked before a refresh.

The check counts only what is in blocks, at the least that a row takes. So it refuses nothing that fits; DuckDB's own
limit catches the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from common.audience.index.tables import CUSTOMERS, EVENTS
from common.errors import AudienceTooLarge

log = logging.getLogger(__name__)

MIN_ROW_BYTES = {CUSTOMERS.name: 24, EVENTS.name: 20}
"""The least that a row takes in memory, compressed."""

MEASURED_ROW_BYTES = {CUSTOMERS.name: 65, EVENTS.name: 40}
"""What a row takes in `python -m benchmarks.index_memory`. Customers with many attributes take more."""


def log_limits(memory_bytes: int) -> None:
    """Logs about how many customers, or events, the memory holds."""
    capacity = {f"max_{name}": memory_bytes // size for name, size in MEASURED_ROW_BYTES.items()}
    details = {"event": "audience_memory_limit", "megabytes": memory_bytes // 1_000_000, **capacity}
    log.info("what the audience index may take of the memory", extra=details)


def check_size(rows: Mapping[str, int], memory_bytes: int) -> None:
    """Raises `AudienceTooLarge`, before anything is loaded, if so many rows cannot fit. They are by table."""
    needed = sum(MIN_ROW_BYTES[table] * number for table, number in rows.items())
    if needed > memory_bytes:
        details = {"event": "audience_too_large", **rows}
        log.error("the audience index cannot fit in memory", extra=details)
        raise AudienceTooLarge
