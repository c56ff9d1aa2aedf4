"""API keys over HTTP, with documents in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.errors import Unauthenticated
from common.storage.documents import Create, Query, Snapshot
from common.storage.memory import MemoryDocuments
from common.web.api_keys import key_id, new_key
from common.web.auth import Authenticator
from common.web.member_store import KEY_CACHE_TTL_SECONDS, USE_RECORDED_EVERY, MemberStore
from common.web.refusals import SignInRefusals
from tests.component.test_api_members import MembersApiFixture
from tests.support import ResponseLosingStore, identity_from_token


@pytest.fixture
async def api() -> MembersApiFixture:
    api = MembersApiFixture()
    await api.access.commit([Create("members/manager@example.com", {"role": "manager"})])
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
    reader = await create_key(api, name="a reader", role="viewer")
    assert (await api.call_customers("GET", "/api/customers", by=reader["key"])).status_code == 200
    assert (await api.call_customers("POST", "/api/customers", by=reader["key"], json=customer)).status_code == 403


async def test_created_key_is_shown_once_and_stored_as_a_hash(api: MembersApiFixture) -> None:
    """The key itself is only in the response that creates it."""
    key = await create_key(api)
    [stored] = await api.access.query(Query(collection="keys"))
    assert key["key"] not in f"{stored.path}{stored.data}"
    [listed] = (await api.call("GET", "/api/keys")).json()["items"]
    assert listed == {name: value for name, value in key.items() if name != "key"}
    assert (listed["id"], listed["expires_at"], listed["last_used_at"]) == (stored.id, None, None)
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


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"role": "owner"}, "option"),
        ({"name": ""}, "too_short"),
        ({"name": " \u00a0 "}, "too_short"),
        ({"name": "admin@example.com"}, "characters"),
        ({"name": "admin\uff20example.com"}, "characters"),
        ({"name": "a\nb\x1b[31m"}, "characters"),
        ({"name": "shop\u202egpj"}, "characters"),
        ({"name": "shop\u200b"}, "characters"),
        ({"name": "x" * 101}, "too_long"),
        ({"expires_in_days": 0}, "range"),
        ({"expires_in_days": 10**9}, "range"),
        ({"more": 1}, "unknown"),
    ],
)
async def test_invalid_key_request_is_refused(api: MembersApiFixture, body: dict[str, Any], code: str) -> None:
    """An unknown role, a name that is empty, not printable or like an e-mail, and unknown fields are refused."""
    response = await api.call("POST", "/api/keys", json={"name": "x", "role": "viewer"} | body)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, code)


async def test_name_of_a_key_is_unique_until_the_key_is_deleted(api: MembersApiFixture) -> None:
    """In any case and width; the log and the list of keys then never mean two keys by one name."""
    key = await create_key(api, name="  The shop ")
    assert key["name"] == "The shop"
    for name in ("The shop", "the SHOP", "The\u00a0shop", "\uff34he shop"):
        refused = await api.call("POST", "/api/keys", json={"name": name, "role": "viewer"})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "taken"), name
    await api.call("DELETE", f"/api/keys/{key['id']}")
    await create_key(api, name="The shop")


async def test_keys_are_audited_by_id(api: MembersApiFixture) -> None:
    """Creating and deleting are in the log, and what the key does is there under its name and id, not its secret."""
    key = await create_key(api, role="admin", expires_in_days=30)
    await api.call_customers("POST", "/api/suppressions", by=key["key"], json={"email": "asha@example.com"})
    lift = {"email": "asha@example.com", "reason": "asked us"}
    assert (await api.call_customers("POST", "/api/suppressions/lift", by=key["key"], json=lift)).status_code == 200
    await api.call("DELETE", f"/api/keys/{key['id']}")
    stored = [
        *await api.access.query(Query(collection="audit")),
        *await api.documents.query(Query(collection="audit_outbox")),
    ]
    entries = {entry["what"]: entry for entry in stored}
    assert {entries[what]["key"] for what in ("key created", "key deleted")} == {key["id"]}
    assert entries["suppression lifted"]["by"] == f"the shop (key {key['id']})"
    assert key["key"] not in f"{[entry.data for entry in entries.values()]}"


class KeyFixture:
    """A store of members with one key, whose clocks a test sets; it counts the reads of keys."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.reads: list[str] = []
        self.documents = MemoryDocuments()
        self.access = MemoryDocuments()
        self.key = new_key()
        read = self.access.get

        async def counting_get(path: str, *, at: datetime | None = None) -> Snapshot:
            self.reads.append(path)
            return await read(path, at=at)

        self.access.get = counting_get  # type: ignore[method-assign]
        members = self.instance()
        refusals = SignInRefusals(self.documents)
        self.authenticator = Authenticator(verify_id_token=identity_from_token, members=members, refusals=refusals)

    def instance(self) -> MemberStore:
        """The store of another instance of a function."""
        return MemberStore(
            self.access,
            documents=self.documents,
            first_admin="admin@example.com",
            clock=lambda: self.now,
            monotonic=lambda: datetime.timestamp(self.now),
        )

    async def add_key(self, **fields: Any) -> None:
        id_ = key_id(self.key)
        data = {"name": "shop", "role": "viewer", "expires_at": None, **fields}
        await self.access.commit([Create(f"keys/{id_}", data)])
        await self.documents.commit([Create(f"key_uses/{id_}", {"at": None})])

    async def last_used(self) -> datetime | None:
        used: datetime | None = (await self.documents.get_all([f"key_uses/{key_id(self.key)}"]))[0]["at"]
        return used


