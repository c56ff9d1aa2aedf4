"""What is stored about one address. It outlives the customers who have the address.

    addresses/{keyed hash}   kind           email or phone
                             at             the time of the last change
                             changes        the number of changes
                             suppressed     whether the address is suppressed on any channel
                             suppressions   by channel: why, by whom and when it was suppressed last; `by_others` if it
                                            ever had a reason that its owner cannot undo, such as a complaint;
                                            `refusal`: the same of the last reason that is not about the mailbox
                             consents       by channel, or channel and topic: the statement that holds (`consent.py`)
                             left_by        when customers got another address instead, by their keyed hashes
                             unflagged      whether customers who have the address may lack its flags: only its hash
                                            was known when it was suppressed
                             soft_bounces   by channel: the times of temporary bounces, by message id

Most addresses have no document: it is needed only if somebody who has the address said no, was suppressed, or left it.
What people grant stands in the records of the customers, until somebody with the same address says no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.addresses.address import Address, AddressHasher, channels_of
from common.addresses.consent import ConsentStatement
from common.addresses.topics import consent_name
from common.storage.documents import Create, Documents, Increment, Merge, Snapshot, Update

STATE_FIELDS = ("at", "changes", "suppressions", "consents", "left_by")
"""The fields of a document that `AddressState` needs, and those by which changes are noticed."""


UNSUBSCRIBED = "unsubscribed"
"""The reason of a suppression that the owner of the address asked for."""


BOUNCED = "bounced"
"""Reasons that begin like this are about the mailbox; all others are a no of the person, or of somebody for them."""
REASON_FIELDS = ("reason", "by", "at", "by_others")


def is_about_mailbox(reason: str) -> bool:
    return reason.startswith(BOUNCED)


def refusal_of(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The no that a suppression has, with its reason, author and time; None if it is only about the mailbox. A bounce
    that follows a no does not end it: it holds for the person, wherever they can be written to."""
    if is_about_mailbox(entry["reason"]):
        refusal: Mapping[str, Any] | None = entry.get("refusal")
        return refusal
    return {name: entry[name] for name in REASON_FIELDS if name in entry}


