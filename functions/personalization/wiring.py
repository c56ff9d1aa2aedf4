"""What the entry point is made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from functools import cache

from common.controls import Controls
from common.events import RecipientFound
from common.firestore import FirestoreDocuments
from common.gemini import Gemini
from common.held import Held
from common.pubsub import PubSubPublisher
from common.push import Endpoint, decoded
from common.settings import Cloud
from common.settings import Gemini as GeminiSettings
from common.startup import endpoint

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
        held=Held(documents, publisher),
    )
    return endpoint(os.environ, publisher, read=decoded(RecipientFound), handle=personalizer.personalize)
