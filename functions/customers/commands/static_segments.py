"""Changes who is in a static segment: people are added, removed, or all of them replaced.

Who is known is stored by their id: they stay in the segment when their address changes. What belongs to nobody yet is
stored as the id that such a customer will get, or as the keyed hash of the address. Whoever has the address later is in
the segment, and the next change stores them by their id. Each change is one commit over the list that was read, and
the same as once when it is made twice.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from common.addresses.address import AddressHasher
from common.audience import Audience
from common.audience.merged_customers import find_kept, hashes_of_merged
from common.audience.people_lists import MAX_ENTRIES, PeopleList, StoredList, forget_people, read_list, replace_people
from common.audit import audit_entry, audit_path
from common.catalogue.channels import is_address_kind
from common.clock import Clock
from common.errors import FieldError, Invalid, NotFound, Refused
from common.ids import is_id
from common.storage.documents import Documents, Query, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from ..model.person_reference import Name, PersonReference, names_of

ListMode = Literal["add", "remove", "replace"]
COLUMNS = {"customer_id": "id", "external_id": "external_id", "email": "email", "phone": "phone"}
"""The column of the audience index by which somebody is known, for each kind of name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListOutcome:
    """What a change does, or has done."""

    known: int  # of the references, those by which somebody is known
    unknown: int
    entries: int  # of the list after the change
    customers: int  # in the segment after the change


@dataclass(frozen=True, kw_only=True, slots=True)
class _Resolved:
    """Whom the references are about."""

    known: int
    people: frozenset[str]  # ids of customers who exist
    future: frozenset[str]  # ids that such customers will get
    waiting: frozenset[str]  # hashes of addresses
    mentioned: frozenset[str]  # hashes of all addresses, also of known people


