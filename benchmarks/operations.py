"""The Firestore operations of a run, counted by a proxy as they are billed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1 import types

from local.proxy import Call


@dataclass(slots=True)
class Operations:
    """Count as Firestore bills: successful calls only, one read for each document that is found or requested, and at
    least one read per query. An aggregation is counted as one read, which is exact up to 1,000 documents."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    async def before_call(self, call: Call) -> None:
        pass

    async def after_call(self, call: Call) -> None:
        if count := COUNTERS.get(call.method):
            reads, writes, deletes = count(call)
            self.reads += reads
            self.writes += writes
            self.deletes += deletes

    def __sub__(self, start: Operations) -> Operations:
        return Operations(self.reads - start.reads, self.writes - start.writes, self.deletes - start.deletes)


OperationCounts = tuple[int, int, int]
"""Reads, writes, deletes."""


def _count_writes(request: Any) -> Callable[[Call], OperationCounts]:
    def count(call: Call) -> OperationCounts:
        writes = request.pb().FromString(call.request).writes
        deletes = sum(write.WhichOneof("operation") == "delete" for write in writes)
        return 0, len(writes) - deletes, deletes

    return count


def _count_found(response_type: Any, contains: Callable[[Any], int]) -> Callable[[Call], OperationCounts]:
    def count(call: Call) -> OperationCounts:
        return max(1, sum(contains(response_type.pb().FromString(response)) for response in call.responses)), 0, 0

    return count


COUNTERS: Mapping[str, Callable[[Call], OperationCounts]] = {
    "Commit": _count_writes(types.CommitRequest),
    "BatchWrite": _count_writes(types.BatchWriteRequest),
    "CreateDocument": lambda call: (0, 1, 0),
    "UpdateDocument": lambda call: (0, 1, 0),
    "DeleteDocument": lambda call: (0, 0, 1),
    "GetDocument": lambda call: (1, 0, 0),
    "ListDocuments": _count_found(types.ListDocumentsResponse, lambda response: len(response.documents)),
    "BatchGetDocuments": _count_found(
        types.BatchGetDocumentsResponse, lambda response: response.WhichOneof("result") is not None
    ),
    "RunQuery": _count_found(types.RunQueryResponse, lambda response: response.HasField("document")),
    "RunAggregationQuery": lambda call: (1, 0, 0),
}
