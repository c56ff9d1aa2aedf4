"""What the entry points are made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from functools import cache

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from common.access import Access, Members
from common.api import HandOver
from common.audience import Audience
from common.events import FanOut, Tick
from common.firebase import id_tokens
from common.firestore import FirestoreDocuments
from common.gemini import Gemini
from common.ids import random_id
from common.ledger import Ledger
from common.pubsub import PubSubPublisher
from common.push import Endpoint, decoded
from common.settings import Access as AccessSettings
from common.settings import Cloud, Money
from common.settings import Gemini as GeminiSettings
from common.startup import endpoint

from .api import Services, create_campaigns_app
from .fan_out import FanOutWorker
from .ticker import Ticker


@cache
def _documents() -> FirestoreDocuments:
    return FirestoreDocuments(Cloud.read(os.environ).project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(Cloud.read(os.environ).project)


@cache
def _app() -> FastAPI:
    cloud = Cloud.read(os.environ)
    members = Members(_documents(), first_admin=AccessSettings.read(os.environ).first_admin)
    services = Services(
        documents=_documents(),
        publisher=_publisher(),
        audience=Audience(_documents()),
        ledger=Ledger(_documents(), shard=random_id()),
        model=Gemini(GeminiSettings.read(os.environ), cloud),
        currency=Money.read(os.environ).currency,
    )
    return create_campaigns_app(access=Access(email_of=id_tokens(cloud.project), members=members), services=services)


def api(request: Request) -> Response:
    return HandOver(_app(), request)


@cache
def fan_outs() -> Endpoint[FanOut]:
    worker = FanOutWorker(
        documents=_documents(),
        audience=Audience(_documents()),
        publisher=_publisher(),
        currency=Money.read(os.environ).currency,
    )
    return endpoint(os.environ, _publisher(), read=decoded(FanOut), handle=worker.run)


@cache
def ticks() -> Endpoint[Tick]:
    ticker = Ticker(
        documents=_documents(),
        publisher=_publisher(),
        ledger=Ledger(_documents(), shard=random_id()),
        owner=random_id(),
    )
    return endpoint(os.environ, _publisher(), read=decoded(Tick), handle=ticker.tick)
