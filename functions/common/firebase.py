"""Firebase Authentication: whose ID token is this?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from common.errors import Unauthenticated, Unavailable
from common.ids import random_id


def id_tokens(project: str) -> Callable[[str], Awaitable[str]]:
    """Checks ID tokens of the project on the server; answers with the verified e-mail."""
    import firebase_admin
    from firebase_admin import auth, exceptions

    app = firebase_admin.initialize_app(options={"projectId": project}, name=f"herald-{random_id()}")

    async def email_of(token: str) -> str:
        try:
            claims = await asyncio.to_thread(auth.verify_id_token, token, app)
        except auth.CertificateFetchError as error:
            raise Unavailable(f"Firebase's certificates could not be fetched: {error}") from error
        except (ValueError, exceptions.FirebaseError) as error:
            raise Unauthenticated(f"The ID token is not valid: {error}") from error
        if not claims.get("email") or not claims.get("email_verified"):
            raise Unauthenticated("The ID token has no verified e-mail.")
        return str(claims["email"])

    return email_of
