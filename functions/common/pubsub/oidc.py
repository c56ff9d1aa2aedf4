"""Verifies the OIDC token of a push request in the function itself, in addition to the check of Cloud Run."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from google.auth import exceptions, jwt

from common.caching import TtlCache
from common.errors import Unauthenticated, Unavailable
from common.settings import PushSettings

CERTIFICATES_TTL_SECONDS = 3600
REFETCH_SECONDS = 10
CACHE_SIZE = 100
Certificates = Mapping[str, str]
"""PEM certificates by key id."""


class PushTokenVerifier:
    """Accepts the tokens of one issuer, audience and service account. A valid token is cached until it expires."""

    def __init__(
        self, settings: PushSettings, *, fetch_certificates: Callable[[], Awaitable[Certificates]] | None = None
    ) -> None:
        self._settings = settings
        self._fetch = fetch_certificates or (lambda: asyncio.to_thread(_fetch_certificates, settings.certs_url))
        self._certificates: TtlCache[str, Certificates] = TtlCache(max_size=1, ttl=CERTIFICATES_TTL_SECONDS)
        self._fetched_recently: TtlCache[str, bool] = TtlCache(max_size=1, ttl=REFETCH_SECONDS)
        # `exp` in a token is a system time, so this clock is not monotonic.
        self._valid_tokens: TtlCache[str, bool] = TtlCache(max_size=CACHE_SIZE, ttl=0, clock=time.time)
        self._lock = asyncio.Lock()

    async def verify(self, authorization: str | None) -> None:
        """Takes the value of the `Authorization` header; raises `Unauthenticated`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("A push request needs the subscription's OIDC token.")
        if not self._valid_tokens.get(token):
            claims = await self._claims(token)
            self._valid_tokens.set(token, True, ttl=claims["exp"] - time.time())

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token whose signature, audience, issuer and identity are right."""
        try:
            key_id = jwt.decode_header(token).get("kid")  # type: ignore[no-untyped-call]  # google-auth has no types here
            certs = await self._certificates_with(key_id)
            claims = jwt.decode(token, certs=certs, audience=self._settings.audience)  # type: ignore[no-untyped-call]
        except (ValueError, exceptions.GoogleAuthError) as error:
            raise Unauthenticated(f"The push token is not valid: {error}") from error
        expected = {"iss": self._settings.issuer, "email": self._settings.identity, "email_verified": True}
        wrong = [name for name, value in expected.items() if claims.get(name) != value]
        if wrong:
            raise Unauthenticated(f"The push token has other values than expected: {', '.join(wrong)}")
        return dict(claims)

    async def _certificates_with(self, key_id: str | None) -> Certificates:
        """The issuer's certificates.

        They are fetched when they are an hour old, or when this key is not among them, but for the latter at most every
        10 seconds.
        """
        url = self._settings.certs_url
        async with self._lock:
            certificates = self._certificates.get(url)
            is_unknown_key = certificates is not None and key_id not in certificates
            if certificates is None or (is_unknown_key and not self._fetched_recently.get(url)):
                certificates = await self._fetch()
                self._certificates.set(url, certificates)
                self._fetched_recently.set(url, True)
        return certificates


def _fetch_certificates(url: str) -> Certificates:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            certificates: Certificates = json.load(response)
    except OSError as error:
        raise Unavailable(f"The certificates for push tokens could not be fetched: {error}") from error
    return certificates
