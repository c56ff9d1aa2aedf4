"""The discard vendor: accepts every message as sent and does nothing with it, for measuring what comes before."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

from common.events import MessageReady

from ...vendor import Accepted


def create_vendor(environ: Mapping[str, str]) -> DiscardVendor:
    return DiscardVendor()


class DiscardVendor:
    """A `Vendor` without settings, limits and callbacks."""

    def __init__(self) -> None:
        self.concurrency_limit = nullcontext()  # no limit

    async def send(self, message: MessageReady) -> Accepted:
        return Accepted(final=True)
