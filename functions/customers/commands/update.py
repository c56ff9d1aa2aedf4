"""Updates of a single customer by a user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common import ids
from common.addresses.address import AddressHasher
from common.audit import audit_entry
from common.catalogue.channels import ADDRESS_KINDS
from common.clock import Clock, utc_now
from common.errors import FieldError, Invalid, NotFound
from common.storage.documents import Documents
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..model.customer import Customer, CustomerPatch, apply_patch
from .address_states import AddressStates
from .upsert import TOO_LARGE, is_too_large

IDENTITY_MESSAGE = "This address identifies the customer. Create a customer with the new address and erase this one."


class CustomerUpdates:
    """Applies patches to customers."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hashes = hashes
        self._address_states = AddressStates(documents, hashes, clock=clock)
        self._clock = clock

    async def update(self, customer_id: str, patch: CustomerPatch, *, by: str) -> Customer:
        """Apply the patch and return the customer. Raises `NotFound`, or `Invalid` if the change is not allowed."""
        after = await commit_with_retry(self._documents, lambda _: self._build_commit(customer_id, patch, by))
        return Customer.from_document(customer_id, after)

    async def _build_commit(
        self, customer_id: str, patch: CustomerPatch, by: str
    ) -> tuple[Mapping[str, Any], StagedWrites]:
        """Build the new document and its writes; no writes if the patch changes nothing."""
        before = await self._documents.get(f"customers/{customer_id}")
        if before.data is None:
            raise NotFound(f"Not found: customer {customer_id!r}.")
        after = apply_patch(before.data, patch, now=self._clock(), by=by)
        _check_update(customer_id, before.data, after)
        if after == before.data:
            return after, StagedWrites(last=[])
        customers, writes = await self._address_states.customer_writes(
            {before.path: before}, {before.path: after}, now=self._clock()
        )
        changed = sorted(name for name in CustomerPatch.model_fields if after.get(name) != before.data.get(name))
        subject = {"customer": self._hashes.customer_hash(customer_id), "fields": changed}
        entry = audit_entry("customer changed", by=by, at=self._clock(), subject=subject)
        return customers[before.path], writes.plus([entry])


def _check_update(customer_id: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raise `Invalid` if the change is not allowed.

    A customer without an external id is identified by the address they were created with, so that address cannot
    change.
    """
    for kind in ADDRESS_KINDS:
        if after[kind] != before[kind] and ids.customer_id(kind, before[kind] or "") == customer_id:
            raise Invalid(
                "The address cannot be changed.",
                fields=[FieldError(field=kind, code="identity", message=IDENTITY_MESSAGE)],
            )
    if is_too_large(after):
        raise Invalid("The customer's data is too large.", fields=[TOO_LARGE])
