"""The proxy of a network that lets requests out only through one.

Only requests by https go through it: it sees the name of the vendor's host, and nothing of the request. The name is
given to it as it is, because such a proxy allows names, and such a network may have no DNS for them. What DNS does say
is looked at before: a name that leads into a private network is refused with a proxy as without one.
"""

from __future__ import annotations

from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed does not have it

import httpx
from pydantic import Field

from common.settings import Settings
from common.webhooks.public_hosts import PublicHosts

from .kept_connections import KeptConnections


class ProxySettings(Settings):
    """Which proxy, and for which hosts there is none."""

    url: str | None = Field(
        alias="HTTPS_PROXY",
        default=None,
        pattern=r"^https?://[^\s/]+/?$",
        repr=False,
        description="requests to vendors go through it; http://user:password@host:port",
    )
    exceptions: str = Field(
        alias="NO_PROXY", default="", description="hosts and domains without it, separated by commas; * for all"
    )

    def is_used_for(self, url: httpx.URL) -> bool:
        host = f"{url.host}:{url.port or 443}"
        return bool(self.url) and url.scheme == "https" and not proxy_bypass_environment(host, {"no": self.exceptions})


class ProxyOrDirect(httpx.AsyncBaseTransport):
    """Sends each request through the proxy, or else to an address of its host that was checked."""

    def __init__(self, proxy: ProxySettings, *, hosts: PublicHosts, limit: int) -> None:
        self._proxy = proxy
        self._hosts = hosts
        self._direct = KeptConnections(limit)
        self._through_proxy = KeptConnections(limit, proxy=proxy.url) if proxy.url else self._direct

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises `AddressRefused` for a host in a private network, unless these are allowed."""
        if self._proxy.is_used_for(request.url):
            await self._hosts.check(request.url)
            return await self._through_proxy.handle_async_request(request)
        await self._hosts.pin(request)
        return await self._direct.handle_async_request(request)

    async def aclose(self) -> None:
        await self._direct.aclose()
        await self._through_proxy.aclose()
