"""The members API, with documents in memory."""

from __future__ import annotations

from itertools import product

import pytest

from common.storage.documents import Create, Delete, Query
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.member_store import CACHE_TTL_SECONDS, MemberStore
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
    assert viewer.json() == {"email": "viewer@example.com", "role": "viewer", "may_send": True, "currency": "INR"}
    assert (await api.call("GET", "/api/me")).json()["role"] == "admin"
    assert (await api.call("GET", "/api/me", by=None)).status_code == 401
    assert (await api.call("GET", "/api/me", by="not-a-member@example.com")).status_code == 403


@pytest.mark.parametrize("invalid_id", INVALID_IDS)
async def test_invalid_key_id_is_not_found_without_a_read(api: MembersApiFixture, invalid_id: str) -> None:
    """A path that is no id is answered with 404 and never reaches the database."""
    assert (await api.call("DELETE", f"/api/keys/{invalid_id}")).status_code == 404


async def test_invited_member_may_sign_in_until_removed(api: MembersApiFixture) -> None:
    """Invited, listed, changed and removed, each with an entry in the audit log."""
    invited = await api.call("POST", "/api/members", json={"address": "Dev@Example.com", "role": "viewer"})
    assert (invited.status_code, invited.json()["address"], invited.json()["by"]) == (
        201,
        "dev@example.com",
        "admin@example.com",
    )
    assert (await api.call("GET", "/api/me", by="DEV@example.com")).json()["role"] == "viewer"
    listed = (await api.call("GET", "/api/members")).json()["items"]
    assert [(one["address"], one["role"], one["is_first_admin"]) for one in listed] == [
        ("admin@example.com", "admin", True),
        ("dev@example.com", "viewer", False),
        ("viewer@example.com", "viewer", False),
    ]
    changed = await api.call("PATCH", "/api/members/dev@example.com", json={"role": "manager", "may_send": False})
    assert (changed.json()["role"], changed.json()["may_send"]) == ("manager", False)
    assert (await api.call("DELETE", "/api/members/DEV@example.com")).status_code == 204
    assert (await api.call("DELETE", "/api/members/dev@example.com")).status_code == 404
    entries = await api.documents.query(Query(collection="audit"))
    assert sorted(entry["what"] for entry in entries) == ["member changed", "member invited", "member removed"]
    assert {entry["member"] for entry in entries} == {"dev@example.com"}


async def test_change_takes_effect_when_the_cache_ends() -> None:
    """Within 30 seconds a removed member is out."""
    clock = [0.0]
    documents = MemoryDocuments()
    await documents.commit([Create("members/dev@example.com", {"role": "viewer"})])
    members = MemberStore(documents, first_admin="admin@example.com", monotonic=lambda: clock[0])
    assert (await members.by_email("dev@example.com")) is not None
    await documents.commit([Delete("members/dev@example.com")])
    clock[0] = CACHE_TTL_SECONDS + 1.0
    assert (await members.by_email("dev@example.com")) is None


async def test_everybody_of_an_invited_domain_may_sign_in(api: MembersApiFixture) -> None:
    """An own entry comes before that of the domain; another domain that ends alike is no match."""
    body = {"address": "@shop.example", "role": "manager"}
    assert (await api.call("POST", "/api/members", json=body)).status_code == 201
    await api.call("POST", "/api/members", json={"address": "new@shop.example", "role": "viewer"})
    me = await api.call("GET", "/api/me", by="Asha@Shop.example")
    assert (me.json()["email"], me.json()["role"]) == ("asha@shop.example", "manager")
    assert (await api.call("GET", "/api/me", by="new@shop.example")).json()["role"] == "viewer"
    for stranger in ("a@evil.shop.example", "a@myshop.example", "a@shop.example.evil.com", "@shop.example"):
        assert (await api.call("GET", "/api/me", by=stranger)).status_code in {401, 403}, stranger


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"address": "@gmail.com", "role": "viewer"}, "public_domain"),
        ({"address": "@shop.example", "role": "admin"}, "domain_admin"),
        ({"address": "nobody", "role": "viewer"}, "invalid"),
        ({"address": "a/b@example.com", "role": "viewer"}, "invalid"),
        ({"address": "a b@example.com", "role": "viewer"}, "invalid"),
        ({"address": "@localhost", "role": "viewer"}, "invalid"),
        ({"address": "x" * 300 + "@example.com", "role": "viewer"}, "too_long"),
        ({"address": "a@example.com", "role": "owner"}, "option"),
    ],
)
async def test_invitation_that_is_not_valid_is_refused(api: MembersApiFixture, body: dict[str, str], code: str) -> None:
    """A clear error on the field; nobody is let in."""
    refused = await api.call("POST", "/api/members", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    assert len((await api.call("GET", "/api/members")).json()["items"]) == 2


async def test_first_admin_cannot_be_changed_or_removed(api: MembersApiFixture) -> None:
    """There is always an admin: the one of the deployment's settings."""
    for method, body in (("PATCH", {"role": "viewer"}), ("DELETE", None)):
        assert (await api.call(method, "/api/members/Admin@example.com", json=body)).status_code == 409
    again = await api.call("POST", "/api/members", json={"address": "admin@example.com", "role": "viewer"})
    assert again.status_code == 409
    await api.call("POST", "/api/members", json={"address": "two@example.com", "role": "admin"})
    assert (await api.call("GET", "/api/members", by="two@example.com")).status_code == 200


async def test_members_and_keys_are_the_business_of_people(api: MembersApiFixture) -> None:
    """A leaked admin key can make no other key and let nobody in; managers neither."""
    await api.call("POST", "/api/members", json={"address": "m@example.com", "role": "manager"})
    key = (await api.call("POST", "/api/keys", json={"name": "shop", "role": "admin"})).json()["key"]
    for who in (key, "m@example.com", "viewer@example.com"):
        for method, path in product(("GET", "POST"), ("/api/members", "/api/keys")):
            assert (await api.call(method, path, by=who, json={})).status_code == 403, (who, method, path)


async def test_second_invitation_of_a_member_is_refused(api: MembersApiFixture) -> None:
    """It would change a role by accident."""
    refused = await api.call("POST", "/api/members", json={"address": "viewer@example.com", "role": "admin"})
    assert refused.status_code == 409
