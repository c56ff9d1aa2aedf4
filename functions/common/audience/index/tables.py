"""What lies where in the collection `audience`: two sheets, the customers and what they did, each with its own
changes, blocks and head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from common.audience.index.rows import COLUMNS, EVENT_COLUMNS
from common.ids import random_id
from common.storage.documents import Query

COLLECTION = "audience"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    name: str  # of its table in DuckDB
    columns: Mapping[str, str]  # to DuckDB's types
    owner: str  # the column with the customer whose erasure takes the row along
    head: str  # the path of the document that says which blocks count
    change: str  # what the ids of its changes begin with
    block: str  # and those of its blocks

    def new_change(self) -> str:
        return f"{self.change}{random_id()}"

    def block_id(self, generation: int, bucket: int, number: int) -> str:
        return f"{self.block}{generation}-{bucket}-{number}"

    @cached_property
    def names(self) -> str:
        return ", ".join(self.columns)

    @cached_property
    def typed(self) -> str:
        return ", ".join(f"{name} {kind}" for name, kind in self.columns.items())

    @cached_property
    def nothing(self) -> str:
        """No rows, with every column."""
        return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in self.columns.items())} WHERE false"

    @cached_property
    def from_blocks(self) -> str:
        """Takes a list of paths, as `from_changes` does. Code of another time may have written them: a column that they
        lack is NULL, one that they have besides is left out."""
        blocks = "SELECT * FROM read_parquet(?, union_by_name = true)"
        return f"SELECT {self.names} FROM ({self.nothing} UNION ALL BY NAME {blocks})"

    @cached_property
    def from_changes(self) -> str:
        """A change's file is named by its id."""
        return (
            f"SELECT {self.names}, parse_filename(filename) AS change FROM read_json(?, "
            f"format = 'newline_delimited', compression = 'gzip', filename = true, columns = {dict(self.columns)})"
        )

    @cached_property
    def latest(self) -> str:
        """What follows a SELECT that wants of each id the latest version, without what an erasure took along."""
        newest = "row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1"
        if self.owner == "id":
            return f"QUALIFY {newest}"
        erasure = f"max(version) FILTER (WHERE erased) OVER (PARTITION BY {self.owner})"
        return f"QUALIFY {newest} AND (erased OR version > coalesce({erasure}, -1))"


def path(document_id: str) -> str:
    return f"{COLLECTION}/{document_id}"


HEAD = path("head")

CUSTOMERS = Sheet(name="people", columns=COLUMNS, owner="id", head=HEAD, change="change-", block="block-")
EVENTS = Sheet(
    name="happenings",
    columns=EVENT_COLUMNS,
    owner="customer",
    head=path("events"),
    change="event-",
    block="happened-",
)
SHEETS = (CUSTOMERS, EVENTS)


def ids(kind: str, at: datetime | None, *, limit: int | None = None) -> Query:
    """The ids of all changes, or of all blocks, at an instant; `kind` is what they begin with."""
    after_all = kind[:-1] + chr(ord(kind[-1]) + 1)
    return Query(collection=COLLECTION, id_from=kind, id_before=after_all, fields=(), limit=limit, at=at)
