"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from fastapi import FastAPI

from common.clock import Clock, utc_now
from common.events import AuditTick
from common.pubsub.publisher import Publisher
from common.pubsub.push import Endpoint, decode_as
from common.pubsub.runtime import endpoint
from common.settings import (
    AccessSettings,
    AuditRetentionSettings,
    FunctionSettings,
    MoneySettings,
    TimeZoneSettings,
    WebhookAddressSettings,
)
from common.storage.documents import Documents
from common.web.auth import VerifyIdToken, create_authenticator
from common.web.rate_limits import RateLimits

from .app import create_members_app
from .audit_keeper import AuditKeeper
from .audit_outbox import AuditOutbox
from .audit_retention import AuditRetention
from .services import MemberServices


class MembersSettings(FunctionSettings):
    """The settings of the members function."""

    @cached_property
    def access(self) -> AccessSettings:
        return AccessSettings.read(self.environ)

    @cached_property
    def audit_retention(self) -> AuditRetentionSettings:
        return AuditRetentionSettings.read(self.environ)

    @cached_property
    def money(self) -> MoneySettings:
        return MoneySettings.read(self.environ)

    @cached_property
    def webhook_addresses(self) -> WebhookAddressSettings:
        return WebhookAddressSettings.read(self.environ)

    @cached_property
    def time_zone(self) -> TimeZoneSettings:
        return TimeZoneSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class MembersFunction:
    """The objects of the members function, each built on first use: an entry point builds only what it needs."""

    documents: Documents
    access: Documents  # the access database, which no other function may write
    publisher: Publisher
    verify_id_token: VerifyIdToken
    settings: MembersSettings
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic  # the clock of time budgets, in seconds

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP application with its services."""
        first_admin = self.settings.access.first_admin
        services = MemberServices(
            documents=self.documents,
            access=self.access,
            outbox=self._outbox,
            first_admin=first_admin.lower(),
            currency=self.settings.money.currency,
            webhooks_may_be_private=self.settings.webhook_addresses.allows_private,
            clock=self.clock,
        )
        authenticator = create_authenticator(
            self.documents,
            access=self.access,
            verify_id_token=self.verify_id_token,
            first_admin=first_admin,
            clock=self.clock,
            bindings=self.access,
            viewers_see_addresses=True,  # here they are those of members
        )
        return create_members_app(
            authenticator=authenticator,
            services=services,
            zone=self.settings.time_zone.time_zone,
            limits=RateLimits(self.settings.rate_limits),
        )

    @cached_property
    def move_audit_endpoint(self) -> Endpoint[AuditTick]:
        read = decode_as(AuditTick)
        return endpoint(self.settings.environ, self.publisher, read=read, handle=self.audit_keeper.tick)

    @cached_property
    def audit_keeper(self) -> AuditKeeper:
        """Looks after the audit log each minute."""
        days = self.settings.audit_retention.days
        keep_for = timedelta(days=days) if days else None
        retention = AuditRetention(self.access, keep_for=keep_for, clock=self.clock, monotonic=self.monotonic)
        return AuditKeeper(outbox=self._outbox, retention=retention)

    @cached_property
    def _outbox(self) -> AuditOutbox:
        return AuditOutbox(self.documents, self.access, clock=self.clock, monotonic=self.monotonic)


compose = MembersFunction
"""Takes the fields of the class as keyword arguments. Production, the OpenAPI generator and the tests use it."""
