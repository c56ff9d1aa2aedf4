"""Whether somebody is in the audience of a campaign: an outcome of anyone else is refused.

The pages of a campaign say whom it is sent to. They do not change while it is open, so an instance keeps what it has
read of them: 8 bytes for each person. A page is read once, for up to 500 people.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

from cachetools import LRUCache

from common.events import Receipt
from common.ids import bucket_of, stable_hash
from common.messages.ledger import OUTCOME, receipt_path
from common.storage.documents import Documents, Snapshot

MAX_CACHED_PEOPLE = 2_000_000
"""Of all campaigns together: 16 MB. Of the others, pages are read again."""


class _Bucket:
    """The people of one bucket of a campaign, as far as its pages were read."""

    def __init__(self) -> None:
        self.pages = 0
        self.is_final = False
        self._people = array("Q")  # sorted

    def __len__(self) -> int:
        return len(self._people) + 1

    def __contains__(self, customer_id: str) -> bool:
        number = _number(customer_id)
        place = bisect_left(self._people, number)
        return place < len(self._people) and self._people[place] == number

    def add(self, page: Snapshot) -> None:
        self.pages += 1
        self.is_final = page["final"]
        self._people = array("Q", sorted([*self._people, *map(_number, page["planned"])]))


def _number(customer_id: str) -> int:
    """64 bits of a hash: two people of one bucket practically never share them."""
    return int(stable_hash("planned", customer_id)[:16], 16)


class PlannedRecipients:
    """Looks people up in the pages of campaigns."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._buckets: LRUCache[tuple[str, int], _Bucket] = LRUCache(MAX_CACHED_PEOPLE, getsizeof=len)

    async def contain(self, receipt: Receipt) -> bool:
        """Whether a page of the campaign plans the customer, or did so before the customer was erased.

        Pages forget who was erased when the campaign is over. Then each of its messages has an outcome, so one without
        an outcome belongs to nobody.
        """
        return (
            await self._is_on_page(receipt.campaign_id, receipt.customer_id)
            or (await self._documents.get(receipt_path(receipt.message_id, OUTCOME))).exists
        )

    async def _is_on_page(self, campaign_id: str, customer_id: str) -> bool:
        """Whether a page has the customer; each page is read once."""
        key = campaign_id, bucket_of(customer_id)
        bucket = self._buckets.get(key) or _Bucket()
        while customer_id not in bucket and not bucket.is_final:
            number = bucket.pages
            page = await self._documents.get(f"pages/{campaign_id}.{key[1]}.{number}")
            if not page.exists:
                break
            if bucket.pages == number:  # otherwise a concurrent call has added it
                bucket.add(page)
        self._keep(key, bucket)
        return customer_id in bucket

    def _keep(self, key: tuple[str, int], bucket: _Bucket) -> None:
        if len(bucket) <= MAX_CACHED_PEOPLE:
            self._buckets[key] = bucket