class StaticSegments:
    """Changes the lists of static segments."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, audience: Audience, clock: Clock) -> None:
        self._documents = documents
        self._hashes = hashes
        self._audience = audience
        self._clock = clock

    async def change(
        self, segment_id: str, references: Sequence[PersonReference], mode: ListMode, *, by: str, dry_run: bool = False
    ) -> ListOutcome:
        """Changes the list. Raises `NotFound`, `Refused` for a segment with a rule, or `Invalid` for a list that
        gets too long."""
        _require_static(segment_id, await read_list(self._documents, segment_id))
        await self._audience.refresh()
        wanted = list(dict.fromkeys(references))
        resolved = await self._resolve(wanted)
        path = audit_path()

        async def build(attempt: int) -> tuple[ListOutcome, list[Write]]:
            """The outcome, and the writes; none if nothing changes, or if they were committed before."""
            stored = await read_list(self._documents, segment_id)
            _require_static(segment_id, stored)
            current = await self._with_late(stored.content)
            after = _changed(current, resolved, mode)
            count = await self._count(after)
            outcome = ListOutcome(
                known=resolved.known, unknown=len(wanted) - resolved.known, entries=len(after), customers=count
            )
            is_done = attempt and (await self._documents.get(path)).exists
            if dry_run or is_done or after == stored.content:
                return outcome, []
            subject = {"segment": segment_id, "mode": mode, "people": len(wanted)}
            entry = audit_entry("segment list changed", by=by, at=self._clock(), subject=subject, path=path)
            return outcome, [*await asyncio.to_thread(stored.writes, after, count=count), entry]

        outcome = await commit_with_retry(self._documents, build)
        if not dry_run:
            await self._follow_changes(resolved.people)
        return outcome

    async def _resolve(self, references: Sequence[PersonReference]) -> _Resolved:
        """Finds the customers. A name of somebody who was merged into another one is the other one's."""
        names = {name for reference in references for name in reference.names}
        holders = await self._find_holders(names)
        if any(_known_name(one, holders) is None for one in references):
            holders = await self._find_merged_holders(names) | holders
        return await asyncio.to_thread(self._assign, references, names, holders)

    def _assign(
        self, references: Sequence[PersonReference], names: Collection[Name], holders: Mapping[Name, set[str]]
    ) -> _Resolved:
        """Who each reference is; in a thread, because many take some seconds."""
        found = [_known_name(one, holders) for one in references]
        unknown = [one.lasting_name for one, name in zip(references, found, strict=True) if name is None]
        return _Resolved(
            known=len(references) - len(unknown),
            people=frozenset(id_ for name in found if name for id_ in holders[name]),
            future=frozenset(id_ for name in unknown if (id_ := self._future_id(name))),
            waiting=frozenset(self._address_hashes(unknown)),
            mentioned=frozenset(self._address_hashes(names)),
        )

    async def _find_holders(self, names: Iterable[Name]) -> dict[Name, set[str]]:
        """The ids of the customers with each name that somebody has."""
        holders: defaultdict[Name, set[str]] = defaultdict(set)
        for kind, column in COLUMNS.items():
            values = [value for name_kind, value in names if name_kind == kind]
            sql = f"SELECT {column}, id FROM customers WHERE {column} IN (SELECT unnest(?::VARCHAR[]))"
            for value, id_ in await self._audience.select(sql, [values]) if values else ():
                holders[kind, value].add(id_)
        return dict(holders)

    async def _find_merged_holders(self, names: Iterable[Name]) -> dict[Name, set[str]]:
        """The same of customers who were merged into another one, by the ids and addresses that they had."""
        merged = await self._documents.query(Query(collection="customers", where=[Where("merged_into", ">", "")]))
        kept = {key: one["merged_into"] for one in merged for key in (one.id, *hashes_of_merged(one))}
        keys = {name: (self._future_id(name), *self._address_hashes([name])) for name in names} if kept else {}
        found = {name: {kept[key] for key in some if key in kept} for name, some in keys.items()}
        return {name: ids for name, ids in found.items() if ids}

    def _future_id(self, name: Name) -> str:
        """The id that a customer with this name has, or would get; empty for an address and for what is no id."""
        kind, value = name
        if kind == "external_id":
            return self._hashes.customer_id(kind, value)
        return value if kind == "customer_id" and is_id(value) else ""

    def _address_hashes(self, names: Iterable[Name]) -> list[str]:
        """The hashes of the addresses among the names."""
        return [self._hashes.hash_value(kind, value) for kind, value in names if is_address_kind(kind)]

    async def _with_late(self, content: PeopleList) -> PeopleList:
        """The list with the ids of those who got a waiting address, in place of the address."""
        seen, customers = await self._audience.written_since(content.seen)
        late = [
            (id_, hash_)
            for id_, email, phone in customers
            for hash_ in self._address_hashes(names_of(email, phone))
            if hash_ in content.waiting
        ]  # several people may have one address
        people, found = {id_ for id_, _ in late}, {hash_ for _, hash_ in late}
        return PeopleList(people=content.people | people, waiting=content.waiting - found, seen=seen)

    async def _count(self, content: PeopleList) -> int:
        """How many customers are in the list."""
        return len(await self._existing(content.people))

    async def _existing(self, ids: Collection[str]) -> set[str]:
        sql = "SELECT id FROM customers WHERE id IN (SELECT unnest(string_split(?, ' ')))"
        return {id_ for (id_,) in await self._audience.select(sql, [" ".join(ids)])}

    async def _follow_changes(self, people: frozenset[str]) -> None:
        """Do again what an erasure or a merge did to the lists while the change was on its way."""
        await self._audience.refresh()
        gone = people - await self._existing(people)
        kept = await find_kept(self._documents, gone)
        for id_, kept_id in kept.items():
            await replace_people(self._documents, [id_], [], kept_id=kept_id)
        await forget_people(self._documents, gone - kept.keys(), [])


def _known_name(reference: PersonReference, holders: Mapping[Name, set[str]]) -> Name | None:
    """The first name by which somebody is known."""
    return next((name for name in reference.names if name in holders), None)


def _require_static(segment_id: str, stored: StoredList) -> None:
    if not stored.segment.exists:
        raise NotFound(f"Not found: segment {segment_id!r}.")
    if stored.segment.get("kind") != "static":
        raise Refused("This segment has a rule, which says who is in it; make a static segment for a list.")


def _changed(content: PeopleList, resolved: _Resolved, mode: ListMode) -> PeopleList:
    """The list after the change. Raises `Invalid` if it is too long."""
    ids = resolved.people | resolved.future
    if mode == "remove":
        return replace(content, people=content.people - ids, waiting=content.waiting - resolved.mentioned)
    before = PeopleList() if mode == "replace" else content
    after = PeopleList(people=before.people | ids, waiting=before.waiting | resolved.waiting, seen=content.seen)
    if len(after) > MAX_ENTRIES:
        message = f"A list may have {MAX_ENTRIES:,} people; with these it would have {len(after):,}."
        error = FieldError(field="people", code="too_many", message=message, limit=MAX_ENTRIES)
        raise Invalid(message, fields=[error])
    return after
