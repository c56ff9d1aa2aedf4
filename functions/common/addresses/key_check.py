"""Notices that `SUPPRESSION_KEY` is not the key that the stored hashes were made with.

    fingerprints/suppression_key   fingerprint   a hash of the key, from which the key cannot be found

With another key nobody's suppression would be found, and people who said no would be written to. So an instance that
has another key does nothing at all: requests are answered with 503, and messages stay in the queue.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field

from common.addresses.address import AddressHasher
from common.errors import Exists, Unavailable
from common.storage.documents import Create, Documents

log = logging.getLogger(__name__)
PATH = "fingerprints/suppression_key"


@dataclass(kw_only=True)
class KeyCheck:
    """The check of one instance: one read before its first request or message."""

    documents: Documents
    hashes: AddressHasher
    _is_right: bool = field(default=False, init=False)

    async def require_known_key(self) -> None:
        """Raises `Unavailable` if the key has changed. The first key of a deployment is noted."""
        if self._is_right:
            return
        if await self._read_or_note_fingerprint() != self.hashes.fingerprint:
            log.error("the suppression key has changed", extra={"event": "suppression_key_changed"})
            raise Unavailable(
                "SUPPRESSION_KEY is not the key that the suppressed addresses were stored with. Restore the first "
                "version of the secret: with another key nobody's suppression would be found."
            )
        self._is_right = True

    async def _read_or_note_fingerprint(self) -> str:
        stored = await self.documents.get(PATH)
        if not stored.exists:
            with suppress(Exists):  # another instance was faster
                await self.documents.commit([Create(PATH, {"fingerprint": self.hashes.fingerprint})])
            stored = await self.documents.get(PATH)
        return str(stored["fingerprint"])
