"""The lists of static segments on the in-memory store and on the Firestore emulator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from common.audience import Audience, customer_delta, row_from_document
from common.audience.people_lists import MAX_ENTRIES, PeopleList, forget_people, read_list, replace_people
from common.ids import bucket_of, stable_hash
from common.rules import InSegment
from common.storage.documents import Documents
from tests.audience_fixture import write_list

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
GUESTS = InSegment(segment="Guests", members_of="a1")


def customer(id_: str, **fields: Any) -> dict[str, Any]:
    return {"bucket": bucket_of(id_), "version": 1, "created_at": NOW, **fields}


async def test_list_of_100_000_is_written_in_one_commit(documents: Documents) -> None:
    """The longest list, half of it addresses, fits into a commit and is read again; its people are found."""
    half = MAX_ENTRIES // 2
    ids = [stable_hash("id", str(number)) for number in range(half)]
    hashes = [(stable_hash("hash", str(number)) * 2)[:40] for number in range(half)]
    content = PeopleList(people=frozenset(ids), waiting=frozenset(hashes), seen=7)
    people = [*ids[:3], "nobody"]
    await documents.commit(customer_delta([row_from_document(one, customer(one)) for one in people]))
    await write_list(documents, "a1", content)
    stored = await read_list(documents, "a1")
    assert (stored.content, stored.content.seen) == (content, 7)
    assert (stored.segment["people"], stored.segment["waiting"]) == (half, half)
    audience = Audience(documents)
    assert await audience.count(GUESTS, NOW) == 3
    await forget_people(documents, [ids[0]], [hashes[0]])
    await replace_people(documents, [ids[1]], [], kept_id="nobody")
    left = (await read_list(documents, "a1")).content
    assert (len(left), ids[0] in left.people, hashes[0] in left.waiting) == (MAX_ENTRIES - 2, False, False)
    assert {row.id for row in await audience.sample(GUESTS, NOW)} == {ids[2], "nobody"}


async def test_waiting_address_finds_who_gets_it(documents: Documents) -> None:
    """Each reader compares only customers who were written since; an address that somebody gives up counts no more."""
    await write_list(documents, "a1", PeopleList(waiting=frozenset(["email:a@b.in"])))
    audience = Audience(documents, hash_address=lambda kind, value: f"{kind}:{value}")
    assert await audience.count(GUESTS, NOW) == 0
    for version, address, expected in ((1, "a@b.in", 1), (2, "c@d.in", 0), (3, "a@b.in", 1)):
        row = row_from_document("p1", customer("p1", email=address) | {"version": version})
        await documents.commit(customer_delta([row]))
        await audience.refresh()
        assert await audience.count(GUESTS, NOW) == expected
    assert await Audience(documents).count(GUESTS, NOW) == 0
