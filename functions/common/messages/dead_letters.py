"""Dead letters that are recorded nowhere else: kept for a month, so that somebody can find out what they were.

    dead_letters/{hash}   subscription, reason   where it could not be processed, and why
                          data, size             the message, at most 900 kB of it; how large it was
                          at, expires_at         when it was given up; 30 days later it is removed

They are not in the log, because they may have names, addresses and texts: an erasure could not find them there. It
looks through these documents, of which there are few.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from common.errors import Conflict
from common.ids import stable_hash
from common.storage.documents import Documents, Put, Query, Snapshot, Update, pages

RETENTION = timedelta(days=30)
MAX_BYTES = 900_000
PAGE_SIZE = 20


def dead_letter_id(subscription: str, data: bytes) -> str:
    """The same for every delivery of a message."""
    return stable_hash("dead letter", subscription, data.hex())


def dead_letter_write(subscription: str, data: bytes, *, reason: str, now: datetime) -> Put:
    """Keeps the message. A second delivery of it writes the same document."""
    kept = {"subscription": subscription, "reason": reason, "data": data[:MAX_BYTES], "size": len(data)}
    path = f"dead_letters/{dead_letter_id(subscription, data)}"
    return Put(path, {**kept, "at": now, "expires_at": now + RETENTION})


async def redact_dead_letters(documents: Documents, names: Collection[str]) -> None:
    """Remove the content of all dead letters that have one of the ids or addresses, which are in lower case."""
    async for page in pages(documents, Query(collection="dead_letters"), PAGE_SIZE):
        for letter in page:
            if _is_about(letter, names):
                with suppress(Conflict):  # it has expired
                    await documents.commit([Update(letter.path, {"data": b"", "reason": "erased"})])


def _is_about(letter: Snapshot, names: Collection[str]) -> bool:
    text = f"{letter['reason']} {letter['data'].decode(errors='replace')}".casefold()
    return any(name in text for name in names if name)
