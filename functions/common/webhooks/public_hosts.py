"""Connections to the internet only: a name that leads into a private network is refused.

Otherwise the owner of a name could make a function call Google's metadata server, or another server in its network. The
address that was checked is the one that is connected to, so that a second answer of the DNS cannot differ.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import httpx

from common.caching import TtlCache
from common.webhooks.public_addresses import is_public

CACHE_SECONDS = 60.0
MAX_HOSTS = 100
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host's port."""


class AddressRefused(Exception):
    """A host has an address that is not public, or is asked without encryption."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that the operating system finds. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class PublicHosts:
    """Makes requests go to a checked address of their host. `allows_private` is for servers in one's own network."""

    def __init__(
        self,
        *,
        allows_private: bool = False,
        resolve: Resolve = resolve,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allows_private = allows_private
        self._resolve = resolve
        self._addresses: TtlCache[tuple[str, int], str] = TtlCache(
            max_size=MAX_HOSTS, ttl=CACHE_SECONDS, clock=monotonic
        )

    async def pin(self, request: httpx.Request) -> None:
        """Let the request connect to the address that was checked; its certificate is still the host's.

        Raises `AddressRefused`, or `httpx.ConnectError` if the host has no address.
        """
        if self._allows_private:
            return
        if request.url.scheme != "https":
            raise AddressRefused("it begins with http://, which is allowed in private networks only; write https://")
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        address = await self._address(host, port)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)  # the header `Host` is set already

    async def check(self, url: httpx.URL) -> None:
        """Look at what a request through a proxy leads to, as far as DNS says it here: perhaps only the proxy knows it.

        Raises `AddressRefused`.
        """
        if not self._allows_private:
            with suppress(httpx.ConnectError):
                await self._address(url.host, url.port or 443)

    async def _address(self, host: str, port: int) -> str:
        """A public address of the host, asked for once in a while. All that it has must be public."""
        known = self._addresses.get((host, port))
        if known:
            return known
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpx.ConnectError(f"{host} has no address: {error}") from error
        refused = [address for address in addresses if not is_public(address)]
        if refused or not addresses:
            raise AddressRefused(f"{host} is not a public host: {', '.join(refused) or 'no address'}")
        self._addresses.set((host, port), addresses[0])
        return addresses[0]
