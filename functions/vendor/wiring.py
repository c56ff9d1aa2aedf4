"""Builds the real dependencies, on first use, inside the running event loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from common.pubsub.client import PubSubPublisher
from common.settings import CloudSettings
from common.storage.firestore import FirestoreDocuments

from .composition import VendorFunction, VendorSettings, compose
from .vendors import create_vendors


@cache
def function() -> VendorFunction:
    """The function of this process."""
    return create_function(os.environ)


def create_function(environ: Mapping[str, str]) -> VendorFunction:
    project = CloudSettings.read(environ).project
    return compose(
        documents=FirestoreDocuments(project),
        publisher=PubSubPublisher(project),
        vendors=create_vendors(environ),
        settings=VendorSettings(environ),
    )
