"""Creates documents that do not exist yet: an action that must happen once is a document that is created once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.errors import Exists
from common.storage.documents import Create, Documents, Snapshot, Write


async def create_absent(
    documents: Documents,
    creates: Sequence[Create],
    *,
    extra_writes: Callable[[Sequence[Create]], Sequence[Write]] = lambda _: (),
) -> dict[str, Snapshot]:
    """Creates the documents that do not exist yet; returns those that existed, by path.

    `extra_writes(created)` returns writes for the same commit, for example counters of the documents that are really
    created. If all documents are new, nothing is read. If one exists, the whole commit fails; then the documents are
    read, and the missing ones are committed. Of two creates with the same path, the first is used.
    """
    existing: dict[str, Snapshot] = {}
    missing = list({create.path: create for create in reversed(creates)}.values())
    while missing:
        try:
            await documents.commit([*missing, *extra_writes(missing)])
        except Exists:
            snapshots = await documents.get_all([create.path for create in missing])
            existing |= {snapshot.path: snapshot for snapshot in snapshots if snapshot.exists}
            missing = [create for create in missing if create.path not in existing]
        else:
            break
    return existing
