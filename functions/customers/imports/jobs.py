"""Imports: more rows than one request can wait for. They are stored in chunks and processed in the background.

    imports/{id}                        what is imported, how many rows and chunks there are, since when. If a shard
                                        cannot be processed, the state is `failed`, with the reason; the other shards
                                        continue
    import_chunks/{id}.{shard}.{n}      up to 400 rows to process; after that, the result of each row instead

All rows with the same identifier are in the same shard, and the chunks of a shard are processed in order: they are
merged in the order of the file. A row with an id and one with only this customer's address may be in different shards,
which run in parallel: whichever commits second finds what the first one wrote. If the row with the address is first,
it is a customer of its own, as if it stood before the other in the file. A chunk is marked as done in the same commit
that writes its customers: even if its command is delivered several times, every row is counted once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta, tzinfo
from functools import partial
from typing import Any, Literal

from common.addresses.address import AddressHasher
from common.addresses.consent import ConsentState
from common.clock import Clock, utc_now
from common.errors import Busy, Exists, HeraldError, NotFound
from common.events import ProcessImportShard
from common.ids import random_id
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Documents, Put, Query, Snapshot, Update, Where
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..commands.import_notes import note_rows
from ..commands.known_customers import OnSeveralCustomers
from ..commands.record_activities import ActivityRecorder, PendingActivity
from ..commands.upsert import CustomerUpserts, PendingRow, fields_given
from ..formats.json_rows import ParsedRow
from ..model.activity import OnUnknownCustomer
from ..model.customer import TagChange, TagMode
from ..model.import_notes import UNDO_PERIOD
from .changes import record_changes
from .chunks import SHARD_COUNT, compress, decompress, deserialize_row, redact_rows, serialize_row, shard_of
from .consent_answer import with_answer
from .row_identity import identities_in
from .row_validation import RowOutcome, validate_activities, validate_customers
from .undo_progress import read_undo
from .upload import Upload

RowType = Literal["customers", "activities"]
ImportState = Literal["uploading", "processing", "completed", "aborted", "failed", "cancelled"]
ROW_STATUSES = ("created", "updated", "unchanged", "counted", "duplicate", "rejected")
SUM_GROUPS = (("done", "created", "updated", "unchanged"), ("counted", "duplicate", "rejected"), ("warned",))
"""Fields that are summed together: one query can sum few, and only documents that have all of them count."""

MAX_CHUNK_ROWS: Mapping[RowType, int] = {"customers": 400, "activities": 240}  # per chunk, and so per commit
MAX_CHUNK_BYTES = 600_000
"""Size of a chunk's rows before they are compressed; a document may take 1 MiB. A single row may be larger, because a
compressed row fits."""

ROWS_PER_READ = 500
CHUNKS_PER_PAGE = 20  # chunks in memory at a time
RETENTION = timedelta(days=7)
MAX_UPLOAD_TIME = timedelta(hours=1)
NOT_FOUND_MESSAGE = "Import not found; an import is kept for 7 days."
MAX_HEADERS = 500
NOTHING = StagedWrites(last=[])
MAX_CONCURRENCY = 4
"""Shards processed by one instance at a time. More would only take more memory, because the work is bound by the
processor."""

TIME_BUDGET_SECONDS = 20
"""After this time the rest of a shard is left to a follow-up command, so that every shard of an import has its turn
well within the deadline of the subscription."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSpec:
    """What to do with the rows of an import."""

    what: RowType
    dry_run: bool
    on_unknown_customer: OnUnknownCustomer = "reject"
    on_several_customers: OnSeveralCustomers = "reject"
    by: str  # the user who started it
    consent: ConsentState | None = None  # whether the people agreed to get messages, as the user says
    consent_channels: tuple[str, ...] = ()  # on which channels
    file: str | None = None  # the name of the file
    tags: TagMode = "add"
    tag: str | None = None  # that all customers of the file get


@dataclass
class _ShardBuffer:
    """The rows of one shard that are not yet written as a chunk."""

    number: int
    chunks: int = 0
    size: int = 0
    rows: list[str] = field(default_factory=list)


