"""The whole stack: starts its parts, watches them, keeps their data, stops them."""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

import aiohttp

from local import services, topology
from local.accounts import Accounts
from local.config import Plan
from local.exports import ExportError, Exports
from local.firestore import Firestore
from local.ports import ANY, Ports
from local.process import Part, PartDied, Process
from local.topology import ROOT, TOPOLOGY

VIEWER = "viewer@example.com"
TICK = b64encode(json.dumps({"version": 1}).encode()).decode()
KEEP_SECONDS = 300.0  # between exports
GRACE_SECONDS = 2.5  # to finish what a part has begun; twice, with an export in between: under 10 s in all
EXPORT_SECONDS = 4.0
OPEN_FILES = 16384

Report = Callable[[str], None]


class Stack:
    """An asynchronous context: inside it everything answers, afterwards no process is left.

    `folder` holds data and logs; with `keep`, what Firestore and Auth hold is saved there, and read at the next start.
    `environ` is passed on to the functions, except for what the stack itself decides.
    """

    def __init__(
        self,
        *,
        folder: Path,
        environ: Mapping[str, str],
        ports: Ports = ANY,
        topology_path: Path = TOPOLOGY,
        keep: bool = False,
        report: Report = lambda line: None,
    ) -> None:
        self.plan = Plan(ports=ports.checked(), folder=folder.resolve(), environ=environ, topology_path=topology_path)
        self.processes: dict[str, Process] = {}
        self._keep = keep
        self._report = report
        self._exports = Exports(self.plan.data, self.plan.project)
        self._accounts = Accounts(self.plan.data / "accounts.json", self.plan.project)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def site(self) -> str:
        return self.plan.site

    @property
    def auth(self) -> str:
        return f"http://{self.plan.auth}"

    @property
    def firestore(self) -> str:
        return self.plan.firestore

    @property
    def pubsub(self) -> str:
        return self.plan.pubsub

    @property
    def push(self) -> str:
        return self.plan.push

    @property
    def gemini(self) -> str | None:
        return self.plan.gemini

    @property
    def vendor(self) -> str | None:
        return self.plan.vendor

    def url(self, function: str) -> str:
        return self.plan.functions[function]

    async def __aenter__(self) -> Self:
        _allow_many_connections()
        shutil.rmtree(self.plan.logs, ignore_errors=True)  # they are this run's
        self.plan.logs.mkdir(parents=True)
        self.plan.data.mkdir(exist_ok=True)
        try:
            await self._start()
        except BaseExceptionGroup as errors:
            await self.stop(export=False)
            raise errors.exceptions[0] from None
        except BaseException:
            await self.stop(export=False)
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop(export=self._keep)

    async def _start(self) -> None:
        """All at once, except for what needs another part to begin with."""
        firestore, others = services.firestore(self.plan), [services.site(self.plan)]
        pubsub, auth = services.pubsub(self.plan), services.auth(self.plan)
        others += [services.function(self.plan, name) for name in self.plan.functions]
        if self.plan.gemini:
            others.append(services.gemini(self.plan, self.plan.gemini))
        if self.plan.vendor:
            others.append(services.vendor(self.plan, self.plan.vendor))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._start_firestore(firestore))
            group.create_task(self._start_pubsub(pubsub))
            group.create_task(self._start_auth(auth))
            for part in others:
                group.create_task(self._run(part))
        self._tasks.append(asyncio.create_task(self._tick()))
        if self._keep:
            self._tasks.append(asyncio.create_task(self._export_again_and_again()))

    async def _start_firestore(self, part: Part) -> None:
        """With the newest export that can be read."""
        for metadata in self._exports.metadata():
            if await self._imported(part, metadata):
                break
        else:
            await self._run(part)
        await Firestore(self.plan.firestore, self.plan.project).add_member(VIEWER, "viewer")

    async def _imported(self, part: Part, metadata: Path) -> bool:
        try:
            await self._run(services.importing(part, metadata))
        except PartDied:
            self._exports.set_aside(metadata)
            self._report(f"The saved data {metadata.parent.parent.name} cannot be read; it was set aside.")
            return False
        return True

    async def _start_pubsub(self, part: Part) -> None:
        await self._run(part)
        await topology.create(self.plan.topology, pubsub=self.plan.pubsub, project=self.plan.project)
        await self._run(services.push(self.plan))

    async def _start_auth(self, part: Part) -> None:
        await self._run(part)
        await self._accounts.restore(self.plan.auth)

    async def _run(self, part: Part) -> None:
        process = Process(part, folder=ROOT, log=self.plan.logs / f"{part.name}.log")
        self.processes[part.name] = process
        await process.start()
        await process.ready()
        self._report(f"{part.title:<24}{part.address:<18}{process.seconds:5.1f} s")

    async def _tick(self) -> None:
        """As Cloud Scheduler does, which cannot do it so often."""
        seconds = self.plan.tick_seconds
        url = f"http://{self.plan.pubsub}/v1/projects/{self.plan.project}/topics/ticks:publish"
        async with aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError):
                    async with session.post(url, json={"messages": [{"data": TICK}]}):
                        pass
                await asyncio.sleep(seconds)

    async def _export_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            await self.save(KEEP_SECONDS)

    async def save(self, seconds: float) -> None:
        """Keep what Firestore and Auth hold now; a failure is only reported."""
        try:
            async with asyncio.timeout(seconds):
                await self._accounts.save(self.plan.auth)
                await self._exports.save(self.plan.firestore)
        except (ExportError, aiohttp.ClientError, TimeoutError) as error:
            self._report(f"The data was not saved, the last save stays: {error or 'it took too long'}")

    async def empty(self) -> bool:
        """Whether there are no customers."""
        return await Firestore(self.plan.firestore, self.plan.project).empty()

    async def died(self) -> None:
        """Waits until a part ends that was neither stopped nor killed here, and raises `PartDied`."""
        watches = [asyncio.create_task(process.died()) for process in self.processes.values()]
        try:
            done, _ = await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for watch in watches:
                watch.cancel()
        for watch in done:
            watch.result()

    async def kill(self, name: str) -> None:
        await self.processes[name].kill()

    async def restart(self, name: str, **environ: str) -> None:
        """Start a part anew that was killed, or still runs, at the same address; returns when it answers. What is given
        of its environment is changed from here on."""
        process = self.processes[name]
        await process.kill()
        process.part = replace(process.part, environ={**process.part.environ, **environ})
        await process.start()
        await process.ready()

    async def stop(self, *, export: bool) -> None:
        """First whoever writes, then what was written is saved, then who held it."""
        for task in self._tasks:
            task.cancel()
        holders = {"firestore", "auth"} if export else set()
        await self._stop([process for name, process in self.processes.items() if name not in holders])
        if export:
            await self.save(EXPORT_SECONDS)
        await self._stop([process for name, process in self.processes.items() if name in holders])

    async def _stop(self, processes: list[Process]) -> None:
        await asyncio.gather(*(process.stop(GRACE_SECONDS) for process in processes))


def _allow_many_connections() -> None:
    """The parts inherit it. A push and its answer take two files, and there are up to 1,000 for each subscription."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files, wanted), most))
