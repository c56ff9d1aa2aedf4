"""The HTTP interface of the vendor."""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from local.vendor.behaviour import VendorBehaviour, VendorControl
from local.vendor.reports import ReportSender, ReportSettings
from local.vendor.send_log import SendLog, SendLogEntry, SendRequest


class VendorServer:
    """`POST /messages`; `GET /send-log?campaign=`; `GET` and `POST /control`."""

    def __init__(
        self,
        *,
        secret: str,
        callback_url: str,
        settings: ReportSettings,
        seed: int = 0,
        memory_seconds: float = math.inf,
    ) -> None:
        self._webhook = Webhook(secret)
        self._control = VendorControl()
        self._send_log = SendLog(memory_seconds=memory_seconds)
        self._reports = ReportSender(
            url=callback_url, webhook=self._webhook, settings=settings, rng=random.Random(seed)
        )
        self._rejected_requests: Counter[int] = Counter()  # invalid requests, by status

    def application(self) -> web.Application:
        """Return the application, which sends reports while it runs."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/messages", self.receive_message),
                web.get("/send-log", self.send_log),
                web.get("/control", self.counts),
                web.post("/control", self.configure),
            ]
        )
        app.cleanup_ctx.append(self._run_reports)
        return app

    async def _run_reports(self, app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._reports.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def receive_message(self, request: web.Request) -> web.Response:
        """Verify and record a message. 401: the signature is invalid. 400: the body is invalid."""
        body = await request.read()
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            return self._reject_request(401, str(error))
        try:
            send_request = SendRequest.model_validate_json(body)
        except ValidationError as error:
            return self._reject_request(400, str(error))
        return await self._respond(request, request.headers["webhook-id"], send_request)

    def _reject_request(self, status: int, detail: str) -> web.Response:
        self._rejected_requests[status] += 1
        return problem(status, detail)

    async def _respond(self, request: web.Request, idempotency_key: str, send_request: SendRequest) -> web.Response:
        """Respond in the mode of the behaviour that is selected for this request."""
        behaviour = self._control.next_behaviour()
        match behaviour.mode:
            case "down":
                return problem(503, "Down for maintenance.")
            case "throttled":
                return problem(429, "Slow down.", {"Retry-After": f"{behaviour.delay:g}"})
            case "hang":
                await asyncio.sleep(behaviour.delay)
                return problem(503, "Timeout.")
            case "refuse":
                if request.transport:
                    request.transport.abort()
                return problem(503, "Connection closed.")
            case "reject":
                return self._accept(self._send_log.record_request(idempotency_key, send_request.data, reject=True))
        response = self._accept(self._send_log.record_request(idempotency_key, send_request.data))
        if behaviour.mode == "dropped" and request.transport:
            request.transport.abort()
        await asyncio.sleep(behaviour.delay)
        return response

    def _accept(self, entry: SendLogEntry) -> web.Response:
        """Return the same response for every repetition, and report the outcome each time."""
        if not entry.is_accepted:
            return problem(422, "Unknown address.")
        self._reports.add(entry, lost_share=self._control.behaviour.lost_share)
        return web.json_response({"accepted": True}, status=202)

    async def send_log(self, request: web.Request) -> web.Response:
        return web.json_response(self._send_log.entries(request.query.get("campaign")))

    async def counts(self, request: web.Request) -> web.Response:
        counts = {"modes": self._control.counts, "refused": self._rejected_requests, "callbacks": self._reports.counts}
        pending = {"pending": self._reports.pending}
        return web.json_response(self._control.behaviour.model_dump() | counts | pending)

    async def configure(self, request: web.Request) -> web.Response:
        try:
            self._control.configure(VendorBehaviour.model_validate_json(await request.read()))
        except ValidationError as error:
            return problem(400, str(error))
        return await self.counts(request)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"status": status, "detail": detail}
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")
