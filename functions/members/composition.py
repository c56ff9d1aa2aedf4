"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fastapi import FastAPI

from common.clock import Clock, utc_now
from common.settings import AccessSettings, FunctionSettings, MoneySettings, TimeZoneSettings
from common.storage.documents import Documents
from common.web.auth import VerifyIdToken, create_authenticator
from common.web.rate_limits import RateLimits

from .app import create_members_app
from .services import MemberServices


class MembersSettings(FunctionSettings):
    """The settings of the members function."""

    @cached_property
    def access(self) -> AccessSettings:
        return AccessSettings.read(self.environ)

    @cached_property
    def money(self) -> MoneySettings:
        return MoneySettings.read(self.environ)

    @cached_property
    def time_zone(self) -> TimeZoneSettings:
        return TimeZoneSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class MembersFunction:
    """The objects of the members function, each built on first use."""

    documents: Documents
    verify_id_token: VerifyIdToken
    settings: MembersSettings
    clock: Clock = utc_now

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP application with its services."""
        first_admin = self.settings.access.first_admin
        services = MemberServices(
            documents=self.documents,
            first_admin=first_admin.lower(),
            currency=self.settings.money.currency,
            clock=self.clock,
        )
        authenticator = create_authenticator(
            self.documents,
            verify_id_token=self.verify_id_token,
            first_admin=first_admin,
            clock=self.clock,
            binds=True,
            viewers_see_addresses=True,  # here they are those of members
        )
        return create_members_app(
            authenticator=authenticator,
            services=services,
            zone=self.settings.time_zone.time_zone,
            limits=RateLimits(self.settings.rate_limits),
        )


compose = MembersFunction
"""Takes the fields of the class as keyword arguments. Production, the OpenAPI generator and the tests use it."""
