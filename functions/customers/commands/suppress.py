"""The suppression list: addresses that must not be contacted, and the flags of the customers who have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from common.addresses.address import Address, AddressHasher, channels_of
from common.addresses.holders import MAX_VALUES_PER_QUERY, find_holders, suppress_holders, with_suppressed
from common.addresses.state import after_lift, is_own, latest_suppression, lift_write, read_states
from common.audience.customer_writes import customer_writes
from common.audit import audit_entry, audit_path
from common.batching import chunked
from common.catalogue.channels import ADDRESS_KINDS, CHANNELS
from common.clock import Clock, utc_now
from common.errors import NotFound, Refused
from common.storage.documents import Documents, Query, Snapshot, Where, Write, pages
from common.storage.optimistic_commit import StagedWrites, commit_with_retry
from common.web.given_by_herald import without_computed

from ..model.customer import Email, LimitedText, Phone, blank_to_none
from .address_states import MAX_TOGETHER

Suppressions = Mapping[str, Mapping[str, Any]]
"""By channel, as they are stored."""


class AddressInput(BaseModel):
    """One address, as the caller sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Email = None
    phone: Phone = None

    @model_validator(mode="after")
    def _require_one_address(self) -> Self:
        if (self.email is None) == (self.phone is None):
            raise PydanticCustomError("missing", "Give either an email or a phone")
        return self

    @property
    def address(self) -> Address:
        return Address(kind="email", value=self.email) if self.email else Address(kind="phone", value=self.phone or "")


