"""What Firestore and Auth hold survives a restart, and what was saved badly does not prevent one."""

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
from local.config import Plan
from local.exports import KEPT, METADATA, ExportError, Exports
from local.firestore import Firestore
from local.ports import ANY
from local.process import PartDied, Process

Importing = Callable[[Path], AbstractAsyncContextManager[str]]


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    """A Firestore emulator with an export."""

    @asynccontextmanager
    async def start(metadata: Path) -> AsyncIterator[str]:
        plan = Plan(ports=ANY.checked(), folder=tmp_path, environ=os.environ)
        part = services.importing(services.firestore(plan), metadata)
        process = Process(part, folder=tmp_path, log=tmp_path / "firestore.log")
        await process.start()
        try:
            await process.ready()
            yield plan.firestore
        finally:
            await process.stop(5)

    return start


async def members(firestore: str, project: str) -> list[str]:
    url = f"http://{firestore}/v1/projects/{project}/databases/(default)/documents/members"
    async with httpx.AsyncClient(headers={"Authorization": "Bearer owner"}) as client:
        documents = (await client.get(url)).json().get("documents", [])
    return [document["fields"]["email"]["stringValue"] for document in documents]


async def test_saved_and_imported(firestore: str, project: str, tmp_path: Path, importing: Importing) -> None:
    exports = Exports(tmp_path / "data", project)
    assert exports.metadata() == []
    await Firestore(firestore, project).add_member("viewer@example.com", "viewer")
    await exports.save(firestore)
    [metadata] = exports.metadata()
    async with importing(metadata) as address:
        assert await members(address, project) == ["viewer@example.com"]
        assert await Firestore(address, project).empty()


async def test_an_empty_database_can_be_saved_too(
    firestore: str, project: str, tmp_path: Path, importing: Importing
) -> None:
    exports = Exports(tmp_path / "data", project)
    await exports.save(firestore)
    async with importing(exports.metadata()[0]) as address:
        assert await Firestore(address, project).empty()


async def test_only_the_newest_are_kept(firestore: str, project: str, tmp_path: Path) -> None:
    exports = Exports(tmp_path, project)
    saved = []
    for _ in range(KEPT + 2):
        await exports.save(firestore)
        saved.append(exports.metadata()[0])
    assert exports.metadata() == saved[: -KEPT - 1 : -1]
    assert len(list(tmp_path.iterdir())) == KEPT


async def test_a_failed_save_leaves_the_last_one(firestore: str, project: str, tmp_path: Path) -> None:
    exports = Exports(tmp_path, project)
    await exports.save(firestore)
    before = exports.metadata()

    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=500)

    app = web.Application()
    app.add_routes([web.post("/{path:.*}", refuse)])
    async with TestServer(app) as broken:
        with pytest.raises(ExportError):
            await exports.save(f"127.0.0.1:{broken.port}")
    assert exports.metadata() == before


@pytest.mark.parametrize("damage", ["metadata", "documents"])
async def test_a_damaged_one_is_noticed_and_set_aside(
    firestore: str, project: str, tmp_path: Path, importing: Importing, damage: str
) -> None:
    exports = Exports(tmp_path / "data", project)
    await Firestore(firestore, project).add_member("viewer@example.com", "viewer")
    await exports.save(firestore)
    [metadata] = exports.metadata()
    damaged = metadata if damage == "metadata" else next(metadata.parent.rglob("output-*"))
    damaged.write_bytes(damaged.read_bytes()[:20])
    with pytest.raises(PartDied):
        async with importing(metadata):
            pass
    exports.set_aside(metadata)
    assert exports.metadata() == []


def test_a_partial_one_is_not_offered(tmp_path: Path) -> None:
    """Neither one that was being written, nor one without its last file."""
    for name in ("partial", "20260101T000000.000000"):
        (tmp_path / name / "firestore").mkdir(parents=True)
    (tmp_path / "partial" / METADATA).touch()
    assert Exports(tmp_path, "project").metadata() == []


async def test_accounts(tmp_path: Path) -> None:
    """They are asked for and given back as the Auth emulator wants it; a damaged file is as none."""
    received = []

    async def get(request: web.Request) -> web.Response:
        return web.json_response({"users": [{"localId": "1", "email": "admin@example.com"}]})

    async def create(request: web.Request) -> web.Response:
        received.append(await request.json())
        return web.json_response({})

    app = web.Application()
    path = "/identitytoolkit.googleapis.com/v1/projects/p/accounts"
    app.add_routes([web.get(f"{path}:batchGet", get), web.post(f"{path}:batchCreate", create)])
    accounts = Accounts(tmp_path / "accounts.json", "p")
    async with TestServer(app) as auth:
        address = f"127.0.0.1:{auth.port}"
        await accounts.restore(address)
        assert received == []
        await accounts.save(address)
        await accounts.restore(address)
        assert received == [{"users": [{"localId": "1", "email": "admin@example.com"}]}]
        (tmp_path / "accounts.json").write_text(json.dumps([])[:1])
        await accounts.restore(address)
        assert len(received) == 1
