"""Is what the index says that customers did what activities and receipts say? What differs is put right.

Their ids begin with a hash. So they are looked at in as many parts as there are buckets: by how their ids begin.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from common.audience.index.deltas import happened
from common.audience.index.rows import Happening, happening_from, order_or_visit, reaction, undone
from common.audience.index.tables import EVENTS
from common.audience.reader import Audience
from common.ids import BUCKETS, NOBODY
from common.rules.sql import Condition
from common.storage.documents import Documents, Query, Snapshot, Where, pages

PAGE = 400
LAST = "~"  # comes after every id
ACTIVITIES = ("order", "visit")
REACTIONS = ("sent", "opened", "clicked")
"""What rules can speak of."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of all ids, at an instant: of `BUCKETS` parts those from the first to the last."""

    first: int
    last: int
    at: datetime | None

    @property
    def low(self) -> str | None:
        """The ids from here on; None is from the first on."""
        return _edge(self.first)

    @property
    def high(self) -> str | None:
        """And before this."""
        return _edge(self.last + 1)

    def activities(self) -> Query:
        those = [Where("type", "in", ACTIVITIES)]
        return Query(collection="activities", where=those, id_from=self.low, id_before=self.high, at=self.at)

    def reactions(self) -> Query:
        those = [Where("kind", "in", REACTIONS)]
        return Query(collection="receipts", where=those, id_from=self.low, id_before=self.high, at=self.at)

    def of_nobody(self) -> Query:
        """Receipts of people who are erased keep their kind. An activity that was emptied has none."""
        those = [Where("customer", "==", NOBODY)]
        return Query(collection="receipts", where=those, id_from=self.low, id_before=self.high, at=self.at)

    def in_index(self) -> Condition:
        return Condition("id >= ? AND id < ?", (self.low or "", self.high or LAST))


def _edge(number: int) -> str | None:
    return f"{number * 256 // BUCKETS:02x}" if 0 < number < BUCKETS else None


async def repaired(documents: Documents, audience: Audience, numbers: Sequence[int], *, deep: Collection[int]) -> int:
    """How many the index had wrong in these parts, which follow each other; it has them right now.

    Their number costs a read for each 1,000. Only where it differs, or in parts that are `deep`, each is looked at.
    """
    agreed = await _agree(documents, audience, Part(numbers[0], numbers[-1], audience.at))
    repaired = 0
    for part in (Part(number, number, audience.at) for number in numbers):
        if part.first in deep or not (agreed or await _agree(documents, audience, part)):
            repaired += await _put_right(documents, audience, part)
    return repaired


async def _agree(documents: Documents, audience: Audience, part: Part) -> bool:
    return await _stored(documents, part) == await _indexed(audience, part)


async def _put_right(documents: Documents, audience: Audience, part: Part) -> int:
    known = {one.id: one for one in await _known(audience, part)}
    wrong: list[Happening] = []
    for query in (part.activities(), part.reactions()):
        async for page in pages(documents, query):
            wrong += _differing([_happening(one) for one in page if one["customer"] != NOBODY], known)
    wrong += [undone(one) for one in known.values()]
    for start in range(0, len(wrong), PAGE):
        await documents.commit(happened(wrong[start : start + PAGE]))
    return len(wrong)


async def _stored(documents: Documents, part: Part) -> int:
    activities = await documents.sums(part.activities(), [])
    reactions = await documents.sums(part.reactions(), [])
    emptied = await documents.query(part.of_nobody())
    return activities["count"] + reactions["count"] - sum(one["kind"] in REACTIONS for one in emptied)


async def _indexed(audience: Audience, part: Part) -> int:
    among = part.in_index()
    [(number,)] = await audience.select(f"SELECT count(*) FROM events WHERE {among.sql}", among.parameters)
    return int(number)


async def _known(audience: Audience, part: Part) -> list[Happening]:
    among = part.in_index()
    found = await audience.select(f"SELECT {EVENTS.names} FROM events WHERE {among.sql}", among.parameters)
    return [happening_from(values) for values in found]


def _happening(stored: Snapshot) -> Happening:
    if stored.path.startswith("receipts/"):
        return reaction(
            stored.id, customer=stored["customer"], kind=stored["kind"], campaign=stored["campaign"], at=stored["at"]
        )
    return order_or_visit(
        stored.id,
        customer=stored["customer"],
        kind=stored["type"],
        at=stored["at"],
        amount=stored.get("amount"),
        now=stored["counted_at"],
    )


def _differing(stored: Sequence[Happening], known: dict[str, Happening]) -> list[Happening]:
    """As versions that count. Those that were found are no longer among the known."""
    before = [known.pop(one.id, None) for one in stored]
    return [
        replace(one, version=max(one.version, other.version + 1)) if other else one
        for one, other in zip(stored, before, strict=True)
        if other is None or replace(one, version=other.version) != other
    ]
