"""What a member does with an import: lists it, cancels it, undoes it.

Cancelling sets the state, so that shards stop, and then deletes the chunks that are not processed, over the versions
that were read: from then on nothing more can be written, whatever is on its way. An undo cancels first.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from math import ceil
from typing import Any

from common.audit import audit_entry
from common.batching import chunked
from common.clock import Clock, utc_now
from common.errors import Busy, Conflict, NotFound, Refused
from common.events import ProcessImportShard
from common.pubsub.publisher import Publisher
from common.storage.documents import Delete, Documents, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from .jobs import NOT_FOUND_MESSAGE, ImportJobs

CUSTOMERS_PER_PART = 5_000
MAX_PARTS = 64
MAX_DELETES = 400
MAX_ROUNDS = 20


class ImportActions:
    """Lists, cancels and undoes imports."""

    def __init__(
        self, *, documents: Documents, publisher: Publisher, import_jobs: ImportJobs, clock: Clock = utc_now
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._import_jobs = import_jobs
        self._clock = clock

    async def newest(self, *, after: tuple[datetime, str] | None, limit: int) -> list[dict[str, Any]]:
        """The imports with their states and sums, the newest first."""
        newest = Query(collection="imports", order_by=("at", "desc"), after=after, limit=limit, fields=())
        stored = await self._documents.query(newest)
        return list(await asyncio.gather(*(self._import_jobs.status(job.id) for job in stored)))

    async def cancel(self, import_id: str, *, by: str) -> dict[str, Any]:
        """Stop an import: what is written stays, the rest is never written. Returns its status.

        Raises `NotFound`, or `Refused` if there is nothing left to stop.
        """
        status = await self._import_jobs.status(import_id)
        if status["state"] == "uploading":
            raise Refused("The file is still being uploaded: stop the upload instead.")
        if status["state"] in {"completed", "aborted"}:
            raise Refused("The import has ended. Undo it if it was wrong.")
        await self._cancel(import_id, by)
        return await self._import_jobs.status(import_id)

    async def _cancel(self, import_id: str, by: str) -> None:
        await commit_with_retry(self._documents, lambda _: self._build_cancel(import_id, by))
        await self._delete_open_chunks(import_id)

    async def _build_cancel(self, import_id: str, by: str) -> tuple[None, list[Write]]:
        """Set the state; nothing if it is set already."""
        job = await self._documents.get(f"imports/{import_id}")
        if job.get("state") == "cancelled":
            return None, []
        entry = audit_entry("import cancelled", by=by, at=self._clock(), subject={"import": import_id})
        cancelled = {"state": "cancelled", "commands_pending": False}
        return None, [Update(job.path, cancelled, job.version), entry]

    async def _delete_open_chunks(self, import_id: str) -> None:
        """Delete the chunks that are not processed. One that is processed meanwhile is written, and stays."""
        chunks = Query(collection="import_chunks", where=[Where("import", "==", import_id)], fields=("done",))
        for _ in range(MAX_ROUNDS):
            is_open = [chunk for chunk in await self._documents.query(chunks) if not chunk["done"]]
            if not is_open:
                return
            for batch in chunked(is_open, MAX_DELETES):
                with suppress(Conflict):  # the next round tries again
                    await self._documents.commit([Delete(chunk.path, chunk.version) for chunk in batch])
        raise Busy("The import is being processed; try again.")

    async def undo(self, import_id: str, *, by: str) -> dict[str, Any]:
        """Remove what the import created, and put back what it changed, in the background. Returns its status.

        An import that is being processed is cancelled first. A second call changes nothing, but starts again what
        failed. Raises `NotFound`, or `Refused` if it cannot be undone.
        """
        job = await self._require_undoable(import_id)
        if not job.get("undo"):
            status = await self._import_jobs.status(import_id)
            if status["state"] != "completed":
                await self._cancel(import_id, by)
        await commit_with_retry(self._documents, lambda _: self._build_undo(import_id, by))
        started = await self._documents.get(job.path)
        await self._publisher.publish(undo_commands(started))
        with suppress(Conflict):  # the next tick publishes the commands once more, which is harmless
            await self._documents.commit([Update(job.path, {"commands_pending": False}, started.version)])
        return await self._import_jobs.status(import_id)

    async def _require_undoable(self, import_id: str) -> Snapshot:
        """The import, if it is undone already or can be. Raises `NotFound`, or `Refused` with the reason."""
        job = await self._documents.get(f"imports/{import_id}")
        if not job.exists:
            raise NotFound(NOT_FOUND_MESSAGE)
        if job.get("undo"):
            return job
        status = await self._import_jobs.status(import_id)
        if job["dry_run"] or status["state"] == "aborted":
            raise Refused("This import wrote nothing, so there is nothing to undo.")
        if status["state"] == "uploading":
            raise Refused("The file is still being uploaded: stop the upload instead.")
        if not job.get("undo_until"):
            raise Refused("This import was accepted by an earlier version of Herald, and cannot be undone.")
        if self._clock() > job["undo_until"]:
            raise Refused("An import can be undone for a day, and this one is older.")
        return job

    async def _build_undo(self, import_id: str, by: str) -> tuple[None, list[Write]]:
        """Note that the import is undone, with the commands still to publish."""
        job = await self._documents.get(f"imports/{import_id}")
        now = self._clock()
        if job.get("undo"):
            again = {"undo": {**job["undo"], "reason": None}, "commands_pending": True}
            return None, [Update(job.path, again, job.version)]
        parts = max(1, min(MAX_PARTS, ceil(job["rows"] / CUSTOMERS_PER_PART)))
        undo = {"by": by, "at": now, "parts": parts, "reason": None}
        entry = audit_entry("import undone", by=by, at=now, subject={"import": import_id})
        return None, [Update(job.path, {"undo": undo, "commands_pending": True}, job.version), entry]


def undo_commands(job: Snapshot) -> list[ProcessImportShard]:
    """One command for each part."""
    parts = range(job["undo"]["parts"])
    return [ProcessImportShard(import_id=job.id, shard=part, action="undo") for part in parts]
