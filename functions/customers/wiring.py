"""What the entry points are made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from functools import cache

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from common.audience import Audience
from common.events import ImportLane
from common.messages.suppressions import Hashes
from common.pubsub.client import PubSubPublisher
from common.pubsub.push import Endpoint, decoded
from common.pubsub.runtime import endpoint
from common.settings import Access as AccessSettings
from common.settings import Cloud, Place, Suppression
from common.storage.firestore import FirestoreDocuments
from common.web.app import HandOver
from common.web.auth import Access, Members
from common.web.firebase import id_tokens

from .app import create_customers_app
from .commands.record_activities import Activities
from .commands.upsert import Ingestion
from .imports.jobs import Imports
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
