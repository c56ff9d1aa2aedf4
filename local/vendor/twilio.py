"""A stand-in for Twilio: `POST /2010-04-01/Accounts/{sid}/Messages.json`, and signed reports on each message.

`POST /control` makes a share of the requests fail (`behaviour.py`); `GET /messages` lists the messages. Whoever answers
STOP (`POST /answer`) gets no more. The numbers that Twilio has for tests are refused as there.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr, ValidationError

from common.ids import random_id
from local.vendor.behaviour import VendorBehaviour, VendorControl
from local.vendor.report_tasks import ReportTasks
from receipts.callbacks.twilio import sign
from vendor.vendors.simulator.sender import stable_fraction

REFUSED = {
    "+15005550001": (21211, "The 'To' number is not a valid phone number."),
    "+15005550002": (21612, "Twilio cannot route to this number."),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
"""The magic numbers of Twilio's documentation."""
STOPPED = REFUSED["+15005550004"]
OUTCOMES = ((0.06, "failed", 30008), (0.12, "undelivered", 30005), (0.18, "undelivered", 30007), (0.24, "sent", None))
"""Up to which fraction a message has an outcome, and its error. All others are delivered."""


@dataclass
class TwilioMessage:
    """One accepted message."""

    sid: str
    to: str
    sent_from: str
    body: str
    callback: str
    outcome: str
    error: int | None
    statuses: list[str] = field(default_factory=list)  # what is reported, in the true order


class TwilioServer:
    """The stand-in. `callback_url` is where people's answers go."""

    def __init__(
        self, *, account: str, token: SecretStr, callback_url: str, seconds: float = 0.1, duplicate_share: float = 0.0
    ) -> None:
        self._login = aiohttp.encode_basic_auth(account, token.get_secret_value())
        self._account = account
        self._token = token
        self._callback_url = callback_url
        self._control = VendorControl()
        self.reports = ReportTasks(seconds=seconds, duplicate_share=duplicate_share)
        self.messages: list[TwilioMessage] = []
        self._stopped: set[str] = set()

    def application(self) -> web.Application:
        """Return the application, which sends reports while it runs."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/2010-04-01/Accounts/{account}/Messages.json", self.receive_message),
                web.get("/messages", self.list_messages),
                web.post("/answer", self.answer),
                web.post("/control", self.configure),
            ]
        )
        app.cleanup_ctx.append(self.reports.run)
        return app

    async def receive_message(self, request: web.Request) -> web.Response:
        """As Twilio answers: 201 and the message, or a code with its reason."""
        if request.headers.get("Authorization") != self._login or request.match_info["account"] != self._account:
            return error(401, 20003, "Authenticate")
        form = {name: str(value) for name, value in (await request.post()).items()}
        behaviour = self._control.next_behaviour()
        match behaviour.mode:
            case "down":
                return error(503, 20503, "Service unavailable")
            case "throttled":
                return error(429, 20429, "Too many requests", {"Retry-After": f"{behaviour.delay:g}"})
            case "hang":
                await asyncio.sleep(behaviour.delay)
                return error(503, 20503, "Service unavailable")
            case "reject":
                return error(400, 21211, "The 'To' number is not a valid phone number.")
            case "refuse":
                _abort(request)
                return error(503, 20503, "Service unavailable")
        if refusal := self._refusal(form):
            return error(400, *refusal)
        message = self._accept(form)
        if behaviour.mode == "dropped":
            _abort(request)
        await asyncio.sleep(behaviour.delay)
        return web.json_response({"sid": message.sid, "status": "queued", "to": message.to}, status=201)

    def _refusal(self, form: dict[str, str]) -> tuple[int, str] | None:
        to = form.get("To", "")
        if not form.get("Body"):
            return (21602, "Message body is required.")
        if not form.get("MessagingServiceSid") and not form.get("From"):
            return (21603, "A 'From' phone number is required.")
        return STOPPED if to in self._stopped else REFUSED.get(to)

    def _accept(self, form: dict[str, str]) -> TwilioMessage:
        """Store the message, and report each of its statuses."""
        fraction = stable_fraction("outcome", form["To"])
        outcome, code = next(((name, code) for limit, name, code in OUTCOMES if fraction < limit), ("delivered", None))
        sent_from = form.get("MessagingServiceSid") or form["From"]
        sid = f"SM{random_id()}"
        message = TwilioMessage(sid, form["To"], sent_from, form["Body"], form["StatusCallback"], outcome, code)
        message.statuses = ["queued", *([] if outcome in {"failed", "sent"} else ["sent"]), outcome]
        self.messages.append(message)
        for status in message.statuses:
            self._report(message, status)
        return message

    def _report(self, message: TwilioMessage, status: str) -> None:
        form = {"MessageSid": message.sid, "MessageStatus": status, "To": message.to, "AccountSid": self._account}
        if status == message.outcome and message.error:
            form |= {"ErrorCode": str(message.error)}
        self._post(message.callback, form)

    def _post(self, url: str, form: dict[str, str]) -> None:
        headers = {"X-Twilio-Signature": sign(self._token, url, form.items())}
        self.reports.add(lambda session: session.post(url, data=form, headers=headers))

    async def answer(self, request: web.Request) -> web.Response:
        """A person answers a message: JSON with `from` and `body`. After STOP, Twilio sends them nothing."""
        said: dict[str, Any] = await request.json()
        if said["body"].strip().upper() == "STOP":
            self._stopped.add(said["from"])
        self._post(self._callback_url, {"From": said["from"], "Body": said["body"], "MessageSid": f"SM{random_id()}"})
        return web.json_response({})

    async def list_messages(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(message) for message in self.messages])

    async def configure(self, request: web.Request) -> web.Response:
        try:
            self._control.configure(VendorBehaviour.model_validate_json(await request.read()))
        except ValidationError as problem:
            return web.json_response({"detail": str(problem)}, status=400)
        return web.json_response(dict(self._control.counts))


def _abort(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


def error(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}
    return web.json_response(body | {"status": status}, status=status, headers=headers)
