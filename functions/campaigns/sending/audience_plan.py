"""The plan of a campaign: everybody whom its rule finds at one moment.

    plans/{plan}.{n}   campaign   the campaign's id
                       people     JSON, compressed: bucket → one line for each person, in order: the customer's id, and
                                  the reason if the person is excluded

    campaigns/{id}     audience_plan     the id of the plan
                       audience_chunks   for each document of the plan, the first bucket in it
                       audience_at       the moment
                       planned_cap       the frequency cap at that moment, which each claim looks at again

The whole audience is found by one query, before anything is published. So it does not matter how long fan-out takes, or
how long it is paused: a change of a customer in between makes nobody join or leave. Of several processes that plan at
the same time, the first one to write its plan into the campaign wins, and the others remove theirs.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from common.audience import Audience
from common.batching import run_bounded
from common.events import FanOut, PlanAudience
from common.ids import BUCKETS, bucket_of, random_id
from common.pubsub.publisher import Publisher
from common.storage.documents import Delete, Documents, Put, Snapshot, Update, Write
from common.storage.optimistic_commit import commit_with_retry

from ..model.campaign import Campaign
from .exclusions import AudienceExclusions

MAX_PEOPLE = 30_000
"""In one document: an id takes about 18 bytes when it is compressed, and a document may have 1 MiB."""
PARALLEL_WRITES = 4
PLANNED_STATES = frozenset({"running", "paused", "cancelled"})
PlannedPerson = tuple[str, str | None]
"""The customer's id, and the reason if the person is excluded."""
_Chunk = dict[int, list[str]]


class AudiencePlanner:
    """Plans audiences, and reads the plans."""

    def __init__(
        self, *, documents: Documents, audience: Audience, publisher: Publisher, exclusions: AudienceExclusions
    ) -> None:
        self._documents = documents
        self._audience = audience
        self._publisher = publisher
        self._exclusions = exclusions
        self._lock = asyncio.Lock()

    async def run(self, command: PlanAudience) -> None:
        """Plans the audience, unless it is planned, and publishes the fan-out of each bucket.

        A campaign that was paused right after the launch is planned too, so that the moment is that of the launch.
        """
        stored = await self._documents.get(f"campaigns/{command.campaign_id}")
        if stored.get("state") not in PLANNED_STATES:
            return
        await self.ensure_planned(stored)
        if stored["state"] != "paused":  # resuming publishes them
            await self._publisher.publish([FanOut(campaign_id=stored.id, bucket=bucket) for bucket in range(BUCKETS)])

    async def ensure_planned(self, stored: Snapshot) -> Snapshot:
        """The campaign with its plan."""
        if stored.get("audience_plan"):
            return stored
        async with self._lock:  # the other commands of the campaign in this process find the plan
            stored = await self._documents.get(stored.path)
            return stored if stored.get("audience_plan") else await self._plan(stored)

    async def people(self, stored: Snapshot, bucket: int) -> list[PlannedPerson]:
        """The people of one bucket of a planned campaign, in order of id."""
        chunks = await self._documents.get_all(_chunk_paths(stored, bucket))
        lines = [line for chunk in chunks for line in _decompress(chunk["people"]).get(str(bucket), ())]
        return [(id_, reason or None) for id_, _, reason in (line.partition(" ") for line in lines)]

    async def _plan(self, stored: Snapshot) -> Snapshot:
        """Writes a plan, then makes it the campaign's plan, unless there is one by then."""
        campaign = Campaign.from_snapshot(stored)
        at, buckets = await self._find_audience(campaign)
        plan, chunks = random_id(), list(_chunks(buckets))
        puts = [
            Put(f"plans/{plan}.{number}", {"campaign": stored.id, "people": _compress(chunk)})
            for number, chunk in enumerate(chunks)
        ]
        await run_bounded(puts, lambda put: self._documents.commit([put]), limit=PARALLEL_WRITES)
        fields = {"audience_plan": plan, "audience_chunks": [min(chunk) for chunk in chunks], "audience_at": at}
        if cap := self._exclusions.planned_cap(campaign):
            fields["planned_cap"] = cap
        planned = await self._set_plan(stored.path, fields)
        if planned["audience_plan"] != plan:
            await run_bounded(puts, lambda put: self._documents.commit([Delete(put.path)]), limit=1)
        return planned

    async def _find_audience(self, campaign: Campaign) -> tuple[datetime, list[tuple[int, str]]]:
        """The moment, and the people of each bucket, one a line, with the reasons of those who are excluded."""
        assert campaign.launched_at is not None, "a campaign is planned after its launch"
        await self._audience.refresh()
        excluding = await self._exclusions.of(campaign)
        return await self._audience.list_by_bucket(
            campaign.rule.to_rule(),
            now=campaign.launched_at,
            labels=excluding.rules,
            once=excluding.once,
            group=excluding.held_out,
        )

    async def _set_plan(self, path: str, fields: dict[str, object]) -> Snapshot:
        """The campaign with these fields, or with the plan that another process was faster to write."""

        async def build(_: int) -> tuple[Snapshot, Sequence[Write]]:
            current = await self._documents.get(path)
            if current.get("audience_plan"):
                return current, []
            data = {**(current.data or {}), **fields}
            planned = Snapshot(path=path, data=data, version=None, at=current.at)
            return planned, [Update(path, fields, current.version)]

        return await commit_with_retry(self._documents, build)


