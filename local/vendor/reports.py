"""The vendor's callbacks: several reports per callback, some duplicated, some late, in any order, retried until they
are accepted."""

from __future__ import annotations

import asyncio
import heapq
import logging
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count

import aiohttp
from pydantic import Field
from standardwebhooks.webhooks import Webhook

from common.backoff import Backoff
from common.batching import chunked
from common.ids import random_id
from common.settings import Settings
from common.webhooks.signing import signed_headers
from local.vendor.send_log import SendLogEntry

log = logging.getLogger(__name__)
POLL_SECONDS = 0.05
MAX_REPORTS = 200  # per callback
BACKOFF = Backoff(initial=0.2, maximum=2, jitter=0)  # before a failed callback is retried
CALLBACK_TIMEOUT_SECONDS = 10.0
CONTRADICTION_SECONDS = 1.0  # after the report that is contradicted


class ReportSettings(Settings):
    """How the vendor reports in mode "ok"."""

    seconds: float = Field(alias="VENDOR_REPORT_SECONDS", default=0.1, ge=0, description="maximum delay of a report")
    duplicate_share: float = Field(alias="VENDOR_DUPLICATE_SHARE", default=0.0, ge=0, le=1)
    late_share: float = Field(alias="VENDOR_LATE_SHARE", default=0.0, ge=0, le=1)
    late_seconds: float = Field(alias="VENDOR_LATE_SECONDS", default=2.0, ge=0)
    lost_share: float = Field(
        alias="VENDOR_LOST_SHARE", default=0.0, ge=0, le=1, description="not reported until the message is sent again"
    )
    contradicted_share: float = Field(
        alias="VENDOR_CONTRADICTED_SHARE", default=0.0, ge=0, le=1, description="followed by a report of the opposite"
    )


@dataclass(frozen=True, slots=True)
class Report:
    """One report to be delivered."""

    entry: SendLogEntry
    attempts: int = 0  # that were not accepted
    contradicts: bool = False  # it says the opposite of the outcome


class ReportSender:
    """Sends the reports as signed callbacks."""

    def __init__(self, *, url: str, webhook: Webhook, settings: ReportSettings, rng: random.Random) -> None:
        self.counts: Counter[str] = Counter()
        self._url = url
        self._webhook = webhook
        self._settings = settings
        self._rng = rng
        self._pending: list[tuple[float, int, Report]] = []  # time, sequence number, report
        self._order = count()
        self._in_callbacks = 0  # reports in unfinished callbacks

    @property
    def pending(self) -> int:
        """The number of reports that are not delivered yet."""
        return len(self._pending) + self._in_callbacks

    def add(self, entry: SendLogEntry, *, lost_share: float | None = None) -> None:
        """Schedule the report of an entry. A share of first requests gets no report, until it is repeated."""
        lost_share = self._settings.lost_share if lost_share is None else lost_share
        if entry.requests == 1 and self._happens(lost_share):
            self.counts["lost"] += 1
            return
        copies = 1 + self._happens(self._settings.duplicate_share)
        self.counts["duplicated"] += copies - 1
        for _ in range(copies):
            late = self._settings.late_seconds if self._happens(self._settings.late_share) else 0.0
            self._schedule(self._rng.random() * self._settings.seconds + late, Report(entry))

    async def run(self) -> None:
        """Send callbacks until cancelled."""
        timeout = aiohttp.ClientTimeout(total=CALLBACK_TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(POLL_SECONDS)
                due = self._take_due()
                self._in_callbacks += len(due)
                for batch in chunked(due, MAX_REPORTS):
                    group.create_task(self._call_back(session, batch))

    def _happens(self, share: float) -> bool:
        return self._rng.random() < share

    def _schedule(self, seconds: float, report: Report) -> None:
        heapq.heappush(self._pending, (time.monotonic() + seconds, next(self._order), report))

    def _take_due(self) -> list[Report]:
        now = time.monotonic()
        due = []
        while self._pending and self._pending[0][0] <= now:
            due.append(heapq.heappop(self._pending)[2])
        self._rng.shuffle(due)
        return due

    async def _call_back(self, session: aiohttp.ClientSession, due: Sequence[Report]) -> None:
        """Send one callback, and schedule its reports again if it is not accepted."""
        receipts = (report.entry.receipt(contradicts=report.contradicts) for report in due)
        body = b'{"events":[%s]}' % b",".join(receipt.model_dump_json().encode() for receipt in receipts)
        accepted = await self._post(session, body)
        self._in_callbacks -= len(due)
        self.counts["accepted" if accepted else "not accepted"] += 1
        for report in due:
            if accepted:
                self._handle_accepted(report.entry)
            else:
                self._schedule(BACKOFF.delay(report.attempts), replace(report, attempts=report.attempts + 1))

    def _handle_accepted(self, entry: SendLogEntry) -> None:
        """Count the report. A share of the entries is contradicted, once."""
        entry.reports_delivered += 1
        if not entry.contradicted and self._happens(self._settings.contradicted_share):
            entry.contradicted = True
            self.counts["contradicted"] += 1
            self._schedule(CONTRADICTION_SECONDS, Report(entry, contradicts=True))

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        headers = signed_headers(self._webhook, f"msg_{random_id()}", body, now=datetime.now(UTC))
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.post(self._url, data=body, headers=headers) as response:
                if not response.ok:
                    log.warning("callback failed with status %s: %s", response.status, await response.text())
                return response.ok
        return False
