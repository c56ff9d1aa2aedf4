"""The plan of a campaign: everybody whom its rule finds at one moment.

    plans/{plan}.{n}   campaign   the campaign's id
                       people     JSON, compressed: bucket → one line for each person, in order: the customer's id, and
                                  the reason if the person is excluded

    campaigns/{id}     audience_plan     the id of the plan
                       audience_chunks   for each document of the plan, the first bucket in it
                       audience_at       the moment
                       planned_cap       the frequency cap at that moment, which each claim looks at again

The whole audience is found before anything is published, in one walk through the index: bucket by bucket, all at the
same moment. So it does not matter how long fan-out takes, or how long it is paused: a change of a customer in between
makes nobody join or leave. Memory holds the people of a few documents, and a few buckets of the index. Of several
processes that plan at the same time, the first one to write its plan into the campaign wins, and the others remove
theirs.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from common.audience.walk import AudienceWalk
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
BeginWalk = Callable[[], AbstractAsyncContextManager[AudienceWalk]]
_Chunk = dict[int, list[str]]


class AudiencePlanner:
    """Plans audiences, and reads the plans."""

    def __init__(
        self, *, documents: Documents, begin_walk: BeginWalk, publisher: Publisher, exclusions: AudienceExclusions
    ) -> None:
        self._documents = documents
        self._begin_walk = begin_walk
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
        plan = random_id()
        async with self._begin_walk() as walk:
            at, first_buckets = await self._write_chunks(campaign, plan, walk)
        fields: dict[str, object] = {"audience_plan": plan, "audience_chunks": first_buckets, "audience_at": at}
        if cap := self._exclusions.planned_cap(campaign):
            fields["planned_cap"] = cap
        planned = await self._set_plan(stored.path, fields)
        if planned["audience_plan"] != plan:
            for number in range(len(first_buckets)):
                await self._documents.commit([Delete(_chunk_path(plan, number))])
        return planned

    async def _write_chunks(self, campaign: Campaign, plan: str, walk: AudienceWalk) -> tuple[datetime, list[int]]:
        """Writes the documents of the plan; the moment, and the first bucket in each document."""
        first_buckets: list[int] = []

        async def write(chunks: Sequence[_Chunk]) -> None:
            puts = [
                Put(_chunk_path(plan, number), {"campaign": campaign.id, "people": _compress(chunk)})
                for number, chunk in enumerate(chunks, len(first_buckets))
            ]
            first_buckets.extend(min(chunk) for chunk in chunks)
            await run_bounded(puts, lambda put: self._documents.commit([put]), limit=PARALLEL_WRITES)

        packer, exclusions = _ChunkPacker(), self._exclusions.of_part(walk, self._exclusions.clock())
        async for _ in walk.steps():
            packer.add(await _find_people(campaign, walk, exclusions))
            if len(packer.full) >= PARALLEL_WRITES:
                await write(packer.take())
        await write([*packer.take(), *packer.rest()])
        assert walk.read_at is not None, "a walk has steps"
        return walk.read_at, first_buckets

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


async def _find_people(campaign: Campaign, walk: AudienceWalk, exclusions: AudienceExclusions) -> list[tuple[int, str]]:
    """The people of the present buckets, one a line, with the reasons of those who are excluded."""
    assert campaign.launched_at is not None, "a campaign is planned after its launch"
    excluding = await exclusions.of(campaign)
    _, buckets = await walk.list_by_bucket(
        campaign.rule.to_rule(),
        now=campaign.launched_at,
        labels=excluding.rules,
        once=excluding.once,
        group=excluding.held_out,
    )
    return buckets


async def plan_lines(documents: Documents, stored: Snapshot) -> AsyncIterator[list[str]]:
    """The people of a planned campaign, document by document: one line each, with the reason of who is excluded."""
    for number in range(len(stored["audience_chunks"])):
        chunk = await documents.get(_chunk_path(stored["audience_plan"], number))
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


def _chunk_path(plan: str, number: int) -> str:
    return f"plans/{plan}.{number}"


def _chunk_paths(stored: Snapshot, bucket: int) -> list[str]:
    """The documents of the campaign's plan that have people of the bucket."""
    first = stored["audience_chunks"]
    return [
        _chunk_path(stored["audience_plan"], number)
        for number, begins_in in enumerate(first)
        if begins_in <= bucket and (number + 1 == len(first) or first[number + 1] >= bucket)
    ]


class _ChunkPacker:
    """Packs the lines of all buckets, in order, into chunks of `MAX_PEOPLE`. A bucket can be in several chunks."""

    def __init__(self) -> None:
        self.full: list[_Chunk] = []
        self._chunk: _Chunk = {}
        self._size = 0

    def add(self, buckets: Sequence[tuple[int, str]]) -> None:
        """Packs the lines of the next buckets, each as one text."""
        for bucket, text in buckets:
            lines = text.split("\n")
            while lines:
                room = MAX_PEOPLE - self._size
                self._chunk[bucket], lines = lines[:room], lines[room:]
                self._size += len(self._chunk[bucket])
                if self._size == MAX_PEOPLE:
                    self.full.append(self._chunk)
                    self._chunk, self._size = {}, 0

    def take(self) -> list[_Chunk]:
        """The full chunks, which are written then."""
        taken, self.full = self.full, []
        return taken

    def rest(self) -> list[_Chunk]:
        """The last chunk, if anybody is in it."""
        return [self._chunk] if self._chunk else []


def _compress(chunk: Mapping[Any, list[str]]) -> bytes:
    return zlib.compress(json.dumps(chunk).encode())


def _decompress(people: bytes) -> dict[str, list[str]]:
    chunk: dict[str, list[str]] = json.loads(zlib.decompress(people))
    return chunk
