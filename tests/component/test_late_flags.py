"""Somebody gets an address in the moment in which it is suppressed, or somebody says no for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from common.addresses.address import Address
from common.addresses.holders import suppression_writes
from common.storage.documents import Write
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER, ResponseLosingStore

ADDRESS = Address(kind="email", value="family@example.com")
Rival = Callable[[InMemoryHerald], Awaitable[None]]


class RacingStore(ResponseLosingStore):
    """Runs `rival` between what a commit of customers has read and the commit."""

    rival: Callable[[], Awaitable[None]] | None = None

    async def commit(self, writes: Sequence[Write]) -> None:
        rival, is_new = self.rival, any(write.path.startswith("customers/") for write in writes)
        if rival and is_new:
            self.rival = None
            await rival()
        await super().commit(writes)


async def upsert(herald: InMemoryHerald, external_id: str, **fields: Any) -> str:
    row = CustomerInput.model_validate({"external_id": external_id, "email": ADDRESS.value, **fields})
    await CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now).upsert([row])
    return row.id_with(HASHER)


async def suppress(herald: InMemoryHerald) -> None:
    entries: dict[Address, tuple[str, Sequence[str]]] = {ADDRESS: ("bounced", ())}
    await herald.documents.commit(
        await suppression_writes(herald.documents, HASHER, entries, by="vendor", now=herald.now)
    )


async def say_no(herald: InMemoryHerald) -> None:
    await upsert(herald, "other", consent={"email": False})


async def racing_herald(rival: Rival) -> tuple[InMemoryHerald, str]:
    """A customer who was written in the same moment as what `rival` writes."""
    herald = InMemoryHerald(index=True)
    store = herald.documents = RacingStore()
    herald.restart()
    store.rival = lambda: rival(herald)
    return herald, await upsert(herald, "new")


@pytest.mark.parametrize(("rival", "skipped"), [(suppress, 1), (say_no, 2)])
async def test_customer_who_got_the_address_meanwhile_gets_no_message(rival: Rival, skipped: int) -> None:
    """Hours later, when no instance remembers the change by itself."""
    herald, customer = await racing_herald(rival)
    await herald.tick(minutes=1)
    herald.now += timedelta(hours=5)
    herald.restart()
    await herald.tick()
    await herald.launch()
    await herald.work()
    assert herald.vendor.sent_keys == []
    assert (await herald.totals())["skipped"] == skipped
    stored = await herald.documents.get(f"customers/{customer}")
    assert (stored["suppressed"], stored["consent"]) == (
        (["email"], {}) if rival is suppress else ([], {"email": False})
    )


async def test_flags_of_other_addresses_stay() -> None:
    """All that is known about the customer's addresses counts, not only what changed lately."""
    herald = InMemoryHerald(index=True)
    store = herald.documents = RacingStore()
    herald.restart()
    phone = Address(kind="phone", value="+919876543210")
    entries: dict[Address, tuple[str, Sequence[str]]] = {phone: ("complained", ())}
    await store.commit(await suppression_writes(store, HASHER, entries, by="vendor", now=herald.now))
    herald.now += timedelta(days=30)
    store.rival = lambda: suppress(herald)
    customer = await upsert(herald, "new", phone=phone.value)
    await herald.tick(minutes=1)
    stored = await store.get(f"customers/{customer}")
    assert set(stored["suppressed"]) == {"email", "sms", "whatsapp"}


async def test_customer_with_the_flags_is_not_written_again() -> None:
    """Who comes after the change is flagged at once."""
    herald, _ = await racing_herald(suppress)
    later = await upsert(herald, "later")
    before = (await herald.documents.get(f"customers/{later}"))["version"]
    await herald.tick(minutes=1)
    await herald.tick(minutes=1)
    assert (await herald.documents.get(f"customers/{later}"))["version"] == before