async def plan_lines(documents: Documents, stored: Snapshot) -> AsyncIterator[list[str]]:
    """The people of a planned campaign, document by document: one line each, with the reason of who is excluded."""
    for number in range(len(stored["audience_chunks"])):
        chunk = await documents.get(f"plans/{stored['audience_plan']}.{number}")
        people = await asyncio.to_thread(_decompress, chunk["people"]) if chunk.exists else {}
        yield [line for lines in people.values() for line in lines]


async def redact_plan(documents: Documents, stored: Snapshot, customer_id: str) -> None:
    """Takes a person out of the plan of a campaign that is over, and so needs it no more."""
    bucket = bucket_of(customer_id)
    for chunk in await documents.get_all(_chunk_paths(stored, bucket)) if stored.get("audience_plan") else ():
        people = _decompress(chunk["people"]) if chunk.exists else {}
        lines = people.get(str(bucket), [])
        kept = [line for line in lines if line.partition(" ")[0] != customer_id]
        if len(kept) < len(lines):
            fields = {"people": _compress({**people, str(bucket): kept})}
            await documents.commit([Update(chunk.path, fields, chunk.version)])


def _chunk_paths(stored: Snapshot, bucket: int) -> list[str]:
    """The documents of the campaign's plan that have people of the bucket."""
    first = stored["audience_chunks"]
    return [
        f"plans/{stored['audience_plan']}.{number}"
        for number, begins_in in enumerate(first)
        if begins_in <= bucket and (number + 1 == len(first) or first[number + 1] >= bucket)
    ]


def _chunks(buckets: Sequence[tuple[int, str]]) -> Iterator[_Chunk]:
    """The lines of all buckets, in order, in chunks of at most `MAX_PEOPLE`. A bucket can be in several chunks."""
    chunk: _Chunk = {}
    size = 0
    for bucket, text in buckets:
        lines = text.split("\n")
        while lines:
            taken, lines = lines[: MAX_PEOPLE - size], lines[MAX_PEOPLE - size :]
            chunk[bucket] = taken
            size += len(taken)
            if size == MAX_PEOPLE:
                yield chunk
                chunk, size = {}, 0
    if chunk:
        yield chunk


def _compress(chunk: Mapping[Any, list[str]]) -> bytes:
    return zlib.compress(json.dumps(chunk).encode())


def _decompress(people: bytes) -> dict[str, list[str]]:
    chunk: dict[str, list[str]] = json.loads(zlib.decompress(people))
    return chunk
