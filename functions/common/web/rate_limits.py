"""Rate limits: a bucket of tokens for each member, each API key, and each address whose requests are refused.

A bucket is full at first and is filled again at its rate. A request takes as many tokens as it costs; where there are
too few, the answer is 429 and says in how many seconds there are enough. The buckets are in the memory of an instance:
with several instances a caller has as many buckets. So the limits stop somebody who takes an instance away from all
others; they are not exact numbers.

A member's limit counts what their requests cost. An address has a limit only for requests that are answered with 401:
an address may be shared by many people, and nobody is to be locked out by a neighbour. A credential that was valid
within the last hour passes, whatever happens at its address.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.caching import TtlCache
from common.errors import TooManyRequests, Unauthenticated
from common.settings import RateLimitSettings
from common.web import problems

BURST_SECONDS = 30
"""A full bucket has the tokens of this many seconds."""
MAX_CALLERS = 10_000
CREDENTIAL_SECONDS = 3600
IPV6_PREFIX = 64
"""One customer of a provider has all addresses with the same first 64 bits."""


class TokenBuckets:
    """The buckets of one kind of caller. Those that were used longest ago are forgotten first, as if they were full."""

    def __init__(self, *, per_second: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """A rate of 0 means no limit."""
        self._rate = per_second
        self._size = per_second * BURST_SECONDS
        self._clock = monotonic
        self._states: TtlCache[str, tuple[float, float]] = TtlCache(
            max_size=MAX_CALLERS, ttl=BURST_SECONDS, clock=monotonic
        )

    def take(self, caller: str, *, cost: float) -> float:
        """Take the tokens and return 0; or the seconds until there are enough, and take nothing.

        A request that costs more than a whole bucket takes a whole bucket.
        """
        if not self._rate:
            return 0
        cost = min(cost, self._size)
        tokens = self._tokens(caller)
        if tokens < cost:
            return (cost - tokens) / self._rate
        self._states.set(caller, (tokens - cost, self._clock()))
        return 0

    def wait(self, caller: str) -> float:
        """The seconds until there is a token; 0 if there is one."""
        return max(0.0, 1 - self._tokens(caller)) / self._rate if self._rate else 0

    def _tokens(self, caller: str) -> float:
        tokens, at = self._states.get(caller) or (self._size, self._clock())
        return min(self._size, tokens + (self._clock() - at) * self._rate)


class RateLimits:
    """The limits of one instance."""

    def __init__(self, settings: RateLimitSettings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._buckets = {
            kind: TokenBuckets(per_second=rate, monotonic=monotonic) for kind, rate in settings.per_second.items()
        }
        self._valid: TtlCache[str, bool] = TtlCache(max_size=MAX_CALLERS, ttl=CREDENTIAL_SECONDS, clock=monotonic)

    def charge(self, caller: str, *, is_person: bool, cost: float) -> None:
        """Take the tokens of a request of a member or an API key. Raises `TooManyRequests`."""
        seconds = self._buckets["person" if is_person else "key"].take(caller, cost=cost)
        if seconds:
            raise TooManyRequests(retry_after=math.ceil(seconds))

    def check_address(self, address: str, authorization: str | None) -> None:
        """Raises `TooManyRequests` for an address that was refused too often, unless the credential was valid."""
        seconds = self._buckets["anonymous"].wait(address)
        if seconds and not (authorization and self._valid.get(_digest(authorization))):
            raise TooManyRequests(retry_after=math.ceil(seconds))

    def record(self, address: str, authorization: str | None, status: int) -> None:
        """Note whether the credential was valid. An answer of 401 takes a token of the address."""
        if status == Unauthenticated.status:
            self._buckets["anonymous"].take(address, cost=1)
        elif authorization:
            self._valid.set(_digest(authorization), True)


def _digest(authorization: str) -> str:
    """Credentials are not kept in memory for an hour."""
    return hashlib.sha256(authorization.encode()).hexdigest()


class LimitAddresses:
    """Middleware that refuses addresses whose requests were refused too often, before anything is read."""

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 429, or pass the request on and look at the status of its answer."""
        address = client_address(scope)
        authorization = Headers(scope=scope).get("authorization")

        async def record(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._limits.record(address, authorization, message["status"])
            await send(message)

        try:
            self._limits.check_address(address, authorization)
        except TooManyRequests as error:
            await problems.error_response(error)(scope, receive, send)
        else:
            await self._app(scope, receive, record)


def client_address(scope: Scope) -> str:
    """The address that connected to Google, of IPv6 the network; without a proxy, the one that connected to us.

    A client can write anything into `X-Forwarded-For`, also as several headers, but the proxy adds what it sees as the
    last entry of all.
    """
    forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).rpartition(",")[2].strip()
    for candidate in (forwarded, (scope.get("client") or ("",))[0]):
        try:
            address = ip_address(candidate)
        except ValueError:
            continue
        if isinstance(address, IPv6Address):
            if address.ipv4_mapped:
                return str(address.ipv4_mapped)
            return str(ip_network((address, IPV6_PREFIX), strict=False).network_address)
        return str(address)
    return "unknown"


@dataclass(frozen=True, slots=True)
class RequestCost:
    """A FastAPI dependency that says what a request costs. `GuardedRoute` takes the tokens before the body is read."""

    tokens: int

    async def __call__(self) -> None:
        """Nothing: the route has taken the tokens."""


def costs(tokens: int) -> list[Any]:
    """The `dependencies` of a route whose requests cost this much. A request that reads a few documents costs 1."""
    return [Depends(RequestCost(tokens))]
