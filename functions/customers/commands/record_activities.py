"""Record activities, each counted exactly once. `docs/exactness.md` explains why this holds.

activities/{hash of event_id}   created once, in the commit that adds it to the customer's figures
customers/{id}                  written over the version that was read
audience/events-delta-…         keeps the audience index in step; written in the same commit
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, Literal

from common.addresses.address import Address, AddressHasher, addresses_of
from common.addresses.holders import find_holders
from common.audience import CustomerEvent, activity_event, event_delta
from common.batching import Batcher
from common.clock import Clock, utc_now
from common.errors import FieldError
from common.storage.documents import Create, Documents, Snapshot, Write
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..model.activity import ORDER, VISIT, ActivityInput, OnSeveralCustomers, OnUnknownCustomer, apply_activities
from ..model.customer import CustomerIdentity, new_customer
from .address_states import AddressStates

ActivityStatus = Literal["counted", "duplicate", "accepted", "rejected"]
MAX_ROWS = 240  # per commit: each activity is a document, and so is each customer
MAX_BYTES = 1_500_000
UNKNOWN_CUSTOMER = FieldError(
    field="customer",
    code="unknown",
    message="Unknown customer: create the customer first, or send the activity with on_unknown_customer=create.",
)
CANNOT_CREATE = replace(
    UNKNOWN_CUSTOMER, message="No customer has this customer_id, and a customer cannot be created from it alone."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityResult:
    """The result for one activity."""

    status: ActivityStatus
    id: str | None = None  # the customer's
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingActivity:
    """An activity that waits for its commit."""

    activity: ActivityInput
    on_unknown_customer: OnUnknownCustomer
    on_several_customers: OnSeveralCustomers = "reject"
    error: FieldError | None = None  # why nobody knows whose it is

    @property
    def address(self) -> Address | None:
        """What the customer has to be found by; None if there is an id."""
        if self.activity.external_id or self.activity.customer_id:
            return None
        return next(iter(addresses_of(self.activity.model_dump(include={"email", "phone"}))), None)

    def of_one(self, holders: Sequence[Snapshot]) -> PendingActivity:
        """The activity of one of the customers who have the address, the oldest first."""
        if len(holders) > 1 and self.on_several_customers == "reject":
            return replace(self, error=several_customers(len(holders)))
        found = {"customer_id": holders[0].id} if holders else {}
        return replace(self, activity=self.activity.model_copy(update=found))


def several_customers(number: int) -> FieldError:
    message = (
        f"{number} customers have this address: give the external_id or the customer_id, or send the activity with "
        "on_several_customers=oldest."
    )
    return FieldError(field="customer", code="several_customers", message=message)


class ActivityRecorder:
    """Records activities in one commit at a time: two commits of one instance would only contend for the same
    customers."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, zone: tzinfo, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._zone = zone
        self._address_states = AddressStates(documents, hashes, clock=clock)
        self._clock = clock
        self._batches: Batcher[PendingActivity, ActivityResult] = Batcher(
            self._commit,
            max_items=MAX_ROWS,
            size_of=lambda item: len(item.activity.model_dump_json()),
            max_size=MAX_BYTES,
        )

    async def record(
        self,
        activities: Sequence[ActivityInput],
        *,
        on_unknown_customer: OnUnknownCustomer,
        on_several_customers: OnSeveralCustomers = "reject",
    ) -> list[ActivityResult]:
        """Record the activities and return their results in the same order. Concurrent calls share commits."""
        pending = (PendingActivity(activity, on_unknown_customer, on_several_customers) for activity in activities)
        return await asyncio.gather(*map(self._batches.enqueue, pending))

    async def _commit(self, pending: Sequence[PendingActivity]) -> Sequence[ActivityResult]:
        return await commit_with_retry(self._documents, lambda attempt: self.build_commit(pending, attempt))

    async def build_commit(
        self, pending: Sequence[PendingActivity], attempt: int
    ) -> tuple[list[ActivityResult], StagedWrites]:
        """Return the results and the writes for at most `MAX_ROWS` activities. The first attempt assumes that all
        activities are new; only after a failed commit are the recorded ones looked up."""
        pending, customers = await self._find_customers(pending)
        must_know = attempt or any(item.error for item in pending)
        recorded = await self._read({item.activity.path for item in pending}) if must_know else {}
        builder = _CommitBuilder(
            {path for path, snapshot in recorded.items() if snapshot.exists}, customers, self._zone, self._clock()
        )
        results = [builder.add(item) for item in pending]
        _, writes = await self._address_states.customer_writes(
            customers, builder.changed_customers(), now=self._clock()
        )
        return results, writes.plus(builder.activity_writes())

    async def _find_customers(
        self, pending: Sequence[PendingActivity]
    ) -> tuple[list[PendingActivity], dict[str, Snapshot]]:
        """The activities with the ids of their customers, and these customers by path.

        An activity without an id belongs to the customer who is identified by its address, or else to one who has the
        address. Only these are looked up: 30 addresses with one query.
        """
        customers = await self._read({f"customers/{item.activity.id}" for item in pending})
        unknown = {
            item.address for item in pending if item.address and not customers[f"customers/{item.activity.id}"].exists
        }
        found = sorted(await find_holders(self._documents, unknown), key=lambda one: (one["created_at"], one.id))
        holders: dict[Address, list[Snapshot]] = defaultdict(list)
        for customer in found:
            for address in unknown.intersection(addresses_of(customer.data or {})):
                holders[address].append(customer)
        known = [item.of_one(holders[item.address]) if item.address in holders else item for item in pending]
        return known, customers | {customer.path: customer for customer in found}

    async def _read(self, paths: set[str]) -> dict[str, Snapshot]:
        return {snapshot.path: snapshot for snapshot in await self._documents.get_all(sorted(paths))}


