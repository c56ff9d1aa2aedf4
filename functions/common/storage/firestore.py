"""Firestore behind the `Documents` port.

It uses the generated client, whose methods take protobuf messages, instead of the client of `google.cloud.firestore`:
see `firestore_encoding.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from google.api_core import exceptions as google
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport
from grpc import aio

from common.errors import Conflict, Contention, Exists, HeraldError, InvalidWrite, Unavailable
from common.storage import firestore_encoding as encoding
from common.storage.documents import Query, Snapshot, Write

TIMEOUT_SECONDS = 30
MESSAGE_SIZE_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
CHANNEL_OPTIONS = [("grpc.keepalive_time_ms", 30_000), *MESSAGE_SIZE_OPTIONS]
RETRYABLE = (
    google.Cancelled,
    google.DeadlineExceeded,
    google.InternalServerError,
    google.PermissionDenied,  # access is restored, or a deployment is not finished
    google.ResourceExhausted,
    google.RetryError,
    google.ServiceUnavailable,
    google.Unauthenticated,
    google.Unknown,
)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raises Google's errors as Herald's."""
    try:
        yield
    except google.Aborted as error:
        raise Contention(f"Firestore: {error}") from error
    except RETRYABLE as error:
        raise Unavailable(f"Firestore: {error}") from error
    except google.AlreadyExists as error:
        raise Exists(str(error)) from error
    except (google.FailedPrecondition, google.NotFound) as error:
        raise Conflict(str(error)) from error
    except google.InvalidArgument as error:
        raise InvalidWrite(f"Firestore: {error}") from error
    except google.GoogleAPICallError as error:
        raise HeraldError(f"Firestore: {error}") from error


class FirestoreDocuments:
    """The `Documents` port on a database of the project, or of the emulator at FIRESTORE_EMULATOR_HOST."""

    def __init__(self, project: str, database: str = "(default)") -> None:
        self._emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
        self._database = f"projects/{project}/databases/{database}"
        self._root = f"{self._database}/documents/"
        self._metadata = [("google-cloud-resource-prefix", self._database)]
        if self._emulator:
            self._metadata.append(("authorization", "Bearer owner"))

    @cached_property
    def _client(self) -> FirestoreAsyncClient:
        """Created at the first request, because a gRPC channel belongs to the event loop that is running then."""
        return FirestoreAsyncClient(transport=_transport(self._emulator))

    async def close(self) -> None:
        """Closes the connection. Only tests do this; a function keeps it for the life of its instance."""
        await self._client.transport.close()  # type: ignore[no-untyped-call]

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        [snapshot] = await self.get_all([path], at=at)
        return snapshot

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        """Reads each document once; Firestore returns them in any order."""
        if not paths:
            return []
        request = types.BatchGetDocumentsRequest(database=self._database)
        raw_request = types.BatchGetDocumentsRequest.pb(request)
        raw_request.documents.extend(self._root + path for path in dict.fromkeys(paths))
        _set_read_time(raw_request, at)
        with translate_errors():
            stream = await self._client.batch_get_documents(
                request=request, metadata=self._metadata, timeout=TIMEOUT_SECONDS
            )
            snapshots = [
                self._found_or_missing(types.BatchGetDocumentsResponse.pb(response)) async for response in stream
            ]
        by_path = {snapshot.path: snapshot for snapshot in snapshots}
        return [by_path[path] for path in paths]

    def _found_or_missing(self, response: Any) -> Snapshot:
        if response.HasField("found"):
            return self._decode(response.found, response.read_time)
        return encoding.decode_snapshot(response.missing.removeprefix(self._root), None, response.read_time)

    def _decode(self, document: Any, read_time: Any) -> Snapshot:
        return encoding.decode_snapshot(document.name.removeprefix(self._root), document, read_time)

    async def query(self, query: Query) -> list[Snapshot]:
        """Reads the documents with one `RunQuery`. A response without a document only reports progress."""
        collection = self._root + query.collection
        request = types.RunQueryRequest(parent=collection.rpartition("/")[0])
        raw_request = types.RunQueryRequest.pb(request)
        encoding.encode_query(raw_request.structured_query, query, collection)
        _set_read_time(raw_request, query.at)
        with translate_errors():
            stream = await self._client.run_query(request=request, metadata=self._metadata, timeout=TIMEOUT_SECONDS)
            responses = [types.RunQueryResponse.pb(response) async for response in stream]
        return [
            self._decode(response.document, response.read_time)
            for response in responses
            if response.HasField("document")
        ]

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        """Computes the count and the sums with one aggregation query."""
        collection = self._root + query.collection
        request = types.RunAggregationQueryRequest(parent=collection.rpartition("/")[0])
        raw_request = types.RunAggregationQueryRequest.pb(request)
        aggregation_query = raw_request.structured_aggregation_query
        encoding.encode_query(aggregation_query.structured_query, query, collection)
        aggregation_query.aggregations.add(alias="count").count.SetInParent()
        for number, name in enumerate(fields):
            aggregation_query.aggregations.add(alias=f"sum{number}").sum.field.field_path = name
        _set_read_time(raw_request, query.at)
        with translate_errors():
            stream = await self._client.run_aggregation_query(
                request=request, metadata=self._metadata, timeout=TIMEOUT_SECONDS
            )
            responses = [types.RunAggregationQueryResponse.pb(response) async for response in stream]
        [values] = [response.result.aggregate_fields for response in responses if response.HasField("result")]
        numbers = {alias: int(encoding.decode_value(values[alias]) or 0) for alias in values}
        return {"count": numbers["count"]} | {name: numbers[f"sum{number}"] for number, name in enumerate(fields)}

    async def commit(self, writes: Sequence[Write]) -> None:
        if not writes:
            return
        request = types.CommitRequest(database=self._database)
        raw_writes = types.CommitRequest.pb(request).writes
        for write in writes:
            encoding.encode_write(raw_writes.add(), self._root + write.path, write)
        with translate_errors():
            await self._client.commit(request=request, metadata=self._metadata, timeout=TIMEOUT_SECONDS)


def _transport(emulator: str | None) -> FirestoreGrpcAsyncIOTransport:
    """A connection to the emulator at this address, or to the cloud with the function's own credentials."""
    if emulator:
        return FirestoreGrpcAsyncIOTransport(channel=aio.insecure_channel(emulator, options=MESSAGE_SIZE_OPTIONS))
    return FirestoreGrpcAsyncIOTransport(channel=_create_channel)


def _create_channel(host: str, **arguments: Any) -> aio.Channel:
    """The transport's own channel, but with keepalive: an idle connection is noticed when it breaks."""
    return FirestoreGrpcAsyncIOTransport.create_channel(host, **arguments | {"options": CHANNEL_OPTIONS})


def _set_read_time(raw_request: Any, at: datetime | None) -> None:
    if at is not None:
        encoding.encode_time(raw_request.read_time, at)
