"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fastapi import FastAPI

from common.clock import Clock, utc_now
from common.settings import AccessSettings, FunctionSettings, MoneySettings
from common.storage.documents import Documents
from common.web.auth import Authenticator, MemberStore, VerifyIdToken
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


@dataclass(frozen=True, kw_only=True, eq=False)
class MembersFunction:
    """The objects of the members function, each built on first use."""

    documents: Documents
    email_of: VerifyIdToken
    settings: MembersSettings
    clock: Clock = utc_now

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP application with its services."""
        members = MemberStore(self.documents, first_admin=self.settings.access.first_admin)
        services = MemberServices(
            documents=self.documents,
            first_admin=members.first_admin,
            currency=self.settings.money.currency,
            clock=self.clock,
        )
        return create_members_app(
            authenticator=Authenticator(email_of=self.email_of, members=members),
            services=services,
            limits=RateLimits(self.settings.rate_limits),
        )


compose = MembersFunction
"""Takes the fields of the class as keyword arguments. Production, the OpenAPI generator and the tests use it."""
