"""One campaign and its storm: launched, paused, cancelled or retried while everything goes wrong, and held against
everybody's books when it is over.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from common import ids
from common.ids import random_id
from common.storage.documents import Delete, Query, Snapshot, Where
from common.storage.firestore import FirestoreDocuments
from local.client import Client
from local.stack import Stack
from tests.system.faults import Faults
from tests.system.manager import Manager
from tests.system.reconciliation import Books

PEOPLE = 2000
STORM_SECONDS = 12.0
RECOVERY_SECONDS = 180.0  # for what is left after a storm
BUTTONS: Sequence[Sequence[str]] = ((), ("retry",), ("pause", "resume"), ("pause", "resume", "retry"), ("cancel",))
"""What the manager presses while the campaign runs, and once it is finished."""
ON_ITS_WAY = ("recipients", "deliveries", "receipts", "dead-letters")


@dataclass(frozen=True, kw_only=True)
class Result:
    seed: int
    seconds: float
    totals: Mapping[str, int]
    happened: Counter[str]
    differences: list[str]

    def __str__(self) -> str:
        totals = ", ".join(f"{number} {kind}" for kind, number in self.totals.items())
        happened = ", ".join(f"{number} {what}" for what, number in sorted(self.happened.items()))
        verdict = "\n  ".join(["DIFFERENT", *self.differences]) if self.differences else "no difference"
        return f"seed {self.seed}: {totals}; {happened}; {self.seconds:.1f} s: {verdict}"


class Ordeal:
    def __init__(self, stack: Stack, faults: Faults, client: Client, documents: FirestoreDocuments) -> None:
        self._stack = stack
        self._faults = faults
        self._client = client
        self._manager = Manager(client)
        self._documents = documents

    async def run(self, seed: int) -> Result:
        """A campaign of its own, among customers of a city of their own."""
        city = f"{seed}-{random_id()}"
        people = await self._bring_in(city)
        campaign = await self._manager.draft(city)
        before, started = await self._counts(), time.monotonic()
        happened: Counter[str] = Counter()
        late = await self._live(campaign, random.Random(seed), happened)
        seconds = time.monotonic() - started
        books = await self._books(campaign, people)
        happened += await self._counts() - before
        happened["sent again"] = sum(entry["asked"] - 1 for entry in books.vendor.values())
        await self._forget(books)
        totals = {name: books.statistics[name] for name in ("audience", "sent", "failed", "skipped")}
        differences = [*late, *books.differences()]
        return Result(seed=seed, seconds=seconds, totals=totals, happened=happened, differences=differences)

    async def _bring_in(self, city: str) -> dict[str, str | None]:
        """The customers' ids, and why some of them are to be skipped."""
        rows = [_customer(city, number) for number in range(PEOPLE)]
        await self._client.add_customers(rows)
        return {ids.customer_id("external_id", row["external_id"]): _left_out(row) for row in rows}

    async def _live(self, campaign: str, dice: random.Random, happened: Counter[str]) -> list[str]:
        """A campaign's life, in which the manager may pause, cancel and retry; what took too long."""
        buttons = dice.choice(BUTTONS)
        happened.update(buttons)
        try:
            await self._in_a_storm(self._work(campaign, buttons, dice), dice, happened)
            if "retry" in buttons:
                await self._in_a_storm(self._manager.retry(campaign), dice, happened)
        except TimeoutError:
            return [f"Not finished {RECOVERY_SECONDS:g} seconds after the storm"]
        return []

    async def _work(self, campaign: str, buttons: Sequence[str], dice: random.Random) -> None:
        await self._manager.press("launch", campaign)
        for button in buttons:
            if button != "retry":
                await asyncio.sleep(dice.uniform(1, 6))
                await self._manager.press(button, campaign)
        await self._manager.finished(campaign)

    async def _in_a_storm(self, work: Coroutine[Any, Any, None], dice: random.Random, happened: Counter[str]) -> None:
        """What is not done when the storm is over is done in peace, and in time: else `TimeoutError`."""
        task = asyncio.create_task(work)
        async with self._faults.storm(dice.random(), happened):
            await asyncio.wait([task], timeout=STORM_SECONDS)
        await asyncio.wait_for(task, RECOVERY_SECONDS)

    async def _books(self, campaign: str, people: Mapping[str, str | None]) -> Books:
        await self._settled()
        claims = await self._of(campaign, "claims")
        return Books(
            people=people,
            campaign=await self._client.get(f"/api/campaigns/{campaign}"),
            statistics=await self._client.get(f"/api/campaigns/{campaign}/statistics"),
            receipts=await self._of(campaign, "receipts"),
            claims={claim.id: claim for claim in claims},
            vendor=await _json(f"{self._stack.vendor}/book?campaign={campaign}"),
        )

    async def _settled(self) -> None:
        """Until nothing is on its way any more that might still change anything: late reports, second copies."""
        until = time.monotonic() + RECOVERY_SECONDS
        while await self._on_its_way() and time.monotonic() < until:
            await asyncio.sleep(0.2)

    async def _on_its_way(self) -> bool:
        pushed = await _json(self._stack.push)
        reported = await _json(f"{self._stack.vendor}/control")
        return bool(reported["waiting"] or sum(pushed[name]["outstanding"] for name in ON_ITS_WAY))

    async def _of(self, campaign: str, collection: str) -> list[Snapshot]:
        return await self._documents.query(Query(collection=collection, where=[Where("campaign", "==", campaign)]))

    async def _counts(self) -> Counter[str]:
        """Of the stand-ins, since they were started."""
        pushed = (await _json(self._stack.push)).values()
        sums = {name: sum(one[name] for one in pushed) for name in ("posts", "accepted", "refused", "dead_lettered")}
        return Counter(
            {
                "pushed twice": sums["posts"] - sums["accepted"] - sums["refused"],
                "pushes refused": sums["refused"],
                "dead letters": sums["dead_lettered"],
                "vendor's faults": _faults(await _json(f"{self._stack.vendor}/control")),
                "Gemini's faults": _faults(await _json(f"{self._stack.gemini}/control")),
            }
        )

    async def _forget(self, books: Books) -> None:
        """The emulator goes through a whole collection for each query: what was looked at may go."""
        paths = [one.path for one in (*books.receipts, *books.claims.values())]
        for start in range(0, len(paths), 500):
            await self._documents.commit([Delete(path) for path in paths[start : start + 500]])


def _customer(city: str, number: int) -> dict[str, Any]:
    """One in fifty has no consent, one in a hundred no address."""
    row = {"external_id": f"{city}-{number}", "name": f"Asha {number} Rao", "city": city, "visits": number % 20}
    address = {"phone": f"+9198{number:08}"} if number % 100 == 99 else {"email": f"p{number}@{city}.example.com"}
    return row | address | ({"consent": {"email": False}} if number % 50 == 7 else {})


def _left_out(row: Mapping[str, Any]) -> str | None:
    return "no_consent" if "consent" in row else None if "email" in row else "no_address"


def _faults(control: Mapping[str, Any]) -> int:
    return sum(number for mode, number in control["modes"].items() if mode != "ok")


async def _json(url: str) -> Any:
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(url) as answer:
        return await answer.json()
