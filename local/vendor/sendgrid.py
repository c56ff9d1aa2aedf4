"""A stand-in for SendGrid: `POST /v3/mail/send`, and signed batches of events about each mail.

`POST /control` makes a share of the requests fail (`behaviour.py`); `GET /mails` lists the mails. Recipients whose
address begins with `nobody`, `full`, `blocked`, `dropped`, `unsubscribed`, `spam`, `opens` or `clicks` do what it says.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr, ValidationError

from common.ids import random_id
from local.vendor.behaviour import VendorBehaviour, VendorControl
from local.vendor.report_tasks import ReportTasks
from receipts.callbacks.sendgrid import SIGNATURE, TIMESTAMP

PROCESSED, DELIVERED, OPENED = {"event": "processed"}, {"event": "delivered"}, {"event": "open"}
EVENTS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "nobody": [PROCESSED, {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "No such user"}],
    "full": [PROCESSED, {"event": "bounce", "type": "bounce", "status": "5.2.2", "reason": "Mailbox full"}],
    "blocked": [PROCESSED, {"event": "bounce", "type": "blocked", "status": "5.7.1", "reason": "Blocked"}],
    "dropped": [{"event": "dropped", "reason": "Bounced Address"}],
    "unsubscribed": [{"event": "dropped", "reason": "Unsubscribed Address"}],
    "spam": [PROCESSED, DELIVERED, {"event": "spamreport"}],
    "opens": [PROCESSED, DELIVERED, OPENED],
    "clicks": [PROCESSED, DELIVERED, OPENED | {"sg_machine_open": True}, {"event": "click"}],
}
OTHERS: Sequence[Mapping[str, Any]] = [PROCESSED, {"event": "deferred", "attempt": "1"}, DELIVERED]


@dataclass
class StoredMail:
    """One accepted mail."""

    to: str
    request: Mapping[str, Any]
    kind: str  # the beginning of the recipient's address


def signing_key(secret: SecretStr) -> ec.EllipticCurvePrivateKey:
    """The stand-in's key, which is always the same for a secret."""
    number = int.from_bytes(hashlib.sha256(secret.get_secret_value().encode()).digest()[:31]) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def event_key(secret: SecretStr) -> str:
    """What SendGrid shows as the verification key."""
    public = signing_key(secret).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(public).decode()


class SendGridServer:
    """The stand-in. `callback_url` is the address of the event webhook; `secret` is the API key."""

    def __init__(
        self, *, secret: SecretStr, callback_url: str, seconds: float = 0.1, duplicate_share: float = 0.0
    ) -> None:
        self._login = f"Bearer {secret.get_secret_value()}"
        self._key = signing_key(secret)
        self._callback_url = callback_url
        self._control = VendorControl()
        self.reports = ReportTasks(seconds=seconds, duplicate_share=duplicate_share)
        self.mails: list[StoredMail] = []

    def application(self) -> web.Application:
        """Return the application, which sends events while it runs."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/v3/mail/send", self.receive_mail),
                web.get("/mails", self.list_mails),
                web.post("/control", self.configure),
            ]
        )
        app.cleanup_ctx.append(self.reports.run)
        return app

    async def receive_mail(self, request: web.Request) -> web.Response:
        """As SendGrid answers: 202, or errors with the field that they are about."""
        if request.headers.get("Authorization") != self._login:
            return error(401, "The provided authorization grant is invalid")
        mail: dict[str, Any] = await request.json()
        behaviour = self._control.next_behaviour()
        match behaviour.mode:
            case "down":
                return error(503, "Service unavailable")
            case "throttled":
                return error(429, "too many requests", headers={"X-RateLimit-Reset": str(int(time.time()) + 1)})
            case "hang":
                await asyncio.sleep(behaviour.delay)
                return error(503, "Service unavailable")
            case "reject":
                return error(400, "Does not contain a valid address.", "personalizations.0.to.0.email")
            case "refuse":
                _abort(request)
                return error(503, "Service unavailable")
        self._accept(mail)
        if behaviour.mode == "dropped":
            _abort(request)
        await asyncio.sleep(behaviour.delay)
        return web.Response(status=202)

    def _accept(self, mail: Mapping[str, Any]) -> None:
        """Store the mail, and report on it: the first event alone, the others together."""
        to = str(mail["personalizations"][0]["to"][0]["email"])
        stored = StoredMail(to, mail, to.partition("@")[0].partition(".")[0])
        self.mails.append(stored)
        now = int(time.time())
        shared = {"email": to, "timestamp": now, "sg_message_id": random_id(), **mail["custom_args"]}
        events = [{**shared, "sg_event_id": random_id(), **event} for event in EVENTS.get(stored.kind, OTHERS)]
        for batch in (events[:1], events[1:]):
            if batch:
                self._post(batch)

    def _post(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Post a batch, with a line break at its end, as SendGrid does."""
        body = json.dumps(events, separators=(",", ":")).encode() + b"\r\n"
        at = str(int(time.time()))
        signature = self._key.sign(at.encode() + body, ec.ECDSA(SHA256()))
        headers = {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: at, "Content-Type": "application/json"}
        self.reports.add(lambda session: session.post(self._callback_url, data=body, headers=headers))

    async def list_mails(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(mail) for mail in self.mails])

    async def configure(self, request: web.Request) -> web.Response:
        try:
            self._control.configure(VendorBehaviour.model_validate_json(await request.read()))
        except ValidationError as problem:
            return web.json_response({"detail": str(problem)}, status=400)
        return web.json_response(dict(self._control.counts))


def _abort(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


def error(
    status: int, message: str, field: str | None = None, *, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.json_response({"errors": [{"message": message, "field": field}]}, status=status, headers=headers)
