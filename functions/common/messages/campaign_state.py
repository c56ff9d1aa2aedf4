"""What the functions on a message's way must know about its campaign: does it run?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from common.batching import Batcher
from common.storage.documents import Documents

REMEMBERED_SECONDS = 2.0
"""A pause takes effect within 5 seconds everywhere; this is an instance's part of them."""
MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Control:
    state: str | None  # None where there is no such campaign

    @property
    def paused(self) -> bool:
        return self.state == "paused"

    @property
    def cancelled(self) -> bool:
        return self.state == "cancelled"


class Controls:
    """Reads a campaign at most once in two seconds, however many messages ask: unless it is paused. Then whoever comes
    may have been released since, and must not be taken for one of those who are put aside."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[str, tuple[float, Control]] = {}
        self._reads: Batcher[str, Control] = Batcher(self._read, most=1000, parallel=4)

    async def get(self, campaign_id: str) -> Control:
        until, control = self._known.get(campaign_id, (0.0, None))
        if control is None or until < time.monotonic():
            control = await self._reads.submit(campaign_id)
        return control

    async def _read(self, campaign_ids: Sequence[str]) -> Sequence[Control]:
        unique = list(dict.fromkeys(campaign_ids))
        found = await self._documents.get_all([f"campaigns/{one}" for one in unique])
        controls = {one: Control(snapshot.get("state")) for one, snapshot in zip(unique, found, strict=True)}
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        until = time.monotonic() + REMEMBERED_SECONDS
        self._known |= {one: (until, control) for one, control in controls.items() if not control.paused}
        return [controls[one] for one in campaign_ids]
