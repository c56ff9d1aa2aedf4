"""The audience index: the customers, and what they did, as columns that DuckDB evaluates rules over.

    writer   commit([... customers ..., *change(rows)])         one more document in the commit that writes customers
             commit([... receipts ..., *happened(reactions)])   and in the one that writes receipts or activities
    tick     await fold(documents, now=…, owner=…)              changes become blocks
    reader   audience = Audience(documents)                     blocks and changes in memory
             await audience.refresh()
             await audience.count(rule, now)

All of it lives in the collection `audience`: `change-…` holds the rows of one commit, `block-…` the rows of one
bucket, `head` says which blocks count; `event-…`, `happened-…` and `events` are the same for what customers did. What a
reader sees after `refresh` is exactly what was committed at the instant it read: all of it was written in the same
commits, and heads, changes and blocks are read at one instant.
"""

from common.audience.index.compaction import Folded, fold
from common.audience.index.deltas import change, happened
from common.audience.index.rows import Happening, Row, forgotten, order_or_visit, reaction, row_of, tombstone
from common.audience.index.tables import CUSTOMERS, EVENTS, SHEETS
from common.audience.reader import Audience

__all__ = [
    "CUSTOMERS",
    "EVENTS",
    "SHEETS",
    "Audience",
    "Folded",
    "Happening",
    "Row",
    "change",
    "fold",
    "forgotten",
    "happened",
    "order_or_visit",
    "reaction",
    "row_of",
    "tombstone",
]