async def test_mistyped_key_costs_no_read() -> None:
    """A key with another letter, of another length or from before checksums is refused by its form."""
    fixture = KeyFixture()
    await fixture.add_key()
    other = {"0": "1"}.get(fixture.key[10], "0")
    for wrong in (fixture.key[:10] + other + fixture.key[11:], fixture.key[:-1], "hk_" + "a" * 40, "hk_" + "0" * 48):
        with pytest.raises(Unauthenticated):
            await fixture.authenticator.authenticate(f"Bearer {wrong}")
    assert fixture.reads == []
    assert (await fixture.authenticator.authenticate(f"Bearer {fixture.key}")).role == "viewer"


async def test_expired_key_is_refused_although_it_is_cached() -> None:
    """The key works until the instant of its expiry."""
    fixture = KeyFixture()
    await fixture.add_key(expires_at=fixture.now + timedelta(seconds=3))
    await fixture.authenticator.authenticate(f"Bearer {fixture.key}")
    fixture.now += timedelta(seconds=3)
    with pytest.raises(Unauthenticated):
        await fixture.authenticator.authenticate(f"Bearer {fixture.key}")


async def test_revoked_key_is_refused_within_seconds(api: MembersApiFixture) -> None:
    """Each instance reads a key again after five seconds."""
    assert KEY_CACHE_TTL_SECONDS <= 5
    fixture = KeyFixture()
    await fixture.add_key()
    for seconds, reads in ((0, 1), (KEY_CACHE_TTL_SECONDS - 1, 1), (KEY_CACHE_TTL_SECONDS + 1, 2)):
        fixture.now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        await fixture.authenticator.authenticate(f"Bearer {fixture.key}")
        assert len([path for path in fixture.reads if path.startswith("keys/")]) == reads, seconds


async def test_last_use_is_written_at_most_once_in_some_minutes() -> None:
    """By all instances together; a busy key costs no write with each request."""
    fixture = KeyFixture()
    await fixture.add_key()
    first = fixture.now
    stores = [fixture.instance(), fixture.instance()]
    for _ in range(5):
        for store in stores:
            await store.by_api_key(fixture.key)
        fixture.now += USE_RECORDED_EVERY / 6
    assert await fixture.last_used() == first
    fixture.now = first + USE_RECORDED_EVERY + timedelta(seconds=1)
    await stores[0].by_api_key(fixture.key)
    assert await fixture.last_used() == fixture.now


async def test_list_of_keys_shows_the_last_use_and_the_expiry(api: MembersApiFixture) -> None:
    """An admin sees which key nobody uses any more."""
    key = await create_key(api, expires_in_days=30)
    await api.call_customers("GET", "/api/customers", by=key["key"])
    [listed] = (await api.call("GET", "/api/keys")).json()["items"]
    created = datetime.fromisoformat(listed["created_at"])
    assert datetime.fromisoformat(listed["expires_at"]) - created == timedelta(days=30)
    assert datetime.fromisoformat(listed["last_used_at"]) - created < timedelta(minutes=1)


async def test_create_key_as_a_manager_is_forbidden(api: MembersApiFixture) -> None:
    """Only an admin creates keys."""
    response = await api.call("POST", "/api/keys", by="manager@example.com", json={"name": "x", "role": "admin"})
    assert response.status_code == 403


async def test_key_is_created_and_deleted_although_answers_are_lost() -> None:
    """The client sends the commit again, and finds its own documents."""
    documents, access = ResponseLosingStore(), ResponseLosingStore()
    api = MembersApiFixture(documents, access)
    documents.lost = access.lost = 1
    key = await create_key(api)
    assert key["key"]
    documents.lost = access.lost = 1
    assert (await api.call("DELETE", f"/api/keys/{key['id']}")).status_code == 204
    assert (await api.call("GET", "/api/keys")).json()["items"] == []
    assert len(await access.query(Query(collection="audit"))) == 2
    assert await documents.query(Query(collection="key_uses")) == []
