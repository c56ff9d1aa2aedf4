"""What a vendor is: one module with one shape."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from common.errors import Unavailable
from common.events import MessagePersonalized


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor has it."""

    final: bool  # it counts as sent now; otherwise the vendor reports by callback whether it was


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor will not have it."""

    reason: str
    permanent: bool  # trying again would not help


class VendorDown(Unavailable):
    """The vendor did not answer, or has no time; it is not known whether it has the message."""

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds, where the vendor said how long to wait


class Vendor(Protocol):
    @property
    def room(self) -> AbstractAsyncContextManager[object]:
        """What `send` is called in, and all that decides about it: a vendor takes only so many messages at once, and
        whoever waits for a place must not go by what was true before."""
        ...

    async def send(self, message: MessagePersonalized) -> Accepted | Rejected:
        """`message.key` is the idempotency key: the same one is accepted once, however often it comes.

        Raises `VendorDown` when the vendor does not take it now, or it is not known whether it has.
        """
        ...
