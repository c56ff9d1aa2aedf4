"""The whole stack: start its services, watch them, save their data, stop them."""

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
from local.config import StackConfig
from local.exports import ExportError, Exports
from local.firestore import EmulatorFirestore
from local.ports import ANY_PORTS, Ports
from local.process import Process, Service, ServiceExited
from local.topology import ROOT, TOPOLOGY

VIEWER = "viewer@example.com"
TICK_TOPICS = ("ticks", "audit-ticks", "event-ticks")
TICK_DATA = b64encode(json.dumps({"version": 1}).encode()).decode()
EXPORT_INTERVAL_SECONDS = 300.0  # between exports
GRACE_SECONDS = 2.5  # per group of services; two groups and an export take less than 10 s
EXPORT_TIMEOUT_SECONDS = 4.0
MAX_OPEN_FILES = 16384

Report = Callable[[str], None]


class Stack:
    """An asynchronous context: inside it all services are ready, afterwards no process is left.

    `folder` contains data and logs. With `persist`, the data of Firestore and Auth is saved there and restored at the
    next start. `environ` is passed to the functions, except for the settings of the stack itself.
    """

    def __init__(
        self,
        *,
        folder: Path,
        environ: Mapping[str, str],
        ports: Ports = ANY_PORTS,
        topology_path: Path = TOPOLOGY,
        persist: bool = False,
        report: Report = lambda line: None,
    ) -> None:
        self.config = StackConfig(
            ports=ports.allocate(), folder=folder.resolve(), environ=environ, topology_path=topology_path
        )
        self.processes: dict[str, Process] = {}
        self._persist = persist
        self._report = report
        self._exports = Exports(self.config.data, self.config.project)
        self._accounts = Accounts(self.config.data / "accounts.json", self.config.project)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def site(self) -> str:
        return self.config.site

    @property
    def auth(self) -> str:
        return f"http://{self.config.auth}"

    @property
    def firestore(self) -> str:
        return self.config.firestore

    @property
    def pubsub(self) -> str:
        return self.config.pubsub

    @property
    def push(self) -> str:
        return self.config.push

    @property
    def gemini(self) -> str | None:
        return self.config.gemini

    @property
    def vendor(self) -> str | None:
        return self.config.vendor

    @property
    def mailbox(self) -> str | None:
        return self.config.mailbox

    def url(self, function: str) -> str:
        return self.config.functions[function]

    async def __aenter__(self) -> Self:
        """Start everything. After an error, stop what was started and raise the first error."""
        _raise_file_limit()
        shutil.rmtree(self.config.logs, ignore_errors=True)  # logs of the previous run
        self.config.logs.mkdir(parents=True)
        self.config.data.mkdir(exist_ok=True)
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
        await self.stop(export=self._persist)

    async def _start(self) -> None:
        """Start all services in parallel, except for those that need another service first."""
        firestore, services_to_start = services.firestore(self.config), [services.site(self.config)]
        pubsub, auth = services.pubsub(self.config), services.auth(self.config)
        services_to_start += [services.function(self.config, name) for name in self.config.functions]
        if self.config.gemini:
            services_to_start.append(services.gemini(self.config, self.config.gemini))
        if self.config.vendor:
            services_to_start.append(services.vendor(self.config, self.config.vendor))
        if self.config.mailbox:
            services_to_start.append(services.mailbox(self.config, self.config.mailbox))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._start_firestore(firestore))
            group.create_task(self._start_pubsub(pubsub))
            group.create_task(self._start_auth(auth))
            for service in services_to_start:
                group.create_task(self._start_service(service))
        self._tasks.append(asyncio.create_task(self._publish_ticks()))
        if self._persist:
            self._tasks.append(asyncio.create_task(self._export_periodically()))

    async def _start_firestore(self, service: Service) -> None:
        """Start Firestore with the newest valid export, or empty."""
        for metadata_file in self._exports.metadata_files():
            if await self._start_from_export(service, metadata_file):
                break
        else:
            await self._start_service(service)
        await EmulatorFirestore(self.config.firestore, self.config.project).add_member(VIEWER, "viewer")

    async def _start_from_export(self, service: Service, metadata_file: Path) -> bool:
        """Start Firestore with the data of an export. Return whether its main database could be read."""
        try:
            await self._start_service(services.with_import(service, metadata_file))
        except ServiceExited:
            self._exports.mark_broken(metadata_file)
            self._report(f"The saved data {metadata_file.parent.parent.name} cannot be read and was renamed.")
            return False
        try:
            await self._exports.restore_access(self.config.firestore, metadata_file)
        except ExportError as error:
            self._report(f"The saved members, keys and audit log cannot be read: {error}")
        return True

    async def _start_pubsub(self, service: Service) -> None:
        await self._start_service(service)
        await topology.create_resources(self.config.topology, pubsub=self.config.pubsub, project=self.config.project)
        await self._start_service(services.push(self.config))

    async def _start_auth(self, service: Service) -> None:
        await self._start_service(service)
        await self._accounts.restore(self.config.auth)

    async def _start_service(self, service: Service) -> None:
        process = Process(service, folder=ROOT, log=self.config.logs / f"{service.name}.log")
        self.processes[service.name] = process
        await process.start()
        await process.wait_until_ready()
        self._report(f"{service.title:<24}{service.address:<18}{process.start_seconds:5.1f} s")

    async def _publish_ticks(self) -> None:
        """Publish ticks, as Cloud Scheduler does in the cloud."""
        seconds = self.config.tick_seconds
        topics = f"http://{self.config.pubsub}/v1/projects/{self.config.project}/topics"
        async with aiohttp.ClientSession() as session:
            while True:
                for topic in TICK_TOPICS:
                    with suppress(aiohttp.ClientError):
                        async with session.post(f"{topics}/{topic}:publish", json={"messages": [{"data": TICK_DATA}]}):
                            pass
                await asyncio.sleep(seconds)

    async def _export_periodically(self) -> None:
        while True:
            await asyncio.sleep(EXPORT_INTERVAL_SECONDS)
            await self.save(EXPORT_INTERVAL_SECONDS)

    async def save(self, seconds: float) -> None:
        """Save the data of Firestore and Auth. A failure is only reported."""
        try:
            async with asyncio.timeout(seconds):
                await self._accounts.save(self.config.auth)
                await self._exports.save(self.config.firestore)
        except (ExportError, aiohttp.ClientError, TimeoutError) as error:
            self._report(f"The data was not saved; the previous save is unchanged: {error or 'timeout'}")

    async def has_no_customers(self) -> bool:
        """Return whether the database has no customers."""
        return await EmulatorFirestore(self.config.firestore, self.config.project).has_no_customers()

    async def wait_for_exit(self) -> None:
        """Wait until a service exits that was neither stopped nor killed here, and raise `ServiceExited`."""
        watches = [asyncio.create_task(process.wait_for_exit()) for process in self.processes.values()]
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
        """Restart a service at the same address and wait until it is ready. `environ` changes its environment
        permanently."""
        process = self.processes[name]
        await process.kill()
        process.service = replace(process.service, environ={**process.service.environ, **environ})
        await process.start()
        await process.wait_until_ready()

    async def stop(self, *, export: bool) -> None:
        """Stop the services that write, save the data, then stop the services that store it."""
        for task in self._tasks:
            task.cancel()
        stateful = {"firestore", "auth"} if export else set()
        await self._stop([process for name, process in self.processes.items() if name not in stateful])
        if export:
            await self.save(EXPORT_TIMEOUT_SECONDS)
        await self._stop([process for name, process in self.processes.items() if name in stateful])

    async def _stop(self, processes: list[Process]) -> None:
        await asyncio.gather(*(process.stop(GRACE_SECONDS) for process in processes))


def _raise_file_limit() -> None:
    """Raise the limit of open files, which the services inherit. A push uses two; a subscription has up to 1,000."""
    soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MAX_OPEN_FILES if hard_limit == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard_limit)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft_limit, limit), hard_limit))
