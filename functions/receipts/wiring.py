"""What the entry points are made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from functools import cache

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from common.api import HandOver
from common.controls import Controls
from common.events import ReceiptsReported
from common.firestore import FirestoreDocuments
from common.ids import random_id
from common.ledger import Ledger
from common.pubsub import PubSubPublisher
from common.push import Endpoint, decoded
from common.settings import Callbacks, Cloud, Webhook
from common.startup import endpoint, last_endpoint

from .api import create_receipts_app
from .burials import Burials
from .dead_letters import DeadLetter
from .recorder import Recorder
from .standard_webhooks import standard_webhooks


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(Cloud.read(os.environ).project)


@cache
def _documents() -> FirestoreDocuments:
    return FirestoreDocuments(Cloud.read(os.environ).project)


@cache
def _recorder() -> Recorder:
    return Recorder(Ledger(_documents(), shard=random_id()), Controls(_documents()))


@cache
def _app() -> FastAPI:
    readers = {"simulator": standard_webhooks(Callbacks.read(os.environ).secret)}
    if webhook := Webhook.where_given(os.environ):
        readers["webhook"] = standard_webhooks(webhook.secret)
    return create_receipts_app(publisher=_publisher(), readers=readers)


def callbacks(request: Request) -> Response:
    return HandOver(_app(), request)


@cache
def recordings() -> Endpoint[ReceiptsReported]:
    return endpoint(os.environ, _publisher(), read=decoded(ReceiptsReported), handle=_recorder().record)


@cache
def dead_letters() -> Endpoint[DeadLetter]:
    return last_endpoint(os.environ, read=DeadLetter.of, handle=Burials(_documents(), _recorder()).bury)
