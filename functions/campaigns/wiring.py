"""What the entry points are made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from common.audience import Audience
from common.events import Tick
from common.ids import random_id
from common.llm.gemini import Gemini
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.pubsub.client import PubSubPublisher
from common.pubsub.push import Endpoint, decoded
from common.pubsub.runtime import endpoint
from common.settings import Access as AccessSettings
from common.settings import Cloud, Money, Pace, Place, Watch
from common.settings import Gemini as GeminiSettings
from common.storage.firestore import FirestoreDocuments
from common.web.app import HandOver
from common.web.auth import Access, Members
from common.web.firebase import id_tokens

from .app import Services, create_campaigns_app
from .lifecycle.commands import Command, Obeying, command_of
from .lifecycle.lifecycle import Conductor
from .lifecycle.scheduler import Ticker
from .lifecycle.watchdog import Watchdog
from .sending.fan_out import FanOutWorker
from .sending.rate_limit import Releasing
from .sending.retry import Retrying


@cache
def _documents() -> FirestoreDocuments:
    return FirestoreDocuments(Cloud.read(os.environ).project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(Cloud.read(os.environ).project)


@cache
def _held() -> DeferredMessages:
    return DeferredMessages(_documents(), _publisher())


@cache
def _audience() -> Audience:
    return Audience(_documents(), zone=Place.read(os.environ).zone)


@cache
def _ledger() -> Ledger:
    return Ledger(_documents(), shard=random_id())


@cache
def _conductor() -> Conductor:
    return Conductor(documents=_documents(), publisher=_publisher(), currency=Money.read(os.environ).currency)


@cache
def _fan_out() -> FanOutWorker:
    return FanOutWorker(
        documents=_documents(),
        audience=_audience(),
        publisher=_publisher(),
        held=_held(),
        currency=Money.read(os.environ).currency,
        rates=Pace.read(os.environ).vendor_rates,
    )


@cache
def _retrying() -> Retrying:
    return Retrying(documents=_documents(), publisher=_publisher(), ledger=_ledger(), fan_out=_fan_out())


@cache
def _app() -> FastAPI:
    cloud = Cloud.read(os.environ)
    members = Members(_documents(), first_admin=AccessSettings.read(os.environ).first_admin)
    services = Services(
        documents=_documents(),
        publisher=_publisher(),
        audience=_audience(),
        ledger=_ledger(),
        model=Gemini(GeminiSettings.read(os.environ), cloud),
        conductor=_conductor(),
        held=_held(),
        currency=Money.read(os.environ).currency,
    )
    return create_campaigns_app(access=Access(email_of=id_tokens(cloud.project), members=members), services=services)


def api(request: Request) -> Response:
    return HandOver(_app(), request)


@cache
def fan_outs() -> Endpoint[Command]:
    obeying = Obeying(fan_out=_fan_out(), retrying=_retrying())
    return endpoint(os.environ, _publisher(), read=command_of, handle=obeying.obey)


@cache
def ticks() -> Endpoint[Tick]:
    pace = Pace.read(os.environ)
    still = timedelta(seconds=Watch.read(os.environ).still_seconds)
    ticker = Ticker(
        documents=_documents(),
        ledger=_ledger(),
        conductor=_conductor(),
        releasing=Releasing(
            documents=_documents(), held=_held(), rates=pace.vendor_rates, seconds=0.9 * pace.tick_seconds
        ),
        watchdog=Watchdog(
            documents=_documents(),
            ledger=_ledger(),
            conductor=_conductor(),
            fan_out=_fan_out(),
            retrying=_retrying(),
            still=still,
        ),
        owner=random_id(),
        seconds=pace.tick_seconds,
    )
    return endpoint(os.environ, _publisher(), read=decoded(Tick), handle=ticker.tick)
