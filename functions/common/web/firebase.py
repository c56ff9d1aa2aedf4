"""Firebase Authentication: verifies ID tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from common.caching import TtlCache
from common.errors import Unauthenticated, Unavailable
from common.ids import random_id
from common.web.auth import VerifyIdToken

CACHE_TTL_SECONDS = 60
CACHE_SIZE = 1_000

VerifyToken = Callable[[str], Awaitable[Mapping[str, Any]]]
"""Takes an ID token and returns its claims; raises `Unauthenticated`."""


def id_token_verifier(project: str) -> VerifyIdToken:
    """A function that verifies ID tokens of the project. The SDK is loaded at the first token."""

    @cache
    def firebase_app() -> Any:
        import firebase_admin

        return firebase_admin.initialize_app(options={"projectId": project}, name=f"herald-{random_id()}")

    async def verify(token: str) -> Mapping[str, Any]:
        """Verifies on the server, in a thread, because the SDK may fetch certificates."""
        from firebase_admin import auth, exceptions

        try:
            claims: Mapping[str, Any] = await asyncio.to_thread(auth.verify_id_token, token, firebase_app())
        except auth.CertificateFetchError as error:
            raise Unavailable(f"Firebase's certificates could not be fetched: {error}") from error
        except (ValueError, exceptions.FirebaseError) as error:
            raise Unauthenticated(f"The ID token is not valid: {error}") from error
        if not claims.get("email") or not claims.get("email_verified"):
            raise Unauthenticated("The ID token has no verified e-mail.")
        return claims

    return cached(verify)


def cached(verify: VerifyToken, *, clock: Callable[[], float] = time.time) -> VerifyIdToken:
    """A function that returns the e-mail of an ID token. A valid token is kept for a minute, or until it expires.

    `clock` is the system time, not a monotonic one, because `exp` in a token is a system time.
    """
    emails: TtlCache[str, str] = TtlCache(max_size=CACHE_SIZE, ttl=CACHE_TTL_SECONDS, clock=clock)

    async def email_of(token: str) -> str:
        email = emails.get(token)
        if email is None:
            claims = await verify(token)
            email = str(claims["email"])
            emails.set(token, email, ttl=min(CACHE_TTL_SECONDS, claims["exp"] - clock()))
        return email

    return email_of
