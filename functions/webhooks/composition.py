"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from common.clock import Clock, utc_now
from common.events import EventTick
from common.pubsub.publisher import Publisher
from common.pubsub.push import Endpoint, decode_as
from common.pubsub.runtime import endpoint
from common.settings import FunctionSettings, WebhookAddressSettings
from common.storage.documents import DocumentReader, Documents
from common.webhooks.public_hosts import PublicHosts

from .deliveries import Deliveries
from .dispatch import Dispatcher
from .event_job import EventJob
from .event_sender import EventSender


class WebhooksSettings(FunctionSettings):
    """The settings of the webhooks function."""

    @cached_property
    def addresses(self) -> WebhookAddressSettings:
        return WebhookAddressSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class WebhooksFunction:
    """The objects of the webhooks function, each built on first use."""

    documents: Documents
    access: DocumentReader  # the access database, with the addresses and secrets of webhooks
    publisher: Publisher
    settings: WebhooksSettings
    hosts: PublicHosts | None = None  # by default those that the settings allow
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic  # the clock of time budgets, in seconds

    @cached_property
    def send_events_endpoint(self) -> Endpoint[EventTick]:
        read = decode_as(EventTick)
        return endpoint(self.settings.environ, self.publisher, read=read, handle=self.event_job.tick)

    @cached_property
    def event_job(self) -> EventJob:
        """Divides the events among the webhooks, and sends them."""
        return EventJob(
            documents=self.documents,
            access=self.access,
            dispatcher=Dispatcher(self.documents, clock=self.clock),
            deliveries=Deliveries(self.documents, self.event_sender, clock=self.clock, monotonic=self.monotonic),
            monotonic=self.monotonic,
        )

    @cached_property
    def event_sender(self) -> EventSender:
        hosts = self.hosts or PublicHosts(allows_private=self.settings.addresses.allows_private)
        return EventSender(hosts=hosts, clock=self.clock, monotonic=self.monotonic)


compose = WebhooksFunction
"""Takes the fields of the class as keyword arguments. Production and the tests use it."""
