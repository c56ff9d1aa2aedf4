"""Firebase Authentication: whose ID token is this?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from common.errors import Unauthenticated, Unavailable
from common.ids import random_id

REMEMBERED_SECONDS = 60
MOST_REMEMBERED = 1_000

Verify = Callable[[str], Awaitable[Mapping[str, Any]]]
"""Takes an ID token and answers with its claims; raises `Unauthenticated`."""


def id_tokens(project: str) -> Callable[[str], Awaitable[str]]:
    """Checks ID tokens of the project on the server; answers with the verified e-mail."""
    import firebase_admin
    from firebase_admin import auth, exceptions

    app = firebase_admin.initialize_app(options={"projectId": project}, name=f"herald-{random_id()}")

    async def verify(token: str) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = await asyncio.to_thread(auth.verify_id_token, token, app)
        except auth.CertificateFetchError as error:
            raise Unavailable(f"Firebase's certificates could not be fetched: {error}") from error
        except (ValueError, exceptions.FirebaseError) as error:
            raise Unauthenticated(f"The ID token is not valid: {error}") from error
        if not claims.get("email") or not claims.get("email_verified"):
            raise Unauthenticated("The ID token has no verified e-mail.")
        return claims

    return remembered(verify)


def remembered(verify: Verify, *, now: Callable[[], float] = time.time) -> Callable[[str], Awaitable[str]]:
    """A token that was good within the last minute is not checked again, unless it has expired since."""
    known: dict[str, tuple[float, str]] = {}

    async def email_of(token: str) -> str:
        until, email = known.get(token, (0.0, ""))
        if until <= now():
            claims = await verify(token)
            email = str(claims["email"])
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            known[token] = (min(claims["exp"], now() + REMEMBERED_SECONDS), email)
        return email

    return email_of
