"""The members API, with documents in memory."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from common.storage.documents import Create, Delete, Query
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.auth import AccountClosed, GuardedRoute
from common.web.member_store import CACHE_TTL_SECONDS, MemberStore
from common.web.principal import Identity
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from local.openapi import create_apps
from members.composition import MembersSettings
from members.composition import compose as compose_members
from tests.component.test_request_door import routes_of
from tests.support import INVALID_IDS, SETTINGS, ApiClient, IdCheckingStore, identity_from_token, logged_actions


class MembersApiFixture:
    """The members API, and the customers API on the same databases."""

    def __init__(self, documents: MemoryDocuments | None = None, access: MemoryDocuments | None = None) -> None:
        self.documents = documents or IdCheckingStore()
        self.access = access or IdCheckingStore()
        shared: dict[str, Any] = {
            "documents": self.documents,
            "publisher": MemoryPublisher(),
            "verify_id_token": identity_from_token,
        }
        members = compose_members(**shared, access=self.access, settings=MembersSettings(SETTINGS))
        customers = compose_customers(**shared, open_access=lambda: self.access, settings=CustomersSettings(SETTINGS))
        self.call = ApiClient(members.app)
        self.call_customers = ApiClient(customers.app)


@pytest.fixture
async def api() -> MembersApiFixture:
    api = MembersApiFixture()
    member = {"email": "viewer@example.com", "role": "viewer"}
    await api.access.commit([Create("members/viewer@example.com", member)])
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
    entries = await api.access.query(Query(collection="audit"))
    assert sorted(entry["what"] for entry in entries) == ["member changed", "member invited", "member removed"]
    assert {entry["member"] for entry in entries} == {"dev@example.com"}


async def test_change_takes_effect_when_the_cache_ends() -> None:
    """Within 30 seconds a removed member is out."""
    clock = [0.0]
    access = MemoryDocuments()
    await access.commit([Create("members/dev@example.com", {"role": "viewer"})])
    members = MemberStore(
        access, documents=MemoryDocuments(), first_admin="admin@example.com", monotonic=lambda: clock[0]
    )
    assert (await members.by_email("dev@example.com")) is not None
    await access.commit([Delete("members/dev@example.com")])
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


async def test_first_account_that_signs_in_keeps_the_address(api: MembersApiFixture) -> None:
    """Another Google account that gets the address later is refused, until the member is invited again."""
    await api.call("POST", "/api/members", json={"address": "dev@example.com", "role": "manager"})
    customers = api.call_customers
    assert (await customers("GET", "/api/customers", by="dev@example.com#1")).status_code == 200  # binds nothing
    assert (await api.call("GET", "/api/me", by="Dev@example.com#1")).status_code == 200
    for call, path in ((api.call, "/api/me"), (customers, "/api/customers.csv")):
        assert (await call("GET", path, by="dev@example.com#1")).status_code == 200
        refused = await call("GET", path, by="dev@example.com#2")
        assert (refused.status_code, "another Google account" in refused.json()["detail"]) == (403, True), path
    await api.call("DELETE", "/api/members/dev@example.com")
    await api.call("POST", "/api/members", json={"address": "dev@example.com", "role": "viewer"})
    # A new instance: this one remembers the first account for 30 seconds.
    api = MembersApiFixture(api.documents, api.access)
    assert (await api.call("GET", "/api/me", by="dev@example.com#2")).status_code == 200
    assert (await api.call("GET", "/api/me", by="dev@example.com#1")).status_code == 403


@pytest.mark.parametrize("address", ["admin@example.com", "everybody@shop.example"])
async def test_account_of_the_first_admin_and_of_a_domain_is_kept_too(api: MembersApiFixture, address: str) -> None:
    """They have no document of their own as members."""
    await api.call(
        "POST", "/api/members", by="admin@example.com#1", json={"address": "@shop.example", "role": "viewer"}
    )
    assert (await api.call("GET", "/api/me", by=f"{address}#1")).status_code == 200
    assert (await api.call("GET", "/api/me", by=f"{address}#2")).status_code == 403
    [entry] = await logged_actions(api.documents, "sign-in refused")
    assert (entry["by"], entry["reason"]) == (address, "another account")


async def test_removed_member_is_refused_at_once_where_it_matters(api: MembersApiFixture) -> None:
    """Exports ask the database, and the rest follows within 30 seconds."""
    await api.access.commit([Create("members/m@example.com", {"role": "manager"})])
    for path in ("/api/customers", "/api/customers.csv"):
        assert (await api.call_customers("GET", path, by="m@example.com")).status_code == 200
    await api.access.commit([Delete("members/m@example.com")])
    assert (await api.call_customers("GET", "/api/customers", by="m@example.com")).status_code == 200
    assert (await api.call_customers("GET", "/api/customers.csv", by="m@example.com")).status_code == 403
    assert (await api.call_customers("GET", "/api/customers", by="m@example.com")).status_code == 403


ASKS_AT_ONCE = (
    "create_webhook list_webhooks change_webhook delete_webhook rotate_webhook_secret list_webhook_attempts "
    "replay_webhook test_webhook "
    "create_key delete_key list_keys invite_member change_member remove_member list_members export_audit "
    "export_filtered_audit "
    "export_customers export_found_customers export_customer export_suppressions get_import_results get_rejected_rows "
    "erase_customer "
    "create_form replace_form delete_form "
    "change_tags suppress_customers undo_import export_messages send_test "
    "approve_campaign launch_campaign resume_campaign retry_campaign decide_unknown"
)


def test_what_cannot_be_undone_asks_whether_the_account_still_exists() -> None:
    """Launch, retry, erase, export, keys and members, and nothing else: it costs a request to Google."""
    asks = {
        str(route.operation_id)
        for app in create_apps().values()
        for _, _, route in routes_of(app)
        if isinstance(route, GuardedRoute) and route.required_role and route.required_role.fresh
    }
    assert asks == set(ASKS_AT_ONCE.split())


async def test_closed_account_is_refused_and_logged(api: MembersApiFixture) -> None:
    """Somebody who left, and whose browser still has a token."""

    async def closed(token: str, *, fresh: bool = False) -> Identity:
        raise AccountClosed("Dev@example.com")

    function = compose_members(
        documents=api.documents,
        access=api.access,
        publisher=MemoryPublisher(),
        verify_id_token=closed,
        settings=MembersSettings(SETTINGS),
    )
    assert (await ApiClient(function.app)("GET", "/api/me", by="token")).status_code == 401
    [entry] = await logged_actions(api.documents, "sign-in refused")
    assert entry["by"] == "dev@example.com"
