"""What the entry points are made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from common.access import Access, Members
from common.api import HandOver
from common.audience import Audience
from common.events import Tick
from common.firebase import id_tokens
from common.firestore import FirestoreDocuments
from common.gemini import Gemini
from common.held import Held
from common.ids import random_id
from common.ledger import Ledger
from common.pubsub import PubSubPublisher
from common.push import Endpoint, decoded
from common.settings import Access as AccessSettings
from common.settings import Cloud, Money, Pace, Place, Watch
from common.settings import Gemini as GeminiSettings
from common.startup import endpoint

from .api import Services, create_campaigns_app
from .commands import Command, Obeying, command_of
from .conductor import Conductor
from .fan_out import FanOutWorker
from .releasing import Releasing
from .retrying import Retrying
from .ticker import Ticker
from .watchdog import Watchdog


@cache
def _documents() -> FirestoreDocuments:
    return FirestoreDocuments(Cloud.read(os.environ).project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(Cloud.read(os.environ).project)


@cache
def _held() -> Held:
    return Held(_documents(), _publisher())


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
