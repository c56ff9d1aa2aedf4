"""Builds the real dependencies, on first use, inside the running event loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from common.pubsub.client import PubSubPublisher
from common.settings import CloudSettings
from common.storage.firestore import FirestoreDocuments
from common.webhooks.recording import EventRecordingDocuments

from .composition import ReceiptsFunction, ReceiptsSettings, compose


@cache
def function() -> ReceiptsFunction:
    """The function of this process."""
    return create_function(os.environ)


def create_function(environ: Mapping[str, str]) -> ReceiptsFunction:
    project = CloudSettings.read(environ).project
    return compose(
        documents=EventRecordingDocuments(FirestoreDocuments(project)),
        publisher=PubSubPublisher(project),
        settings=ReceiptsSettings(environ),
    )
