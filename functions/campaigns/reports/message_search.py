"""Finds messages of a campaign by the recipient's name or address, or by the reason of their outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.audience import Audience
from common.audience.search import CustomerSearch, search_customers
from common.catalogue.failures import reason_group
from common.errors import FieldError, Invalid
from common.ids import is_id, message_id
from common.messages.ledger import OUTCOME
from common.storage.documents import Documents, Query, Snapshot, Where, pages

from .messages import MessageList, MessageState, RecipientMessage, RecipientMessages

BATCH_SIZE = 200
MAX_SCANNED = 2_000
"""The outcomes that one request reads at most to find a reason."""
BATCH_OF_PEOPLE = 50
MAX_SEARCHED = 200
"""The people that one request looks up at most: each costs a few reads."""
PAGE_SIZE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageFilter:
    """Which messages of a campaign to list."""

    state: MessageState | None = None
    reason: str = ""  # as the statistics name it
    search: str = ""  # each word must occur in the recipient's name, e-mail or phone

    def matches(self, message: RecipientMessage) -> bool:
        return self.state in {None, message.state} and (not self.reason or _has_reason(message.reason, self.reason))


def _has_reason(reason: str | None, wanted: str) -> bool:
    return wanted in {reason, reason_group(reason)}


class MessageSearch:
    """Finds the messages of one campaign."""

    def __init__(self, documents: Documents, audience: Audience, campaign_id: str) -> None:
        self._documents = documents
        self._audience = audience
        self._campaign_id = campaign_id
        self._messages = RecipientMessages(documents)

    async def find(self, wanted: MessageFilter, *, after: str | None, limit: int, now: datetime) -> MessageList:
        """One page. With a search or a reason it can be short, or empty, and still have a next one.

        A search goes through the index of today's customers: it does not find people who were erased.
        """
        if wanted.search.strip():
            return await self._search(wanted, after, limit, now)
        if after and not is_id(after):
            error = FieldError(field="after", code="cursor", message="Send `next` of the previous page, unchanged.")
            raise Invalid("Unknown cursor.", fields=[error])
        if wanted.reason:
            return await self._with_reason(wanted, after, limit)
        return await self._messages.list_page(self._campaign_id, state=wanted.state, after=after, limit=limit)

    async def _search(self, wanted: MessageFilter, after: str | None, limit: int, now: datetime) -> MessageList:
        """Looks up the messages of the people that the search finds, until there is one, or enough were tried."""
        await self._audience.refresh()
        items: list[RecipientMessage] = []
        for _ in range(MAX_SEARCHED // BATCH_OF_PEOPLE):
            search = CustomerSearch(search=wanted.search, after=after, limit=min(limit, BATCH_OF_PEOPLE))
            people = await search_customers(self._audience, search, now)
            items = await self._read(wanted, [message_id(self._campaign_id, row.id) for row in people.rows])
            if items or people.next is None:
                return MessageList(items=items, next=people.next)
            after = people.next
        return MessageList(items=items, next=after)

    async def _with_reason(self, wanted: MessageFilter, after: str | None, limit: int) -> MessageList:
        """Reads the outcomes in the order of their messages, and the texts of those that match."""
        ids: list[str] = []
        last, scanned = after, 0
        async for outcome in self._outcomes(wanted.state, after):
            if len(ids) == limit or scanned == MAX_SCANNED:
                break
            last, scanned = outcome["message"], scanned + 1
            if _has_reason(outcome.get("reason"), wanted.reason) and last not in ids:
                ids.append(str(last))
        else:
            last = None
        return MessageList(items=await self._read(wanted, ids), next=last)

    async def _read(self, wanted: MessageFilter, ids: Sequence[str]) -> list[RecipientMessage]:
        """The messages with these ids that exist and match."""
        found = await asyncio.gather(*(self._messages.get(self._campaign_id, id_) for id_ in ids))
        return [message for message in found if message and wanted.matches(message)]

    async def _outcomes(self, state: MessageState | None, after: str | None) -> AsyncIterator[Snapshot]:
        """The outcomes in this state, or all, in the order of their message ids."""
        of_state = Where("kind", "==", state) if state else Where("slot", "==", OUTCOME)
        query = Query(
            collection="receipts",
            where=[Where("campaign", "==", self._campaign_id), of_state],
            after=(f"{after}.~",) if after else None,
            fields=("message", "reason"),
        )
        async for page in pages(self._documents, query, BATCH_SIZE):
            for outcome in page:
                yield outcome


async def all_messages(documents: Documents, campaign_id: str) -> AsyncIterator[RecipientMessage]:
    """Every message that has a text or an outcome, page by page."""
    messages, after = RecipientMessages(documents), None
    while True:
        page = await messages.list_page(campaign_id, state=None, after=after, limit=PAGE_SIZE)
        for message in page.items:
            yield message
        if (after := page.next) is None:
            return
