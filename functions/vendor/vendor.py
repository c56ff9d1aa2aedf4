"""The interface that each vendor implements."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from common.errors import Unavailable
from common.events import MessageReady


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor has accepted the message."""

    final: bool  # it counts as sent now; otherwise the vendor reports the outcome by callback
    reported: bool = False  # the vendor has reported the outcome already: Herald need not remember that it accepted


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor has rejected the message."""

    reason: str
    permanent: bool  # a retry does not help
    bounced: bool = False  # the address is at fault: no message can reach it
    opted_out: bool = False  # the vendor knows that its owner wants no messages


class VendorUnavailable(Unavailable):
    """The vendor did not answer, or is overloaded. It may have accepted the message, unless it said that it did not."""

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: float | None = None,
        may_have_accepted: bool = True,
        is_about_message: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # in seconds, if the vendor has set it
        self.may_have_accepted = may_have_accepted
        self.is_about_message = is_about_message  # the vendor works: only this message has to wait


class VendorMisconfigured(VendorUnavailable):
    """The vendor refuses every message, because its settings here are wrong: no message is at fault."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, may_have_accepted=False)


class Vendor(Protocol):
    """Sends messages over one vendor's API."""

    @property
    def concurrency_limit(self) -> AbstractAsyncContextManager[object]:
        """Limits the number of messages that are handled for this vendor at the same time.

        It encloses `send` and the checks before it, so that a message that waited is checked after its wait.
        """
        ...

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        """Sends the message. The vendor accepts the same `message.idempotency_key` only once.

        Raises `VendorUnavailable` if the vendor does not accept the message now, or may have accepted it.
        """
        ...
