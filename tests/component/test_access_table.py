"""Who may do what: the table in docs/security.md, compared with what every route answers to every identity."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.storage.documents import Create, Documents
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.api_keys import key_id, key_path, new_key
from common.web.principal import ROLES
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from members.composition import MembersSettings
from members.composition import compose as compose_members
from receipts.composition import ReceiptsSettings
from receipts.composition import compose as compose_receipts
from tests.support import AT, SETTINGS, FakeModel, identity_from_token

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
HEADING = "## Who may do what"
UNLIMITED = SETTINGS | {"RATE_LIMITS": "person=0,key=0,anonymous=0"}
KEYS = {role: new_key() for role in ROLES}
IDENTITIES: dict[str, str | None] = {
    "nobody": None,
    "stranger": "stranger@example.org",
    "viewer": "viewer@example.com",
    "drafter": "drafter@example.com",
    "manager": "manager@example.com",
    "admin": "boss@example.com",
    "first admin": SETTINGS["FIRST_ADMIN"].lower(),
    "viewer key": KEYS["viewer"],
    "manager key": KEYS["manager"],
    "admin key": KEYS["admin"],
}
"""By column of the table: what they send as the bearer token."""
REFUSED = {401, 403}
MADE = {"by": "boss@example.com", "created_at": AT}


async def create_access_database() -> Documents:
    """That of a deployment with one of each identity."""
    access = MemoryDocuments()
    people = {"viewer": "viewer", "drafter": "manager", "manager": "manager", "boss": "admin"}
    members = [
        Create(f"members/{name}@example.com", {"role": role, "may_send": name != "drafter"})
        for name, role in people.items()
    ]
    keys = [Create(key_path(key_id(key)), {"name": role, "role": role, **MADE}) for role, key in KEYS.items()]
    await access.commit([*members, *keys])
    return access


def create_apps(access: Documents, create_model: Callable[[], FakeModel] = FakeModel) -> list[FastAPI]:
    """All HTTP functions on the same databases."""
    ports: dict[str, Any] = {"documents": MemoryDocuments(), "publisher": MemoryPublisher()}
    shared = {**ports, "verify_id_token": identity_from_token}
    reading = {**shared, "open_access": lambda: access}
    return [
        compose_customers(**reading, settings=CustomersSettings(UNLIMITED)).app,
        compose_campaigns(**reading, create_model=create_model, settings=CampaignsSettings(UNLIMITED)).app,
        compose_members(**shared, access=access, settings=MembersSettings(UNLIMITED)).app,
        compose_receipts(**ports, settings=ReceiptsSettings(UNLIMITED)).app,
    ]


async def may(app: FastAPI, method: str, path: str, token: str | None) -> bool:
    """Whether the identity gets past the door: anything but 401 and 403 is an answer about the request itself."""
    parts = path.replace("{vendor}", "simulator").split("/")
    concrete = "/".join("0" if part.startswith("{") else part for part in parts)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://herald") as client:
        answer = await client.request(method, concrete, headers=headers)
    assert answer.status_code < 500, (method, path, answer.text)
    return answer.status_code not in REFUSED


async def real_rows() -> list[str]:
    """The rows of the table as the routes really answer."""
    rows = []
    for app in create_apps(await create_access_database()):
        for context in iter_route_contexts(app.routes):
            assert isinstance(context.original_route, APIRoute)
            for method in sorted(context.original_route.methods or ()):
                path = str(context.path)
                answers = [await may(app, method, path, token) for token in IDENTITIES.values()]
                rows.append(f"| `{method} {path}` | {' | '.join('✓' if yes else '–' for yes in answers)} |")
    return sorted(rows)


async def test_access_table_of_the_documents_is_what_every_route_does() -> None:
    """Each route is asked by each identity. On a failure, replace the rows of the table by the rows shown."""
    text = DOCUMENT.read_text().partition(f"{HEADING}\n")[2].partition("\n## ")[0]
    head, rows = f"| route | {' | '.join(IDENTITIES)} |", re.findall(r"^\| `.*$", text, re.MULTILINE)
    assert head in text
    assert "\n".join(rows) == "\n".join(await real_rows())
