"""Record activities, each counted exactly once. `docs/exactness.md` explains why this holds.

activities/{hash of event_id}   created once, in the commit that adds it to the customer's figures
customers/{id}                  written over the version that was read
addresses/{keyed hash}          a no to messages that came with an activity, also if the activity does not count
audience/events-delta-…         keeps the audience index in step; written in the same commit
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, Literal

from common.addresses.address import AddressHasher, addresses_of
from common.addresses.consent import ConsentStatement
from common.audience import Audience, CustomerEvent, activity_event, event_delta
from common.batching import Batcher
from common.catalogue.channels import ADDRESS_KINDS
from common.clock import Clock, utc_now
from common.errors import FieldError
from common.storage.documents import Create, Documents, Write
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..model.activity import ORDER, VISIT, ActivityInput, OnUnknownCustomer, PersonStatement, apply_activities
from ..model.customer import ConsentInput, CustomerIdentity, consent_statements, new_customer, with_consent
from .address_states import AddressStates, ContestedChannel, refusals_for
from .holder_search import HolderSearch
from .known_customers import KnownCustomers, OnSeveralCustomers, read_customers
from .row_log import row_entries

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
    found_by: str = ""  # by what the customer was found, or is new


@dataclass(frozen=True, slots=True)
class PendingActivity:
    """An activity that waits for its commit, or only the no to messages of one that is not valid."""

    activity: ActivityInput | PersonStatement
    on_unknown_customer: OnUnknownCustomer
    on_several_customers: OnSeveralCustomers = "reject"
    logged_by: str | None = None  # the person in whose name the audit log has the activity


class ActivityRecorder:
    """Records activities in one commit at a time: two commits of one instance would only contend for the same
    customers."""

    def __init__(
        self,
        documents: Documents,
        *,
        hashes: AddressHasher,
        zone: tzinfo,
        audience: Audience | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """`audience` saves memory where there is one already."""
        self._documents = documents
        self._hashes = hashes
        self._zone = zone
        self._holders = HolderSearch(documents, audience or Audience(documents))
        self._address_states = AddressStates(documents, hashes, self._holders, clock=clock)
        self._clock = clock
        self._batches: Batcher[PendingActivity, ActivityResult] = Batcher(
            self._commit,
            max_items=MAX_ROWS,
            size_of=lambda item: len(item.activity.model_dump_json()),
            max_size=MAX_BYTES,
        )

    async def record(
        self,
        activities: Sequence[ActivityInput | PersonStatement],
        *,
        on_unknown_customer: OnUnknownCustomer,
        on_several_customers: OnSeveralCustomers = "reject",
        logged_by: str | None = None,
    ) -> list[ActivityResult]:
        """Record the activities and return their results in the same order. Concurrent calls share commits.

        `logged_by` is the person in whose name each commit has an entry in the audit log.
        """
        rules = on_unknown_customer, on_several_customers, logged_by
        pending = (PendingActivity(activity, *rules) for activity in activities)
        return await asyncio.gather(*map(self._batches.enqueue, pending))

    async def _commit(self, pending: Sequence[PendingActivity]) -> Sequence[ActivityResult]:
        async def build(attempt: int) -> tuple[list[ActivityResult], StagedWrites]:
            """The commit with its entries in the audit log."""
            results, writes = await self.build_commit(pending, attempt)
            logged = ((item.logged_by, result.status) for item, result in zip(pending, results, strict=True))
            return results, writes.plus(row_entries("activities", logged, now=self._clock()))

        return await commit_with_retry(self._documents, build)

    async def build_commit(
        self, pending: Sequence[PendingActivity], attempt: int
    ) -> tuple[list[ActivityResult], StagedWrites]:
        """Return the results and the writes for at most `MAX_ROWS` activities. The first attempt assumes that all
        activities are new; only after a failed commit are the recorded ones looked up."""
        results, writes = await self._build(pending, attempt)
        if not attempt and any(_is_undecided(result) for result in results):
            return await self._build(pending, 1)
        return results, writes

    async def _build(
        self, pending: Sequence[PendingActivity], attempt: int
    ) -> tuple[list[ActivityResult], StagedWrites]:
        """From the second attempt on, the activities that are recorded are looked up."""
        activities = [item.activity for item in pending]
        customers = await read_customers(self._documents, self._holders, activities, self._hashes)
        paths = {one.path for one in activities if isinstance(one, ActivityInput)}
        recorded = await self._read_recorded(paths) if attempt else set()
        builder = _CommitBuilder(recorded, customers, self._hashes, self._zone, self._clock())
        results = [builder.add(item) for item in pending]
        own = builder.activity_writes()
        _, writes = await self._address_states.customer_writes(
            customers.stored,
            builder.changed_customers(),
            now=self._clock(),
            refusals=builder.refusals,
            beside=len(own),
        )
        return results, writes.plus(own)

    async def _read_recorded(self, paths: set[str]) -> set[str]:
        """Those of the activities that are already counted."""
        return {snapshot.path for snapshot in await self._documents.get_all(sorted(paths)) if snapshot.exists}


def _is_undecided(result: ActivityResult) -> bool:
    """Whether it depends on what is recorded: the activity may be counted already, for one of several customers."""
    return any(error.code == "several_customers" for error in result.errors)


@dataclass
class _CommitBuilder:
    """Collects the activities of one commit."""

    recorded: set[str]  # paths of activities that are already counted
    customers: KnownCustomers
    hashes: AddressHasher
    zone: tzinfo  # of the days of customers without a time zone
    now: datetime
    new_activities: dict[str, list[ActivityInput]] = field(default_factory=dict)  # by the customer's path
    said: dict[str, list[Mapping[str, ConsentInput]]] = field(default_factory=dict)  # by the customer's path
    refusals: dict[ContestedChannel, ConsentStatement] = field(default_factory=dict)

    def add(self, item: PendingActivity) -> ActivityResult:
        """Add one activity, unless it is a duplicate or its customer is missing, and what the person said about
        messages. Returns its result."""
        located = self.customers.locate(item.activity, item.on_several_customers)
        result = (
            self._add_activity(item.activity, item, located)
            if isinstance(item.activity, ActivityInput)
            else ActivityResult(status="rejected")
        )
        if item.activity.consent:
            self._note_consent(item.activity, located)
        return result

    def _add_activity(self, given: ActivityInput, item: PendingActivity, located: str | FieldError) -> ActivityResult:
        """Count the activity, unless it is a duplicate or its customer is missing."""
        if isinstance(located, FieldError):
            if given.path in self.recorded:
                return ActivityResult(status="duplicate", id=given.id_with(self.hashes))
            return ActivityResult(status="rejected", errors=(located,))
        activity = given.model_copy(update={"customer_id": located.partition("/")[2]})
        found_by = self.customers.found_by(given, located)
        if activity.path in self.recorded:
            return ActivityResult(status="duplicate", id=activity.customer_id, found_by=found_by)
        if self.customers.get(located) is None:
            if item.on_unknown_customer == "reject":
                return ActivityResult(status="rejected", errors=(UNKNOWN_CUSTOMER,))
            if given.customer_id:
                return ActivityResult(status="rejected", errors=(CANNOT_CREATE,))
        self._count(located, activity)
        return ActivityResult(status="counted", id=activity.customer_id, found_by=found_by)

    def _note_consent(self, person: PersonStatement, located: str | FieldError) -> None:
        """What the person said is noted with the customer; a no also with the addresses, for who has them or gets
        them."""
        if isinstance(located, str) and self.customers.get(located) is not None:
            self.said.setdefault(located, []).append(person.consent)
        addresses = addresses_of({"email": person.email, "phone": person.phone})
        self.refusals |= refusals_for(addresses, consent_statements(person.refusals, self.now))

    def _count(self, path: str, activity: ActivityInput) -> None:
        """Count the activity. A customer whom it creates can be found by its address from now on."""
        self.recorded.add(activity.path)
        self.new_activities.setdefault(path, []).append(activity)
        if not self.customers.stored[path].exists:
            known = self.customers.get(path) or {"created_at": self.now}
            given: dict[str, Any] = {kind: known.get(kind) or getattr(activity, kind) for kind in ADDRESS_KINDS}
            self.customers.set(path, {**known, **given})

    def changed_customers(self) -> dict[str, Mapping[str, Any]]:
        """Return the customers' new documents by path, without those that do not change."""
        paths = dict.fromkeys((*self.new_activities, *self.said))
        after = {path: self._updated_customer(path, self.new_activities.get(path, ())) for path in paths}
        return {path: data for path, data in after.items() if data != self.customers.stored[path].data}

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
                customer=path.partition("/")[2],
                kind="order" if activity.type == ORDER else "visit",
                at=activity.at,
                amount=activity.spend_change if activity.type == ORDER else None,
                now=self.now,
            )
            for path, activities in self.new_activities.items()
            for activity in activities
            if activity.type in {ORDER, VISIT}
        ]

    def _updated_customer(self, path: str, activities: Sequence[ActivityInput]) -> dict[str, Any]:
        after = self.customers.stored[path].data or self._new_customer(path, activities)
        if activities:
            after = apply_activities(after, activities, zone=self.zone, now=self.now)
        for said in self.said.get(path, ()):
            after = with_consent(after, said, now=self.now)
        return dict(after)

    def _new_customer(self, path: str, activities: Sequence[ActivityInput]) -> dict[str, Any]:
        return new_customer(path.partition("/")[2], _identity(activities), now=self.now)


def _identity(activities: Sequence[ActivityInput]) -> CustomerIdentity:
    """Return the customer's identifiers, combined from all the activities; the first one given counts."""
    identifiers: dict[str, Any] = {}
    for activity in activities:
        identifiers = {
            name: getattr(activity, name) for name in CustomerIdentity.model_fields if getattr(activity, name)
        } | identifiers
    return CustomerIdentity.model_construct(**identifiers)
