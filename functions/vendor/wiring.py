"""What the entry point is made of. Built on first use, inside the running loop."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

from common.events import MessagePersonalized
from common.ids import random_id
from common.messages.campaign_state import Controls
from common.messages.deferred import DeferredMessages
from common.messages.suppressions import Hashes, Watch
from common.pubsub.client import PubSubPublisher
from common.pubsub.push import Endpoint, decoded
from common.pubsub.runtime import endpoint
from common.settings import Callbacks, Cloud, Delivery, Simulator, Site, Suppression, Webhook
from common.storage.firestore import FirestoreDocuments

from .claims import Claims
from .delivery import Deliverer
from .vendor import Vendor
from .vendors.simulator.sender import SimulatedVendor
from .vendors.webhook.sender import WebhookVendor


@cache
def deliveries() -> Endpoint[MessagePersonalized]:
    cloud = Cloud.read(os.environ)
    publisher = PubSubPublisher(cloud.project)
    lease = timedelta(seconds=Delivery.read(os.environ).lease_seconds)
    documents = FirestoreDocuments(cloud.project)
    deliverer = Deliverer(
        claims=Claims(documents, owner=random_id(), lease=lease),
        controls=Controls(documents),
        held=DeferredMessages(documents, publisher),
        suppressions=Watch(documents, Hashes(Suppression.read(os.environ).key)),
        vendors=_vendors(),
        publisher=publisher,
    )
    return endpoint(os.environ, publisher, read=decoded(MessagePersonalized), handle=deliverer.deliver)


def _vendors() -> dict[str, Vendor]:
    """Those that this deployment has settings for."""
    simulator = SimulatedVendor(
        settings=Simulator.read(os.environ),
        callback_url=f"{Site.read(os.environ).public_url}/api/receipts/simulator",
        secret=Callbacks.read(os.environ).secret,
    )
    webhook = Webhook.where_given(os.environ)
    return {"simulator": simulator} | ({"webhook": WebhookVendor(webhook)} if webhook else {})
