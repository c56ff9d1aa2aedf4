"""The data of Firestore and Auth survives a restart, and an invalid export does not prevent a start."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from local import services
from local.accounts import Accounts
from local.config import ACCESS_DATABASE, StackConfig
from local.exports import MAX_EXPORTS, METADATA, ExportError, Exports
from local.firestore import EmulatorFirestore
from local.ports import ANY_PORTS
from local.process import START_TIMEOUT_SECONDS, Process, ServiceExited

StartWithExport = Callable[[Path], AbstractAsyncContextManager[str]]


@pytest.fixture
def start_with_export(tmp_path: Path) -> StartWithExport:
    """Start a Firestore emulator with an export, inside a context."""

    @asynccontextmanager
    async def start(metadata: Path) -> AsyncIterator[str]:
        config = StackConfig(ports=ANY_PORTS.allocate(), folder=tmp_path, environ=os.environ)
        service = services.with_import(services.firestore(config), metadata)
        process = Process(service, folder=tmp_path, log=tmp_path / "firestore.log")
        await process.start()
        try:
            await process.wait_until_ready()
            yield config.firestore
        finally:
            await process.stop(5)

    return start


async def member_emails(firestore: str, project: str) -> list[str]:
    url = f"http://{firestore}/v1/projects/{project}/databases/{ACCESS_DATABASE}/documents/members"
    # The first read of an emulator that has just started loads its classes: up to 8 seconds on a busy machine, which is
    # more than httpx waits by default.
    async with httpx.AsyncClient(headers={"Authorization": "Bearer owner"}, timeout=START_TIMEOUT_SECONDS) as client:
        documents = (await client.get(url)).json().get("documents", [])
    return [document["fields"]["email"]["stringValue"] for document in documents]


async def add_customer(firestore: str, project: str) -> None:
    url = f"http://{firestore}/v1/projects/{project}/databases/(default)/documents/customers"
    async with httpx.AsyncClient(headers={"Authorization": "Bearer owner"}, timeout=START_TIMEOUT_SECONDS) as client:
        (await client.post(url, json={"fields": {"name": {"stringValue": "Asha"}}})).raise_for_status()


async def test_export_is_imported(
    firestore: str, project: str, tmp_path: Path, start_with_export: StartWithExport
) -> None:
    """An emulator that starts with the export has the same documents, in both databases."""
    exports = Exports(tmp_path / "data", project)
    assert exports.metadata_files() == []
    await EmulatorFirestore(firestore, project).add_member("viewer@example.com", "viewer")
    await add_customer(firestore, project)
    await exports.save(firestore)
    [metadata] = exports.metadata_files()
    async with start_with_export(metadata) as address:
        await exports.restore_access(address, metadata)
        assert await member_emails(address, project) == ["viewer@example.com"]
        assert not await EmulatorFirestore(address, project).has_no_customers()


async def test_empty_database_is_exported(
    firestore: str, project: str, tmp_path: Path, start_with_export: StartWithExport
) -> None:
    """An export without documents can be imported."""
    exports = Exports(tmp_path / "data", project)
    await exports.save(firestore)
    async with start_with_export(exports.metadata_files()[0]) as address:
        assert await EmulatorFirestore(address, project).has_no_customers()


async def test_old_exports_are_deleted(firestore: str, project: str, tmp_path: Path) -> None:
    """Only the newest exports are kept, newest first."""
    exports = Exports(tmp_path, project)
    saved = []
    for _ in range(MAX_EXPORTS + 2):
        await exports.save(firestore)
        saved.append(exports.metadata_files()[0])
    assert exports.metadata_files() == saved[: -MAX_EXPORTS - 1 : -1]
    assert len(list(tmp_path.iterdir())) == MAX_EXPORTS


async def test_failed_export_keeps_existing_ones(firestore: str, project: str, tmp_path: Path) -> None:
    """An error of the emulator leaves the existing exports unchanged."""
    exports = Exports(tmp_path, project)
    await exports.save(firestore)
    metadata_before = exports.metadata_files()

    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=500)

    app = web.Application()
    app.add_routes([web.post("/{path:.*}", refuse)])
    async with TestServer(app) as broken:
        with pytest.raises(ExportError):
            await exports.save(f"127.0.0.1:{broken.port}")
    assert exports.metadata_files() == metadata_before


@pytest.mark.parametrize("damage", ["metadata", "documents"])
async def test_damaged_export_is_marked_broken(
    firestore: str, project: str, tmp_path: Path, start_with_export: StartWithExport, damage: str
) -> None:
    """The emulator exits with a damaged export, which is then not offered again."""
    exports = Exports(tmp_path / "data", project)
    await add_customer(firestore, project)
    await exports.save(firestore)
    [metadata] = exports.metadata_files()
    damaged = metadata if damage == "metadata" else next(metadata.parent.rglob("output-*"))
    damaged.write_bytes(damaged.read_bytes()[:20])
    with pytest.raises(ServiceExited):
        async with start_with_export(metadata):
            pass
    exports.mark_broken(metadata)
    assert exports.metadata_files() == []


def test_partial_export_is_ignored(tmp_path: Path) -> None:
    """An unfinished export and one without its metadata are ignored."""
    for name in ("partial", "20260101T000000.000000"):
        (tmp_path / name / "firestore").mkdir(parents=True)
    (tmp_path / "partial" / METADATA).touch()
    assert Exports(tmp_path, "project").metadata_files() == []


async def test_accounts_are_saved_and_restored(tmp_path: Path) -> None:
    """The users are saved and restored in the format of the emulator; a damaged file is ignored."""
    requests = []

    async def get(request: web.Request) -> web.Response:
        return web.json_response({"users": [{"localId": "1", "email": "admin@example.com"}]})

    async def create(request: web.Request) -> web.Response:
        requests.append(await request.json())
        return web.json_response({})

    app = web.Application()
    path = "/identitytoolkit.googleapis.com/v1/projects/p/accounts"
    app.add_routes([web.get(f"{path}:batchGet", get), web.post(f"{path}:batchCreate", create)])
    accounts = Accounts(tmp_path / "accounts.json", "p")
    async with TestServer(app) as auth:
        address = f"127.0.0.1:{auth.port}"
        await accounts.restore(address)
        assert requests == []
        await accounts.save(address)
        await accounts.restore(address)
        assert requests == [{"users": [{"localId": "1", "email": "admin@example.com"}]}]
        (tmp_path / "accounts.json").write_text(json.dumps([])[:1])
        await accounts.restore(address)
        assert len(requests) == 1
