"""The port to the database: documents at `collection/id`, read one by one, in bulk or by a query, written in commits.

`common/storage/firestore.py` is the adapter, `common/storage/memory.py` is the fake; `tests/contracts` tests that both
behave the same. There are no transactions, because under contention they block each other. Instead:

- An action that must happen once *creates* a document.
- A counter is changed with an `Increment`.
- A write that depends on a read names the version that was read (`expected`). It fails with `Conflict` when that is no
  longer the current version.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

MAX_WRITES = 500
"""In one commit. Firestore has had this limit, and a larger commit takes too long."""

Data = Mapping[str, Any]
Operator = Literal["==", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, slots=True)
class Increment:
    """A value in a write that is added to the stored number; a missing number counts as 0."""

    by: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A document at an instant. `data` and `version` are None when it does not exist."""

    path: str
    data: dict[str, Any] | None
    version: datetime | None  # when it was last written
    at: datetime  # the instant of the read; other reads `at` this instant see the same state of the database

    @property
    def exists(self) -> bool:
        """Whether there is a document."""
        return self.data is not None

    @property
    def id(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def __getitem__(self, name: str) -> Any:
        """A top-level field. Raises `KeyError` if the document or the field is missing."""
        if self.data is None:
            raise KeyError(f"{self.path} does not exist")
        return self.data[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A top-level field; the default if the document or the field is missing."""
        return (self.data or {}).get(name, default)


@dataclass(frozen=True, slots=True)
class Create:
    """Creates a document. Fails with `Exists` if it exists."""

    path: str
    data: Data


@dataclass(frozen=True, slots=True)
class Put:
    """Writes a whole document; with `expected`, only if that is the current version."""

    path: str
    data: Data
    expected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Changes some fields of a document; fails with `Conflict` if it is missing. A key may be a path: `kinds.sent`."""

    path: str
    data: Data
    expected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Changes some fields; creates the document if it is missing. Nested mappings are merged."""

    path: str
    data: Data


@dataclass(frozen=True, slots=True)
class Delete:
    """Deletes a document; with `expected`, only if that is the current version."""

    path: str
    expected: datetime | None = None


Write = Create | Put | Update | Merge | Delete


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on a top-level field."""

    field: str
    operator: Operator
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Documents of one collection.

    They are sorted by `order_by` (`("created_at", "desc")`) and then by id in the same direction; without `order_by`,
    by id, ascending. `after` is the last document of the previous page: its value in the `order_by` field, if the query
    has one, and its id.
    """

    collection: str
    where: Sequence[Where] = ()
    order_by: tuple[str, Literal["asc", "desc"]] | None = None
    after: tuple[Any, ...] | None = None
    id_from: str | None = None  # only ids from this one on (inclusive)
    id_before: str | None = None  # only ids before this one (exclusive)
    limit: int | None = None
    fields: Sequence[str] | None = None  # only these fields; an empty sequence reads the ids only
    at: datetime | None = None


class DocumentReader(Protocol):
    """A database that is only read. Raises `Unavailable` for errors after which a caller can try again."""

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        """The document now, or as it was `at` an instant."""
        ...

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        """One snapshot for each path, in the order of the paths."""
        ...

    async def query(self, query: Query) -> list[Snapshot]:
        """The documents, in the query's order."""
        ...

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        """The sum of each field over the documents, and the number of documents as `count`.

        It costs one read for 1,000 documents. Only documents with all of the fields are counted. At most four fields.
        """
        ...


class Documents(DocumentReader, Protocol):
    """A database. Raises `Exists` and `Conflict`, and `Unavailable` for errors after which a caller can try again.

    One of these is `Contention`: too many writers change a document at once, and nothing was written.
    """

    async def commit(self, writes: Sequence[Write]) -> None:
        """Applies all writes or none. The caller must keep the limits: at most `MAX_WRITES`, and less than 4 MiB."""
        ...


async def pages(documents: DocumentReader, query: Query, page_size: int = 500) -> AsyncIterator[list[Snapshot]]:
    """The documents of a query without `order_by`, in pages."""
    after = query.after
    while page := await documents.query(replace(query, after=after, limit=page_size)):
        yield page
        after = (page[-1].id,)
