"""The audience index: customers and their events as columns, over which DuckDB evaluates rules.

    writer   commit([... customers ..., *customer_delta(rows)])   one more document in the commit that writes customers
             commit([... receipts ..., *event_delta(events)])     and in the one that writes receipts or activities
    tick     await compact(documents, now=…, owner=…)             deltas become blocks
    reader   audience = Audience(documents)                       blocks and deltas in memory
             await audience.refresh()
             await audience.count(rule, now)

All of it is in the collection `audience`, for customers and for events alike:

    customers-delta-…    events-delta-…    the rows of one commit
    customers-block-…    events-block-…    the rows of one bucket
    customers-manifest   events-manifest   which blocks are valid

After `refresh`, a reader sees exactly what was committed at the instant of reading: deltas are written in the same
commits as the data, and manifests, deltas and blocks are read at one instant.
"""

from common.audience.index.compaction import CompactionResult, compact
from common.audience.index.deltas import customer_delta, event_delta
from common.audience.index.rows import (
    CustomerEvent,
    CustomerRow,
    activity_event,
    engagement_event,
    events_tombstone,
    row_from_document,
    tombstone,
)
from common.audience.index.tables import CUSTOMERS, EVENTS, TABLES
from common.audience.reader import Audience, OncePerValue, OneGroup

__all__ = [
    "CUSTOMERS",
    "EVENTS",
    "TABLES",
    "Audience",
    "CompactionResult",
    "CustomerEvent",
    "CustomerRow",
    "OncePerValue",
    "OneGroup",
    "activity_event",
    "compact",
    "customer_delta",
    "engagement_event",
    "event_delta",
    "events_tombstone",
    "row_from_document",
    "tombstone",
]
