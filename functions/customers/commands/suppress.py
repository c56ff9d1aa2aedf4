"""The suppression list: addresses that must not be contacted, and the flags of the customers who have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from common.audience import customer_delta, row_from_document
from common.batching import chunked
from common.catalogue.channels import ADDRESS_KINDS
from common.clock import Clock, utc_now
from common.messages.suppressions import Address, AddressHasher, suppression_write
from common.storage.documents import Documents, Query, Snapshot, Where, Write, pages
from common.storage.optimistic_commit import commit_with_retry

from ..model.customer import Email, LimitedText, Phone, blank_to_none, customer_write, with_changes

MAX_VALUES_PER_QUERY = 30
"""Firestore's limit for values in one query."""


class SuppressionInput(BaseModel):
    """One address to suppress, as the caller sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Email = None
    phone: Phone = None
    reason: Annotated[LimitedText | None, BeforeValidator(blank_to_none)] = None

    @model_validator(mode="after")
    def _require_one_address(self) -> SuppressionInput:
        if (self.email is None) == (self.phone is None):
            raise PydanticCustomError("missing", "Give either an email or a phone")
        return self

    @property
    def address(self) -> Address:
        return Address(kind="email", value=self.email) if self.email else Address(kind="phone", value=self.phone or "")


class SuppressionList:
    """Adds, removes and lists suppressed addresses. Each commit also updates the customers who have the address."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hashes = hashes
        self._clock = clock

    async def suppress(self, entries: Sequence[SuppressionInput], *, by: str) -> None:
        """Suppress the addresses from now on."""
        for batch in chunked(entries, MAX_VALUES_PER_QUERY):
            reasons = {entry.address: entry.reason or "by hand" for entry in batch}
            await commit_with_retry(self._documents, partial(self._build_commit, reasons, by, True))

    async def remove(self, address: Address, *, by: str) -> None:
        """Remove the suppression: the address may be contacted again."""
        await commit_with_retry(self._documents, partial(self._build_commit, {address: "lifted"}, by, False))

    async def _build_commit(
        self, reasons: dict[Address, str], by: str, active: bool, _: int
    ) -> tuple[None, list[Write]]:
        """Build the writes for the entries and the customers; `active` tells whether the addresses become
        suppressed."""
        now = self._clock()
        paths = {address: self._hashes.path(address) for address in reasons}
        entry_writes: list[Write] = [
            suppression_write(path, address.kind, reason=reasons[address], by=by, now=now, active=active)
            for address, path in paths.items()
        ]
        customers = [customer async for customer in self._customers_with(list(reasons))]
        after = {customer.path: _with_flag(customer, set(reasons), active, now) for customer in customers}
        changed = [customer for customer in customers if after[customer.path] != customer.data]
        rows = [row_from_document(customer.id, after[customer.path]) for customer in changed]
        return None, [
            *entry_writes,
            *(customer_write(customer, after[customer.path]) for customer in changed),
            *customer_delta(rows),
        ]

    async def _customers_with(self, addresses: Sequence[Address]) -> AsyncIterator[Snapshot]:
        """Yield each customer who has one of the addresses, once."""
        seen: set[str] = set()
        for kind in ADDRESS_KINDS:
            values = [address.value for address in addresses if address.kind == kind]
            if values:
                query = Query(collection="customers", where=[Where(kind, "in", values)])
                for customer in await self._documents.query(query):
                    if customer.path not in seen:
                        seen.add(customer.path)
                        yield customer

    async def active_entries(self) -> AsyncIterator[Snapshot]:
        """Yield all suppressed addresses, in no particular order."""
        async for page in pages(self._documents, Query(collection="suppressions")):
            for entry in page:
                if entry["active"]:
                    yield entry


def _with_flag(customer: Snapshot, addresses: set[Address], active: bool, now: datetime) -> dict[str, Any]:
    """Return the customer's document with `suppressed` updated for the given addresses."""
    data = customer.data or {}
    kinds = [address.kind for address in addresses if data.get(address.kind) == address.value]
    before = set(data.get("suppressed", ()))
    after = before | set(kinds) if active else before - set(kinds)
    return with_changes(data, {"suppressed": sorted(after)}, now=now) if after != before else data
