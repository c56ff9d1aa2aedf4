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
from common.settings import Cloud
from common.startup import endpoint

from .activities import Activities
from .api import create_customers_app
from .imports import Imports
from .ingestion import Ingestion
from .intake import Intake
from .services import Services


@cache
def _documents() -> FirestoreDocuments:
    return FirestoreDocuments(Cloud.read(os.environ).project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(Cloud.read(os.environ).project)


@cache
def _intake() -> Intake:
    documents, publisher = _documents(), _publisher()
    ingestion, activities = Ingestion(documents), Activities(documents)
    imports = Imports(documents=documents, publisher=publisher, ingestion=ingestion, activities=activities)
    return Intake(ingestion=ingestion, activities=activities, imports=imports)


@cache
def _app() -> FastAPI:
    members = Members(_documents(), first_admin=AccessSettings.read(os.environ).first_admin)
    intake = _intake()
    services = Services(documents=_documents(), intake=intake, imports=intake.imports, audience=Audience(_documents()))
    access = Access(email_of=id_tokens(Cloud.read(os.environ).project), members=members)
    return create_customers_app(access=access, services=services)


def api(request: Request) -> Response:
    return HandOver(_app(), request)


@cache
def imports() -> Endpoint[ImportLane]:
    return endpoint(os.environ, _publisher(), read=decoded(ImportLane), handle=_intake().imports.work)
