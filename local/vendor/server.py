"""The vendor over HTTP."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from local.vendor.behaviour import Behaviour, Control
from local.vendor.reports import Habits, Reports
from local.vendor.send_log import Book, Entry, Post


class Server:
    """`POST /messages`; `GET /book?campaign=`; `GET` and `POST /control`."""

    def __init__(self, *, secret: str, callback_url: str, habits: Habits, seed: int = 0) -> None:
        self._webhook = Webhook(secret)
        self._control = Control()
        self._book = Book()
        self._reports = Reports(url=callback_url, webhook=self._webhook, habits=habits, dice=random.Random(seed))
        self._refused: Counter[int] = Counter()  # by status: what was not signed, or not understood

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/messages", self.take),
                web.get("/book", self.book),
                web.get("/control", self.counts),
                web.post("/control", self.tell),
            ]
        )
        app.cleanup_ctx.append(self._reporting)
        return app

    async def _reporting(self, app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._reports.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            return self._refuse(401, str(error))
        try:
            post = Post.model_validate_json(body)
        except ValidationError as error:
            return self._refuse(400, str(error))
        return await self._answer(request, request.headers["webhook-id"], post)

    def _refuse(self, status: int, detail: str) -> web.Response:
        self._refused[status] += 1
        return problem(status, detail)

    async def _answer(self, request: web.Request, key: str, post: Post) -> web.Response:
        behaviour = self._control.next()
        match behaviour.mode:
            case "down":
                return problem(503, "Down for maintenance.")
            case "throttled":
                return problem(429, "Slow down.", {"Retry-After": f"{behaviour.delay:g}"})
            case "hang":
                await asyncio.sleep(behaviour.delay)
                return problem(503, "That took too long.")
            case "refuse":
                if request.transport:
                    request.transport.abort()
                return problem(503, "Nobody reads this.")
            case "reject":
                return self._told(self._book.ask(key, post.data, reject=True))
        answer = self._told(self._book.ask(key, post.data))
        await asyncio.sleep(behaviour.delay)
        return answer

    def _told(self, entry: Entry) -> web.Response:
        """The same answer however often it is asked, and a report each time."""
        if not entry.accepted:
            return problem(422, "There is no such address.")
        self._reports.add(entry)
        return web.json_response({"accepted": True}, status=202)

    async def book(self, request: web.Request) -> web.Response:
        return web.json_response(self._book.pages(request.query.get("campaign")))

    async def counts(self, request: web.Request) -> web.Response:
        counts = {"modes": self._control.counts, "refused": self._refused, "callbacks": self._reports.counts}
        waiting = {"waiting": self._reports.waiting}
        return web.json_response(self._control.behaviour.model_dump() | counts | waiting)

    async def tell(self, request: web.Request) -> web.Response:
        try:
            self._control.tell(Behaviour.model_validate_json(await request.read()))
        except ValidationError as error:
            return problem(400, str(error))
        return await self.counts(request)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"status": status, "detail": detail}
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")
