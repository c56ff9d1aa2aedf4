"""The door of the API: nobody makes a function read a body before it is known who asks, and what they may do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from common.storage.documents import Create
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.app import MAX_UPLOAD_BYTES
from common.web.auth import MAX_BODY_BYTES, GuardedRoute
from common.web.principal import ROLES
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from local.openapi import create_apps
from receipts.app import MAX_CALLBACK_BYTES
from tests.component.test_api_receipts import compose_receipts
from tests.support import ADMIN, SETTINGS, identity_from_token

PUBLIC = {
    ("POST", "/api/receipts/{vendor}"),
    ("GET", "/api/unsubscribe/{token}"),
    ("POST", "/api/unsubscribe/{token}"),
    ("GET", "/api/c/{token}"),
    ("HEAD", "/api/c/{token}"),
    ("GET", "/api/o/{token}"),
    ("GET", "/api/view/{token}"),
    ("POST", "/api/view/{token}"),
    ("OPTIONS", "/api/forms/{form_id}"),
    ("POST", "/api/forms/{form_id}"),
    ("GET", "/api/confirm/{token}"),
    ("POST", "/api/confirm/{token}"),
}
"""Routes that ask nobody to sign in: each verifies a signature instead. A form can be sent by anybody."""
CALLBACKS = {("POST", "/api/receipts/{vendor}")}
POSTED_PAGES = {("POST", "/api/view/{token}")}
"""What Herald has made comes back; the address is signed, and looked at first."""
UPLOADS = {
    ("POST", "/api/customers"),
    ("POST", "/api/activities"),
    ("POST", "/api/segments/{segment_id}/people"),
    ("POST", "/api/suppressions"),
    ("POST", "/api/imports/previews"),
}


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, APIRoute]]:
    """Yield the method, the whole path and the route of everything that the application answers."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        assert isinstance(route, APIRoute), f"{route} is no API route"
        for method in sorted(route.methods or ()):
            yield method, str(context.path), route


def all_routes() -> list[tuple[str, str, APIRoute]]:
    return [entry for app in create_apps().values() for entry in routes_of(app)]


class WatchedBody:
    """A request body of `size` bytes that knows whether anybody asked for its first byte."""

    def __init__(self, size: int = 32_000_000) -> None:
        self.size = size
        self.was_read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.was_read = True
        for start in range(0, self.size, 100_000):
            yield b" " * min(100_000, self.size - start)


async def send(
    app: FastAPI, method: str, path: str, body: WatchedBody, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Send the body to a path, whose parameters are replaced by an id."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://herald") as client:
        concrete = "/".join("x" if part.startswith("{") else part for part in path.split("/"))
        sent = {"content-type": "application/json"} | (headers or {})
        return await client.request(method, concrete, content=body, headers=sent)


def test_every_route_asks_for_a_role_before_the_body() -> None:
    """A route without a role is listed as public, and there is no other list of what is open."""
    open_routes = {
        (method, path)
        for method, path, route in all_routes()
        if not (isinstance(route, GuardedRoute) and route.required_role)
    }
    assert open_routes == PUBLIC
    assert len(all_routes()) > 40


async def test_anonymous_body_is_never_read() -> None:
    """Without a token the answer is 401, and not one byte of the body is taken."""
    for app in create_apps().values():
        for method, path, _ in routes_of(app):
            body = WatchedBody()
            answer = await send(app, method, path, body)
            assert (answer.status_code, body.was_read) == (401 if (method, path) not in PUBLIC else 404, False), path


@pytest.mark.parametrize("role", ROLES)
async def test_body_of_a_member_without_the_right_is_never_read(role: str) -> None:
    """Somebody whose role is too low gets 403 before the body is read; somebody who may write is heard."""
    access = MemoryDocuments()
    await access.commit([Create(f"members/{role}@example.com", {"role": role})])
    app = compose_customers(
        documents=MemoryDocuments(),
        publisher=MemoryPublisher(),
        open_access=lambda: access,
        verify_id_token=identity_from_token,
        settings=CustomersSettings(SETTINGS),
    ).app
    for method, path, route in routes_of(app):
        if (method, path) in PUBLIC:
            continue
        assert isinstance(route, GuardedRoute)
        assert route.required_role
        is_allowed = ROLES.index(role) >= ROLES.index(route.required_role.role)
        body = WatchedBody(0)
        answer = await send(app, method, path, body, {"authorization": f"Bearer {role}@example.com"})
        assert (answer.status_code == 403) != is_allowed, (method, path, answer.text)
        if not is_allowed:
            assert not body.was_read, (method, path)


@pytest.fixture
def customers() -> FastAPI:
    return compose_customers(
        documents=MemoryDocuments(),
        publisher=MemoryPublisher(),
        open_access=MemoryDocuments,
        verify_id_token=identity_from_token,
        settings=CustomersSettings(SETTINGS),
    ).app


AS_ADMIN = {"authorization": f"Bearer {ADMIN}"}


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/api/suppressions/lift", MAX_BODY_BYTES), *((path, MAX_UPLOAD_BYTES) for _, path in sorted(UPLOADS))],
)
async def test_body_over_the_limit_of_its_route_is_refused(customers: FastAPI, path: str, limit: int) -> None:
    """A JSON body may have 256 kB, a file 32 MB; the answer is a problem that says so."""
    path = path.format(segment_id="0" * 20)
    declared = await send(customers, "POST", path, WatchedBody(0), AS_ADMIN | {"content-length": str(limit + 1)})
    undeclared = await send(customers, "POST", path, WatchedBody(limit + 200_000), AS_ADMIN)
    for answer in (declared, undeclared):
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (413, "urn:herald:too_large")
        assert "256 kB" in problem["detail"]


def test_only_files_may_be_larger_than_json() -> None:
    """Every route that takes more than 256 kB is listed here."""
    larger = {(method, path) for method, path, route in all_routes() if (route.max_body_size or 0) > MAX_BODY_BYTES}
    assert larger == UPLOADS | CALLBACKS | POSTED_PAGES


SIGNED: dict[str, Any] = {"webhook-id": "1", "webhook-signature": "v1,x"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        SIGNED,
        *(SIGNED | {"webhook-timestamp": value} for value in ("", "x", "nan", "inf", "0", "99999999999")),
        {"webhook-id": "1", "webhook-timestamp": str(int(time.time()))},
    ],
)
async def test_callback_without_a_present_signature_is_never_read(headers: dict[str, str]) -> None:
    """Headers and time are looked at first; an anonymous caller cannot fill the memory of the function."""
    body = WatchedBody()
    answer = await send(compose_receipts(MemoryDocuments()).app, "POST", "/api/receipts/simulator", body, headers)
    assert (answer.status_code, body.was_read) == (401, False), headers


async def test_signed_looking_callback_is_read_up_to_its_limit() -> None:
    """With plausible headers at most 2 MB are read before the signature is checked."""
    headers = SIGNED | {"webhook-timestamp": str(int(time.time()))}
    body = WatchedBody(MAX_CALLBACK_BYTES + 1)
    answer = await send(compose_receipts(MemoryDocuments()).app, "POST", "/api/receipts/simulator", body, headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:herald:too_large")
