"""Saved mappings: what a member chose for the columns of a file, under a name, for the next file of that shape.

    import_mappings/{hash}   name      as the member wrote it; one name is there once for each kind of file
                             what      customers, activities or suppressions
                             shape     a hash of the kind and of the set of headings: a file with the same ones has it
                             columns   JSON: by heading, the field, the type and the format that the member chose
                             by, at    who saved it last, and when

A mapping is offered for a file of its shape, and never used by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.audit import audit_entry
from common.clock import Clock
from common.errors import NotFound, Refused
from common.ids import stable_hash
from common.storage.documents import Create, Delete, Documents, Put, Query, Snapshot, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from .preview import PreviewType

COLLECTION = "import_mappings"
MAX_MAPPINGS = 200
MAX_OFFERED = 5
"""For one file, the newest first."""


def shape_of(what: PreviewType, headings: Iterable[str]) -> str:
    """The shape of a file: its headings, in whatever order."""
    return stable_hash("shape", what, *sorted(set(filter(None, headings))))


class SavedMappings:
    """The mappings that members saved."""

    def __init__(self, documents: Documents, *, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def all(self) -> list[Snapshot]:
        """The newest first."""
        found = await self._documents.query(Query(collection=COLLECTION, limit=MAX_MAPPINGS))
        return sorted(found, key=lambda mapping: (mapping["at"], mapping.id), reverse=True)

    async def for_file(self, what: PreviewType, headings: Iterable[str]) -> list[Snapshot]:
        """Those for a file with these headings, the newest first."""
        same = Query(collection=COLLECTION, where=[Where("shape", "==", shape_of(what, headings))])
        found = await self._documents.query(same)
        return sorted(found, key=lambda mapping: (mapping["at"], mapping.id), reverse=True)[:MAX_OFFERED]

    async def save(
        self, name: str, what: PreviewType, headings: Sequence[str], columns: Mapping[str, Any], *, by: str
    ) -> Snapshot:
        """Save the mapping, instead of one with this name. Raises `Refused` if there are too many."""
        path = f"{COLLECTION}/{stable_hash('import mapping', what, name.casefold())}"
        fields = {
            "name": name,
            "what": what,
            "shape": shape_of(what, headings),
            "columns": json.dumps(columns, ensure_ascii=False),
            "by": by,
        }

        async def build(_: int) -> tuple[None, list[Write]]:
            """Over the version that was read; nothing if the same is saved already."""
            before, now = await self._documents.get(path), self._clock()
            data = {**fields, "at": now}
            if before.data is not None and {**before.data, "at": now} == data:
                return None, []
            if (
                not before.exists
                and (await self._documents.sums(Query(collection=COLLECTION), []))["count"] >= MAX_MAPPINGS
            ):
                raise Refused(f"There are {MAX_MAPPINGS} saved mappings; delete one first.")
            entry = audit_entry("import mapping saved", by=by, at=now, subject={"mapping": before.id, "name": name})
            return None, [Put(path, data, before.version) if before.exists else Create(path, data), entry]

        await commit_with_retry(self._documents, build)
        return await self._documents.get(path)

    async def delete(self, mapping_id: str, *, by: str) -> None:
        """Raises `NotFound`."""

        async def build(_: int) -> tuple[None, list[Write]]:
            before = await self._documents.get(f"{COLLECTION}/{mapping_id}")
            if not before.exists:
                raise NotFound("There is no such saved mapping; it may have been deleted.")
            subject = {"mapping": mapping_id, "name": before["name"]}
            entry = audit_entry("import mapping deleted", by=by, at=self._clock(), subject=subject)
            return None, [Delete(before.path, before.version), entry]

        await commit_with_retry(self._documents, build)
