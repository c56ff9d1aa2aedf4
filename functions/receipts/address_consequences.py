"""What a vendor's report means for the address that the message went to.

`unsubscribed`, `complained` and a permanent `bounced` suppress the address on the message's channel. So does the third
temporary bounce in a row; a message that arrived in between starts the count anew. The address is suppressed in the
commit that records the receipt, with the flags of all customers who have it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.addresses.address import Address, AddressHasher, address_on
from common.addresses.holders import find_holders, suppression_writes
from common.addresses.state import UNSUBSCRIBED, bounce_write, suppression_write
from common.audience.merged_customers import ids_of, read_customer
from common.catalogue.channels import CHANNELS
from common.clock import Clock, utc_now
from common.events import OptOut, Receipt
from common.messages.claim_fields import claim_path
from common.messages.feedback import ARRIVED, REFUSED
from common.messages.ledger import receipt_path, slot
from common.storage.documents import Create, Documents, Query, Snapshot, Update, Where, Write

MAX_SOFT_BOUNCES = 2
"""The next one suppresses the address."""
MAX_HOLDERS = 10
MAX_RECEIPTS = 100
OPT_OUT_RETENTION = timedelta(days=365)
"""For so long, a report that comes again is known."""
SOFT_BOUNCES = "bounced three times"
Reason = tuple[str, str]
"""Why an address is suppressed, and on which channel."""


def has_consequences(receipt: Receipt) -> bool:
    return receipt.kind in REFUSED and (receipt.kind != "bounced" or receipt.blames_address)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedMessage:
    """A message that was refused, and by which address."""

    receipt: Receipt
    address: Address  # without a value if only its hash is known
    path: str  # of what is stored about the address
    channel: str
    vendor: str
    recorded: Snapshot  # what is recorded about it already


class AddressConsequences:
    """Finds out which addresses are to be suppressed."""

    def __init__(self, documents: Documents, hasher: AddressHasher, *, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hasher = hasher
        self._clock = clock

    async def writes(self, receipts: Sequence[Receipt]) -> list[Write]:
        """The writes for the commit that records the receipts. What is recorded already has no consequence again."""
        writes: list[Write] = []
        said: dict[Address, list[Reason]] = defaultdict(list)
        vendors: set[str] = set()
        for refused in await self._find_refused(receipts):
            if refused.receipt.kind == "bounced" and not refused.receipt.permanent:
                writes.append(self._bounce(refused))
                if not await self._is_third_bounce(refused):
                    continue
            if refused.recorded.exists and refused.receipt.kind == "bounced":
                writes.append(_as_permanent(refused))
            vendors.add(refused.vendor)
            if not refused.address.value:
                writes.append(self._suppress_by_hash(refused))
                continue
            said[refused.address].append((_reason(refused.receipt), refused.channel))
        return writes + await self._suppress(said, by=", ".join(sorted(vendors)))

    async def opt_out_writes(self, opt_outs: Sequence[OptOut]) -> list[Write]:
        """The writes that suppress the addresses of people who want no more messages, and of refused mails of forms.

        What was reported is noted in the same commit, so that a report that comes again has no consequence again.
        """
        notes = {one: f"opt_outs/{one.id}" for one in opt_outs if one.id}
        noted = {note.path for note in await self._documents.get_all(list(notes.values())) if note.exists}
        new = [one for one in opt_outs if notes.get(one) not in noted]
        said: dict[Address, list[Reason]] = defaultdict(list)
        for one in new:
            said[address_on(one.channel, one.to)].append((one.reason, one.channel))
        expires_at = self._clock() + OPT_OUT_RETENTION
        noting = [Create(path, {"expires_at": expires_at}) for path in sorted({*notes.values()} - noted)]
        return [*noting, *await self._suppress(said, by=", ".join(sorted({one.vendor for one in new})))]

    async def _suppress(self, said: Mapping[Address, Sequence[Reason]], *, by: str) -> list[Write]:
        """Suppresses the addresses, with the flags of those who have them. Of several reasons at once one is shown; the
        others are written before it, so that a no is known below a bounce."""
        now, below = self._clock(), []
        shown: dict[Address, tuple[str, Sequence[str]]] = {}
        for address, reasons in said.items():
            first = next((reason for reason, _ in reasons if reason != UNSUBSCRIBED), UNSUBSCRIBED)
            shown[address] = (first, [channel for _, channel in reasons])
            path = self._hasher.path(address)
            below += [
                suppression_write(path, address, reason=reason, by=by, now=now, channels=[channel])
                for reason, channel in reasons
                if reason != first
            ]
        return [*below, *await suppression_writes(self._documents, self._hasher, shown, by=by, now=now)]

    async def _find_refused(self, receipts: Sequence[Receipt]) -> list[RefusedMessage]:
        """The messages of the new receipts, of those whose address is known. After an erasure, nobody knows it."""
        recorded = await self._documents.get_all([_path(receipt) for receipt in receipts])
        new = [
            (receipt, known)
            for receipt, known in zip(receipts, recorded, strict=True)
            if not known.exists or _is_worse(receipt, known) or _is_said_again(receipt, known)
        ]
        claims = await self._documents.get_all([claim_path(one.message_id, one.attempt) for one, _ in new])
        found = [
            await self._find_refusal(receipt, known, claim) for (receipt, known), claim in zip(new, claims, strict=True)
        ]
        return [refused for refused in found if refused]

    async def _find_refusal(self, receipt: Receipt, known: Snapshot, claim: Snapshot) -> RefusedMessage | None:
        """The claim knows where the message went. When it is deleted, some time after the campaign, or the person was
        erased, the link of the message knows the hash of the address. Without that, as in links of older code, the
        customer's address of now stands for that of a deleted claim: somebody who says no must be heard."""
        channel, vendor, to = claim.get("channel"), claim.get("vendor"), claim.get("to")
        if not claim.exists:
            campaign = await self._documents.get(f"campaigns/{receipt.campaign_id}")
            channel, vendor = campaign.get("channel", "email"), campaign.get("vendor", "unknown")
        if not claim.exists or (receipt.address_hash and not to):
            customer = await read_customer(self._documents, receipt.customer_id)
            to = customer.get(CHANNELS[channel].address_kind)
        address = address_on(channel, to or "")
        path = self._hasher.path(address)
        linked = f"addresses/{receipt.address_hash}"
        if receipt.address_hash and not claim.get("to") and path != linked:
            address, path = address_on(channel, ""), linked
        elif not to:
            return None
        return RefusedMessage(
            receipt=receipt, address=address, path=path, channel=channel, vendor=vendor, recorded=known
        )

    def _suppress_by_hash(self, refused: RefusedMessage) -> Write:
        """Suppresses an address that the customer does not have any more. Others may have it, who cannot be found by
        its hash: delivery refuses messages to them. A customer who gets it later is flagged then."""
        return suppression_write(
            refused.path,
            refused.address,
            reason=_reason(refused.receipt),
            by=refused.vendor,
            now=self._clock(),
            channels=[refused.channel],
            found_holders=False,
        )

    def _bounce(self, refused: RefusedMessage) -> Write:
        message = refused.receipt.message_id
        bounces = {refused.channel: {message: refused.receipt.at}}
        return bounce_write(refused.path, refused.address, bounces, now=self._clock())

    async def _is_third_bounce(self, refused: RefusedMessage) -> bool:
        """Whether the address bounced twice before, with no message that arrived in between."""
        stored = await self._documents.get(refused.path)
        bounces: dict[str, datetime] = dict(stored.get("soft_bounces", {}).get(refused.channel, {}))
        bounces.pop(refused.receipt.message_id, None)
        if len(bounces) < MAX_SOFT_BOUNCES:
            return False
        arrived = await self._last_arrival(refused, since=min(bounces.values()))
        return sum(arrived is None or at > arrived for at in bounces.values()) >= MAX_SOFT_BOUNCES

    async def _last_arrival(self, refused: RefusedMessage, *, since: datetime) -> datetime | None:
        """When the last message arrived at the address, among the newest receipts of those who have it."""
        holders = [id_ for holder in await find_holders(self._documents, [refused.address]) for id_ in ids_of(holder)]
        customers = list(dict.fromkeys([refused.receipt.customer_id, *holders]))[:MAX_HOLDERS]
        pages = await asyncio.gather(*(self._arrivals(customer, since) for customer in customers))
        arrivals = [receipt for page in pages for receipt in page]
        claims = await self._documents.get_all([claim_path(one["message"], one["attempt"]) for one in arrivals])
        here = [
            receipt["at"]
            for receipt, claim in zip(arrivals, claims, strict=True)
            if claim.get("to") == refused.address.value and claim["channel"] == refused.channel
        ]
        return max(here, default=None)

    async def _arrivals(self, customer: str, since: datetime) -> Collection[Snapshot]:
        """The newest receipts of a customer, since then, that say that a message arrived."""
        newest = await self._documents.query(
            Query(
                collection="receipts",
                where=[Where("customer", "==", customer)],
                order_by=("at", "desc"),
                limit=MAX_RECEIPTS,
            )
        )
        return [receipt for receipt in newest if receipt["kind"] in ARRIVED and receipt["at"] >= since]


def _reason(receipt: Receipt) -> str:
    return SOFT_BOUNCES if receipt.kind == "bounced" and not receipt.permanent else receipt.kind


def _is_worse(receipt: Receipt, recorded: Snapshot) -> bool:
    """Whether a bounce that was recorded as temporary turns out to be permanent."""
    return receipt.kind == "bounced" and receipt.permanent and not recorded.get("permanent")


def _is_said_again(receipt: Receipt, recorded: Snapshot) -> bool:
    """Whether a person says no once more, perhaps after a suppression was lifted. A vendor repeats the same time."""
    return receipt.kind == "unsubscribed" and receipt.at > recorded["at"]


def _as_permanent(refused: RefusedMessage) -> Update:
    fields: Mapping[str, object] = {"permanent": True, "reason": refused.receipt.reason}
    return Update(refused.recorded.path, fields, refused.recorded.version)


def _path(receipt: Receipt) -> str:
    return receipt_path(receipt.message_id, slot(receipt.kind), receipt.attempt)
