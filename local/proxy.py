"""A proxy in front of one of the emulators: calls pass through as bytes, and a `Watcher` sees each of them.

What the watcher raises is the caller's answer: before the call goes on it never happened, after it has succeeded its
answer is lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
import grpc.aio

from local.serving import HOST

STREAMS_ANSWERS = {"BatchGetDocuments", "RunQuery", "RunAggregationQuery"}
STREAMS_BOTH_WAYS = {"Listen", "Write", "StreamingPull"}
LIMITS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


@dataclass(kw_only=True, slots=True)
class Call:
    method: str  # "Commit"
    request: bytes
    answers: list[bytes] = field(default_factory=list)  # one, or all of a stream


class Watcher(Protocol):
    async def asked(self, call: Call) -> None:
        """Before the call goes on."""
        ...

    async def answered(self, call: Call) -> None:
        """After the call has succeeded."""
        ...


class Abort(Exception):
    """Answers a call with an error."""

    def __init__(self, code: grpc.StatusCode, details: str = "") -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class Proxy(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc comes without types
    """`async with Proxy("127.0.0.1:8080", watcher) as address:` and point FIRESTORE_EMULATOR_HOST there."""

    def __init__(self, emulator: str, watcher: Watcher) -> None:
        self._emulator = emulator
        self._watcher = watcher
        self._channel: grpc.aio.Channel
        self._server: grpc.aio.Server

    async def __aenter__(self) -> str:
        self._channel = grpc.aio.insecure_channel(self._emulator, options=LIMITS)
        self._server = grpc.aio.server(options=LIMITS)
        self._server.add_generic_rpc_handlers([self])
        port = self._server.add_insecure_port(f"{HOST}:0")
        await self._server.start()
        return f"{HOST}:{port}"

    async def __aexit__(self, *error: object) -> None:
        await self._server.stop(grace=1)
        await self._channel.close()

    def service(self, details: Any) -> Any:
        path = details.method
        method = path.rpartition("/")[2]
        if method in STREAMS_BOTH_WAYS:
            return grpc.stream_stream_rpc_method_handler(self._both_ways(path))
        if method in STREAMS_ANSWERS:
            return grpc.unary_stream_rpc_method_handler(self._stream(path, method))
        return grpc.unary_unary_rpc_method_handler(self._single(path, method))

    def _single(self, path: str, method: str) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def handle(request: bytes, context: Any) -> bytes:
            async with self._watched(Call(method=method, request=request), context) as call:
                call.answers.append(await self._channel.unary_unary(path)(request, **_terms(context)))
            return call.answers[0]

        return handle

    def _stream(self, path: str, method: str) -> Callable[[bytes, Any], AsyncIterator[bytes]]:
        async def handle(request: bytes, context: Any) -> AsyncIterator[bytes]:
            async with self._watched(Call(method=method, request=request), context) as call:
                async for answer in self._channel.unary_stream(path)(request, **_terms(context)):
                    call.answers.append(answer)
                    yield answer

        return handle

    def _both_ways(self, path: str) -> Callable[[AsyncIterator[bytes], Any], AsyncIterator[bytes]]:
        """Unwatched: it has no single request, and Herald uses none of these."""

        async def handle(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
            async for answer in self._channel.stream_stream(path)(requests, **_terms(context)):
                yield answer

        return handle

    @asynccontextmanager
    async def _watched(self, call: Call, context: Any) -> AsyncIterator[Call]:
        try:
            await self._watcher.asked(call)
            yield call
            await self._watcher.answered(call)
        except Abort as abort:
            await context.abort(abort.code, abort.details)
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details() or "", error.trailing_metadata() or ())


def _terms(context: Any) -> dict[str, Any]:
    """The caller's metadata (it names the database) and deadline, for the call that goes on."""
    metadata = [(key, value) for key, value in context.invocation_metadata() if not key.startswith(("grpc-", "user-"))]
    return {"metadata": metadata, "timeout": context.time_remaining()}
