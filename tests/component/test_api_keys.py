"""API keys over HTTP, with documents in memory."""

from __future__ import annotations

from typing import Any

import pytest

from common.storage.documents import Create, Query
from tests.component.test_api_members import MembersApiFixture


@pytest.fixture
async def api() -> MembersApiFixture:
    api = MembersApiFixture()
    await api.documents.commit([Create("members/manager@example.com", {"role": "manager"})])
    return api


async def create_key(api: MembersApiFixture, **body: Any) -> Any:
    response = await api.call("POST", "/api/keys", json={"name": "the shop", "role": "manager"} | body)
    assert response.status_code == 201
    return response.json()


async def test_key_has_the_rights_of_its_role(api: MembersApiFixture) -> None:
    """A program may do what the role of its key allows."""
    key = await create_key(api)
    customer = {"external_id": "7"}
    assert (await api.call_customers("POST", "/api/customers", by=key["key"], json=customer)).status_code == 200
    assert (await api.call("GET", "/api/keys", by=key["key"])).status_code == 403
    reader = await create_key(api, role="viewer")
    assert (await api.call_customers("GET", "/api/customers", by=reader["key"])).status_code == 200
    assert (await api.call_customers("POST", "/api/customers", by=reader["key"], json=customer)).status_code == 403


async def test_created_key_is_shown_once_and_stored_as_a_hash(api: MembersApiFixture) -> None:
    """The key itself is only in the response that creates it."""
    key = await create_key(api)
    [stored] = await api.documents.query(Query(collection="keys"))
    assert key["key"] not in f"{stored.path}{stored.data}"
    [listed] = (await api.call("GET", "/api/keys")).json()["items"]
    assert listed == {name: value for name, value in key.items() if name != "key"}
    assert listed["by"] == "admin@example.com"


async def test_deleted_key_is_refused(api: MembersApiFixture) -> None:
    """A deleted key is refused and cannot be deleted again."""
    key = await create_key(api)
    assert (await api.call("DELETE", f"/api/keys/{key['id']}")).status_code == 204
    assert (await api.call_customers("GET", "/api/customers", by=key["key"])).status_code == 401
    assert (await api.call("DELETE", f"/api/keys/{key['id']}")).status_code == 404


@pytest.mark.parametrize("key", ["hk_", "hk_guessed", "hk_members/admin@example.com"])
async def test_guessed_key_is_refused(api: MembersApiFixture, key: str) -> None:
    """A text that is no stored key gives no access."""
    assert (await api.call_customers("GET", "/api/customers", by=key)).status_code == 401


@pytest.mark.parametrize("body", [{"role": "owner"}, {"name": ""}, {"name": "admin@example.com"}, {"more": 1}])
async def test_invalid_key_request_is_refused(api: MembersApiFixture, body: dict[str, Any]) -> None:
    """An unknown role, a missing or e-mail-like name, and unknown fields are refused."""
    response = await api.call("POST", "/api/keys", json={"name": "x", "role": "viewer"} | body)
    assert response.status_code == 422


async def test_create_key_as_a_manager_is_forbidden(api: MembersApiFixture) -> None:
    """Only an admin creates keys."""
    response = await api.call("POST", "/api/keys", by="manager@example.com", json={"name": "x", "role": "admin"})
    assert response.status_code == 403
