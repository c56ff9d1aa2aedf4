"""Builds the real dependencies, on first use, inside the running event loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from common.llm.gemini import Gemini
from common.llm.model_armor import safety_net
from common.pubsub.client import PubSubPublisher
from common.settings import CloudSettings, GeminiSettings
from common.storage.firestore import FirestoreDocuments

from .composition import PersonalizationFunction, PersonalizationSettings, compose


@cache
def function() -> PersonalizationFunction:
    """The function of this process."""
    return create_function(os.environ)


def create_function(environ: Mapping[str, str]) -> PersonalizationFunction:
    cloud = CloudSettings.read(environ)
    return compose(
        documents=FirestoreDocuments(cloud.project),
        publisher=PubSubPublisher(cloud.project),
        model=Gemini(GeminiSettings.read(environ), cloud),
        settings=PersonalizationSettings(environ),
        net=safety_net(environ),
    )
