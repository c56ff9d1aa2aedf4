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
from common.addresses.topics import consent_reason
from common.audience.merged_customers import is_merged, kept_path
from common.batching import Batcher
from common.catalogue.channels import CHANNELS
from common.events import MessageReady, RecipientSelected
from common.ids import is_of_form
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
        if is_of_form(message.campaign_id) and message.channel in state.left:
            return CheckResult(to=message.to)  # who unsubscribed may come back: somebody asked for this mail just now
        needs_consent = not message.transactional
        if reason := state.reason_against(message.channel, message.consent_topic, needs_consent=needs_consent):
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
        channel, about, needs_consent = message.channel, message.consent_topic, not message.transactional
        state = await self._changes.get(address, checked_at=None)
        if reason := state.reason_against(channel, about, needs_consent=needs_consent):
            return reason
        if not needs_consent:
            return None
        return consent_reason(channel, about, customer.get("consent", {}), unknown_allowed=self._unknown_allowed)

    async def _read(self, paths: Sequence[str]) -> Sequence[Snapshot]:
        unique = list(dict.fromkeys(paths))
        stored = dict(zip(unique, await self._documents.get_all(unique), strict=True))
        return [stored[path] for path in paths]
