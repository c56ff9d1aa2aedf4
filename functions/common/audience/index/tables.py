"""The layout of the collection `audience`: two tables, customers and events, each with its own deltas, blocks and
manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from common.audience.index.rows import CUSTOMER_COLUMNS, EVENT_COLUMNS
from common.ids import random_id
from common.storage.documents import Query

COLLECTION = "audience"


@dataclass(frozen=True, kw_only=True)
class IndexTable:
    """One table of the index: its columns, its documents in Firestore, and the SQL that reads them."""

    name: str  # of its view in DuckDB, and the prefix of its document ids
    columns: Mapping[str, str]  # column to DuckDB type
    owner_column: str  # the customer whose erasure deletes the row

    @property
    def manifest_path(self) -> str:
        """The path of the document that says which blocks are valid."""
        return document_path(f"{self.name}-manifest")

    @property
    def delta_prefix(self) -> str:
        """The prefix of the ids of its deltas."""
        return f"{self.name}-delta-"

    @property
    def block_prefix(self) -> str:
        """The prefix of the ids of its blocks."""
        return f"{self.name}-block-"

    def new_delta_id(self) -> str:
        return f"{self.delta_prefix}{random_id()}"

    def block_id(self, generation: int, bucket: int, number: int) -> str:
        return f"{self.block_prefix}{generation}-{bucket}-{number}"

    @cached_property
    def versions(self) -> str:
        """The name of the DuckDB table with the latest version of each row, tombstones included."""
        return f"{self.name}_versions"

    @cached_property
    def deltas(self) -> str:
        """The name of the DuckDB table with the rows of the deltas that are not compacted yet."""
        return f"{self.name}_deltas"

    @cached_property
    def column_names(self) -> str:
        return ", ".join(self.columns)

    @cached_property
    def column_definitions(self) -> str:
        """The columns with their types, for CREATE TABLE."""
        return ", ".join(f"{name} {duckdb_type}" for name, duckdb_type in self.columns.items())

    @cached_property
    def empty_select(self) -> str:
        """A SELECT that returns every column and no rows."""
        columns = ", ".join(f"NULL::{duckdb_type} AS {name}" for name, duckdb_type in self.columns.items())
        return f"SELECT {columns} WHERE false"

    @cached_property
    def select_from_blocks(self) -> str:
        """A SELECT of the rows of block files; its parameter is the list of paths.

        An older or newer version of the code may have written the files: a missing column is NULL, an unknown column is
        ignored.
        """
        blocks = "SELECT * FROM read_parquet(?, union_by_name = true)"
        return f"SELECT {self.column_names} FROM ({self.empty_select} UNION ALL BY NAME {blocks})"

    @cached_property
    def select_from_deltas(self) -> str:
        """A SELECT of the rows of delta files, each with the delta's id, which is the name of the file."""
        return (
            f"SELECT {self.column_names}, parse_filename(filename) AS delta FROM read_json(?, "
            f"format = 'newline_delimited', compression = 'gzip', filename = true, columns = {dict(self.columns)})"
        )

    def latest_versions(self, *, of_each: str = "") -> str:
        """The end of a SELECT that keeps the latest version of each id, without what an erasure has deleted.

        With `of_each`, a column, the rows with another value in it are not looked at.
        """
        apart = f"{of_each}, " if of_each else ""
        newest = f"row_number() OVER (PARTITION BY {apart}id ORDER BY version DESC) = 1"
        if self.owner_column == "id":
            return f"QUALIFY {newest}"
        erasure = f"max(version) FILTER (WHERE erased) OVER (PARTITION BY {apart}{self.owner_column})"
        return f"QUALIFY {newest} AND (erased OR version > coalesce({erasure}, -1))"


def document_path(document_id: str) -> str:
    return f"{COLLECTION}/{document_id}"


CUSTOMERS = IndexTable(name="customers", columns=CUSTOMER_COLUMNS, owner_column="id")
EVENTS = IndexTable(name="events", columns=EVENT_COLUMNS, owner_column="customer")
TABLES = (CUSTOMERS, EVENTS)


def id_range(prefix: str, at: datetime | None, *, limit: int | None = None) -> Query:
    """The ids of all documents with this prefix (all deltas, or all blocks, of a table) at an instant."""
    after_all = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return Query(collection=COLLECTION, id_from=prefix, id_before=after_all, fields=(), limit=limit, at=at)
