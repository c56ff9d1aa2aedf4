"""HTTP requests to a vendor: their time limit, and what it means if no answer comes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from common.clock import Clock, utc_now
from common.webhooks.public_hosts import AddressRefused, PublicHosts

from .circuit import MAX_RETRY_AFTER
from .proxy import ProxyOrDirect, ProxySettings
from .vendor import VendorMisconfigured, VendorUnavailable

NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
MAX_CONCURRENT_REQUESTS = 100
MAX_REASON_LENGTH = 500


class VendorRequests:
    """Posts requests over kept connections. `options` are further ones of `httpx.AsyncClient`, such as `auth`."""

    def __init__(
        self,
        *,
        timeout_seconds: float,
        allows_private: bool = False,
        proxy: ProxySettings | None = None,
        clock: Clock = utc_now,
        **options: Any,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        # As many as there are connections, so that the timeout does not include the wait for a connection.
        self.concurrency_limit = asyncio.Semaphore(MAX_CONCURRENT_REQUESTS)
        hosts = PublicHosts(allows_private=allows_private)
        transport = ProxyOrDirect(proxy or ProxySettings(), hosts=hosts, limit=MAX_CONCURRENT_REQUESTS)
        # `post` limits the total time. A redirect is not followed: it is a wrong setting.
        self._client = httpx.AsyncClient(transport=transport, timeout=None, **options)

    async def close(self) -> None:
        """For tests; a function keeps the client as long as its instance runs."""
        await self._client.aclose()

    async def post(self, url: str, **request: Any) -> httpx.Response:
        """The vendor's response; raises `VendorUnavailable` without one, which says whether it may have the request."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._client.post(url, **request)
        except AddressRefused as error:
            raise VendorMisconfigured(f"The vendor's address is not allowed: {error}") from error
        except httpx.ProxyError as error:
            raise _proxy_error(error) from error
        except TimeoutError as error:
            raise VendorUnavailable(f"The vendor did not answer within {self._timeout_seconds:g} seconds.") from error
        except httpx.HTTPError as error:
            reason = f"The vendor cannot be reached: {str(error) or type(error).__name__}"
            raise VendorUnavailable(reason, may_have_accepted=not isinstance(error, NO_CONNECTION)) from error

    def retry_after(self, response: httpx.Response) -> float | None:
        """The wait in seconds, limited to `MAX_RETRY_AFTER`, from seconds or an HTTP date; None if it is neither."""
        header = response.headers.get("retry-after", "").strip()
        with suppress(ValueError, OverflowError):
            return min(max(0.0, self._seconds_until(header)), MAX_RETRY_AFTER.total_seconds())
        return None

    def _seconds_until(self, header: str) -> float:
        if header.isdecimal():
            return float(header)
        until = parsedate_to_datetime(header).replace(tzinfo=UTC)  # HTTP dates are in GMT
        return (until - self._clock()).total_seconds()


def _proxy_error(error: httpx.ProxyError) -> VendorUnavailable:
    """The proxy made no connection, so the vendor has nothing. If it refuses to (4xx), the settings are wrong."""
    reason = f"The proxy made no connection to the vendor: {error}"
    return (
        VendorMisconfigured(reason)
        if str(error).startswith("4")
        else VendorUnavailable(reason, may_have_accepted=False)
    )


def reason_of(response: httpx.Response, text: object = None) -> str:
    """The vendor's own words and the status, or the status alone."""
    status = f"{response.status_code} {response.reason_phrase}".strip()
    return f"{text} ({status})"[:MAX_REASON_LENGTH] if text else f"The vendor answered {status}."
