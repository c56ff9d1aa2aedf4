"""What a vendor is: one module with one shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

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


class Vendor(Protocol):
    async def send(self, message: MessagePersonalized) -> Accepted | Rejected:
        """`message.message_id` is the idempotency key: the same one is accepted once, however often it comes.

        Raises `Unavailable` when it is not known whether the vendor has it.
        """
        ...
