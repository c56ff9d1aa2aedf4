"""Builds the real dependencies, on first use, inside the running event loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from common.pubsub.client import PubSubPublisher
from common.settings import AccessDatabaseSettings, CloudSettings
from common.storage.firestore import FirestoreDocuments

from .composition import WebhooksFunction, WebhooksSettings, compose


@cache
def function() -> WebhooksFunction:
    """The function of this process."""
    return create_function(os.environ)


def create_function(environ: Mapping[str, str]) -> WebhooksFunction:
    project = CloudSettings.read(environ).project
    return compose(
        documents=FirestoreDocuments(project),
        access=FirestoreDocuments(project, AccessDatabaseSettings.read(environ).name),
        publisher=PubSubPublisher(project),
        settings=WebhooksSettings(environ),
    )