class SuppressionInput(AddressInput):
    """One address to suppress, also as the list of suppressions gives it."""

    reason: Annotated[LimitedText | None, BeforeValidator(blank_to_none)] = None
    channels: Annotated[
        tuple[str, ...],
        Field(max_length=len(CHANNELS), description="on which nothing is sent; without any: on all of the address"),
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _as_given(cls, value: Any) -> Any:
        """Its address under its kind, and without what only Herald writes."""
        given = without_computed(value, known_by={"id", "kind", "address"}, computed={"id", "by", "at"})
        if given is value or given["kind"] not in ADDRESS_KINDS:
            return value
        rest = {name: one for name, one in given.items() if name not in {"kind", "address"}}
        return {**rest, given["kind"]: given["address"]}

    @model_validator(mode="after")
    def _check_channels(self) -> Self:
        possible = channels_of(self.address.kind)
        if wrong := [name for name in self.channels if name not in possible]:
            names = {"channel": wrong[0], "channels": ", ".join(possible)}
            message = "The channel {channel} does not reach this address. Possible: {channels}"
            raise PydanticCustomError("unknown_channel", message, names)
        return self


class LiftRequest(AddressInput):
    """An address that may be contacted again, and why."""

    reason: Annotated[str, Field(min_length=3, max_length=500, description="kept in the audit log")]
    lifts: Annotated[str, Field(max_length=500)] | None = Field(
        default=None,
        description="the reason that the list shows; refused (409) if it is another one by now, so that a request that "
        "is sent twice does not end a no that was below a bounce",
    )


class SuppressionList:
    """Adds, lifts and lists suppressions. Each commit also updates the customers who have the address."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hashes = hashes
        self._clock = clock

    async def suppress(self, entries: Sequence[SuppressionInput], *, by: str) -> None:
        """Suppress the addresses from now on. What is suppressed already for the same reason stays as it is."""
        for batch in chunked(entries, MAX_VALUES_PER_QUERY):
            for reasons in _without_repetitions(batch):
                await commit_with_retry(self._documents, partial(self._build_commit, reasons, by))

    async def _build_commit(
        self, reasons: Mapping[Address, tuple[str, Sequence[str]]], by: str, _: int
    ) -> tuple[None, StagedWrites]:
        states = await read_states(self._documents, self._hashes, list(reasons))
        new = {
            address: (reason, left)
            for address, (reason, channels) in reasons.items()
            if (left := _new_channels(states[address], channels or channels_of(address.kind), reason))
        }
        return None, await stage_suppression(self._documents, self._hashes, new, by=by, now=self._clock())

    async def lift(self, address: Address, *, reason: str, by: str, lifts: str | None = None) -> Suppressions:
        """Lift the suppressions of the address; with `lifts`, only if that is the latest reason. The audit log says who
        did it, and why.

        Returns what is left, by channel: a no of the person, if the latest suppression was a bounce. Raises `NotFound`
        if the address is not suppressed, and `Refused` if it is for another reason.
        """
        entry_path = audit_path()

        async def build(attempt: int) -> tuple[Suppressions, list[Write]]:
            """The commit; nothing if an earlier attempt has succeeded: another one would lift what that has left."""
            stored = await self._documents.get(self._hashes.path(address))
            if attempt and (await self._documents.get(entry_path)).exists:
                return stored.get("suppressions", {}), []
            if not stored.get("suppressed"):
                raise NotFound("This address is not suppressed.")
            latest = latest_suppression(stored["suppressions"])["reason"]
            if lifts is not None and lifts != latest:
                raise Refused(f"The address is suppressed for another reason by now: {latest}.")
            writes = await self._lift_writes(stored, address, reason, by, path=entry_path)
            return after_lift(stored["suppressions"]), writes

        return await commit_with_retry(self._documents, build)

    async def _lift_writes(
        self, stored: Snapshot, address: Address, reason: str, by: str, *, path: str | None = None
    ) -> list[Write]:
        """The commit for the address, its holders and the audit log."""
        now, left = self._clock(), after_lift(stored["suppressions"])
        lifted = set(channels_of(address.kind)) - left.keys()
        holders = {customer.path: customer for customer in await find_holders(self._documents, [address])}
        after = {
            path: with_suppressed(customer.data or {}, remove=lifted, now=now) for path, customer in holders.items()
        }
        subject = {"address": stored.id, "channels": sorted(stored["suppressions"]), "reason": reason}
        entry = audit_entry("suppression lifted", by=by, at=now, subject=subject, path=path)
        return [lift_write(stored, now), *customer_writes(holders, after), entry]

    async def lift_own(self, address: Address, *, until: datetime, reason: str, by: str) -> None:
        """Lift what the owner of the address asked for by unsubscribing, until that time; they have come back.

        Nothing is lifted that has, or had before, another reason, such as a bounce, a complaint or an erasure.
        """
        await commit_with_retry(self._documents, partial(self._build_own_lift, address, until, reason, by))

    async def _build_own_lift(
        self, address: Address, until: datetime, reason: str, by: str, _: int
    ) -> tuple[None, list[Write]]:
        stored = await self._documents.get(self._hashes.path(address))
        entries = stored.get("suppressions", {}).values()
        can_return = all(is_own(entry) and entry["at"] <= until for entry in entries)
        return None, await self._lift_writes(stored, address, reason, by) if entries and can_return else []

    async def list_suppressed(self) -> AsyncIterator[Snapshot]:
        """Yield all suppressed addresses, in no particular order."""
        query = Query(collection="addresses", where=[Where("suppressed", "==", True)])
        async for page in pages(self._documents, query):
            for entry in page:
                yield entry


def _without_repetitions(entries: Sequence[SuppressionInput]) -> list[dict[Address, tuple[str, Sequence[str]]]]:
    """The reasons and channels of the entries, in their order: an address that comes again is in the next part."""
    parts: list[dict[Address, tuple[str, Sequence[str]]]] = []
    for entry in entries:
        part = next((part for part in parts if entry.address not in part), None)
        if part is None:
            parts.append(part := {})
        part[entry.address] = (entry.reason or "by hand", entry.channels)
    return parts


def _new_channels(state: Snapshot, channels: Sequence[str], reason: str) -> Sequence[str]:
    """The channels on which something changes. The list shows the latest reason of an address: where that is given,
    the other channels keep theirs."""
    known = state.get("suppressions", {})
    is_known = any(known[name]["reason"] == reason for name in channels if name in known)
    return [name for name in channels if name not in known] if is_known else channels


async def stage_suppression(
    documents: Documents,
    hashes: AddressHasher,
    reasons: Mapping[Address, tuple[str, Sequence[str]]],
    *,
    last: Collection[str] = (),
    by: str,
    now: datetime,
) -> StagedWrites:
    """Suppresses each address for a reason, on some channels (none: on all), with the flags of everybody who has it.

    If these are too many for one commit, the addresses are first: they decide whether a message goes there. The
    customers with the paths `last` are last: as long as they have no flags, a new attempt does what is left.
    """
    stored, holders, after = await suppress_holders(documents, hashes, reasons, by=by, now=now)
    if len(stored) + len(after) <= MAX_TOGETHER:
        return StagedWrites(last=[*stored, *customer_writes(holders, after)])
    others = [(path, data) for path, data in after.items() if path not in last]
    parts = [customer_writes(holders, dict(part)) for part in chunked(others, MAX_TOGETHER)]
    own = {path: data for path, data in after.items() if path in last}
    return StagedWrites(earlier=[stored, *parts], last=customer_writes(holders, own))