@dataclass
class _CommitBuilder:
    """Collects the activities of one commit."""

    recorded: set[str]  # paths of activities that are already counted
    customers: Mapping[str, Snapshot]
    zone: tzinfo  # of the days of customers without a time zone
    now: datetime
    new_activities: dict[str, list[ActivityInput]] = field(default_factory=dict)  # by the customer's path

    def add(self, item: PendingActivity) -> ActivityResult:
        """Add one activity, unless it is a duplicate or its customer is missing. Returns its result."""
        activity = item.activity
        path = f"customers/{activity.id}"
        if activity.path in self.recorded:
            return ActivityResult(status="duplicate", id=activity.id)
        if item.error:
            return ActivityResult(status="rejected", errors=(item.error,))
        if not self.customers[path].exists and path not in self.new_activities:
            if item.on_unknown_customer == "reject":
                return ActivityResult(status="rejected", errors=(UNKNOWN_CUSTOMER,))
            if activity.customer_id:
                return ActivityResult(status="rejected", errors=(CANNOT_CREATE,))
        self.recorded.add(activity.path)
        self.new_activities.setdefault(path, []).append(activity)
        return ActivityResult(status="counted", id=activity.id)

    def changed_customers(self) -> dict[str, Mapping[str, Any]]:
        """Return the customers' new documents by path, without those that do not change."""
        after = {path: self._updated_customer(path, activities) for path, activities in self.new_activities.items()}
        return {path: data for path, data in after.items() if data != self.customers[path].data}

    def activity_writes(self) -> list[Write]:
        """Return the writes of the activities, and of those that rules can refer to in the audience index."""
        creates = [
            Create(activity.path, activity.to_document(now=self.now))
            for activities in self.new_activities.values()
            for activity in activities
        ]
        return [*creates, *event_delta(self._customer_events())]

    def _customer_events(self) -> list[CustomerEvent]:
        """The orders and visits, which rules can refer to."""
        return [
            activity_event(
                activity.path.partition("/")[2],
                customer=activity.id,
                kind="order" if activity.type == ORDER else "visit",
                at=activity.at,
                amount=activity.spend_change if activity.type == ORDER else None,
                now=self.now,
            )
            for activities in self.new_activities.values()
            for activity in activities
            if activity.type in {ORDER, VISIT}
        ]

    def _updated_customer(self, path: str, activities: Sequence[ActivityInput]) -> dict[str, Any]:
        before = self.customers[path].data or new_customer(_identity(activities), now=self.now)
        return apply_activities(before, activities, zone=self.zone, now=self.now)


def _identity(activities: Sequence[ActivityInput]) -> CustomerIdentity:
    """Return the customer's identifiers, combined from all the activities; the first one given counts."""
    identifiers: dict[str, Any] = {}
    for activity in activities:
        identifiers = {
            name: getattr(activity, name) for name in CustomerIdentity.model_fields if getattr(activity, name)
        } | identifiers
    return CustomerIdentity.model_construct(**identifiers)
