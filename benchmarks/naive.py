"""The naive variant with a Firestore emulator, as one system of the comparison."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.people import PersonRow
from benchmarks.processes import run_service
from local import emulators
from local.ports import free_ports
from local.process import Service
from local.serving import HOST

POLL_SECONDS = 0.1
UNLIMITED = aiohttp.ClientTimeout(total=None)


@dataclass(frozen=True, slots=True)
class NaiveSystem:
    """The naive application with a dummy vendor."""

    session: aiohttp.ClientSession
    own_pids: tuple[int, ...]
    other_pids: tuple[int, ...]

    async def add(self, people: Sequence[PersonRow]) -> None:
        """Add the customers with one call each."""
        for person in people:
            await self._post("/customers", person)

    async def order(self, order: PersonRow) -> None:
        """Add one order with one call."""
        await self._post("/orders", order)

    async def preview(self) -> int:
        return int((await self._post("/preview", {}))["count"])

    async def campaign(self) -> int:
        campaign = (await self._post("/campaigns", {"message": "Hi {name}, 10 % off for you."}))["id"]
        while True:
            async with self.session.get(f"/campaigns/{campaign}") as answer:
                counts = await answer.json()
            if counts["sent"] + counts["failed"] == counts["audience"]:
                return int(counts["audience"])
            await asyncio.sleep(POLL_SECONDS)

    async def _post(self, path: str, body: PersonRow) -> PersonRow:
        async with self.session.post(path, json=body) as answer:
            return dict(await answer.json())


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningEmulator:
    """The address and the process id of a Firestore emulator."""

    address: str
    pid: int


@asynccontextmanager
async def firestore_emulator(logs: Path) -> AsyncIterator[RunningEmulator]:
    [port] = free_ports(1)
    command = emulators.start_command(emulators.FIRESTORE, port, os.environ)
    service = Service(
        name="firestore", title="Firestore", command=command, environ=os.environ, address=f"{HOST}:{port}"
    )
    async with run_service(service, logs) as pid:
        yield RunningEmulator(address=service.address, pid=pid)


@asynccontextmanager
async def run_naive(
    *, firestore: str, project: str, logs: Path, vendor_seconds: float = 0.0, other_pids: Sequence[int] = ()
) -> AsyncIterator[NaiveSystem]:
    """Run the application and the vendor. `firestore` is the address of the emulator or of a proxy; `other_pids` are
    processes that are measured with the vendor."""
    app_port, vendor_port = free_ports(2)
    environ = {
        **os.environ,
        "FIRESTORE_EMULATOR_HOST": firestore,
        "GOOGLE_CLOUD_PROJECT": project,
        "VENDOR_SECONDS": str(vendor_seconds),
    }
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(run_service(_naive_service("app", app_port, vendor_port, environ), logs))
        vendor = await stack.enter_async_context(
            run_service(_naive_service("vendor", vendor_port, app_port, environ), logs)
        )
        session = aiohttp.ClientSession(f"http://{HOST}:{app_port}", timeout=UNLIMITED, raise_for_status=True)
        await stack.enter_async_context(session)
        yield NaiveSystem(session, own_pids=(app,), other_pids=(vendor, *other_pids))


def _naive_service(name: str, port: int, other_port: int, environ: dict[str, str]) -> Service:
    command = [sys.executable, "-m", "benchmarks.naive_app", name, str(port), str(other_port)]
    return Service(name=f"naive-{name}", title=name, command=command, environ=environ, address=f"{HOST}:{port}")
