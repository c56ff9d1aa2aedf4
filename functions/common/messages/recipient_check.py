"""Whether a message may still go to its recipient, and to which address: asked right before it is released and claimed.

Fan-out has decided this already. Since then the person may have said no, the address may be suppressed, the customer
erased or merged into another one, or the address corrected. What changed is known by `RecentAddressChanges`, at no read
for a message; only the message of somebody whose address changed costs some.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from common.addresses.address import Address, AddressHasher, address_on
from common.addresses.changes import RecentAddressChanges
from common.audience.merged_customers import is_merged, kept_path
from common.batching import Batcher
from common.catalogue.channels import CHANNELS
from common.events import MessageReady, RecipientSelected
from common.storage.documents import Documents, Snapshot

Message = TypeVar("Message", RecipientSelected, MessageReady)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """What the check found out."""

    to: str  # the recipient's address now
    reason: str | None = None  # why no message may be sent there; None if it may


class RecipientCheck:
    """Checks recipients. `unknown_allowed` are the channels that may be used although nobody knows of a consent."""

    def __init__(
        self,
        documents: Documents,
        changes: RecentAddressChanges,
        hasher: AddressHasher,
        *,
        unknown_allowed: Collection[str],
    ) -> None:
        self._documents = documents
        self._changes = changes
        self._hasher = hasher
        self._unknown_allowed = unknown_allowed
        self._customers: Batcher[str, Snapshot] = Batcher(self._read, max_items=500, max_concurrent=4)

    async def check(self, message: RecipientSelected | MessageReady) -> CheckResult:
        """The message has an address, and no reason to be skipped."""
        address = address_on(message.channel, message.to)
        state = await self._changes.get(address, checked_at=message.address_checked_at)
        if reason := state.reason_against(message.channel, needs_consent=not message.transactional):
            return CheckResult(to=message.to, reason=reason)
        if self._hasher.customer_hash(message.customer_id) in state.left_by:
            return await self._check_new_address(message)
        return CheckResult(to=message.to)

    async def _check_new_address(self, message: RecipientSelected | MessageReady) -> CheckResult:
        customer = await self._customers.submit(f"customers/{message.customer_id}")
        while is_merged(customer):
            customer = await self._customers.submit(kept_path(customer))
        to = customer.get(CHANNELS[message.channel].address_kind)
        if not customer.exists or not to:
            return CheckResult(to="", reason="no_address" if customer.exists else "erased")
        return CheckResult(to=to, reason=await self._reason_against(message, customer, address_on(message.channel, to)))

    async def _reason_against(
        self, message: RecipientSelected | MessageReady, customer: Snapshot, address: Address
    ) -> str | None:
        """The flags of the customer are those of the new address; the address itself may have changed since."""
        channel, needs_consent = message.channel, not message.transactional
        state = await self._changes.get(address, checked_at=None)
        if reason := state.reason_against(channel, needs_consent=needs_consent):
            return reason
        consent = customer.get("consent", {}).get(channel)
        return consent_reason(channel, consent, unknown_allowed=self._unknown_allowed) if needs_consent else None

    async def _read(self, paths: Sequence[str]) -> Sequence[Snapshot]:
        unique = list(dict.fromkeys(paths))
        stored = dict(zip(unique, await self._documents.get_all(unique), strict=True))
        return [stored[path] for path in paths]


def consent_reason(channel: str, consent: bool | None, *, unknown_allowed: Collection[str]) -> str | None:
    """Why the consent of a person, yes or no or unknown, excludes them on the channel; None if it does not."""
    if consent is False:
        return "no_consent"
    return "unknown_consent" if consent is None and channel not in unknown_allowed else None
