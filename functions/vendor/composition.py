"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from common.addresses.address import AddressHasher, address_on
from common.addresses.changes import RecentAddressChanges
from common.addresses.key_check import KeyCheck
from common.clock import Clock, utc_now
from common.events import MessageReady
from common.ids import random_id
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.messages.recipient_check import RecipientCheck
from common.messages.send_times import SendTimes
from common.pubsub.publisher import Publisher
from common.pubsub.push import Endpoint, decode_as
from common.pubsub.runtime import endpoint
from common.settings import (
    ConsentSettings,
    DeliverySettings,
    FunctionSettings,
    QuietHoursSettings,
    SuppressionSettings,
    VendorRateSettings,
)
from common.storage.documents import Documents

from .circuit import Circuit
from .claims import Claims
from .delivery import Deliverer
from .send_rate import SendRateLimiter
from .vendor import Vendor


class VendorSettings(FunctionSettings):
    """The settings of the vendor function; each vendor has its own in addition."""

    @cached_property
    def consent(self) -> ConsentSettings:
        return ConsentSettings.read(self.environ)

    @cached_property
    def delivery(self) -> DeliverySettings:
        return DeliverySettings.read(self.environ)

    @cached_property
    def vendor_rates(self) -> VendorRateSettings:
        return VendorRateSettings.read(self.environ)

    @cached_property
    def send_times(self) -> SendTimes:
        """When messages may be sent."""
        settings = QuietHoursSettings.read(self.environ)
        return SendTimes(quiet_hours=settings.hours, zone=settings.time_zone)

    @cached_property
    def suppression(self) -> SuppressionSettings:
        return SuppressionSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class VendorFunction:
    """The objects of the vendor function, each built on first use."""

    documents: Documents
    publisher: Publisher
    vendors: Mapping[str, Vendor]  # by name
    settings: VendorSettings
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic  # the clock of caches, in seconds
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep  # waits for a slot of a rate

    @cached_property
    def deliver_endpoint(self) -> Endpoint[MessageReady]:
        read = decode_as(MessageReady)
        return endpoint(
            self.settings.environ,
            self.publisher,
            read=read,
            handle=self.deliverer.deliver,
            check_ready=self._key_check.require_known_key,
        )

    @cached_property
    def deliverer(self) -> Deliverer:
        """Delivers messages to their vendors."""
        return Deliverer(
            claims=self.claims,
            campaign_states=CampaignStates(self.documents, monotonic=self.monotonic),
            deferred=DeferredMessages(self.documents, self.publisher),
            recipient_check=self.recipient_check,
            vendors=self.vendors,
            circuits=self.circuits,
            send_rates=SendRateLimiter(
                self.documents,
                vendor_rates=self.settings.vendor_rates.vendor_rates,
                clock=self.clock,
                sleep=self.sleep,
            ),
            send_times=self.settings.send_times,
            publisher=self.publisher,
            clock=self.clock,
        )

    @cached_property
    def recipient_check(self) -> RecipientCheck:
        """Looks at each recipient right before the claim."""
        changes = RecentAddressChanges(self.documents, self._hasher, clock=self.clock, monotonic=self.monotonic)
        unknown_allowed = self.settings.consent.unknown_allowed
        return RecipientCheck(self.documents, changes, self._hasher, unknown_allowed=unknown_allowed)

    @cached_property
    def circuits(self) -> dict[str, Circuit]:
        """The circuit breaker of each vendor."""
        return {name: Circuit() for name in self.vendors}

    @cached_property
    def claims(self) -> Claims:
        lease = timedelta(seconds=self.settings.delivery.lease_seconds)
        paths = {"inbox_path": self._inbox_path, "sends_path": self._sends_path}
        return Claims(self.documents, owner=random_id(), lease=lease, **paths, clock=self.clock)

    def _inbox_path(self, message: MessageReady) -> str:
        address = address_on(message.channel, message.to)
        return self._hasher.inbox_path(message.campaign_id, message.channel, address)

    def _sends_path(self, message: MessageReady) -> str:
        return self._hasher.recent_sends_path(message.channel, address_on(message.channel, message.to))

    @cached_property
    def _hasher(self) -> AddressHasher:
        return AddressHasher(self.settings.suppression.key)

    @cached_property
    def _key_check(self) -> KeyCheck:
        return KeyCheck(documents=self.documents, hashes=self._hasher)


compose = VendorFunction
"""Takes the fields of the class as keyword arguments. Production and the tests use it."""
