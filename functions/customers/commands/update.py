"""Updates of a single customer by a user."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from common.addresses.address import AddressHasher
from common.audience.merged_customers import read_customer
from common.audit import audit_entry
from common.clock import Clock, utc_now
from common.errors import FieldError, Invalid, NotFound
from common.storage.documents import Documents
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..model.customer import (
    Customer,
    CustomerPatch,
    CustomerReplacement,
    apply_patch,
    apply_replacement,
    changed_identity,
)
from ..model.import_notes import given_in_patch
from .address_states import AddressStates
from .import_notes import note_rows
from .upsert import TOO_LARGE, is_too_large

EXTERNAL_ID = FieldError(
    field="external_id", code="identity", message="This identifies the customer: send the one that GET gives."
)
Change = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Takes a customer's document and returns the new one."""


class CustomerUpdates:
    """Applies patches to customers, and replaces their fields."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hashes = hashes
        self._address_states = AddressStates(documents, hashes, clock=clock)
        self._clock = clock

    async def update(self, customer_id: str, patch: CustomerPatch, *, by: str) -> Customer:
        """Apply the patch to the customer, or the one into whom this one was merged, and return the result. Raises
        `NotFound`, or `Invalid` if the change is not allowed.

        Of its fields, the undo of an import knows that they are newer, also those that change nothing; not the tags,
        because a patch gives all of them.
        """

        def apply(before: Mapping[str, Any]) -> dict[str, Any]:
            return apply_patch(before, patch, now=self._clock(), by=by)

        return await self._change(customer_id, apply, by, given=given_in_patch(patch))

    async def replace(self, customer_id: str, new: CustomerReplacement, *, by: str) -> Customer:
        """Like `update`, with all fields of the customer."""
        return await self._change(customer_id, lambda old: apply_replacement(old, new, now=self._clock(), by=by), by)

    async def _change(self, customer_id: str, change: Change, by: str, given: Collection[str] = ()) -> Customer:
        async def build(_: int) -> tuple[Customer, StagedWrites]:
            customer, writes = await self._build_commit(customer_id, change, by)
            noted = {f"customers/{customer.id}": given} if given else {}
            return customer, note_rows(writes, noted, by=None, now=self._clock())

        return await commit_with_retry(self._documents, build)

    async def _build_commit(self, customer_id: str, change: Change, by: str) -> tuple[Customer, StagedWrites]:
        """Build the new customer and the writes; no writes if nothing changes."""
        before = await read_customer(self._documents, customer_id)
        if before.data is None:
            raise NotFound(f"Not found: customer {customer_id!r}.")
        after = change(before.data)
        _check_update(before.id, before.data, after, self._hashes)
        if after == before.data:
            return Customer.from_document(before.id, after), StagedWrites(last=[], before={before.path: before})
        customers, writes = await self._address_states.customer_writes(
            {before.path: before}, {before.path: after}, now=self._clock()
        )
        changed = sorted(name for name in CustomerReplacement.model_fields if after.get(name) != before.data.get(name))
        subject = {"customer": self._hashes.customer_hash(before.id), "fields": changed}
        entry = audit_entry("customer changed", by=by, at=self._clock(), subject=subject)
        return Customer.from_document(before.id, customers[before.path]), writes.plus([entry])


def _check_update(customer_id: str, before: Mapping[str, Any], after: Mapping[str, Any], hashes: AddressHasher) -> None:
    """Raise `Invalid` if the change is not allowed."""
    if changed := changed_identity(customer_id, before, after, hashes):
        raise Invalid("The address cannot be changed.", fields=[changed])
    if after["external_id"] != before["external_id"]:
        raise Invalid("The external id cannot be changed.", fields=[EXTERNAL_ID])
    if is_too_large(after):
        raise Invalid("The customer's data is too large.", fields=[TOO_LARGE])
