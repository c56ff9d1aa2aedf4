"""Herald as one system of the comparison: the whole local stack, used through its public API only."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.people import RULE, PersonRow
from local.client import id_token
from local.services import FIRST_ADMIN
from local.stack import Stack

POLL_SECONDS = 0.5
MESSAGE = {"subject": "For you, {{ first_name }}", "body": "Hi {{ name }}, 10 % off for you in {{ city }}."}
CAMPAIGN = {"name": "Benchmark", "text": RULE, "message": MESSAGE}


@dataclass(frozen=True, slots=True)
class HeraldSystem:
    """The local stack with a signed-in client."""

    session: aiohttp.ClientSession  # signed in
    stack: Stack

    @property
    def own_pids(self) -> list[int]:
        """The functions."""
        return [pid for name, pid in self._pids() if name in self.stack.config.functions]

    @property
    def other_pids(self) -> list[int]:
        return [pid for name, pid in self._pids() if name not in self.stack.config.functions]

    def _pids(self) -> list[tuple[str, int]]:
        return [(name, process.pid) for name, process in self.stack.processes.items() if process.pid]

    async def add(self, people: Sequence[PersonRow]) -> None:
        result = await self._post("/api/customers", list(people))
        assert not result["rejected"], result

    async def preview(self) -> int:
        return int((await self._post("/api/segments/preview", {"text": RULE}))["count"])

    async def campaign(self) -> int:
        path = f"/api/campaigns/{(await self._post('/api/campaigns', CAMPAIGN))['id']}"
        await self._post(f"{path}/launch", {})
        while not (statistics := await self.get(f"{path}/statistics"))["audience_complete"] or statistics["pending"]:
            await asyncio.sleep(POLL_SECONDS)
        return int(statistics["audience"])

    async def get(self, path: str) -> Any:
        async with self.session.get(path) as answer:
            return await answer.json()

    async def _post(self, path: str, body: Any) -> Any:
        async with self.session.post(path, json=body) as answer:
            return await answer.json()

    async def wait_until_indexed(self) -> None:
        """Wait until `tick` has processed the new customers."""
        await asyncio.sleep(2 * self.stack.config.tick_seconds)

    async def move_firestore(self, address: str) -> None:
        """Restart the functions with Firestore at `address`."""
        restart = self.stack.restart
        await asyncio.gather(*(restart(name, FIRESTORE_EMULATOR_HOST=address) for name in self.stack.config.functions))


@asynccontextmanager
async def run_herald(folder: Path, *, vendor_seconds: float = 0.0) -> AsyncIterator[HeraldSystem]:
    """Run Herald with an empty database. The real Gemini is never called, even if the environment has a key."""
    environ = {name: value for name, value in os.environ.items() if name != "GEMINI_API_KEY"}
    environ["SIMULATOR_LATENCY_SECONDS"] = str(vendor_seconds)
    environ["RATE_LIMITS"] = "person=0,key=0,anonymous=0"  # one member asks for everything here
    environ["TRACE_ONE_IN"] = "1000"  # as in the cloud
    async with Stack(folder=folder, environ=environ) as stack:
        headers = {"Authorization": f"Bearer {await id_token(stack.auth, FIRST_ADMIN)}"}
        async with aiohttp.ClientSession(stack.site, headers=headers, raise_for_status=True) as session:
            yield HeraldSystem(session, stack)
