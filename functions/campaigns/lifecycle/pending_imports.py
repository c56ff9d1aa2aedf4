"""Imports whose commands are not published yet, because the process died after it had stored the rows, or the undo.

imports/{id}   commands_pending   true from the commit that ends the upload until the commands are published; and from
                                  the one that notes that the import is undone
               chunks             the number of chunks in each shard
               undo.parts         the number of parts of the undo
"""

from __future__ import annotations

from contextlib import suppress

from common.errors import Conflict
from common.events import ProcessImportShard
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents, Query, Snapshot, Update, Where

MAX_IMPORTS = 100
"""At a time; the next tick continues."""


async def publish_pending_imports(documents: Documents, publisher: Publisher) -> None:
    """Publishes the commands of these imports. Repeating it is harmless: a chunk is processed once."""
    pending = [Where("commands_pending", "==", True)]
    for stored in await documents.query(Query(collection="imports", where=pending, limit=MAX_IMPORTS)):
        await publisher.publish(_commands(stored))
        with suppress(Conflict):  # the upload's own process was faster
            await documents.commit([Update(stored.path, {"commands_pending": False}, stored.version)])


def _commands(stored: Snapshot) -> list[ProcessImportShard]:
    """One command for each shard that has chunks; of an import that is undone, for each part of that."""
    if stored.get("undo"):
        parts = range(stored["undo"]["parts"])
        return [ProcessImportShard(import_id=stored.id, shard=part, action="undo") for part in parts]
    shards = [shard for shard, chunks in enumerate(stored["chunks"]) if chunks]
    return [ProcessImportShard(import_id=stored.id, shard=shard) for shard in shards]