@dataclass
class _UploadProgress:
    """What was received of an upload so far."""

    shards: list[_ShardBuffer] = field(default_factory=lambda: [_ShardBuffer(number) for number in range(SHARD_COUNT)])
    rows: int = 0
    headers: dict[str, None] = field(default_factory=dict)
    pending_writes: deque[asyncio.Task[None]] = field(default_factory=deque)  # chunks that are being written

    def add(self, row: ParsedRow) -> _ShardBuffer:
        """Count the row and return the buffer of its shard."""
        self.rows += 1
        if len(self.headers) < MAX_HEADERS:
            self.headers |= dict.fromkeys(row.sent)
        return self.shards[shard_of(row)]

    def to_document(self) -> dict[str, Any]:
        """The fields of `imports/{id}` once all rows are stored."""
        chunks = [shard.chunks for shard in self.shards]
        return {
            "state": "processing",
            "rows": self.rows,
            "chunks": chunks,
            "headers": list(self.headers)[:MAX_HEADERS],
            "commands_pending": True,
        }


class ImportJobs:
    """Stores imports, processes them in the background and reports their progress."""

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        customer_upserts: CustomerUpserts,
        activity_recorder: ActivityRecorder,
        hashes: AddressHasher,
        zone: tzinfo,
        budget: float = TIME_BUDGET_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self.customer_upserts = customer_upserts
        self.activity_recorder = activity_recorder
        self.zone = zone
        self._hashes = hashes
        self._slots = asyncio.Semaphore(MAX_CONCURRENCY)
        self._budget = budget
        self._clock = clock

    async def accept(
        self, spec: ImportSpec, first: Sequence[ParsedRow], upload: Upload, *, import_id: str | None = None
    ) -> tuple[str, int]:
        """Store all rows, then start processing: if the upload is cut off, nothing is imported.

        If the process dies before the commands are published, the next tick publishes them. Returns the import's id and
        the number of rows. If an earlier request stored its rows as `import_id`, these are the import.
        """
        known = await self._documents.get(f"imports/{import_id}") if import_id else None
        if known and (rows := self._stored_rows(known)) is not None:
            return known.id, rows
        free_id = import_id if known and not known.exists else None
        return await self._accept(free_id or random_id(), spec, first, upload)

    def _stored_rows(self, job: Snapshot) -> int | None:
        """How many rows an import has; None if it does not exist, or if not all of it was or will be imported.

        Raises `Busy` while it is being uploaded.
        """
        if job.get("state") == "uploading" and job["at"] > self._clock() - MAX_UPLOAD_TIME:
            raise Busy("This file is being uploaded by another request; try again later.")
        return int(job["rows"]) if job.get("state") in {"processing", "completed", "cancelled"} else None

    async def _accept(
        self, import_id: str, spec: ImportSpec, first: Sequence[ParsedRow], upload: Upload
    ) -> tuple[str, int]:
        """Store the rows as a new import, and publish its commands."""
        path = f"imports/{import_id}"
        await self._create_job(path, spec)
        try:
            progress = await self._store_chunks(import_id, spec, first, upload)
        except BaseException:
            await self._documents.commit([Update(path, {"state": "aborted"})])
            raise
        await self._documents.commit(
            [
                Update(
                    path,
                    progress.to_document()
                    | {
                        "columns": upload.columns,
                        "repeated_headers": upload.repeated_headers,
                    },
                )
            ]
        )
        commands = [
            ProcessImportShard(import_id=import_id, shard=shard.number) for shard in progress.shards if shard.chunks
        ]
        try:
            await self._publisher.publish(commands)
        except HeraldError as error:  # some of its shards may already be processed
            failed = {"state": "failed", "reason": str(error), "commands_pending": False}
            await self._documents.commit([Update(path, failed)])
            raise
        with suppress(HeraldError):  # the next tick publishes the commands once more, which is harmless
            await self._documents.commit([Update(path, {"commands_pending": False})])
        return import_id, progress.rows

    async def _create_job(self, path: str, spec: ImportSpec) -> None:
        """Create the document of an import. Raises `Busy` if another request has just created it."""
        now, upload = self._clock(), random_id()
        times = {"at": now, "expires_at": now + RETENTION, "undo_until": None if spec.dry_run else now + UNDO_PERIOD}
        job = {"state": "uploading", "upload": upload, "rows": 0, **times}
        try:
            await self._documents.commit([Create(path, asdict(spec) | job)])
        except Exists as error:  # also if the answer to this very commit was lost, and it was repeated
            if (await self._documents.get(path)).get("upload") != upload:
                raise Busy("This file is being uploaded by another request; try again later.") from error

    async def _store_chunks(
        self, import_id: str, spec: ImportSpec, first: Sequence[ParsedRow], upload: Upload
    ) -> _UploadProgress:
        """Write the chunks while further rows arrive. Returns the totals once all chunks are written."""
        progress = _UploadProgress()
        try:
            async for row in _all_rows(first, upload):
                shard, serialized = progress.add(row), serialize_row(row)
                if shard.rows and (
                    len(shard.rows) == MAX_CHUNK_ROWS[spec.what] or shard.size + len(serialized) > MAX_CHUNK_BYTES
                ):
                    await self._write_chunk(import_id, shard, progress.pending_writes)
                shard.rows.append(serialized)
                shard.size += len(serialized)
            for shard in progress.shards:
                if shard.rows:
                    await self._write_chunk(import_id, shard, progress.pending_writes)
        finally:
            await asyncio.gather(*progress.pending_writes, return_exceptions=True)
        for task in progress.pending_writes:
            task.result()
        return progress

    async def _write_chunk(
        self, import_id: str, shard: _ShardBuffer, pending_writes: deque[asyncio.Task[None]]
    ) -> None:
        """Start to write the shard's buffered rows as a chunk and empty the buffer."""
        path = f"import_chunks/{import_id}.{shard.number}.{shard.chunks}"
        counts = dict.fromkeys(ROW_STATUSES, 0) | {"done": 0, "warned": 0}
        data = {"import": import_id, "rows": compress(shard.rows), "expires_at": self._clock() + RETENTION} | counts
        shard.chunks, shard.rows, shard.size = shard.chunks + 1, [], 0
        pending_writes.append(asyncio.create_task(self._documents.commit([Put(path, data)])))
        if len(pending_writes) > MAX_CONCURRENCY:
            await pending_writes.popleft()

    async def process(self, command: ProcessImportShard) -> None:
        """Process the chunks of a shard in order. Chunks that are already done are skipped."""
        async with self._slots:
            await self._process_shard(command)

    async def _process_shard(self, command: ProcessImportShard) -> None:
        """Process chunks until the time budget is used up, then publish a command for the rest."""
        until = time.monotonic() + self._budget
        job = await self._documents.get(f"imports/{command.import_id}")
        if not job.exists:
            return
        for number in range(command.chunk, job["chunks"][command.shard]):
            if time.monotonic() > until:
                rest = command.model_copy(update={"chunk": number})
                await self._publisher.publish([rest])
                return
            path = f"import_chunks/{command.import_id}.{command.shard}.{number}"
            await commit_with_retry(self._documents, partial(self._build_commit, job, path))

    async def _build_commit(self, job: Snapshot, path: str, attempt: int) -> tuple[None, StagedWrites]:
        """Build the commit for one chunk; empty if another delivery has already processed it."""
        chunk = await self._documents.get(path)
        if not chunk.exists or chunk["done"]:  # it was cancelled, or another delivery did it
            return None, NOTHING
        rows = [deserialize_row(row) for row in decompress(chunk["rows"])]
        results, given, writes = await self._build_rows_commit(job, rows, attempt)
        stored = [
            asdict(result) | _rejection_details(result, row, self._hashes)
            for result, row in zip(results, rows, strict=True)
        ]
        counts: Counter[str] = Counter(result.status for result in results)
        done = {
            "done": len(rows),
            "rows": compress(map(json.dumps, stored)),
            "warned": sum(bool(result.warnings) for result in results),
            **{name: counts[name] for name in ROW_STATUSES},
        }
        if job["dry_run"]:
            writes = NOTHING
        elif job.get("undo_until"):  # an import that an earlier version accepted cannot be undone
            noted = note_rows(writes, given, by=job.id, now=self._clock())
            writes = record_changes(job.id, noted, now=self._clock())
        return None, writes.plus([Update(path, done, chunk.version)])

    async def _build_rows_commit(
        self, job: Snapshot, rows: Sequence[ParsedRow], attempt: int
    ) -> tuple[list[RowOutcome], Mapping[str, Collection[str]], StagedWrites]:
        """The results of a chunk's rows, the fields that they give by customer, and the writes for its customers."""
        if job["dry_run"]:  # nothing is committed, so no failed commit can correct the assumptions of attempt 0
            attempt = 1
        on_several = job.get("on_several_customers", "reject")  # an import that an earlier version accepted has no rule
        if job["what"] == "activities":
            activities, finish = validate_activities(rows, zone=self.zone)
            rules = job["on_unknown_customer"], on_several
            pending = [PendingActivity(activity, *rules) for activity in activities]
            counted, writes = await self.activity_recorder.build_commit(pending, attempt)
            return finish(counted), {}, writes
        customers, finish_customers = validate_customers(rows, zone=self.zone)
        tags = TagChange(mode=job.get("tags", "replace"), tag=job.get("tag"))
        pending_rows = [PendingRow(row, on_several, tags) for row in with_answer(customers, job)]
        upserted, writes = await self.customer_upserts.build_commit(pending_rows, attempt)
        return finish_customers(upserted), fields_given(upserted), writes

    async def status(self, import_id: str) -> dict[str, Any]:
        """The import's document with its state and the sums over its chunks. Raises `NotFound`."""
        job = await self._documents.get(f"imports/{import_id}")
        if job.data is None:
            raise NotFound(NOT_FOUND_MESSAGE)
        chunks_query = Query(collection="import_chunks", where=[Where("import", "==", import_id)], at=job.at)
        sums: dict[str, int] = {}
        for names in SUM_GROUPS:
            sums |= await self._documents.sums(chunks_query, names)
        may_finish = job["state"] in {"processing", "failed", "cancelled"}  # cancelled while the last rows were written
        finished = may_finish and sums["done"] == job["rows"]
        state = "completed" if finished else "aborted" if self._is_abandoned(job) else job["state"]
        undo = await read_undo(self._documents, job)
        return {**job.data, **sums, "id": import_id, "state": state, "undo": undo}

    def _is_abandoned(self, job: Snapshot) -> bool:
        """Whether the instance that received the upload stopped before it could set the state."""
        return bool(job["state"] == "uploading" and self._clock() - job["at"] > MAX_UPLOAD_TIME)

    async def redact(self, customer_ids: Collection[str], addresses: Collection[str]) -> None:
        """Remove a customer, who may have several ids, from the results of all imports. Rows still to be processed
        count as imported after the erasure."""
        after: tuple[str] | None = None
        while page := await self._documents.query(
            Query(collection="import_chunks", after=after, limit=CHUNKS_PER_PAGE)
        ):
            after = (page[-1].id,)
            for chunk in page:
                if _redaction_writes(chunk, customer_ids, addresses):
                    build = partial(self._build_redaction, chunk.path, customer_ids, addresses)
                    await commit_with_retry(self._documents, build)

    async def _build_redaction(
        self, path: str, customer_ids: Collection[str], addresses: Collection[str], attempt: int
    ) -> tuple[None, list[Update]]:
        """Over the version that is read: another erasure at the same time may redact the same chunk."""
        return None, _redaction_writes(await self._documents.get(path), customer_ids, addresses)

    async def results(self, import_id: str) -> tuple[dict[str, str], AsyncIterator[dict[str, Any]]]:
        """The headings as they were sent, by their keys in `sent`, and the results of all processed rows.

        Raises `NotFound`.
        """
        job = await self._documents.get(f"imports/{import_id}")
        if job.data is None:
            raise NotFound(NOT_FOUND_MESSAGE)
        repeated = job.get("repeated_headers", {})
        headers = {key: repeated.get(key, key) for key in job.get("headers", [])}
        return headers, self._read_finished_rows(job)

    async def _read_finished_rows(self, job: Snapshot) -> AsyncIterator[dict[str, Any]]:
        for shard, chunks in enumerate(job.get("chunks", ())):
            for number in range(chunks):
                chunk = await self._documents.get(f"import_chunks/{job.id}.{shard}.{number}")
                if chunk.exists and chunk["done"]:
                    for result in decompress(chunk["rows"]):
                        yield result


def _redaction_writes(chunk: Snapshot, customer_ids: Collection[str], addresses: Collection[str]) -> list[Update]:
    """The write that removes a customer from the results of a chunk; none if they are in none, or it has expired."""
    rows = redact_rows(chunk["rows"], customer_ids, addresses) if chunk.get("done") else None
    return [Update(chunk.path, {"rows": rows}, chunk.version)] if rows is not None else []


def _rejection_details(result: RowOutcome, row: ParsedRow, hashes: AddressHasher) -> dict[str, Any]:
    """For a rejected row: the row as it was sent, and the identities by which an erasure finds it."""
    if result.status != "rejected":
        return {"sent": None}
    return {"sent": row.sent, "identities": sorted(identities_in(row.data or {}, hashes))}


async def _all_rows(first: Sequence[ParsedRow], upload: Upload) -> AsyncIterator[ParsedRow]:
    """Yield the rows that are already read, then the rest of the upload."""
    rows: Sequence[ParsedRow] = first
    while rows:
        for row in rows:
            yield row
        rows = await upload.read_rows(ROWS_PER_READ)
