"""Firebase Authentication: verifies ID tokens, and asks whether their accounts may still sign in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from common.caching import TtlCache
from common.errors import Unauthenticated, Unavailable
from common.ids import random_id
from common.web.auth import AccountClosed, VerifyIdToken
from common.web.principal import Identity

CACHE_TTL_SECONDS = 60
CACHE_SIZE = 1_000
PROVIDER = "google.com"
"""The only way to sign in: the local stack signs in with it too, at the Auth emulator, with made-up accounts."""

VerifyToken = Callable[[str], Awaitable[Mapping[str, Any]]]
"""Takes an ID token and returns its claims, after a look at its account; raises `Unauthenticated`."""


def id_token_verifier(project: str) -> VerifyIdToken:
    """A function that verifies ID tokens of the project. The SDK is loaded at the first token."""

    @cache
    def firebase_app() -> Any:
        import firebase_admin

        return firebase_admin.initialize_app(options={"projectId": project}, name=f"herald-{random_id()}")

    async def verify(token: str) -> Mapping[str, Any]:
        """Verifies on the server, in a thread, because the SDK fetches the account, and perhaps certificates.

        An account that was disabled or deleted, or whose tokens were revoked, is refused.
        """
        from firebase_admin import auth, exceptions

        app = firebase_app()
        try:
            claims: Mapping[str, Any] = await asyncio.to_thread(auth.verify_id_token, token, app, check_revoked=True)
        except (auth.RevokedIdTokenError, auth.UserDisabledError, auth.UserNotFoundError) as error:
            claims = await asyncio.to_thread(auth.verify_id_token, token, app)
            raise AccountClosed(str(claims.get("email"))) from error
        except (ValueError, auth.InvalidIdTokenError) as error:
            raise Unauthenticated(f"The ID token is not valid: {error}") from error
        except exceptions.FirebaseError as error:
            raise Unavailable(f"Firebase did not say whether the account may sign in: {error}") from error
        return claims

    return cached(verify)


def cached(verify: VerifyToken, *, clock: Callable[[], float] = time.time) -> VerifyIdToken:
    """A function that returns whose an ID token is. A valid token is kept for a minute, or until it expires.

    `clock` is the system time, not a monotonic one, because `exp` in a token is a system time.
    """
    identities: TtlCache[str, Identity] = TtlCache(max_size=CACHE_SIZE, ttl=CACHE_TTL_SECONDS, clock=clock)

    async def verify_id_token(token: str, *, fresh: bool = False) -> Identity:
        identity = None if fresh else identities.get(token)
        if identity is None:
            claims = await verify(token)
            identity = identity_of(claims)
            identities.set(token, identity, ttl=min(CACHE_TTL_SECONDS, claims["exp"] - clock()))
        return identity

    return verify_id_token


def identity_of(claims: Mapping[str, Any]) -> Identity:
    """The Google account in the claims of a token. Raises `Unauthenticated` if it is not one, or not verified."""
    firebase = claims.get("firebase") or {}
    if firebase.get("sign_in_provider") != PROVIDER:
        raise Unauthenticated("Sign in with Google: Herald knows no other way.")
    subjects = (firebase.get("identities") or {}).get(PROVIDER)
    if not subjects or not claims.get("email") or not claims.get("email_verified"):
        raise Unauthenticated("The ID token has no verified e-mail of a Google account.")
    return Identity(email=str(claims["email"]), subject=str(subjects[0]))
