"""Changing one customer, by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from common import ids
from common.audience import change, row_of
from common.errors import FieldError, Invalid, NotFound
from common.messages.suppressions import KINDS, Hashes, Known
from common.storage.documents import Documents, Write
from common.storage.optimistic_commit import committed

from ..model.customer import Customer, CustomerPatch, patched, written
from .suppression_flags import marked
from .upsert import FULL, is_full

KNOWN_BY = "The customer is known by this address. Bring them in once more, with the other one, and erase this one."


class Changing:
    def __init__(
        self, documents: Documents, *, hashes: Hashes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._documents = documents
        self._suppressions = Known(documents, hashes)
        self._clock = clock

    async def change(self, customer_id: str, patch: CustomerPatch) -> Customer:
        """The customer afterwards. Raises `NotFound`, or `Invalid` for a change that cannot be."""
        after = await committed(self._documents, lambda _: self._plan(customer_id, patch))
        return Customer.of(customer_id, after)

    async def _plan(self, customer_id: str, patch: CustomerPatch) -> tuple[Mapping[str, Any], list[Write]]:
        before = await self._documents.get(f"customers/{customer_id}")
        if before.data is None:
            raise NotFound("There is no such customer.")
        after = patched(before.data, patch, now=self._clock())
        _check(customer_id, before.data, after)
        if after == before.data:
            return after, []
        data = (await marked(self._suppressions, {before.path: after}, {before.path: before}))[before.path]
        return data, [written(before, data), *change([row_of(customer_id, data)])]


def _check(customer_id: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Where no external id was given, a customer is known by the address that they came in with."""
    for kind in KINDS:
        if after[kind] != before[kind] and ids.customer_id(kind, before[kind] or "") == customer_id:
            raise Invalid(
                "The address cannot be changed.", fields=[FieldError(field=kind, code="identity", message=KNOWN_BY)]
            )
    if is_full(after):
        raise Invalid("The customer takes too much.", fields=[FULL])
