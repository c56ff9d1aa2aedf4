"""API keys over HTTP, on documents in memory."""

from __future__ import annotations

from typing import Any

import pytest

from common.storage.documents import Create, Query
from tests.component.test_api_customers import World


@pytest.fixture
async def world() -> World:
    world = World()
    await world.documents.commit([Create("members/manager@example.com", {"role": "manager"})])
    return world


async def made(world: World, **body: Any) -> Any:
    answer = await world.call("POST", "/api/keys", json={"name": "the shop", "role": "manager"} | body)
    assert answer.status_code == 201
    return answer.json()


async def test_a_machine_may_do_what_its_keys_role_may(world: World) -> None:
    key = await made(world)
    customer = {"external_id": "7"}
    assert (await world.call("POST", "/api/customers", by=key["key"], json=customer)).status_code == 200
    assert (await world.call("GET", "/api/keys", by=key["key"])).status_code == 403
    reader = await made(world, role="viewer")
    assert (await world.call("GET", "/api/customers", by=reader["key"])).status_code == 200
    assert (await world.call("POST", "/api/customers", by=reader["key"], json=customer)).status_code == 403


async def test_only_the_hash_of_a_key_is_kept_and_it_is_shown_once(world: World) -> None:
    key = await made(world)
    [stored] = await world.documents.query(Query(collection="keys"))
    assert key["key"] not in f"{stored.path}{stored.data}"
    [listed] = (await world.call("GET", "/api/keys")).json()["items"]
    assert listed == {name: value for name, value in key.items() if name != "key"}
    assert listed["by"] == "admin@example.com"


async def test_a_key_that_was_taken_back_is_refused(world: World) -> None:
    key = await made(world)
    assert (await world.call("DELETE", f"/api/keys/{key['id']}")).status_code == 204
    assert (await world.call("GET", "/api/customers", by=key["key"])).status_code == 401
    assert (await world.call("DELETE", f"/api/keys/{key['id']}")).status_code == 404


@pytest.mark.parametrize("key", ["hk_", "hk_guessed", "hk_members/admin@example.com"])
async def test_a_guessed_key_is_none(world: World, key: str) -> None:
    assert (await world.call("GET", "/api/customers", by=key)).status_code == 401


@pytest.mark.parametrize("body", [{"role": "owner"}, {"name": ""}, {"name": "admin@example.com"}, {"more": 1}])
async def test_a_wrong_key_is_a_problem(world: World, body: dict[str, Any]) -> None:
    answer = await world.call("POST", "/api/keys", json={"name": "x", "role": "viewer"} | body)
    assert answer.status_code == 422


async def test_only_an_admin_makes_keys(world: World) -> None:
    answer = await world.call("POST", "/api/keys", by="manager@example.com", json={"name": "x", "role": "admin"})
    assert answer.status_code == 403
