"""The audience index: the customers as columns that DuckDB evaluates rules over.

    writer   commit([... customers ..., *change(rows)])     one more document in the commit that writes the customers
    tick     await fold(documents, now=…, owner=…)          changes become blocks
    reader   audience = Audience(documents)                 blocks and changes in memory
             await audience.refresh()
             await audience.count(rule, now)

All of it lives in the collection `audience`: `change-…` holds the rows of one commit, `block-…` the rows of one
bucket, `head` says which blocks count. What a reader sees after `refresh` is exactly what was committed to `customers`
at the instant it read: both were written in the same commits, and head, changes and blocks are read at one instant.
"""

from common.audience.changes import change
from common.audience.folding import Folded, fold
from common.audience.reader import Audience
from common.audience.rows import Row, row_of, tombstone

__all__ = ["Audience", "Folded", "Row", "change", "fold", "row_of", "tombstone"]
