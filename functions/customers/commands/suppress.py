"""Suppressing and lifting: the list of addresses that must not be written to, and the customers who have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from common.audience import change, row_of
from common.messages.suppressions import KINDS, Address, Hashes, suppression
from common.storage.documents import Documents, Query, Snapshot, Where, Write, pages
from common.storage.optimistic_commit import committed

from ..model.customer import Email, Phone, Text, given_text, renewed, written

MOST_IN = 30
"""Values in one query."""


class SuppressionIn(BaseModel):
    """An address that must not be written to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Email = None
    phone: Phone = None
    reason: Annotated[Text | None, BeforeValidator(given_text)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> SuppressionIn:
        if (self.email is None) == (self.phone is None):
            raise PydanticCustomError("missing", "Give an email or a phone")
        return self

    @property
    def address(self) -> Address:
        return Address(kind="email", value=self.email) if self.email else Address(kind="phone", value=self.phone or "")


class Suppressing:
    def __init__(
        self, documents: Documents, *, hashes: Hashes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._documents = documents
        self._hashes = hashes
        self._clock = clock

    async def suppress(self, some: Sequence[SuppressionIn], *, by: str) -> None:
        """Each address from here on, with the customers who have it in the same commit."""
        for part in _parts(some):
            reasons = {one.address: one.reason or "by hand" for one in part}
            await committed(self._documents, partial(self._plan, reasons, by, True))

    async def lift(self, address: Address, *, by: str) -> None:
        """The address may be written to again."""
        await committed(self._documents, partial(self._plan, {address: "lifted"}, by, False))

    async def _plan(self, reasons: dict[Address, str], by: str, active: bool, _: int) -> tuple[None, list[Write]]:
        now = self._clock()
        paths = {address: self._hashes.path(address) for address in reasons}
        puts: list[Write] = [
            suppression(path, address.kind, reason=reasons[address], by=by, now=now, active=active)
            for address, path in paths.items()
        ]
        customers = [one async for one in self._with(list(reasons))]
        after = {one.path: _marked(one, set(reasons), active, now) for one in customers}
        changed = [one for one in customers if after[one.path] != one.data]
        rows = [row_of(one.id, after[one.path]) for one in changed]
        return None, [*puts, *(written(one, after[one.path]) for one in changed), *change(rows)]

    async def _with(self, some: Sequence[Address]) -> AsyncIterator[Snapshot]:
        """The customers who have one of the addresses, each once."""
        seen: set[str] = set()
        for kind in KINDS:
            values = [one.value for one in some if one.kind == kind]
            if values:
                having = Query(collection="customers", where=[Where(kind, "in", values)])
                for one in await self._documents.query(having):
                    if one.path not in seen:
                        seen.add(one.path)
                        yield one

    async def listed(self) -> AsyncIterator[Snapshot]:
        """Everything that is suppressed, in no particular order."""
        async for found in pages(self._documents, Query(collection="suppressions")):
            for one in found:
                if one["active"]:
                    yield one


def _marked(customer: Snapshot, addresses: set[Address], active: bool, now: datetime) -> dict[str, Any]:
    data = customer.data or {}
    kinds = [one.kind for one in addresses if data.get(one.kind) == one.value]
    before = set(data.get("suppressed", ()))
    after = before | set(kinds) if active else before - set(kinds)
    return renewed(data, {"suppressed": sorted(after)}, now=now) if after != before else data


def _parts(some: Sequence[SuppressionIn]) -> Iterator[Sequence[SuppressionIn]]:
    return (some[start : start + MOST_IN] for start in range(0, len(some), MOST_IN))
