"""What is read from Firestore and written to it, counted from outside, as the bill would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1 import types

from local.proxy import Call


@dataclass(slots=True)
class Operations:
    """Counts as Firestore bills: only what succeeded, a document for each one found or looked for, and at least one
    read for each query. (An aggregation is counted as one: true up to 1,000 documents.)"""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    async def asked(self, call: Call) -> None:
        pass

    async def answered(self, call: Call) -> None:
        if count := COUNTERS.get(call.method):
            reads, writes, deletes = count(call)
            self.reads += reads
            self.writes += writes
            self.deletes += deletes

    def __sub__(self, before: Operations) -> Operations:
        return Operations(self.reads - before.reads, self.writes - before.writes, self.deletes - before.deletes)


Counts = tuple[int, int, int]
"""Reads, writes, deletes."""


def _written(request: Any) -> Callable[[Call], Counts]:
    def count(call: Call) -> Counts:
        writes = request.pb().FromString(call.request).writes
        deletes = sum(write.WhichOneof("operation") == "delete" for write in writes)
        return 0, len(writes) - deletes, deletes

    return count


def _found(answer: Any, has: Callable[[Any], int]) -> Callable[[Call], Counts]:
    def count(call: Call) -> Counts:
        return max(1, sum(has(answer.pb().FromString(one)) for one in call.answers)), 0, 0

    return count


COUNTERS: Mapping[str, Callable[[Call], Counts]] = {
    "Commit": _written(types.CommitRequest),
    "BatchWrite": _written(types.BatchWriteRequest),
    "CreateDocument": lambda call: (0, 1, 0),
    "UpdateDocument": lambda call: (0, 1, 0),
    "DeleteDocument": lambda call: (0, 0, 1),
    "GetDocument": lambda call: (1, 0, 0),
    "ListDocuments": _found(types.ListDocumentsResponse, lambda answer: len(answer.documents)),
    "BatchGetDocuments": _found(
        types.BatchGetDocumentsResponse, lambda answer: answer.WhichOneof("result") is not None
    ),
    "RunQuery": _found(types.RunQueryResponse, lambda answer: answer.HasField("document")),
    "RunAggregationQuery": lambda call: (1, 0, 0),
}
