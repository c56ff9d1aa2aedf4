"""The identity behind a push: Google's OIDC tokens, checked on the function's side too."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from google.auth import exceptions, jwt

from common.errors import Unauthenticated, Unavailable
from common.settings import Push

CERTS_SECONDS = 3600
MOST_TOKENS = 100
Certs = Mapping[str, str]


class Tokens:
    """Accepts the tokens of one issuer, audience and identity. A token that was good is good until it expires."""

    def __init__(self, settings: Push, *, fetch: Callable[[], Awaitable[Certs]] | None = None) -> None:
        self._settings = settings
        self._fetch = fetch or (lambda: asyncio.to_thread(_fetch_certs, settings.certs_url))
        self._certs: Certs = {}
        self._fetched_at = 0.0
        self._good: dict[str, float] = {}
        self._lock = asyncio.Lock()

    async def check(self, authorization: str | None) -> None:
        """Takes the value of the `Authorization` header; raises `Unauthenticated`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("A push needs the subscription's OIDC token.")
        if self._good.get(token, 0) <= time.time():
            claims = await self._claims(token)
            self._remember(token, claims["exp"])

    async def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            key_id = jwt.decode_header(token).get("kid")  # type: ignore[no-untyped-call]  # google-auth has no types here
            certs = await self._certs_with(key_id)
            claims = jwt.decode(token, certs=certs, audience=self._settings.audience)  # type: ignore[no-untyped-call]
        except (ValueError, exceptions.GoogleAuthError) as error:
            raise Unauthenticated(f"The push token is not valid: {error}") from error
        expected = {"iss": self._settings.issuer, "email": self._settings.identity, "email_verified": True}
        wrong = [name for name, value in expected.items() if claims.get(name) != value]
        if wrong:
            raise Unauthenticated(f"The push token is not the subscription's own: {', '.join(wrong)}")
        return dict(claims)

    async def _certs_with(self, key_id: str | None) -> Certs:
        """The issuer's certificates, fetched anew when old or when the key is not among them (at most each 10 s)."""
        async with self._lock:
            age = time.time() - self._fetched_at
            if age > CERTS_SECONDS or (key_id not in self._certs and age > 10):
                self._certs = await self._fetch()
                self._fetched_at = time.time()
        return self._certs

    def _remember(self, token: str, expires: float) -> None:
        if len(self._good) >= MOST_TOKENS:
            self._good.clear()
        self._good[token] = expires


def _fetch_certs(url: str) -> Certs:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            certs: Certs = json.load(answer)
    except OSError as error:
        raise Unavailable(f"The push tokens' certificates could not be fetched: {error}") from error
    return certs
