"""Erasure: one person's data removed, and the address kept from being written to by its keyed hash alone.

The rows of imports that tell of them are emptied first. Then the customer goes, in one commit with the suppression, the
tombstone in the audience index and the entry in the log. Then what they did and what was written to them is emptied,
and what waits for them is made to be skipped. Whoever dies in between leaves traces that still name the customer, so
erasing once more finds them. What was counted stays: activities and receipts are emptied, not removed, so that what is
sent again counts no second time, and the numbers of a campaign still add up. So do the ids in a fan-out's `pages`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from common.audience import change, forgotten, happened, tombstone
from common.errors import Conflict, NotFound
from common.ids import NOBODY, random_id
from common.messages.deferred import without_person
from common.messages.suppressions import KINDS, Hashes, addresses, suppression
from common.storage.documents import Create, Delete, Documents, Put, Update, Write
from common.storage.optimistic_commit import committed

from ..records.person_records import Found, Traces

MOST_WRITES = 400


class Erasure:
    """`forget` takes a customer, with the words that they are known by, out of the rows of imports."""

    def __init__(
        self,
        documents: Documents,
        *,
        hashes: Hashes,
        traces: Traces,
        forget: Callable[[str, Collection[str]], Awaitable[None]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._hashes = hashes
        self._traces = traces
        self._forget = forget
        self._clock = clock

    async def erase(self, customer_id: str, *, by: str) -> None:
        """Raises `NotFound` where there is nothing of them."""
        found = await self._traces.of(customer_id)
        if not found.anything:
            raise NotFound("There is no such customer.")
        await self._forget(customer_id, _words(found))
        await committed(self._documents, lambda _: self._plan(customer_id, found, by))
        left = await self._traces.of(customer_id)  # again: some may have come in between
        for one in left.held:
            with suppress(Conflict):  # it is on its way: delivery finds the address suppressed
                await self._documents.commit([without_person(one)])
        emptied = list(_emptied(left, _words(found) | _words(left)))
        for start in range(0, len(emptied), MOST_WRITES):
            await self._documents.commit(emptied[start : start + MOST_WRITES])

    async def _plan(self, customer_id: str, found: Found, by: str) -> tuple[None, list[Write]]:
        now = self._clock()
        counts = {"activities": len(found.activities), "messages": len(found.claims)}
        logged = Create(f"audit/{random_id()}", {"what": "customer erased", "by": by, "at": now, **counts})
        customer = await self._documents.get(f"customers/{customer_id}")
        if customer.data is None:
            return None, [logged]
        suppressed = [
            suppression(self._hashes.path(one), one.kind, reason="erased", by=by, now=now)
            for one in addresses(customer.data)
        ]
        version = max(customer["version"] + 1, int(now.timestamp() * 1_000_000))
        forgets = happened([forgotten(customer_id, version=version)])
        gone = [*change([tombstone(customer_id, version=version)]), *forgets]
        return None, [*suppressed, Delete(customer.path, customer.version), *gone, logged]


def _emptied(found: Found, words: Collection[str]) -> Iterator[Write]:
    """The customer's own id last goes from each, so nothing is left behind unseen. Reasons that tell who they were,
    by one of the words, go too."""
    yield from (Put(one.path, {"customer": NOBODY, "erased": True}) for one in found.activities)
    texts = {"customer": NOBODY, "name": None, "to": "", "subject": "", "body": ""}
    yield from (Update(one.path, texts) for one in found.claims)
    for one in found.receipts:
        told = (one.get("reason") or "").casefold()
        reason = {"reason": "erased"} if any(word in told for word in words) else {}
        yield Update(one.path, {"customer": NOBODY, "name": None, "to": None, **reason})


def _words(found: Found) -> set[str]:
    """The addresses that they are or were written to at, in lower case."""
    known = [found.customer.get(name) for name in KINDS]
    written_to = [one.get("to") for one in (*found.claims, *found.receipts)]
    return {one.casefold() for one in (*known, *written_to) if one}
