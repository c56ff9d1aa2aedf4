"""Herald as one side of the comparison: the whole local stack, used through its public API alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.people import RULE, Person
from local.client import id_token
from local.services import FIRST_ADMIN
from local.stack import Stack

POLL_SECONDS = 0.5
MESSAGE = {"subject": "For you, {{ first_name }}", "body": "Hi {{ name }}, 10 % off for you in {{ city }}."}
CAMPAIGN = {"name": "Benchmark", "text": RULE, "message": MESSAGE}


@dataclass(frozen=True, slots=True)
class HeraldSide:
    session: aiohttp.ClientSession  # signed in
    stack: Stack

    @property
    def own(self) -> list[int]:
        """The functions."""
        return [pid for name, pid in self._pids() if name in self.stack.plan.functions]

    @property
    def others(self) -> list[int]:
        return [pid for name, pid in self._pids() if name not in self.stack.plan.functions]

    def _pids(self) -> list[tuple[str, int]]:
        return [(name, process.pid) for name, process in self.stack.processes.items() if process.pid]

    async def add(self, people: Sequence[Person]) -> None:
        done = await self._post("/api/customers", list(people))
        assert not done["rejected"], done

    async def preview(self) -> int:
        return int((await self._post("/api/segments/preview", {"text": RULE}))["count"])

    async def campaign(self) -> int:
        path = f"/api/campaigns/{(await self._post('/api/campaigns', CAMPAIGN))['id']}"
        await self._post(f"{path}/launch", {})
        while not (totals := await self.get(f"{path}/statistics"))["complete"] or totals["pending"]:
            await asyncio.sleep(POLL_SECONDS)
        return int(totals["audience"])

    async def get(self, path: str) -> Any:
        async with self.session.get(path) as answer:
            return await answer.json()

    async def _post(self, path: str, body: Any) -> Any:
        async with self.session.post(path, json=body) as answer:
            return await answer.json()

    async def settle(self) -> None:
        """Until what `tick` does with new customers is over."""
        await asyncio.sleep(2 * self.stack.plan.tick_seconds)

    async def move_firestore(self, address: str) -> None:
        """From now on the functions find Firestore there."""
        restart = self.stack.restart
        await asyncio.gather(*(restart(name, FIRESTORE_EMULATOR_HOST=address) for name in self.stack.plan.functions))


@asynccontextmanager
async def herald_side(folder: Path, *, vendor_seconds: float = 0.0) -> AsyncIterator[HeraldSide]:
    """In a new database. The real Gemini is never asked, even where there is a key for it."""
    environ = {name: value for name, value in os.environ.items() if name != "GEMINI_API_KEY"}
    environ["SIMULATOR_LATENCY_SECONDS"] = str(vendor_seconds)
    async with Stack(folder=folder, environ=environ) as stack:
        headers = {"Authorization": f"Bearer {await id_token(stack.auth, FIRST_ADMIN)}"}
        async with aiohttp.ClientSession(stack.site, headers=headers, raise_for_status=True) as session:
            yield HeraldSide(session, stack)
