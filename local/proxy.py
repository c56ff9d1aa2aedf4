"""A gRPC proxy in front of an emulator: it forwards calls as bytes, and a `CallWatcher` is notified of each.

If the watcher raises `AbortCall`, the caller receives an error. Raised before the call, the call is not forwarded;
raised after the call, the call has happened and its response is lost. A stream can also be broken off in the middle.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
import grpc.aio

from local.serving import HOST

STREAMING_RESPONSES = {"BatchGetDocuments", "RunQuery", "RunAggregationQuery"}
BIDIRECTIONAL = {"Listen", "Write", "StreamingPull"}
CHANNEL_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


@dataclass(kw_only=True, slots=True)
class Call:
    """One call and its responses."""

    method: str  # "Commit"
    request: bytes
    responses: list[bytes] = field(default_factory=list)  # one, or all of a stream
    is_broken_off: Callable[[], bool] = lambda: False  # asked before each response of a stream but the first


class CallWatcher(Protocol):
    """Is notified of each call."""

    async def before_call(self, call: Call) -> None:
        """Handle a call before it is forwarded."""
        ...

    async def after_call(self, call: Call) -> None:
        """Handle a call after it has succeeded."""
        ...


class AbortCall(Exception):
    """Ends a call with a gRPC error."""

    def __init__(self, code: grpc.StatusCode, details: str = "") -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class EmulatorProxy(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no type annotations
    """`async with EmulatorProxy("127.0.0.1:8080", watcher) as address:`; set FIRESTORE_EMULATOR_HOST to `address`."""

    def __init__(self, emulator: str, watcher: CallWatcher) -> None:
        self._emulator = emulator
        self._watcher = watcher
        self._channel: grpc.aio.Channel
        self._server: grpc.aio.Server

    async def __aenter__(self) -> str:
        self._channel = grpc.aio.insecure_channel(self._emulator, options=CHANNEL_OPTIONS)
        self._server = grpc.aio.server(options=CHANNEL_OPTIONS)
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
        if method in BIDIRECTIONAL:
            return grpc.stream_stream_rpc_method_handler(self._bidirectional(path))
        if method in STREAMING_RESPONSES:
            return grpc.unary_stream_rpc_method_handler(self._stream(path, method))
        return grpc.unary_unary_rpc_method_handler(self._single(path, method))

    def _single(self, path: str, method: str) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def handle(request: bytes, context: Any) -> bytes:
            async with self._watched(Call(method=method, request=request), context) as call:
                call.responses.append(await self._channel.unary_unary(path)(request, **_forwarded_options(context)))
            return call.responses[0]

        return handle

    def _stream(self, path: str, method: str) -> Callable[[bytes, Any], AsyncIterator[bytes]]:
        """Forward each response as it arrives."""

        async def handle(request: bytes, context: Any) -> AsyncIterator[bytes]:
            async with self._watched(Call(method=method, request=request), context) as call:
                async for response in self._channel.unary_stream(path)(request, **_forwarded_options(context)):
                    if call.responses and call.is_broken_off():
                        raise AbortCall(grpc.StatusCode.UNAVAILABLE, "the stream was broken off")
                    call.responses.append(response)
                    yield response

        return handle

    def _bidirectional(self, path: str) -> Callable[[AsyncIterator[bytes], Any], AsyncIterator[bytes]]:
        """Forward without notifying the watcher: such a call has no single request, and Herald does not use them."""

        async def handle(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
            async for response in self._channel.stream_stream(path)(requests, **_forwarded_options(context)):
                yield response

        return handle

    @asynccontextmanager
    async def _watched(self, call: Call, context: Any) -> AsyncIterator[Call]:
        try:
            await self._watcher.before_call(call)
            yield call
            await self._watcher.after_call(call)
        except AbortCall as abort:
            await context.abort(abort.code, abort.details)
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details() or "", error.trailing_metadata() or ())


def _forwarded_options(context: Any) -> dict[str, Any]:
    """Return the caller's metadata, which names the database, and its deadline."""
    metadata = [(key, value) for key, value in context.invocation_metadata() if not key.startswith(("grpc-", "user-"))]
    return {"metadata": metadata, "timeout": context.time_remaining()}
