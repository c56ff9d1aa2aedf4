"""One campaign with injected faults: it is launched, paused, cancelled or retried meanwhile, and reconciled with all
records at the end.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import aiohttp
import httpx

from common import ids
from common.batching import chunked
from common.ids import random_id
from common.storage.documents import Delete, Query, Snapshot, Where
from common.storage.firestore import FirestoreDocuments
from local.client import ApiError, HeraldClient
from local.stack import Stack
from tests.system.faults import FaultInjector
from tests.system.manager import Manager
from tests.system.reconciliation import QuietPeriod, Records

CUSTOMERS = 2000
FAULT_SECONDS = 12.0
RECOVERY_SECONDS = 180.0  # maximum time to finish after the faults
ACTIONS: Sequence[Sequence[str]] = ((), ("retry",), ("pause", "resume"), ("pause", "resume", "retry"), ("cancel",))
"""The actions of the manager while the campaign runs; "retry" after it is finished."""
LONG_PAUSE_SECONDS = 20.0
GRACE_SECONDS = 14.0
"""A cached state, a lease and a frozen instance: within this time, a message may be sent after a pause."""
SUPPRESSED = 10  # people who are suppressed while the campaign runs
ACTIVITIES = 200
MESSAGE_SUBSCRIPTIONS = ("recipients", "deliveries", "receipts", "dead-letters")


@dataclass(frozen=True, kw_only=True)
class ChaosPlan:
    """What a seed decides before its campaign starts."""

    actions: Sequence[str]
    watchdog: bool  # without it, the vendor reports everything, and nothing repairs what gets lost
    long_pause: bool  # the second action comes after the cached states and the leases have ended


def plan_of(seed: int) -> ChaosPlan:
    """The plan of a seed."""
    dice = random.Random(f"plan {seed}")
    return ChaosPlan(actions=dice.choice(ACTIONS), watchdog=dice.random() < 0.6, long_pause=dice.random() < 0.5)


def seeds_with_every_action(first: int = 1) -> list[int]:
    """Three seeds from `first` on: with a cancellation, a pause, and a retry; in one of them, there is no watchdog."""
    wanted = ("cancel", "pause", "retry")
    seeds = count(first)
    found: list[int] = []
    while len(found) < len(wanted):
        seed = next(seeds)
        plan = plan_of(seed)
        if wanted[len(found)] in plan.actions and plan.watchdog == (len(found) != 1):
            found.append(seed)
    return found


@dataclass(frozen=True, kw_only=True)
class ChaosResult:
    """The outcome of one seed."""

    seed: int
    seconds: float
    totals: Mapping[str, int]
    fault_counts: Counter[str]
    differences: list[str]

    def __str__(self) -> str:
        totals = ", ".join(f"{number} {kind}" for kind, number in self.totals.items())
        fault_counts = ", ".join(f"{number} {fault}" for fault, number in sorted(self.fault_counts.items()))
        verdict = "\n  ".join(["DIFFERENCES", *self.differences]) if self.differences else "no difference"
        return f"seed {self.seed}: {totals}; {fault_counts}; {self.seconds:.1f} s: {verdict}"


class ChaosRun:
    """Runs campaigns with faults on one stack."""

    def __init__(
        self, stack: Stack, faults: FaultInjector, client: HeraldClient, documents: FirestoreDocuments
    ) -> None:
        self._stack = stack
        self._faults = faults
        self._client = client
        self._manager = Manager(client)
        self._documents = documents
        self._quiet: list[QuietPeriod] = []
        self._suppressed: set[str] = set()

    async def run(self, seed: int) -> ChaosResult:
        """Run one campaign, for customers in a city that only this campaign uses."""
        city, plan = f"{seed}-{random_id()}", plan_of(seed)
        await self._faults.set_watchdog(plan.watchdog)
        audience = await self._import_customers(city)
        campaign = await self._manager.draft(city)
        before, started = await self._read_fault_counts(), time.monotonic()
        fault_counts: Counter[str] = Counter({"without watchdog": not plan.watchdog})
        self._quiet, self._suppressed = list[QuietPeriod](), set[str]()
        problems = await self._run_campaign(campaign, city, plan, random.Random(seed), fault_counts)
        seconds = time.monotonic() - started
        records = await self._collect_records(campaign, audience)
        fault_counts += await self._read_fault_counts() - before
        fault_counts["sent again"] = sum(entry["requests"] - 1 for entry in records.send_log.values())
        fault_counts["messages of a vendor without memory"] = sum(
            entry["accepted_requests"] for entry in records.send_log.values()
        )
        await self._delete_records(campaign, records)
        totals = {name: records.statistics[name] for name in ("audience", "sent", "failed", "skipped")}
        differences = [*problems, *records.differences()]
        return ChaosResult(
            seed=seed, seconds=seconds, totals=totals, fault_counts=fault_counts, differences=differences
        )

    async def _import_customers(self, city: str) -> dict[str, str | None]:
        """Import customers. Return the exclusion reason, or None, by customer id."""
        rows = [_customer(city, number) for number in range(CUSTOMERS)]
        await self._client.add_customers(rows)
        return {ids.customer_id("external_id", row["external_id"]): _expected_exclusion(row) for row in rows}

    async def _run_campaign(
        self, campaign: str, city: str, plan: ChaosPlan, dice: random.Random, fault_counts: Counter[str]
    ) -> list[str]:
        """Run the campaign with its actions. Return a problem if it does not finish in time."""
        fault_counts.update(plan.actions)
        driven = self._drive_campaign(campaign, city, plan, random.Random(dice.random()))
        try:
            await self._run_with_faults(driven, dice, fault_counts)
            if "retry" in plan.actions:
                await self._run_with_faults(self._manager.retry(campaign), dice, fault_counts)
        except TimeoutError:
            return [f"Not finished {RECOVERY_SECONDS:g} seconds after the faults ended"]
        return []

    async def _drive_campaign(self, campaign: str, city: str, plan: ChaosPlan, dice: random.Random) -> None:
        await self._manager.perform("launch", campaign)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._change_customers(city, dice))
            group.create_task(self._press_buttons(campaign, plan, dice))
        await self._manager.wait_until_finished(campaign)

    async def _press_buttons(self, campaign: str, plan: ChaosPlan, dice: random.Random) -> None:
        """Perform the actions, and note the times in which nothing may be sent."""
        paused_at = 0.0
        for action in plan.actions:
            if action == "retry":
                return
            is_long = action == "resume" and plan.long_pause
            await asyncio.sleep(LONG_PAUSE_SECONDS if is_long else dice.uniform(1, 6))
            if action == "resume":
                self._quiet.append(QuietPeriod(state="paused", start=paused_at, end=time.time(), grace=GRACE_SECONDS))
            await self._manager.perform(action, campaign)
            paused_at = time.time()
            if action == "cancel":
                end = float("inf")
                self._quiet.append(QuietPeriod(state="cancelled", start=paused_at, end=end, grace=GRACE_SECONDS))

    async def _change_customers(self, city: str, dice: random.Random) -> None:
        """Meanwhile some people are suppressed, and others order something. Requests may fail."""
        await asyncio.sleep(dice.uniform(0, 3))
        numbers = dice.sample(range(CUSTOMERS), SUPPRESSED)
        rows = [_customer(city, number) for number in numbers]
        self._suppressed |= {ids.customer_id("external_id", row["external_id"]) for row in rows}
        with suppress(ApiError, httpx.HTTPError):
            await self._client.post("/api/suppressions", [{"email": row["email"]} for row in rows if "email" in row])
        orders = [
            {"event_id": f"{city}-{number}", "type": "visit", "external_id": f"{city}-{number}", "at": _now()}
            for number in dice.sample(range(CUSTOMERS), ACTIVITIES)
        ]
        with suppress(ApiError, httpx.HTTPError):
            await self._client.post("/api/activities", orders)

    async def _run_with_faults(
        self, work: Coroutine[Any, Any, None], dice: random.Random, fault_counts: Counter[str]
    ) -> None:
        """Run `work` with faults, then without. Raise `TimeoutError` if it does not finish in time."""
        task = asyncio.create_task(work)
        async with self._faults.inject(dice.random(), fault_counts):
            await asyncio.wait([task], timeout=FAULT_SECONDS)
        await asyncio.wait_for(task, RECOVERY_SECONDS)

    async def _collect_records(self, campaign: str, audience: Mapping[str, str | None]) -> Records:
        """Wait until nothing changes any more, and read all records."""
        await self._wait_until_settled()
        claims = await self._query_campaign(campaign, "claims")
        deferred = await self._query_campaign(campaign, "deferred")
        pages = await self._query_campaign(campaign, "pages")
        return Records(
            audience=audience,
            campaign=await self._client.get(f"/api/campaigns/{campaign}"),
            statistics=await self._client.get(f"/api/campaigns/{campaign}/statistics"),
            receipts=await self._query_campaign(campaign, "receipts"),
            claims={claim.id: claim for claim in claims},
            send_log=await _get_json(f"{self._stack.vendor}/send-log?campaign={campaign}"),
            quiet=self._quiet,
            suppressed=self._suppressed,
            leftovers=[item.path for item in (*deferred, *(page for page in pages if page.get("done") == 0))],
        )

    async def _wait_until_settled(self) -> None:
        """Wait until no late report and no second copy is outstanding."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while await self._is_unsettled() and time.monotonic() < deadline:
            await asyncio.sleep(0.2)

    async def _is_unsettled(self) -> bool:
        push_status = await _get_json(self._stack.push)
        vendor_status = await _get_json(f"{self._stack.vendor}/control")
        return bool(vendor_status["pending"] or sum(push_status[name]["outstanding"] for name in MESSAGE_SUBSCRIPTIONS))

    async def _query_campaign(self, campaign: str, collection: str) -> list[Snapshot]:
        return await self._documents.query(Query(collection=collection, where=[Where("campaign", "==", campaign)]))

    async def _read_fault_counts(self) -> Counter[str]:
        """Read the counters of the push service and the stand-ins since their start."""
        push_status = (await _get_json(self._stack.push)).values()
        sums = {
            name: sum(item[name] for item in push_status) for name in ("posts", "accepted", "refused", "dead_lettered")
        }
        return Counter(
            {
                "pushed twice": sums["posts"] - sums["accepted"] - sums["refused"],
                "pushes refused": sums["refused"],
                "dead letters": sums["dead_lettered"],
                "vendor's faults": _faults(await _get_json(f"{self._stack.vendor}/control")),
                "Gemini's faults": _faults(await _get_json(f"{self._stack.gemini}/control")),
            }
        )

    async def _delete_records(self, campaign: str, records: Records) -> None:
        """Delete checked documents, because each query of the emulator scans the whole collection.

        A campaign that is still open keeps them: without them, its counters would differ from the ledger.
        """
        if (await self._documents.get(f"campaigns/{campaign}"))["open"]:
            return
        paths = [item.path for item in (*records.receipts, *records.claims.values())]
        for batch in chunked(paths, 500):
            await self._documents.commit([Delete(path) for path in batch])


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _customer(city: str, number: int) -> dict[str, Any]:
    """Return a customer. One in fifty has no consent, one in a hundred no e-mail address."""
    row = {"external_id": f"{city}-{number}", "name": f"Asha {number} Rao", "city": city, "visits": number % 20}
    address = {"phone": f"+9198{number:08}"} if number % 100 == 99 else {"email": f"p{number}@{city}.example.com"}
    return row | address | ({"consent": {"email": False}} if number % 50 == 7 else {})


def _expected_exclusion(row: Mapping[str, Any]) -> str | None:
    return "no_consent" if "consent" in row else None if "email" in row else "no_address"


def _faults(control: Mapping[str, Any]) -> int:
    return sum(number for mode, number in control["modes"].items() if mode != "ok")


async def _get_json(url: str) -> Any:
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(url) as answer:
        return await answer.json()
