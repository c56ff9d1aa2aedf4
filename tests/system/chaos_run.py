"""One campaign, or two at once, with injected faults: managers launch, pause, cancel and retry them meanwhile, things
happen to customers, and at the end everything is reconciled with all records.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from common.batching import chunked
from common.ids import message_id, random_id
from common.storage.documents import Delete, Query, Snapshot, Where
from common.storage.firestore import FirestoreDocuments
from local.client import HeraldClient
from local.stack import Stack
from tests.system.chaos_plan import ChaosPlan, plan_of
from tests.system.faults import CLOCK_SKEW_SECONDS, WATCHDOG_SECONDS, FaultInjector
from tests.system.malformed import MalformedEvents
from tests.system.manager import Manager
from tests.system.people_changes import (
    CUSTOMERS,
    PeopleChanges,
    customer_id,
    customer_row,
    expected_exclusion,
    repeat,
)
from tests.system.reconciliation import QuietPeriod, Records

FAULT_SECONDS = 12.0
RECOVERY_SECONDS = 300.0  # maximum time to finish after the faults
LONG_PAUSE_SECONDS = 20.0
START_DELAY_SECONDS = 4.0  # of a scheduled campaign
GRACE_SECONDS = 14.0 + 2 * CLOCK_SKEW_SECONDS
"""A cached state, a lease, a frozen instance and two clocks: within this time, a message may be sent after a pause."""
MAX_REFUSED_SHARE = 0.8
"""Of the pushes. More would mean that the functions refuse what they could process."""
ALWAYS = (
    *("people suppressed", "people erased", "consents withdrawn", "addresses corrected", "people merged"),
    *("rows imported", "activities sent twice", "malformed events", "malformed requests", "pushed again later"),
)
"""What happens in every run."""
MESSAGE_SUBSCRIPTIONS = ("recipients", "deliveries", "receipts", "dead-letters", "ingest")


@dataclass
class CampaignRun:
    """One campaign of a run, and the times in which nothing may be sent."""

    id: str
    name: str
    plan: ChaosPlan
    quiet: list[QuietPeriod] = field(default_factory=list)


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
    """Runs campaigns with faults on one stack. `clients` are those of two managers."""

    def __init__(
        self, stack: Stack, faults: FaultInjector, clients: Sequence[HeraldClient], documents: FirestoreDocuments
    ) -> None:
        self._stack = stack
        self._faults = faults
        self._client = clients[0]
        self._managers = [Manager(client) for client in clients]
        self._documents = documents

    async def run(self, seed: int) -> ChaosResult:
        """Run the campaigns, for customers in a city that only this run uses."""
        city, plan, dice = f"{seed}-{random_id()}", plan_of(seed), random.Random(seed)
        await self._faults.set_watchdog(plan.watchdog)
        await self._client.add_customers([customer_row(city, number) for number in range(CUSTOMERS)])
        people = PeopleChanges(self._stack, self._client, self._documents, city, random.Random(dice.random()))
        malformed = MalformedEvents(self._stack, random.Random(dice.random()))
        campaigns = await self._draft(city, plan)
        before, started = await self._read_fault_counts(), time.monotonic()
        fault_counts: Counter[str] = Counter(plan.features)
        others = asyncio.gather(people.run([one.id for one in campaigns]), malformed.run())
        problems = await self._run_campaigns(campaigns, others, dice, fault_counts)
        seconds = time.monotonic() - started
        records = [await self._collect_records(campaign, city, people) for campaign in campaigns]
        fault_counts += people.counts + malformed.counts
        problems += [difference for one in records for difference in one.differences()]
        problems += [*await people.differences(), *malformed.differences()]
        problems += await self._check_engagements(city, campaigns, records, people)
        since_start = await self._read_fault_counts() - before
        problems += self._add_figures(fault_counts, records, since_start, seconds)
        for campaign, one in zip(campaigns, records, strict=True):
            await self._delete_records(campaign.id, one)
        totals = {name: records[0].statistics[name] for name in ("audience", "sent", "failed", "skipped", "unknown")}
        return ChaosResult(seed=seed, seconds=seconds, totals=totals, fault_counts=fault_counts, differences=problems)

    async def _draft(self, city: str, plan: ChaosPlan) -> list[CampaignRun]:
        """The campaign, and perhaps a second one to the same people, which nobody interrupts."""
        plans = [plan, *([ChaosPlan(watchdog=plan.watchdog)] if plan.second_campaign else [])]
        return [
            CampaignRun(
                id=await self._managers[0].draft(city, name=f"{city}.{number}", per_minute=one.per_minute),
                name=f"{city}.{number}",
                plan=one,
            )
            for number, one in enumerate(plans)
        ]

    async def _run_campaigns(
        self,
        campaigns: Sequence[CampaignRun],
        others: asyncio.Future[Any],
        dice: random.Random,
        fault_counts: Counter[str],
    ) -> list[str]:
        """Run the campaigns with their actions. Return a problem if they do not finish in time."""
        try:
            for number, actions in enumerate(_phases(campaigns[0].plan.actions)):
                orders = random.Random(dice.random())
                work = [self._drive(campaigns[0], actions, orders)]
                if number == 0:
                    work += [*(self._drive(other, (), orders) for other in campaigns[1:]), _wait_for(others)]
                await self._run_with_faults(_together(work), dice, fault_counts)
        except TimeoutError:
            others.cancel()
            return [f"Not finished {RECOVERY_SECONDS:g} seconds after the faults ended"]
        return []

    async def _drive(self, campaign: CampaignRun, actions: Sequence[str], dice: random.Random) -> None:
        """Launch or retry the campaign, perform the other actions, and wait until it is finished."""
        if actions[:1] == ("retry",):
            await self._both(campaign, lambda manager: manager.press_retry(campaign.id))
        else:
            await self._launch(campaign, dice)
        await self._press_buttons(campaign, [action for action in actions if action != "retry"], dice)
        await self._managers[0].wait_until_finished(campaign.id)

    async def _launch(self, campaign: CampaignRun, dice: random.Random) -> None:
        if not campaign.plan.scheduled:
            await self._both(campaign, lambda manager: manager.perform("launch", campaign.id))
            return
        earliest = time.time() + START_DELAY_SECONDS
        fastest = earliest - CLOCK_SKEW_SECONDS  # by the clock that is the most ahead
        campaign.quiet.append(QuietPeriod(state="scheduled", start=0, end=fastest, grace=0))
        await self._both(campaign, lambda manager: manager.schedule(campaign.id, START_DELAY_SECONDS))
        await asyncio.sleep(START_DELAY_SECONDS + dice.uniform(0, 2))

    async def _both(self, campaign: CampaignRun, act: Callable[[Manager], Awaitable[None]]) -> None:
        """One manager acts, or two of them at the same moment."""
        acting = self._managers[: 1 + campaign.plan.two_managers]
        await asyncio.gather(*(act(manager) for manager in acting))

    async def _press_buttons(self, campaign: CampaignRun, actions: Sequence[str], dice: random.Random) -> None:
        """Perform the actions, and note the times in which nothing may be sent."""
        paused_at = 0.0
        for action in actions:
            is_long = action == "resume" and campaign.plan.long_pause
            await asyncio.sleep(LONG_PAUSE_SECONDS if is_long else dice.uniform(1, 6))
            if action == "resume":
                period = QuietPeriod(state="paused", start=paused_at, end=time.time(), grace=GRACE_SECONDS)
                campaign.quiet.append(period)
            if action == "retry now":
                await self._both(campaign, lambda manager: manager.press_retry(campaign.id))
            else:
                await self._both(campaign, partial(_perform, action=action, campaign=campaign.id))
            paused_at = time.time()
            if action == "cancel":
                end = float("inf")
                campaign.quiet.append(QuietPeriod(state="cancelled", start=paused_at, end=end, grace=GRACE_SECONDS))

    async def _run_with_faults(
        self, work: Coroutine[Any, Any, None], dice: random.Random, fault_counts: Counter[str]
    ) -> None:
        """Run `work` with faults, then without. Raise `TimeoutError` if it does not finish in time."""
        task = asyncio.create_task(work)
        async with self._faults.inject(dice.random(), fault_counts):
            await asyncio.wait([task], timeout=FAULT_SECONDS)
        await asyncio.wait_for(task, RECOVERY_SECONDS)

    async def _collect_records(self, campaign: CampaignRun, city: str, people: PeopleChanges) -> Records:
        """Wait until nothing changes any more, and read all records."""
        await self._wait_until_settled(campaign.id)
        claims = await self._query_campaign(campaign.id, "claims")
        deferred = await self._query_campaign(campaign.id, "deferred")
        pages = await self._query_campaign(campaign.id, "pages")

        def by_message(of_customers: Mapping[str, Any]) -> dict[str, Any]:
            return {message_id(campaign.id, customer): value for customer, value in of_customers.items()}

        rows = {customer_id(self._stack, city, number): customer_row(city, number) for number in range(CUSTOMERS)}
        moved = {**people.moved, **people.merged}
        return Records(
            audience=by_message({customer: expected_exclusion(row) for customer, row in rows.items()}),
            campaign=await self._client.get(f"/api/campaigns/{campaign.id}"),
            statistics=await self._client.get(f"/api/campaigns/{campaign.id}/statistics"),
            receipts=await self._query_campaign(campaign.id, "receipts"),
            claims={claim.id: claim for claim in claims},
            send_log=await _get_json(f"{self._stack.vendor}/send-log?campaign={campaign.id}"),
            quiet=campaign.quiet,
            allowed_reasons=by_message(people.allowed_reasons),
            excluded_since=by_message({**people.suppressed, **people.erased, **people.withdrawn}),
            moved_since=by_message({id_: (since, rows[id_]["email"]) for id_, since in moved.items()}),
            erased=by_message(people.erased).keys(),
            merged=by_message(people.merged).keys(),
            grace=GRACE_SECONDS,
            per_minute=campaign.plan.per_minute,
            leftovers=[item.path for item in (*deferred, *(page for page in pages if page.get("done") == 0))],
        )

    async def _wait_until_settled(self, campaign: str) -> None:
        """Wait until no late report and no second copy is outstanding, and erased people are out of the campaign."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while await self._is_unsettled(campaign) and time.monotonic() < deadline:
            await asyncio.sleep(0.2)

    async def _is_unsettled(self, campaign: str) -> bool:
        if await self._query_campaign(campaign, "redactions"):
            return True
        push_status = await _get_json(self._stack.push)
        vendor_status = await _get_json(f"{self._stack.vendor}/control")
        return bool(vendor_status["pending"] or sum(push_status[name]["outstanding"] for name in MESSAGE_SUBSCRIPTIONS))

    async def _query_campaign(self, campaign: str, collection: str) -> list[Snapshot]:
        return await self._documents.query(Query(collection=collection, where=[Where("campaign", "==", campaign)]))

    async def _check_engagements(
        self, city: str, campaigns: Sequence[CampaignRun], records: Sequence[Records], people: PeopleChanges
    ) -> list[str]:
        """The index of events says of the same people as the ledger that they received the campaign.

        What is recorded for a merged id counts for the kept customer from the next night on.
        """
        problems = []
        for campaign, one in zip(campaigns, records, strict=True):
            rule = {"text": f'city = "{city}" AND received campaign "{campaign.name}"'}
            preview = await repeat(lambda rule=rule: self._client.post("/api/segments/preview", rule))  # type: ignore[misc]
            received = one.reached - set(one.erased)
            certain = received - {message_id(campaign.id, id_) for id_ in people.merged}
            possible = certain | {
                message_id(campaign.id, kept)
                for id_, kept in people.kept_by.items()
                if message_id(campaign.id, id_) in received
            }
            if not len(certain) <= preview["count"] <= len(possible):
                expected = f"{len(certain)} to {len(possible)}"
                problems.append(f"The index says that {preview['count']} received the campaign, the ledger {expected}")
                found = {message_id(campaign.id, id_) for id_ in await self._find_customers(rule["text"])}
                missing, added = sorted(certain - found), sorted(found - possible)
                problems.append(f"The messages that only the ledger has: {missing}; only the index: {added}")
        return problems

    async def _find_customers(self, rule: str) -> list[str]:
        """The ids of those who match the rule now."""
        ids: list[str] = []
        query: dict[str, Any] = {"filter": rule, "limit": 200, "after": None}
        while True:
            page = await repeat(lambda: self._client.post("/api/customers/search", query))
            ids += [customer["id"] for customer in page["items"]]
            query["after"] = page["next"]
            if not query["after"]:
                return ids

    async def _read_fault_counts(self) -> Counter[str]:
        """Read the counters of the push service and the stand-ins since their start."""
        push_status = (await _get_json(self._stack.push)).values()
        vendor_status = await _get_json(f"{self._stack.vendor}/control")
        names = ("posts", "accepted", "refused", "dead_lettered", "late_copies")
        sums = {name: sum(item[name] for item in push_status) for name in names}
        return Counter(
            {
                "pushes": sums["posts"],
                "pushed twice": sums["posts"] - sums["accepted"] - sums["refused"],
                "pushed again later": sums["late_copies"],
                "pushes refused": sums["refused"],
                "dead letters": sums["dead_lettered"],
                "vendor's faults": _faults(vendor_status),
                "reports contradicted": vendor_status["callbacks"].get("contradicted", 0),
                "Gemini's faults": _faults(await _get_json(f"{self._stack.gemini}/control")),
                "watchdog's repairs": self._count_logged("messages_resent", "resent"),
            }
        )

    def _count_logged(self, event: str, number: str) -> int:
        """The sum of a number over the log entries of an event."""
        log = (self._stack.config.logs / "fan_out.log").read_text(errors="replace")
        entries = (json.loads(line) for line in log.splitlines() if f'"{event}"' in line and line.startswith("{"))
        return sum(int(entry[number]) for entry in entries if entry.get("event") == event)

    def _add_figures(
        self, fault_counts: Counter[str], records: Sequence[Records], since_start: Counter[str], seconds: float
    ) -> list[str]:
        """Adds what was counted; returns what was counted too often."""
        fault_counts += since_start
        entries = [entry for one in records for entry in one.send_log.values()]
        fault_counts["sent again"] = sum(entry["requests"] - 1 for entry in entries)
        fault_counts["messages of a vendor without memory"] = sum(entry["accepted_requests"] for entry in entries)
        problems = [f"Nothing was counted as {name}" for name in ALWAYS if not fault_counts[name]]
        if since_start["pushes refused"] > MAX_REFUSED_SHARE * since_start["pushes"]:
            problems.append(f"{since_start['pushes refused']} of {since_start['pushes']} pushes were refused")
        if since_start["watchdog's repairs"] > max_rounds(seconds) * CUSTOMERS * len(records):
            problems.append(f"The watchdog sent {since_start["watchdog's repairs"]} messages again")
        if "without watchdog" in fault_counts and since_start["watchdog's repairs"]:
            problems.append("The watchdog repaired something although it was off")
        return problems

    async def _delete_records(self, campaign: str, records: Records) -> None:
        """Delete checked documents, because each query of the emulator scans the whole collection.

        A campaign that is still open keeps them: without them, its counters would differ from the ledger.
        """
        if (await self._documents.get(f"campaigns/{campaign}")).get("open", True):
            return
        paths = [item.path for item in (*records.receipts, *records.claims.values())]
        for batch in chunked(paths, 500):
            await self._documents.commit([Delete(path) for path in batch])


def max_rounds(seconds: float) -> int:
    """How often the watchdog may look at a campaign in this time: after five seconds, then ten, twenty, …

    In each round it may send each message again that has no outcome: on a slow machine these are many.
    """
    return int(math.log2(1 + seconds / WATCHDOG_SECONDS))


async def _perform(manager: Manager, *, action: str, campaign: str) -> None:
    await manager.perform(action, campaign)


def _phases(actions: Sequence[str]) -> list[tuple[str, ...]]:
    """The actions until each retry of a finished campaign, and from it on."""
    phases: list[tuple[str, ...]] = [()]
    for action in actions:
        if action == "retry":
            phases.append(())
        phases[-1] += (action,)
    return phases


async def _together(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(one)


async def _wait_for(others: asyncio.Future[Any]) -> None:
    await others


def _faults(control: Mapping[str, Any]) -> int:
    return sum(number for mode, number in control["modes"].items() if mode != "ok")


async def _get_json(url: str) -> Any:
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(url) as answer:
        return await answer.json()
