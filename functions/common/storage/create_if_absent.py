"""A thing that must happen once is a document that can be created only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.errors import Exists
from common.storage.documents import Create, Documents, Snapshot, Write


async def create_new(
    documents: Documents,
    creates: Sequence[Create],
    *,
    along: Callable[[Sequence[Create]], Sequence[Write]] = lambda _: (),
) -> dict[str, Snapshot]:
    """Creates those documents that do not exist yet, and answers with those that did, by path.

    `along(created)` are writes for the same commit, made from what is really created: counters. Nothing is read where
    all are new; where one exists the commit fails as a whole, and only then is looked which.
    """
    existing: dict[str, Snapshot] = {}
    missing = list({create.path: create for create in reversed(creates)}.values())  # of two alike, the first counts
    while missing:
        try:
            await documents.commit([*missing, *along(missing)])
        except Exists:
            found = await documents.get_all([create.path for create in missing])
            existing |= {one.path: one for one in found if one.exists}
            missing = [create for create in missing if create.path not in existing]
        else:
            break
    return existing
