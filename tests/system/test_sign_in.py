"""Accounts that were closed since their token was issued, at the real Auth emulator."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from common.ids import random_id
from local.client import id_token, signed_in
from local.stack import Stack

pytestmark = pytest.mark.stack


async def change_account(stack: Stack, email: str, **changes: Any) -> None:
    """Change an account as an administrator of the Firebase project."""
    accounts = f"{stack.auth}/identitytoolkit.googleapis.com/v1/projects/{stack.config.project}/accounts"
    async with httpx.AsyncClient(timeout=30, headers={"Authorization": "Bearer owner"}) as http:
        found = await http.post(f"{accounts}:lookup", json={"email": [email]})
        user = found.raise_for_status().json()["users"][0]["localId"]
        path = ":delete" if changes.pop("delete", False) else ":update"
        (await http.post(f"{accounts}{path}", json={"localId": user, **changes})).raise_for_status()


async def statuses(herald: httpx.AsyncClient) -> list[int]:
    """The answers to an export, and to a request that asks Google once a minute."""
    return [(await herald.get(path)).status_code for path in ("/api/customers.csv", "/api/fields")]


@pytest.mark.parametrize("change", [{"disableUser": True}, {"validSince": "4102444800"}, {"delete": True}])
async def test_closed_account_is_refused_at_once_where_it_matters(stack: Stack, change: dict[str, Any]) -> None:
    """Disabled, signed out everywhere, or deleted: the token itself is valid for an hour."""
    email = f"dev.{random_id()}@example.com"
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as admin:
        await admin.post("/api/members", {"address": email, "role": "manager"})
    headers = {"Authorization": f"Bearer {await id_token(stack.auth, email)}"}
    async with httpx.AsyncClient(base_url=stack.site, headers=headers, timeout=60) as herald:
        assert await statuses(herald) == [200, 200]
        await change_account(stack, email, **change)
        assert await statuses(herald) == [401, 200]
