"""What the entry point is made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from functools import cache

from common.events import RecipientFound
from common.llm.gemini import Gemini
from common.messages.campaign_state import Controls
from common.messages.deferred import DeferredMessages
from common.pubsub.client import PubSubPublisher
from common.pubsub.push import Endpoint, decoded
from common.pubsub.runtime import endpoint
from common.settings import Cloud
from common.settings import Gemini as GeminiSettings
from common.storage.firestore import FirestoreDocuments

from .personalizer import Personalizer


@cache
def personalizations() -> Endpoint[RecipientFound]:
    cloud = Cloud.read(os.environ)
    publisher = PubSubPublisher(cloud.project)
    documents = FirestoreDocuments(cloud.project)
    personalizer = Personalizer(
        model=Gemini(GeminiSettings.read(os.environ), cloud),
        publisher=publisher,
        controls=Controls(documents),
        held=DeferredMessages(documents, publisher),
    )
    return endpoint(os.environ, publisher, read=decoded(RecipientFound), handle=personalizer.personalize)
