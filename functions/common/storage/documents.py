"""The port to the database: documents at `collection/id`, read one by one, in bulk or by a query, written in commits.

`common/storage/firestore.py` is the real one, `common/storage/memory.py` keeps everything in memory; `tests/contracts` holds both to
the same behaviour. There are no transactions on purpose: under contention they lock each other out. What must happen
once is a document that is *created*; what must not be lost is an `Increment`; what depends on what was read names the
version it read (`expected`) and fails with `Conflict` when that is no longer the current one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

Data = Mapping[str, Any]
Operator = Literal["==", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, slots=True)
class Increment:
    """A value in `Create`, `Put` or `Update` that adds to the number there (0 where there is none)."""

    by: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What was at a path at an instant; `data` and `version` are None where nothing was."""

    path: str
    data: dict[str, Any] | None
    version: datetime | None  # when it was last written
    at: datetime  # the instant that was read; further reads `at` it see the same state of the database

    @property
    def exists(self) -> bool:
        return self.data is not None

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]

    def __getitem__(self, name: str) -> Any:
        """A top-level field; KeyError where the document or the field is missing."""
        if self.data is None:
            raise KeyError(f"{self.path} does not exist")
        return self.data[name]

    def get(self, name: str, default: Any = None) -> Any:
        return (self.data or {}).get(name, default)


@dataclass(frozen=True, slots=True)
class Create:
    """Write a document that must not exist yet; `Exists` otherwise."""

    path: str
    data: Data


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole document; with `expected`, only over that version."""

    path: str
    data: Data
    expected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change some fields of a document that exists (`Conflict` otherwise). A key may be a path: `kinds.sent`."""

    path: str
    data: Data
    expected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Change some fields, and create the document where it is missing. Nested mappings are merged."""

    path: str
    data: Data


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a document; with `expected`, only that version."""

    path: str
    expected: datetime | None = None


Write = Create | Put | Update | Merge | Delete


@dataclass(frozen=True, slots=True)
class Where:
    field: str
    operator: Operator
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Documents of one collection.

    Ordered by `order_by` (`("created_at", "desc")`) and then by id in the same direction; by id, ascending, where no
    order is given. `after` is the last document of the page before: its value in the ordered field, if there is one,
    and its id.
    """

    collection: str
    where: Sequence[Where] = ()
    order_by: tuple[str, Literal["asc", "desc"]] | None = None
    after: tuple[Any, ...] | None = None
    id_from: str | None = None  # only ids from here on (inclusive)
    id_before: str | None = None  # and before this one
    limit: int | None = None
    fields: Sequence[str] | None = None  # only these; an empty sequence reads the ids alone
    at: datetime | None = None


class Documents(Protocol):
    """Raises `Exists`, `Conflict`, and `Unavailable` for everything that can be tried again."""

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot: ...

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        """One snapshot for each path, in their order."""
        ...

    async def query(self, query: Query) -> list[Snapshot]: ...

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        """The sum of each field over the documents, and their number as `count`, in one read for each 1,000.

        Only documents that have all of the fields take part. At most four fields.
        """
        ...

    async def commit(self, writes: Sequence[Write]) -> None:
        """All writes or none. At most 500 of them and under 4 MiB: that is the caller's to see to."""
        ...


async def pages(documents: Documents, query: Query, size: int = 500) -> AsyncIterator[list[Snapshot]]:
    """All that a query without an order finds, so many at a time."""
    after = query.after
    while found := await documents.query(replace(query, after=after, limit=size)):
        yield found
        after = (found[-1].id,)
