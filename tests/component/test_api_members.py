"""The members API, with documents in memory."""

from __future__ import annotations

import pytest

from common.storage.documents import Create
from common.storage.memory import MemoryPublisher
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from members.composition import MembersSettings
from members.composition import compose as compose_members
from tests.support import INVALID_IDS, SETTINGS, ApiClient, IdCheckingStore, email_from_token


class MembersApiFixture:
    """The members API, and the customers API on the same documents."""

    def __init__(self) -> None:
        self.documents = IdCheckingStore()
        members = compose_members(
            documents=self.documents, email_of=email_from_token, settings=MembersSettings(SETTINGS)
        )
        customers = compose_customers(
            documents=self.documents,
            publisher=MemoryPublisher(),
            email_of=email_from_token,
            settings=CustomersSettings(SETTINGS),
        )
        self.call = ApiClient(members.app)
        self.call_customers = ApiClient(customers.app)


@pytest.fixture
async def api() -> MembersApiFixture:
    api = MembersApiFixture()
    member = {"email": "viewer@example.com", "role": "viewer"}
    await api.documents.commit([Create("members/viewer@example.com", member)])
    return api


async def test_me_returns_the_signed_in_member(api: MembersApiFixture) -> None:
    """Role and currency of the member; 401 without a token, 403 for someone who is not a member."""
    viewer = await api.call("GET", "/api/me", by="viewer@example.com")
    assert viewer.json() == {"email": "viewer@example.com", "role": "viewer", "currency": "INR"}
    assert (await api.call("GET", "/api/me")).json()["role"] == "admin"
    assert (await api.call("GET", "/api/me", by=None)).status_code == 401
    assert (await api.call("GET", "/api/me", by="not-a-member@example.com")).status_code == 403


@pytest.mark.parametrize("invalid_id", INVALID_IDS)
async def test_invalid_key_id_is_not_found_without_a_read(api: MembersApiFixture, invalid_id: str) -> None:
    """A path that is no id is answered with 404 and never reaches the database."""
    assert (await api.call("DELETE", f"/api/keys/{invalid_id}")).status_code == 404
