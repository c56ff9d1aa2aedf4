"""The vendor, which knows whom its messages have reached."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from common.events import MessageReady, Receipt, ReceiptKind, ReceiptsReported
from tests.simulation.faults import Faults
from tests.simulation.story import Habits
from vendor.vendor import Accepted, Rejected, VendorUnavailable
from vendor.vendors.simulator.sender import stable_fraction

Outcome = Literal["sent", "failed"]
PERMANENT_SHARE = 0.3
"""The share of the failures that a retry cannot fix."""


@dataclass
class VendorEntry:
    """What the vendor knows about one idempotency key."""

    message: MessageReady
    outcome: Outcome
    permanent: bool
    requests: list[float] = field(default_factory=list)  # the time of each one
    times_sent: int = 0  # more than once if the vendor had forgotten the key
    sent_at: float = 0.0
    texts: set[tuple[str, str, str]] = field(default_factory=set)
    reported: list[ReceiptKind] = field(default_factory=list)  # what Herald has accepted, in order
    in_progress: list[float] = field(default_factory=list)  # the start of each unfinished request

    @property
    def reached(self) -> bool:
        """Whether the person got the message."""
        return self.outcome == "sent"

    @property
    def is_known_as_sent(self) -> bool:
        """It was sent, and the vendor did not say that it has failed: then it is asked to send it again."""
        return self.reached and "failed" not in self.reported


class StoryVendor:
    """Delivers each idempotency key once, for as long as it remembers the key.

    `call_back` passes a report to Herald; false if it was not accepted. `before_send` is called with each request.
    """

    def __init__(
        self,
        *,
        habits: Habits,
        faults: Faults,
        dice: random.Random,
        now: Callable[[], datetime],
        call_back: Callable[[ReceiptsReported], Awaitable[bool]],
        before_send: Callable[[MessageReady, VendorEntry | None], None],
    ) -> None:
        self.entries: dict[str, VendorEntry] = {}
        self.reports_pending = 0
        self._habits = habits
        self._faults = faults
        self._dice = dice
        self._now = now
        self._call_back = call_back
        self._before_send = before_send
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def by_message(self) -> dict[str, list[VendorEntry]]:
        """The entries of each message id."""
        entries: dict[str, list[VendorEntry]] = defaultdict(list)
        for entry in self.entries.values():
            entries[entry.message.message_id].append(entry)
        return entries

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        """Answers as the current mode says. In mode "late" the message is accepted, but the answer comes too late."""
        self._before_send(message, self.entries.get(message.idempotency_key))
        outage = self._faults.outage("vendor")
        mode = outage.kind if outage else "ok"
        if mode == "down":
            raise VendorUnavailable("The vendor is down.")
        if mode == "throttled":
            raise VendorUnavailable("Slow down.", retry_after=self._dice.choice((1, 30, 200)))
        entry = self._accept(message)
        started = asyncio.get_running_loop().time()
        entry.in_progress.append(started)
        try:
            await asyncio.sleep({"late": 10, "slow": self._dice.uniform(5, 40)}.get(mode, 0.01))
        finally:
            entry.in_progress.remove(started)
        if mode == "late":
            self._report(entry)
            raise VendorUnavailable("The vendor did not answer in time.")
        return self._answer(entry)

    def _accept(self, message: MessageReady) -> VendorEntry:
        key = message.idempotency_key
        entry = self.entries.get(key)
        if entry is None:
            failed = stable_fraction("outcome", key) < self._habits.failing
            permanent = failed and stable_fraction("permanent", key) < PERMANENT_SHARE
            entry = self.entries[key] = VendorEntry(message, "failed" if failed else "sent", permanent)
        now = asyncio.get_running_loop().time()
        if not entry.times_sent or now >= entry.sent_at + self._habits.memory:
            entry.times_sent, entry.sent_at = entry.times_sent + 1, now
        entry.requests.append(now)
        entry.texts.add((message.to, message.subject, message.body))
        return entry

    def _answer(self, entry: VendorEntry) -> Accepted | Rejected:
        if not self._habits.final_answers:
            self._report(entry)
            return Accepted(final=False)
        if entry.outcome == "failed":
            return Rejected("The mailbox is full.", permanent=entry.permanent)
        return Accepted(final=True)

    def _report(self, entry: VendorEntry) -> None:
        """Schedules the reports about an entry. Some get lost, until the message is sent again."""
        if self._dice.random() < self._habits.reports_lost:
            return
        copies = 1 + (self._dice.random() < self._habits.reports_twice)
        kinds: list[ReceiptKind] = [entry.outcome] * copies
        if entry.reached and self._dice.random() < 0.3:
            kinds.append("opened")
        if stable_fraction("refusal", entry.message.idempotency_key) < self._habits.refusals:
            kinds.append(self._dice.choice(("bounced", "unsubscribed", "complained")))
        if self._dice.random() < self._habits.reports_contradict:
            kinds.append("failed" if entry.outcome == "sent" else "sent")
        for kind in kinds:
            task = asyncio.get_running_loop().create_task(self._deliver_report(entry, kind))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver_report(self, entry: VendorEntry, kind: ReceiptKind) -> None:
        """Repeats the callback until Herald accepts it."""
        self.reports_pending += 1
        await asyncio.sleep(self._dice.uniform(0, self._habits.report_seconds))
        receipt = report_of(entry.message, kind, self._now(), permanent=entry.permanent)
        while self._faults.outage("callbacks") or not await self._call_back(ReceiptsReported(receipts=[receipt])):
            await asyncio.sleep(self._dice.uniform(5, 60))
        entry.reported.append(kind)
        self.reports_pending -= 1


def report_of(message: MessageReady, kind: ReceiptKind, at: datetime, *, permanent: bool = False) -> Receipt:
    """A vendor's report: it names the attempt whose key it got."""
    return Receipt(
        message_id=message.message_id,
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        attempt=message.idempotency_attempt,
        kind=kind,
        at=at,
        reason="The mailbox is full." if kind == "failed" else None,
        permanent=permanent and kind == "failed",
    )