def latest_suppression(suppressions: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Why, by whom and when the address was suppressed last, on any channel."""
    return max(suppressions.values(), key=lambda entry: entry["at"])


def after_lift(suppressions: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The suppressions that are left when somebody lifts the latest one.

    Who lifts a bounce says that the mailbox works. That does not end a no, neither one before the bounce nor one on
    another channel. Lifting a no ends everything.
    """
    if not is_about_mailbox(latest_suppression(suppressions)["reason"]):
        return {}
    refusals = {channel: refusal_of(entry) for channel, entry in suppressions.items()}
    return {channel: {**refusal, "refusal": refusal} for channel, refusal in refusals.items() if refusal}


def is_own(entry: Mapping[str, Any]) -> bool:
    """Whether only the owner of the address asked for the suppression, so that they can come back by themselves."""
    return entry.get("reason") == UNSUBSCRIBED and not entry.get("by_others")


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressState:
    """One address, as far as messages to it are concerned."""

    suppressed: frozenset[str] = frozenset()  # channels
    left: frozenset[str] = frozenset()  # those of them on which the owner of the address unsubscribed themselves
    consents: Mapping[str, ConsentStatement] = field(default_factory=dict)  # by channel, or channel and topic
    left_by: Mapping[str, datetime] = field(default_factory=dict)  # by the keyed hashes of customers

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> AddressState:
        consents, suppressions = stored.get("consents", {}), stored.get("suppressions", {})
        return cls(
            suppressed=frozenset(suppressions),
            left=frozenset(channel for channel, entry in suppressions.items() if is_own(entry)),
            consents={name: ConsentStatement.from_document(statement) for name, statement in consents.items()},
            left_by=stored.get("left_by", {}),
        )

    def reason_against(self, channel: str, topic: str | None, *, needs_consent: bool) -> str | None:
        """Why no message about the topic goes to the address on this channel, for all customers who have it."""
        if channel in self.suppressed:
            return "suppressed"
        if not needs_consent:
            return None
        if self._says_no(channel):
            return "no_consent"
        return "left_topic" if topic and self._says_no(consent_name(channel, topic)) else None

    def _says_no(self, name: str) -> bool:
        return name in self.consents and self.consents[name].state == "denied"


NOTHING_KNOWN = AddressState()


async def read_states(
    documents: Documents, hasher: AddressHasher, addresses: Sequence[Address]
) -> dict[Address, Snapshot]:
    """The stored documents of the addresses, with their versions. Reads a document for each address."""
    snapshots = await documents.get_all([hasher.path(address) for address in addresses])
    return dict(zip(addresses, snapshots, strict=True))


def suppression_write(
    path: str,
    address: Address,
    *,
    reason: str,
    by: str,
    now: datetime,
    channels: Sequence[str] = (),
    found_holders: bool = True,
    before: Snapshot | None = None,
) -> Merge:
    """Suppresses the address on the channels; by default on all that reach it.

    It needs no precondition: whatever happens at the same time, the address is suppressed afterwards, and a no stays
    known below a bounce; one that older code has stored, only if the bounce comes with what is stored `before`. If the
    customers who have the address cannot be found, `RecentAddressChanges` remembers it for as long as it is suppressed.
    """
    entry = {"reason": reason, "by": by, "at": now, **({} if reason == UNSUBSCRIBED else {"by_others": True})}
    with_refusal = entry if is_about_mailbox(reason) else {**entry, "refusal": entry}
    known = before.get("suppressions", {}) if before else {}
    suppressions = {
        channel: {**_refusal_of_older_code(known.get(channel)), **with_refusal}
        for channel in channels or channels_of(address.kind)
    }
    unflagged = {} if found_holders else {"unflagged": True}
    return Merge(path, {**_change_fields(address, now), "suppressed": True, "suppressions": suppressions, **unflagged})


def _refusal_of_older_code(entry: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The field `refusal` for a suppression that was stored before there was one."""
    if entry is None or "refusal" in entry or is_about_mailbox(entry["reason"]):
        return {}
    return {"refusal": refusal_of(entry)}


def departure_write(path: str, address: Address, *, customer_hashes: Sequence[str], now: datetime) -> Merge:
    """Notes that the customer, with all ids, has another address now, so that messages on their way can follow."""
    return Merge(path, {**_change_fields(address, now), "left_by": dict.fromkeys(customer_hashes, now)})


def bounce_write(path: str, address: Address, bounces: Mapping[str, Mapping[str, datetime]], *, now: datetime) -> Merge:
    """Notes temporary bounces: by channel, the time of each by message id."""
    return Merge(path, {**_change_fields(address, now), "soft_bounces": bounces})


def consent_write(
    before: Snapshot,
    address: Address,
    consents: Mapping[str, ConsentStatement],
    now: datetime,
    *,
    found_holders: bool = True,
) -> Create | Update:
    """Stores the statements of some channels, over the version that was read. `found_holders` as for a suppression."""
    unflagged = {} if found_holders else {"unflagged": True}
    statements = {channel: statement.to_document() for channel, statement in consents.items()}
    if not before.exists:
        return Create(before.path, {"kind": address.kind, "at": now, "changes": 1, "consents": statements, **unflagged})
    fields = {f"consents.{channel}": statement for channel, statement in statements.items()}
    return Update(before.path, {"at": now, "changes": Increment(1), **fields, **unflagged}, before.version)


def lift_write(before: Snapshot, now: datetime) -> Update:
    """Ends the suppressions of the address, except those `after_lift`, over the version that was read."""
    left = after_lift(before["suppressions"])
    suppressions = {"suppressed": bool(left), "suppressions": left, "soft_bounces": {}}
    flags = {} if left else {"unflagged": False}
    return Update(before.path, {"at": now, "changes": Increment(1), **suppressions, **flags}, before.version)


def _change_fields(address: Address, now: datetime) -> dict[str, Any]:
    return {"kind": address.kind, "at": now, "changes": Increment(1)}
