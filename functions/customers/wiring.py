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
from common.events import ImportLane
from common.firebase import id_tokens
from common.firestore import FirestoreDocuments
from common.pubsub import PubSubPublisher
from common.push import Endpoint, decoded
from common.settings import Access as AccessSettings
from common.settings import Cloud, Place, Suppression
from common.startup import endpoint
from common.suppressions import Hashes

from .activities import Activities
from .api import create_customers_app
from .imports import Imports
from .ingestion import Ingestion
from .services import services_of


@cache
def _documents() -> FirestoreDocuments:
    return FirestoreDocuments(Cloud.read(os.environ).project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(Cloud.read(os.environ).project)


@cache
def _hashes() -> Hashes:
    return Hashes(Suppression.read(os.environ).key)


@cache
def _imports() -> Imports:
    documents, hashes = _documents(), _hashes()
    return Imports(
        documents=documents,
        publisher=_publisher(),
        ingestion=Ingestion(documents, hashes=hashes),
        activities=Activities(documents, hashes=hashes),
    )


@cache
def _app() -> FastAPI:
    documents = _documents()
    audience = Audience(documents, zone=Place.read(os.environ).zone)
    services = services_of(documents, imports=_imports(), hashes=_hashes(), audience=audience)
    members = Members(documents, first_admin=AccessSettings.read(os.environ).first_admin)
    access = Access(email_of=id_tokens(Cloud.read(os.environ).project), members=members)
    return create_customers_app(access=access, services=services)


def api(request: Request) -> Response:
    return HandOver(_app(), request)


@cache
def imports() -> Endpoint[ImportLane]:
    return endpoint(os.environ, _publisher(), read=decoded(ImportLane), handle=_imports().work)
