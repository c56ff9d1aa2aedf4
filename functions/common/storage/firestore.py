"""Firestore behind the `Documents` port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from google.api_core import exceptions as google
from google.cloud.firestore import AsyncClient, AsyncWriteBatch, FieldFilter
from google.cloud.firestore_v1 import Increment as GoogleIncrement
from google.cloud.firestore_v1.types import BatchGetDocumentsRequest

from common.errors import Conflict, Exists, HeraldError, Unavailable
from common.storage import firestore_encoding as encoding
from common.storage.documents import Create, Data, Delete, Increment, Merge, Put, Query, Snapshot, Update, Write

TIMEOUT_SECONDS = 30
RETRIABLE = (
    google.Aborted,
    google.Cancelled,
    google.DeadlineExceeded,
    google.InternalServerError,
    google.ResourceExhausted,
    google.RetryError,
    google.ServiceUnavailable,
    google.Unknown,
)


@contextmanager
def translated() -> Iterator[None]:
    """Google's errors as Herald's."""
    try:
        yield
    except RETRIABLE as error:
        raise Unavailable(f"Firestore: {error}") from error
    except google.AlreadyExists as error:
        raise Exists(str(error)) from error
    except (google.FailedPrecondition, google.NotFound) as error:
        raise Conflict(str(error)) from error
    except google.GoogleAPICallError as error:
        raise HeraldError(f"Firestore: {error}") from error


class FirestoreDocuments:
    def __init__(self, project: str) -> None:
        self._client = AsyncClient(project=project)

    async def close(self) -> None:
        """Only tests end a client; a function keeps it as long as its instance lives."""
        await self._client._firestore_api.transport.close()  # the client has no way of its own

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        with translated():
            found = await self._client.document(path).get(read_time=at, timeout=TIMEOUT_SECONDS)
        return _snapshot(found)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        if not paths:
            return []
        request = BatchGetDocumentsRequest(database=self._client._database_string, read_time=at)
        request._pb.documents.extend(self._name(path) for path in dict.fromkeys(paths))
        with translated():
            stream = await self._client._firestore_api.batch_get_documents(
                request=request, metadata=self._client._rpc_metadata, timeout=TIMEOUT_SECONDS
            )
            found = dict([self._snapshot(one._pb) async for one in stream])
        return [found[path] for path in paths]

    def _name(self, path: str) -> str:
        return f"{self._client._database_string}/documents/{path}"

    def _snapshot(self, answer: Any) -> tuple[str, Snapshot]:
        """By its path."""
        path = (answer.missing or answer.found.name).removeprefix(self._name(""))
        return path, encoding.snapshot(path, answer)

    async def query(self, query: Query) -> list[Snapshot]:
        with translated():
            stream = self._select(query).stream(read_time=query.at, timeout=TIMEOUT_SECONDS)
            return [_snapshot(one) async for one in stream]

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        aggregation = self._select(query).count(alias="count")
        for number, name in enumerate(fields):
            aggregation = aggregation.sum(name, alias=f"sum{number}")
        with translated():
            [results] = await aggregation.get(read_time=query.at, timeout=TIMEOUT_SECONDS)
        values = {one.alias: int(one.value or 0) for one in results}
        return {"count": values["count"]} | {name: values[f"sum{number}"] for number, name in enumerate(fields)}

    async def commit(self, writes: Sequence[Write]) -> None:
        if not writes:
            return
        batch = self._client.batch()
        for write in writes:
            self._add(batch, write)
        with translated():
            await batch.commit(timeout=TIMEOUT_SECONDS)

    def _add(self, batch: AsyncWriteBatch, write: Write) -> None:
        if quick := encoding.quick(self._name(write.path), write):
            batch._add_write_pbs([quick])
            return
        reference = self._client.document(write.path)
        match write:
            case Create():
                batch.create(reference, _encoded(write.data))
            case Put():
                batch.set(reference, _encoded(write.data))
                if write.expected:  # the client offers preconditions for updates only; the protocol has them for all
                    batch._write_pbs[-1]._pb.current_document.update_time.CopyFrom(_timestamp(write.expected))
            case Update():
                batch.update(reference, _encoded(write.data), option=self._option(write.expected))
            case Merge():
                batch.set(reference, _encoded(write.data), merge=True)
            case Delete():
                batch.delete(reference, option=self._option(write.expected))

    def _option(self, expected: datetime | None) -> Any:
        return self._client.write_option(last_update_time=_timestamp(expected)) if expected else None

    def _select(self, query: Query) -> Any:
        collection = self._client.collection(query.collection)
        selected: Any = collection
        for where in query.where:
            selected = selected.where(filter=FieldFilter(where.field, where.operator, where.value))
        for operator, bound in ((">=", query.id_from), ("<", query.id_before)):
            if bound is not None:
                selected = selected.where(filter=FieldFilter("__name__", operator, collection.document(bound)))
        name, direction = query.order_by or ("__name__", "asc")
        way = "DESCENDING" if direction == "desc" else "ASCENDING"
        for field in dict.fromkeys((name, "__name__")) if query.order_by or query.after else ():
            selected = selected.order_by(field, direction=way)
        if query.after:
            *values, last_id = query.after
            cursor = dict(zip([name], values, strict=False)) | {"__name__": collection.document(last_id)}
            selected = selected.start_after(cursor)
        if query.fields is not None:
            selected = selected.select(list(query.fields))
        return selected.limit(query.limit) if query.limit is not None else selected


def _snapshot(found: Any) -> Snapshot:
    data = found.to_dict() if found.exists else None
    return Snapshot(path=found.reference.path, data=data, version=found.update_time, at=found.read_time)


def _timestamp(at: Any) -> Any:
    """A protobuf timestamp with the nanoseconds that the client's own datetimes carry."""
    return at.timestamp_pb()


def _encoded(value: Data) -> dict[str, Any]:
    return {name: _encoded_value(one) for name, one in value.items()}


def _encoded_value(value: Any) -> Any:
    if isinstance(value, Increment):
        return GoogleIncrement(value.by)
    return _encoded(value) if isinstance(value, dict) else value
