"""What the entry points are made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from functools import cache

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from common.events import ReceiptsReported
from common.ids import random_id
from common.messages.campaign_state import Controls
from common.messages.ledger import Ledger
from common.pubsub.client import PubSubPublisher
from common.pubsub.push import Endpoint, decoded
from common.pubsub.runtime import endpoint, last_endpoint
from common.settings import Callbacks, Cloud, Webhook
from common.storage.firestore import FirestoreDocuments
from common.web.app import HandOver

from .app import create_receipts_app
from .callbacks.standard_webhooks import standard_webhooks
from .dead_letters import DeadLetter
from .record_dead_letter import Burials
from .recorder import Recorder


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
