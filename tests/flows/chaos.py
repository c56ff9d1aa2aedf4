"""Campaigns in a storm of faults, one for each seed: `python -m tests.flows.chaos 50`.

The whole stack runs, and while a campaign of 2,000 people is under way, functions and their instances are killed and
frozen, deliveries stop, calls to Firestore and Pub/Sub are refused or their answers lost, vendor and Gemini misbehave;
besides, every message may be delivered twice, and the vendor reports twice, late and in any order. When the storm is
over, everything must be worked off in time, and everybody's books must tell the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from common import ids
from common.documents import Delete, Query, Snapshot, Where
from common.firestore import FirestoreDocuments
from common.ids import random_id
from local.client import ApiError, Client, signed_in
from local.parts import FIRST_ADMIN
from local.stack import Stack
from local.topology import TOPOLOGY
from tests.flows.differences import Books
from tests.flows.faults import Faults

PEOPLE = 2000
STORM_SECONDS = 12.0
RECOVERY_SECONDS = 120.0  # for what is left after the storm
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}
SETTINGS = {
    "PUSH_DUPLICATE_SHARE": "0.2",
    "VENDOR_DUPLICATE_SHARE": "0.2",
    "VENDOR_LATE_SHARE": "0.1",
    "VENDOR_LATE_SECONDS": "3",
    "VENDOR_LOST_SHARE": "0.01",
    "CLAIM_LEASE_SECONDS": "5",
    "WATCHDOG_SECONDS": "8",
    "TICK_SECONDS": "1",
    "WEBHOOK_TIMEOUT_SECONDS": "2",
    "GEMINI_TIMEOUT_SECONDS": "2",
}
BACKOFF = {"minimum_backoff_seconds": 1, "maximum_backoff_seconds": 4}


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


class Chaos:
    def __init__(self, stack: Stack, faults: Faults, client: Client, documents: FirestoreDocuments) -> None:
        self._stack = stack
        self._faults = faults
        self._client = client
        self._documents = documents

    async def run(self, seed: int) -> Result:
        city = f"{seed}-{random_id()}"
        people = await self._bring_in(city)
        before = await self._pushed()
        started = time.monotonic()
        campaign = await self._draft(city)
        async with self._faults.storm(seed) as happened:
            watch = asyncio.create_task(self._finished(campaign))
            await self._launch(campaign)
            await asyncio.wait([watch], timeout=STORM_SECONDS)
        statistics = await self._in_time(watch, campaign)
        seconds = time.monotonic() - started
        books = await self._books(campaign, people, statistics)
        happened += await self._pushed() - before
        happened["sent again"] = sum(entry["asked"] - 1 for entry in books.vendor.values())
        differences = [
            *books.differences(),
            *(["It did not finish in time"] if statistics["state"] != "finished" else []),
        ]
        await self._forget(books)
        totals = {name: statistics[name] for name in ("audience", "sent", "failed", "skipped")}
        return Result(seed=seed, seconds=seconds, totals=totals, happened=happened, differences=differences)

    async def _bring_in(self, city: str) -> dict[str, str | None]:
        """Customers of a city of their own; their ids, and why some of them are to be skipped."""
        rows = [_customer(city, number) for number in range(PEOPLE)]
        await self._client.add_customers(rows)
        return {ids.customer_id("external_id", row["external_id"]): _left_out(row) for row in rows}

    async def _draft(self, city: str) -> str:
        given = {"name": city, "text": f'city = "{city}"', "message": MESSAGE, "vendor": "webhook"}
        return str((await self._client.post("/api/campaigns", given))["id"])

    async def _launch(self, campaign: str) -> None:
        """Until it is launched, whatever the answers say."""
        while True:
            with suppress(ApiError, httpx.HTTPError):
                await self._client.post(f"/api/campaigns/{campaign}/launch")
            with suppress(ApiError, httpx.HTTPError):
                if (await self._client.get(f"/api/campaigns/{campaign}"))["state"] != "draft":
                    return
            await asyncio.sleep(0.2)

    async def _finished(self, campaign: str) -> Any:
        """The statistics once it is finished; all the way there they add up."""
        while True:
            with suppress(ApiError, httpx.HTTPError):
                statistics = await self._client.get(f"/api/campaigns/{campaign}/statistics")
                outcomes = sum(statistics[kind] for kind in ("sent", "failed", "skipped", "pending"))
                assert statistics["audience"] == outcomes, statistics
                assert statistics["pending"] >= 0, statistics
                if statistics["state"] == "finished":
                    return statistics
            await asyncio.sleep(0.3)

    async def _in_time(self, watch: asyncio.Task[Any], campaign: str) -> Any:
        try:
            return await asyncio.wait_for(watch, RECOVERY_SECONDS)
        except TimeoutError:
            return await self._client.get(f"/api/campaigns/{campaign}/statistics")

    async def _books(self, campaign: str, people: Mapping[str, str | None], statistics: Any) -> Books:
        await self._settled()
        claims = await self._of(campaign, "claims")
        return Books(
            people=people,
            statistics=await self._client.get(f"/api/campaigns/{campaign}/statistics"),
            receipts=await self._of(campaign, "receipts"),
            claims={claim.id: claim for claim in claims},
            vendor=await _json(f"{self._stack.vendor}/book?campaign={campaign}"),
        )

    async def _settled(self) -> None:
        """Until nothing is on its way any more that could still change anything: late reports, second copies."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RECOVERY_SECONDS):
                while (await _json(f"{self._stack.vendor}/control"))["waiting"] or await self._outstanding():
                    await asyncio.sleep(0.2)

    async def _outstanding(self) -> int:
        status = await _json(self._stack.push)
        return sum(status[name]["outstanding"] for name in ("recipients", "deliveries", "receipts", "dead-letters"))

    async def _of(self, campaign: str, collection: str) -> list[Snapshot]:
        return await self._documents.query(Query(collection=collection, where=[Where("campaign", "==", campaign)]))

    async def _pushed(self) -> Counter[str]:
        status = (await _json(self._stack.push)).values()
        posts, accepted, refused = (sum(one[name] for one in status) for name in ("posts", "accepted", "refused"))
        dead = sum(one["dead_lettered"] for one in status)
        return Counter({"pushed twice": posts - accepted - refused, "pushes refused": refused, "dead letters": dead})

    async def _forget(self, books: Books) -> None:
        """The emulator goes through a whole collection for each query: what is checked may go."""
        paths = [one.path for one in (*books.receipts, *books.claims.values())]
        for start in range(0, len(paths), 500):
            await self._documents.commit([Delete(path) for path in paths[start : start + 500]])


