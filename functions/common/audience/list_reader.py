"""Who is in static segments now, for the queries of one instance.

Besides the people of the list, these are the customers who got one of its waiting addresses after the list was written.
A list is read again when its version changes, and of the customers only those are compared who were written meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from common.audience.people_lists import read_list
from common.catalogue.channels import AddressKind
from common.storage.documents import Documents

MAX_CACHED = 20
"""Lists that an instance keeps in memory; one of 100,000 people takes 3 MB."""

HashAddress = Callable[[AddressKind, str], str]
"""Takes the kind and the normalized value of an address; returns its keyed hash."""

CustomerAddresses = tuple[str, str | None, str | None]
"""The id, the e-mail and the phone of a customer."""

FindWritten = Callable[[int], Awaitable[tuple[int, Sequence[CustomerAddresses]]]]
"""Takes a version. Returns the customers of that version and later, and the version from which to look next time."""


@dataclass(kw_only=True, slots=True)
class _LoadedList:
    """A list in memory."""

    version: str | None
    people: frozenset[str]
    waiting: frozenset[str]
    seen: int
    late: set[str] = field(default_factory=set)  # customers who have a waiting address
    text: str = ""

    def update(self, customers: Iterable[CustomerAddresses], hash_address: HashAddress) -> None:
        """Compare the addresses of these customers with those that are waiting."""
        for id_, email, phone in customers:
            hashes = [hash_address("email", email)] if email else []
            hashes += [hash_address("phone", phone)] if phone else []
            (self.late.discard if self.waiting.isdisjoint(hashes) else self.late.add)(id_)
        self.text = " ".join(self.people | self.late)


class ListReader:
    """The lists that were used last."""

    def __init__(self, documents: Documents, hash_address: HashAddress | None, *, at: datetime | None = None) -> None:
        """Without `hash_address` nobody is found by a waiting address. With `at`, lists are of this instant."""
        self._documents = documents
        self._at = at
        self._hash_address = hash_address
        self._loaded: dict[str, _LoadedList] = {}
        self._lock = asyncio.Lock()

    async def ids(self, segment_id: str, find_written: FindWritten) -> str:
        """The ids of everybody in the segment, with a space between them; nobody if there is no such segment."""
        async with self._lock:
            segment = await self._documents.get(f"segments/{segment_id}", at=self._at)
            loaded = self._loaded.pop(segment_id, None)
            if loaded is None or loaded.version != segment.get("list_version"):
                loaded = await self._load(segment_id)
            self._loaded[segment_id] = loaded
            if len(self._loaded) > MAX_CACHED:
                del self._loaded[next(iter(self._loaded))]
            if loaded.waiting and self._hash_address:
                loaded.seen, customers = await find_written(loaded.seen)
                if customers:
                    await asyncio.to_thread(loaded.update, customers, self._hash_address)
            return loaded.text

    async def _load(self, segment_id: str) -> _LoadedList:
        """The list as it is stored."""
        stored = await read_list(self._documents, segment_id, at=self._at)
        content = stored.content
        return _LoadedList(
            version=stored.version,
            people=content.people,
            waiting=content.waiting,
            seen=content.seen,
            text=" ".join(content.people),
        )
