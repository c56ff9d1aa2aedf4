"""The vendor's callbacks: several reports in one, some twice, some late, in any order, until they are taken."""

from __future__ import annotations

import asyncio
import heapq
import logging
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count

import aiohttp
from pydantic import Field
from standardwebhooks.webhooks import Webhook

from common.ids import random_id
from common.settings import Settings
from local.vendor.send_log import Entry
from vendor.vendors.webhook.signing import signed

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.05
MOST_REPORTS = 200  # in one callback
SHORTEST_WAIT, LONGEST_WAIT = 0.2, 2.0  # before a callback that was not taken is tried again
ANSWER_SECONDS = 10.0


class Habits(Settings):
    """How the vendor reports when it is well."""

    seconds: float = Field(alias="VENDOR_REPORT_SECONDS", default=0.1, ge=0, description="at most so much later")
    duplicate_share: float = Field(alias="VENDOR_DUPLICATE_SHARE", default=0.0, ge=0, le=1)
    late_share: float = Field(alias="VENDOR_LATE_SHARE", default=0.0, ge=0, le=1)
    late_seconds: float = Field(alias="VENDOR_LATE_SECONDS", default=2.0, ge=0)
    lost_share: float = Field(alias="VENDOR_LOST_SHARE", default=0.0, ge=0, le=1, description="never come, until asked")


class Reports:
    def __init__(self, *, url: str, webhook: Webhook, habits: Habits, dice: random.Random) -> None:
        self.counts: Counter[str] = Counter()
        self._url = url
        self._webhook = webhook
        self._habits = habits
        self._dice = dice
        self._waiting: list[tuple[float, int, int, Entry]] = []  # when, order, how often it was tried, what
        self._order = count()
        self._calling = 0  # reports in callbacks under way

    @property
    def waiting(self) -> int:
        """How many reports are still to come."""
        return len(self._waiting) + self._calling

    def add(self, entry: Entry) -> None:
        """Of what is asked for the first time a share is lost, so that only asking again brings it."""
        if entry.asked == 1 and self._chance(self._habits.lost_share):
            self.counts["lost"] += 1
            return
        copies = 1 + self._chance(self._habits.duplicate_share)
        self.counts["twice"] += copies - 1
        for _ in range(copies):
            late = self._habits.late_seconds if self._chance(self._habits.late_share) else 0.0
            self._put(self._dice.random() * self._habits.seconds + late, 0, entry)

    async def run(self) -> None:
        """Call back until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                due = self._due()
                self._calling += len(due)
                for start in range(0, len(due), MOST_REPORTS):
                    group.create_task(self._call_back(session, due[start : start + MOST_REPORTS]))

    def _chance(self, share: float) -> bool:
        return self._dice.random() < share

    def _put(self, seconds: float, tries: int, entry: Entry) -> None:
        heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._order), tries, entry))

    def _due(self) -> list[tuple[int, Entry]]:
        now = time.monotonic()
        due = []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(heapq.heappop(self._waiting)[2:])
        self._dice.shuffle(due)
        return due

    async def _call_back(self, session: aiohttp.ClientSession, due: Sequence[tuple[int, Entry]]) -> None:
        body = b'{"events":[%s]}' % b",".join(entry.receipt().model_dump_json().encode() for _, entry in due)
        taken = await self._post(session, body)
        self._calling -= len(due)
        self.counts["taken" if taken else "not taken"] += 1
        for tries, entry in due:
            if taken:
                entry.reported += 1
            else:
                self._put(min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** min(tries, 9)), tries + 1, entry)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        headers = signed(self._webhook, f"msg_{random_id()}", body, now=datetime.now(UTC))
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.post(self._url, data=body, headers=headers) as answer:
                if not answer.ok:
                    log.warning("callback answered with %s: %s", answer.status, await answer.text())
                return answer.ok
        return False
