"""A transactional campaign goes to people without a consent, never to suppressed addresses; an admin answers for it."""

from __future__ import annotations

import pytest

from common.addresses.state import suppression_write
from common.storage.documents import Create, Query
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_api_drafts import READY, create
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER, email

MANAGER = "manager@example.com"


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.customers()
    await api.access.commit([Create(f"members/{MANAGER}", {"role": "manager"})])
    return api


async def test_legal_notice_reaches_people_who_said_no_and_no_suppressed_address() -> None:
    """Also somebody who says no while the message is on its way."""
    herald = InMemoryHerald()
    await herald.add_customers(10, consent={"email": False})
    address = email("p3@example.com")
    write = suppression_write(HASHER.path(address), address, reason="complained", by="vendor", now=herald.now)
    await herald.documents.commit([write])
    await herald.launch(transactional=True)
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    assert statistics.skipped_reasons == {"suppressed": 1}
    assert len(herald.vendor.sent_keys) == 9


async def test_only_an_admin_marks_and_changes_a_transactional_campaign(api: CampaignsApiFixture) -> None:
    """A manager can neither mark a campaign nor write something else into one; a manager's copy is an ordinary one."""
    refused = await api.call("POST", "/api/campaigns", json={**READY, "transactional": True}, by=MANAGER)
    path = await create(api, {**READY, "transactional": True})
    ordinary = await create(api, READY)
    changes = [(path, {"message": {"subject": "Sale", "body": "Buy"}}), (ordinary, {"transactional": True})]
    answers = [refused, *[await api.call("PATCH", where, json=body, by=MANAGER) for where, body in changes]]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    copy = (await api.call("POST", f"{path}/copy", by=MANAGER)).json()
    assert ((await api.call("GET", path)).json()["transactional"], copy["transactional"]) == (True, False)


async def test_mark_of_a_transactional_campaign_is_in_the_audit_log(api: CampaignsApiFixture) -> None:
    """When it is created with the mark, and when it gets the mark later."""
    await create(api, {**READY, "transactional": True})
    later = await create(api, READY)
    assert (await api.call("PATCH", later, json={"transactional": True})).status_code == 200
    entries = await api.documents.query(Query(collection="audit_outbox"))
    assert sorted(entry["what"] for entry in entries if entry.get("transactional")) == ["change", "create"]
