"""Activities into the database, each counted exactly once: `docs/exactness.md` says why that holds.

activities/{hash of event_id}   created once, in the commit that adds it to the figures of
customers/{id}                  written over the version that was read, with the change that keeps the audience
audience/change-…               index in step
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from common.audience import Happening, change, happened, order_or_visit, row_of
from common.batching import Batcher
from common.errors import FieldError
from common.messages.suppressions import Hashes, Known
from common.storage.documents import Create, Documents, Snapshot, Write
from common.storage.optimistic_commit import committed

from ..model.activity import ORDER, VISIT, ActivityIn, Unknown, rolled_up
from ..model.customer import Person, newcomer, written
from .suppression_flags import marked

ActivityStatus = Literal["counted", "duplicate", "accepted", "rejected"]
MOST_ROWS = 240  # in one commit: each is a document, and so is each customer
MOST_BYTES = 1_500_000
UNKNOWN = FieldError(
    field="customer",
    code="unknown",
    message="There is no such customer: bring them in first, or send the activity again with unknown=create.",
)
NO_NAME = replace(UNKNOWN, message="There is no customer with this customer_id, and it is not enough to create one.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What became of one activity."""

    status: ActivityStatus
    id: str | None = None  # the customer's
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    activity: ActivityIn
    unknown: Unknown


class Activities:
    """One commit at a time: two of the same instance would only contend for the same customers."""

    def __init__(
        self, documents: Documents, *, hashes: Hashes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._documents = documents
        self._suppressions = Known(documents, hashes)
        self._clock = clock
        self._batches: Batcher[Arrival, Counted] = Batcher(
            self._count,
            most=MOST_ROWS,
            size=lambda arrival: len(arrival.activity.model_dump_json()),
            most_size=MOST_BYTES,
        )

    async def record(self, activities: Sequence[ActivityIn], *, unknown: Unknown) -> list[Counted]:
        """What became of each, in their order. What concurrent callers bring goes into the same commits."""
        return await asyncio.gather(*(self._batches.put(Arrival(one, unknown)) for one in activities))

    async def _count(self, arrivals: Sequence[Arrival]) -> Sequence[Counted]:
        return await committed(self._documents, lambda number: self.plan(arrivals, number))

    async def plan(self, arrivals: Sequence[Arrival], number: int) -> tuple[list[Counted], list[Write]]:
        """At most `MOST_ROWS`. Whether an activity is known already is looked up only once a commit has failed."""
        customers = await self._read({f"customers/{one.activity.id}" for one in arrivals})
        known = await self._read({one.activity.path for one in arrivals}) if number else {}
        plan = _Plan({path for path, one in known.items() if one.exists}, customers, self._clock())
        results = [plan.take(arrival) for arrival in arrivals]
        changed = await marked(self._suppressions, plan.changed(), customers)
        return results, plan.writes(changed)

    async def _read(self, paths: set[str]) -> dict[str, Snapshot]:
        return {one.path: one for one in await self._documents.get_all(sorted(paths))}


@dataclass
class _Plan:
    """One commit in the making."""

    known: set[str]  # paths of activities that count already
    customers: Mapping[str, Snapshot]
    now: datetime
    fresh: dict[str, list[ActivityIn]] = field(default_factory=dict)  # by the customer's path

    def take(self, arrival: Arrival) -> Counted:
        activity = arrival.activity
        path = f"customers/{activity.id}"
        if activity.path in self.known:
            return Counted(status="duplicate", id=activity.id)
        if not self.customers[path].exists and path not in self.fresh:
            if arrival.unknown == "refuse":
                return Counted(status="rejected", errors=(UNKNOWN,))
            if activity.customer_id:
                return Counted(status="rejected", errors=(NO_NAME,))
        self.known.add(activity.path)
        self.fresh.setdefault(path, []).append(activity)
        return Counted(status="counted", id=activity.id)

    def changed(self) -> dict[str, Mapping[str, Any]]:
        """The customers as they are afterwards, as far as that is different."""
        after = {path: self._after(path, activities) for path, activities in self.fresh.items()}
        return {path: data for path, data in after.items() if data != self.customers[path].data}

    def writes(self, changed: Mapping[str, Mapping[str, Any]]) -> list[Write]:
        creates = [Create(one.path, one.stored(now=self.now)) for some in self.fresh.values() for one in some]
        rows = [row_of(path.partition("/")[2], data) for path, data in changed.items()]
        changes = [*change(rows), *happened(self._happenings())]
        return [*creates, *(written(self.customers[path], data) for path, data in changed.items()), *changes]

    def _happenings(self) -> list[Happening]:
        """What rules can speak of."""
        return [
            order_or_visit(
                one.path.partition("/")[2],
                customer=one.id,
                kind="order" if one.type == ORDER else "visit",
                at=one.at,
                amount=one.value if one.type == ORDER else None,
                now=self.now,
            )
            for some in self.fresh.values()
            for one in some
            if one.type in {ORDER, VISIT}
        ]

    def _after(self, path: str, activities: Sequence[ActivityIn]) -> dict[str, Any]:
        before = self.customers[path].data or newcomer(_person(activities), now=self.now)
        return rolled_up(before, activities, now=self.now)


def _person(activities: Sequence[ActivityIn]) -> Person:
    """Whoever these activities are of, by all that they say."""
    told: dict[str, Any] = {}
    for activity in activities:
        told = {name: getattr(activity, name) for name in Person.model_fields if getattr(activity, name)} | told
    return Person.model_construct(**told)
