"""Builds the real dependencies, on first use, inside the running event loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from common.pubsub.client import PubSubPublisher
from common.settings import AccessDatabaseSettings, CloudSettings
from common.storage.firestore import FirestoreDocuments
from common.web.firebase import id_token_verifier
from common.webhooks.recording import EventRecordingDocuments

from .composition import CustomersFunction, CustomersSettings, compose


@cache
def function() -> CustomersFunction:
    """The function of this process."""
    return create_function(os.environ)


def create_function(environ: Mapping[str, str]) -> CustomersFunction:
    project = CloudSettings.read(environ).project
    return compose(
        documents=EventRecordingDocuments(FirestoreDocuments(project)),
        publisher=PubSubPublisher(project),
        open_access=lambda: FirestoreDocuments(project, AccessDatabaseSettings.read(environ).name),
        verify_id_token=id_token_verifier(project),
        settings=CustomersSettings(environ),
    )
