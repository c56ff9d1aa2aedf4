"""Builds the real dependencies, on first use, inside the running event loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from common.llm.gemini import Gemini
from common.llm.model_armor import safety_net
from common.pubsub.client import PubSubPublisher
from common.settings import AccessDatabaseSettings, CloudSettings, GeminiSettings
from common.storage.firestore import FirestoreDocuments
from common.web.firebase import id_token_verifier
from common.webhooks.recording import EventRecordingDocuments

from .composition import CampaignsFunction, CampaignsSettings, compose


@cache
def function() -> CampaignsFunction:
    """The function of this process."""
    return create_function(os.environ)


def create_function(environ: Mapping[str, str]) -> CampaignsFunction:
    """The function with the real adapters. Only the API needs the access database, the model and the second net."""
    cloud = CloudSettings.read(environ)
    return compose(
        documents=EventRecordingDocuments(FirestoreDocuments(cloud.project)),
        publisher=PubSubPublisher(cloud.project),
        open_access=lambda: FirestoreDocuments(cloud.project, AccessDatabaseSettings.read(environ).name),
        create_model=lambda: Gemini(GeminiSettings.read(environ), cloud),
        verify_id_token=id_token_verifier(cloud.project),
        settings=CampaignsSettings(environ),
        create_net=lambda: safety_net(environ),
    )
