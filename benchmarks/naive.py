"""The naive variant beside a Firestore emulator, as one side of the comparison."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.people import Person
from benchmarks.processes import running
from local import emulators
from local.ports import free_ports
from local.process import Part
from local.serving import HOST

POLL_SECONDS = 0.1
UNLIMITED = aiohttp.ClientTimeout(total=None)


@dataclass(frozen=True, slots=True)
class NaiveSide:
    session: aiohttp.ClientSession
    own: tuple[int, ...]
    others: tuple[int, ...]

    async def add(self, people: Sequence[Person]) -> None:
        """It takes one customer a call."""
        for person in people:
            await self._post("/customers", person)

    async def order(self, order: Person) -> None:
        """One a call, too."""
        await self._post("/orders", order)

    async def preview(self) -> int:
        return int((await self._post("/preview", {}))["count"])

    async def campaign(self) -> int:
        campaign = (await self._post("/campaigns", {"message": "Hi {name}, 10 % off for you."}))["id"]
        while True:
            async with self.session.get(f"/campaigns/{campaign}") as answer:
                totals = await answer.json()
            if totals["sent"] + totals["failed"] == totals["audience"]:
                return int(totals["audience"])
            await asyncio.sleep(POLL_SECONDS)

    async def _post(self, path: str, body: Person) -> Person:
        async with self.session.post(path, json=body) as answer:
            return dict(await answer.json())


@dataclass(frozen=True, kw_only=True, slots=True)
class Emulator:
    address: str
    pid: int


@asynccontextmanager
async def firestore_emulator(logs: Path) -> AsyncIterator[Emulator]:
    [port] = free_ports(1)
    command = emulators.command(emulators.FIRESTORE, port, os.environ)
    part = Part(name="firestore", title="Firestore", command=command, environ=os.environ, address=f"{HOST}:{port}")
    async with running(part, logs) as pid:
        yield Emulator(address=part.address, pid=pid)


@asynccontextmanager
async def naive_side(
    *, firestore: str, project: str, logs: Path, vendor_seconds: float = 0.0, others: Sequence[int] = ()
) -> AsyncIterator[NaiveSide]:
    """`firestore` is where the emulator, or a proxy, listens; `others` are processes to count besides the vendor."""
    app_port, vendor_port = free_ports(2)
    environ = {
        **os.environ,
        "FIRESTORE_EMULATOR_HOST": firestore,
        "GOOGLE_CLOUD_PROJECT": project,
        "VENDOR_SECONDS": str(vendor_seconds),
    }
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(running(_part("app", app_port, vendor_port, environ), logs))
        vendor = await stack.enter_async_context(running(_part("vendor", vendor_port, app_port, environ), logs))
        session = aiohttp.ClientSession(f"http://{HOST}:{app_port}", timeout=UNLIMITED, raise_for_status=True)
        await stack.enter_async_context(session)
        yield NaiveSide(session, own=(app,), others=(vendor, *others))


def _part(name: str, port: int, other_port: int, environ: dict[str, str]) -> Part:
    command = [sys.executable, "-m", "benchmarks.naive", name, str(port), str(other_port)]
    return Part(name=f"naive-{name}", title=name, command=command, environ=environ, address=f"{HOST}:{port}")