def _customer(city: str, number: int) -> dict[str, Any]:
    """One in fifty has no consent, one in a hundred no address."""
    row = {"external_id": f"{city}-{number}", "name": f"Asha {number} Rao", "city": city, "visits": number % 20}
    address = {} if number % 100 == 99 else {"email": f"p{number}@{city}.example.com"}
    consent = {"consent": {"email": False}} if number % 50 == 7 else {}
    phone = {"phone": f"+9198{number:08}"} if not address else {}
    return row | address | consent | phone


def _left_out(row: Mapping[str, Any]) -> str | None:
    return "no_consent" if "consent" in row else None if "email" in row else "no_address"


async def _json(url: str) -> Any:
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(url) as answer:
        return await answer.json()


@asynccontextmanager
async def chaos(folder: Path) -> AsyncIterator[Chaos]:
    """The stack with short waits, and with everything in between that can go wrong."""
    own = {name: value for name, value in os.environ.items() if name not in {"GEMINI_API_KEY", "WEBHOOK_URL"}}
    async with Stack(folder=folder, environ=own | SETTINGS, topology_path=_impatient(folder)) as stack:
        faults = Faults(stack)
        async with faults.between(), signed_in(site=stack.site, auth=stack.auth, email=FIRST_ADMIN) as client:
            documents = _database(stack)
            yield Chaos(stack, faults, client, documents)
            await documents.close()


def _impatient(folder: Path) -> Path:
    """The shared topology with shorter back-offs."""
    topology = json.loads(TOPOLOGY.read_text())
    for subscription in topology["subscriptions"].values():
        subscription.update(BACKOFF)
    path = folder / "topology.json"
    path.write_text(json.dumps(topology))
    return path


def _database(stack: Stack) -> FirestoreDocuments:
    """Past the faults."""
    with _set("FIRESTORE_EMULATOR_HOST", stack.firestore):
        return FirestoreDocuments(stack.plan.project)


@contextmanager
def _set(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


async def main(seeds: range, folder: Path) -> int:
    """How many seeds ended with a difference."""
    different = 0
    async with chaos(folder) as storms:
        for seed in seeds:
            result = await storms.run(seed)
            print(result, flush=True)
            different += bool(result.differences)
    print(f"{len(seeds) - different} of {len(seeds)} seeds without a difference; logs in {folder / 'logs'}")
    return different


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Campaigns in a storm of faults")
    parser.add_argument("seeds", type=int, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="herald-chaos-"))
    sys.exit(asyncio.run(main(range(given.first, given.first + given.seeds), place)) > 0)
