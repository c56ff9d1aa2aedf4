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
from common.events import CustomersReceived
from common.firebase import id_tokens
from common.firestore import FirestoreDocuments
from common.pubsub import PubSubPublisher
from common.push import Endpoint, decoded
from common.settings import Access as AccessSettings
from common.settings import Cloud, Place
from common.startup import endpoint

from .api import Services, create_customers_app
from .ingestion import Ingestion


@cache
def _documents() -> FirestoreDocuments:
    return FirestoreDocuments(Cloud.read(os.environ).project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(Cloud.read(os.environ).project)


@cache
def _ingestion() -> Ingestion:
    return Ingestion(_documents())


@cache
def _app() -> FastAPI:
    members = Members(_documents(), first_admin=AccessSettings.read(os.environ).first_admin)
    services = Services(
        documents=_documents(),
        ingestion=_ingestion(),
        publisher=_publisher(),
        audience=Audience(_documents(), zone=Place.read(os.environ).zone),
    )
    access = Access(email_of=id_tokens(Cloud.read(os.environ).project), members=members)
    return create_customers_app(access=access, services=services)


def api(request: Request) -> Response:
    return HandOver(_app(), request)


@cache
def imports() -> Endpoint[CustomersReceived]:
    return endpoint(os.environ, _publisher(), read=decoded(CustomersReceived), handle=_ingestion().receive)
