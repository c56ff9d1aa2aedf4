"""The audit log: who did what, read by admins, kept as long as the deployment says."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.audit import audit_entry
from common.errors import Misconfigured
from common.events import AuditTick
from common.settings import AuditRetentionSettings
from common.storage.documents import Create, Query
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.refusals import MAX_ENTRIES, PERIOD_SECONDS, SignInRefusals
from members.composition import MembersSettings
from members.composition import compose as compose_members
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_api_customers import CustomersApiFixture
from tests.component.test_api_members import MembersApiFixture
from tests.support import HASHER, SETTINGS, identity_from_token

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ASHA = {"external_id": "7", "email": "asha@example.com", "phone": "+919876543210", "name": "Asha Rao"}


@pytest.fixture
async def api() -> MembersApiFixture:
    """Seven entries, one a day: of two members, in turn, the third by a key."""
    api = MembersApiFixture()
    whos = ["a@example.com", "b@example.com", "shop (key 12)", "a@example.com", "b@example.com", "a@example.com"]
    whats = ["launch", "launch", "launch", "pause", "pause", "launch"]
    for day, (who, what) in enumerate(zip(whos, whats, strict=True)):
        subject = {"campaign": f"c{day}", "start": FIRST}
        await api.documents.commit([audit_entry(what, by=who, at=FIRST + timedelta(days=day), subject=subject)])
    changed = audit_entry(
        "member changed",
        by="a@example.com",
        at=FIRST + timedelta(days=6),
        before={"role": "viewer"},
        after={"role": "=cmd()"},
    )
    await api.documents.commit([changed])
    return api


async def days(api: MembersApiFixture, **query: Any) -> list[int]:
    """The days of the entries, newest first, over all pages."""
    found: list[int] = []
    after: str | None = ""
    while after is not None:
        wanted = {**query, "limit": 2, **({"after": after} if after else {})}
        if "who" in query:
            page = (await api.call("POST", "/api/audit/search", json=wanted)).json()
        else:
            page = (await api.call("GET", "/api/audit", params=wanted)).json()
        found += [(datetime.fromisoformat(entry["when"]) - FIRST).days for entry in page["items"]]
        after = page["next"]
    return found


async def test_audit_log_is_read_newest_first_and_filtered(api: MembersApiFixture) -> None:
    """By who, what and when, in pages; the end of a period is not in it."""
    assert await days(api) == [6, 5, 4, 3, 2, 1, 0]
    assert await days(api, who="a@example.com") == [6, 5, 3, 0]
    assert await days(api, what="launch") == [5, 2, 1, 0]
    assert await days(api, who="a@example.com", what="launch") == [5, 0]
    assert await days(api, **{"from": "2026-01-03T00:00:00Z", "to": "2026-01-05T00:00:00Z"}) == [3, 2]
    assert await days(api, who="nobody") == []


@pytest.mark.parametrize("path", ["/api/audit", "/api/audit.csv"])
async def test_address_of_who_did_it_is_not_taken_from_the_url(api: MembersApiFixture, path: str) -> None:
    """URLs end up in logs; and nobody gets the whole log who asked for a part."""
    answer = await api.call("GET", path, params={"who": "a@example.com"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "who")


async def test_entry_has_who_what_when_and_the_values_before_and_after(api: MembersApiFixture) -> None:
    """Every entry has the same fields; a time inside is written as text."""
    newest, second = (await api.call("GET", "/api/audit", params={"limit": 2})).json()["items"]
    assert newest.keys() == second.keys() == {"id", "who", "what", "when", "about", "before", "after"}
    assert (newest["before"], newest["after"], newest["about"]) == ({"role": "viewer"}, {"role": "=cmd()"}, {})
    assert (second["who"], second["what"]) == ("a@example.com", "launch")
    assert (second["about"], second["before"]) == ({"campaign": "c5", "start": FIRST.isoformat()}, None)


async def test_audit_log_is_exported_as_csv(api: MembersApiFixture) -> None:
    """With the same filters; the export is logged itself, and no cell is run as a formula."""
    text = (await api.call("POST", "/api/audit/export", json={"who": "a@example.com"})).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["what"] for row in rows] == ["member changed", "launch", "pause", "launch"]
    assert json.loads(rows[0]["after"]) == {"role": "=cmd()"}
    newest = (await api.call("GET", "/api/audit")).json()["items"][0]
    assert (newest["what"], newest["who"]) == ("audit log exported", "admin@example.com")


async def test_audit_log_is_for_admins_and_cannot_be_changed(api: MembersApiFixture) -> None:
    """A manager may not read it, and there is no request that changes or removes an entry."""
    await api.access.commit([Create("members/m@example.com", {"role": "manager"})])
    for path in ("/api/audit", "/api/audit.csv"):
        assert (await api.call("GET", path, by="m@example.com")).status_code == 403
    entry = (await api.call("GET", "/api/audit")).json()["items"][0]["id"]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/api/audit", f"/api/audit/{entry}"):
            assert (await api.call(method, path, json={})).status_code in {404, 405}


async def test_everybody_sees_who_did_what_with_a_campaign(api: MembersApiFixture) -> None:
    """Newest first, in pages, of this campaign alone, and without what a change had in it."""
    await api.access.commit([Create("members/v@example.com", {"role": "viewer"})])
    entries = [
        audit_entry("pause", by="b@example.com", at=FIRST + timedelta(hours=hour), subject={"campaign": "c0"})
        for hour in (1, 2)
    ]
    await api.documents.commit(entries)
    found: list[dict[str, str]] = []
    after: str | None = ""
    while after is not None:
        wanted = {"limit": 2, **({"after": after} if after else {})}
        page = (await api.call("GET", "/api/audit/campaigns/c0", by="v@example.com", params=wanted)).json()
        assert len(page["items"]) <= 2
        found += page["items"]
        after = page["next"]
    assert [(entry["what"], entry["who"]) for entry in found] == [
        ("pause", "b@example.com"),
        ("pause", "b@example.com"),
        ("launch", "a@example.com"),
    ]
    assert found[0].keys() == {"id", "who", "what", "when"}
    assert found[0]["when"] > found[1]["when"] > found[2]["when"]
    nothing = await api.call("GET", "/api/audit/campaigns/none", by="v@example.com")
    assert nothing.json() == {"items": [], "next": None}
    assert (await api.call("GET", "/api/audit/campaigns/c0", by="stranger@example.com")).status_code == 403


@pytest.mark.parametrize("query", [{"after": "x"}, {"from": "soon"}, {"from": "9999-12-31T23:59:59-14:00"}])
async def test_wrong_query_of_the_audit_log_is_refused(api: MembersApiFixture, query: dict[str, str]) -> None:
    """A cursor of another list, a text that is no time, and a time beyond the calendar."""
    assert (await api.call("GET", "/api/audit", params=query)).status_code == 422


async def logged(api: Any) -> list[str]:
    """What is in the outbox."""
    return sorted(entry["what"] for entry in await api.documents.query(Query(collection="audit_outbox")))


async def test_what_is_done_with_customers_is_logged_without_personal_data() -> None:
    """Each change, import, export, suppression and lift has an entry."""
    api = CustomersApiFixture()
    customer = (await api.call("POST", "/api/customers", json=ASHA)).json()["results"][0]["id"]
    path = f"/api/customers/{customer}"
    await api.call("POST", "/api/customers", json=ASHA, params={"dry_run": True})
    order = {"event_id": "o1", "type": "order", "at": "2026-01-01", "external_id": "7", "amount": 5}
    await api.call("POST", "/api/activities", json=order)
    await api.call("PATCH", path, json={"city": "Pune", "name": "Asha Iyer"})
    import_id = (await api.call("POST", "/api/customers", json=[ASHA], params={"background": True})).json()["import_id"]
    await api.process_imports()
    for exported in (f"/api/imports/{import_id}/rejected.csv", f"/api/imports/{import_id}/results", f"{path}/export"):
        assert (await api.call("GET", exported)).status_code == 200
    assert (await api.call("POST", "/api/customers/export", json={"search": "asha"})).status_code == 200
    await api.call("POST", "/api/suppressions", json=[{"email": "nobody"}])  # rejected: nothing is suppressed
    await api.call("POST", "/api/suppressions", json={"email": ASHA["email"]})
    await api.call("GET", "/api/suppressions.csv")
    await api.call("POST", "/api/suppressions/lift", json={"email": ASHA["email"], "reason": "asked us"})
    assert await logged(api) == [
        "activities written",
        "addresses suppressed",
        "customer changed",
        "customer exported",
        "customers exported",
        "customers import started",
        "customers written",
        "import results exported",
        "rejected rows exported",
        "suppression lifted",
        "suppressions exported",
    ]
    entries = {entry["what"]: entry for entry in await api.documents.query(Query(collection="audit_outbox"))}
    assert entries["customer changed"]["fields"] == ["city", "name"]
    assert entries["customer exported"]["customer"] == HASHER.customer_hash(customer)
    assert (entries["customers import started"]["import"], entries["customers written"]["created"]) == (import_id, 1)
    text = str([entry.data for entry in entries.values()])
    assert not [value for value in (*ASHA.values(), "Iyer", "Pune", customer) if value != "7" and value in text]


async def test_few_rows_of_a_program_are_not_logged() -> None:
    """A shop sends each order by itself; its imports are logged."""
    api = MembersApiFixture()
    key = (await api.call("POST", "/api/keys", json={"name": "shop", "role": "manager"})).json()["key"]
    assert (await api.call_customers("POST", "/api/customers", by=key, json=ASHA)).status_code == 200
    assert await logged(api) == []
    await api.call_customers("POST", "/api/customers", by=key, json=ASHA, params={"background": True})
    assert await logged(api) == ["customers import started"]


async def test_what_is_done_with_campaigns_and_segments_is_logged() -> None:
    """Created, changed, exported and deleted."""
    api = CampaignsApiFixture()
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "visits < 5"})).json()["id"]
    await api.call("PUT", f"/api/segments/{segment}", json={"name": "T", "text": "visits < 6"})
    assert (await api.call("DELETE", f"/api/segments/{segment}")).status_code == 204
    campaign = (await api.call("POST", "/api/campaigns", params={"draft": True}, json={"name": "Diwali"})).json()["id"]
    await api.call("PATCH", f"/api/campaigns/{campaign}", params={"draft": True}, json={"name": "Holi"})
    assert (await api.call("GET", f"/api/campaigns/{campaign}/messages.csv")).status_code == 200
    assert (await api.call("DELETE", f"/api/campaigns/{campaign}")).status_code == 204
    campaigns = ["change", "create", "delete", "messages exported"]
    assert await logged(api) == [*campaigns, "segment changed", "segment created", "segment deleted"]


async def test_refused_sign_in_is_logged_once_in_a_while() -> None:
    """Of somebody whom Google knows and who is no member; a token that is not valid names nobody."""
    api = MembersApiFixture()
    for _ in range(3):
        assert (await api.call("GET", "/api/me", by="stranger@example.com")).status_code == 403
        assert (await api.call("GET", "/api/me", by="not a token")).status_code == 401
    [entry] = (await api.call("GET", "/api/audit")).json()["items"]
    assert (entry["who"], entry["what"]) == ("stranger@example.com", "sign-in refused")
    assert entry["about"] == {"reason": "not a member"}


async def test_refused_sign_ins_cost_a_bounded_number_of_writes() -> None:
    """Who has many accounts cannot fill the log; later there is room again."""
    seconds = [0.0]
    documents = MemoryDocuments()
    refusals = SignInRefusals(documents, monotonic=lambda: seconds[0])
    for number in range(MAX_ENTRIES + 50):
        await refusals.record(f"{number}@example.com", "not a member")
    assert len(await documents.query(Query(collection="audit_outbox"))) == MAX_ENTRIES
    seconds[0] = PERIOD_SECONDS + 1
    await refusals.record("later@example.com", "not a member")
    assert len(await documents.query(Query(collection="audit_outbox"))) == MAX_ENTRIES + 1


@pytest.mark.parametrize(("setting", "kept"), [({}, 900), ({"AUDIT_RETENTION_DAYS": "30"}, 30)])
async def test_old_entries_are_removed_as_the_deployment_says(setting: dict[str, str], kept: int) -> None:
    """By default none is; otherwise a tick removes those that are too old, more than fit into one commit."""
    documents, access = MemoryDocuments(), MemoryDocuments()
    for start in range(0, 900, 450):
        await documents.commit(
            [audit_entry("launch", by="me", at=FIRST + timedelta(days=day)) for day in range(start, start + 450)]
        )
    function = compose_members(
        documents=documents,
        access=access,
        publisher=MemoryPublisher(),
        verify_id_token=identity_from_token,
        settings=MembersSettings(SETTINGS | setting),
        clock=lambda: FIRST + timedelta(days=899, hours=1),
    )
    await function.audit_keeper.tick(AuditTick())
    assert len(await access.query(Query(collection="audit"))) == kept


def test_too_short_retention_of_the_audit_log_is_refused() -> None:
    """An entry that is gone after a week explains nothing."""
    with pytest.raises(Misconfigured, match="AUDIT_RETENTION_DAYS"):
        AuditRetentionSettings.read({"AUDIT_RETENTION_DAYS": "7"})
