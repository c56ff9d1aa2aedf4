"""Consent by topic: who left a topic gets no message about it, until the moment of sending."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.addresses.consent import ConsentStatement
from common.addresses.state import AddressState
from common.addresses.topics import consent_reason
from common.storage.documents import Create, Query
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_api_customers import CustomersApiFixture
from tests.component.test_consent import add, paused_campaign, sent_to
from tests.in_memory_herald import NOW, InMemoryHerald
from tests.support import HASHER

NEWSLETTER = {"name": "newsletter", "labels": {"en": "Newsletter", "hi": "समाचार पत्र"}}
OFFERS = {"name": "offers", "labels": {"en": "Offers", "hi": "ऑफ़र"}}
LEFT = {"email_newsletter": False}
BODY: dict[str, Any] = {
    "name": "News",
    "text": "everyone",
    "message": {"subject": "Hi", "body": "News"},
    "personalization": "template",
    "topic": "newsletter",
}


async def api_with_topics() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.documents.commit([Create("settings/topics", {"topics": [NEWSLETTER, OFFERS]})])
    return api


@pytest.mark.parametrize(
    ("consents", "unknown_allowed", "reason"),
    [
        ({}, {"email"}, None),
        ({}, set(), "unknown_consent"),
        ({"email": True}, set(), None),
        ({"email_newsletter": True}, set(), None),
        ({"email_offers": True}, set(), "unknown_consent"),
        ({"email_newsletter": False}, {"email"}, "left_topic"),
        ({"email": True, "email_newsletter": False}, set(), "left_topic"),
        ({"email": False, "email_newsletter": True}, {"email"}, "no_consent"),
        ({"sms": False, "email_offers": False}, {"email"}, None),
    ],
)
def test_consent_to_topic_counts_below_a_no_to_the_channel(
    consents: dict[str, bool], unknown_allowed: set[str], reason: str | None
) -> None:
    """A no to the channel beats all; a yes or no to the topic beats what the channel says else."""
    assert consent_reason("email", "newsletter", consents, unknown_allowed=unknown_allowed) == reason


def test_address_state_knows_who_left_the_topic() -> None:
    """A suppressed address is suppressed first; a message that needs no consent goes to who left a topic."""
    no = ConsentStatement(state="denied", recorded_at=NOW)
    state = AddressState(consents={"email_newsletter": no})
    assert state.reason_against("email", "newsletter", needs_consent=True) == "left_topic"
    assert state.reason_against("email", "offers", needs_consent=True) is None
    assert state.reason_against("email", None, needs_consent=True) is None
    assert state.reason_against("email", "newsletter", needs_consent=False) is None
    left_all = AddressState(consents={"email_newsletter": no, "email": no}, suppressed=frozenset({"email"}))
    assert left_all.reason_against("email", "newsletter", needs_consent=True) == "suppressed"


async def test_who_left_the_topic_is_skipped_by_fan_out_and_counted_by_the_preview() -> None:
    """Preview, checklist and campaign name the same number for the same reason; another topic reaches them."""
    api = await api_with_topics()
    said: list[dict[str, bool]] = [LEFT, LEFT, {"email": False, "email_newsletter": True}, {"email_offers": False}, {}]
    rows = [{"external_id": f"x{n}", "email": f"x{n}@example.com", "consent": one} for n, one in enumerate(said)]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert([CustomerInput.model_validate(row) for row in rows])
    expected = {"left_topic": 2, "no_consent": 1}
    query = {"text": "everyone", "topic": "newsletter"}
    preview = (await api.call("POST", "/api/segments/preview", json=query)).json()
    created = (await api.call("POST", "/api/campaigns", json=BODY)).json()
    checklist = (await api.call("GET", f"/api/campaigns/{created['id']}/checklist")).json()
    await api.call("POST", f"/api/campaigns/{created['id']}/launch")
    await api.fan_out()
    pages = await api.documents.query(Query(collection="pages"))
    skipped = [reason for page in pages for reason in page.get("skipped", {}).values()]
    assert created["topic"] == "newsletter"
    assert preview["excluded"] == checklist["recipients"]["excluded"] == expected
    assert sorted(skipped) == ["left_topic", "left_topic", "no_consent"]


async def test_topic_left_while_a_message_waits_is_respected_at_the_release() -> None:
    """Three days of a pause; who left another topic gets the message."""
    herald = InMemoryHerald()
    await paused_campaign(herald, 20, topic="newsletter")
    herald.now += timedelta(days=3)
    await add(herald, *({"external_id": str(n), "consent": LEFT} for n in range(5)))
    await add(herald, {"external_id": "5", "consent": {"email_offers": False}})
    herald.restart()
    await herald.act(lambda lifecycle: lifecycle.resume)
    await herald.tick()
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"left_topic": 5}
    assert not {f"p{n}@example.com" for n in range(5)} & set(await sent_to(herald))
    assert "p5@example.com" in await sent_to(herald)


async def test_topic_left_right_before_the_claim_is_respected() -> None:
    """The message is on its way to the vendor when somebody leaves the topic."""
    herald = InMemoryHerald()
    await herald.add_customers(20)
    await herald.launch(topic="newsletter")
    await herald.work(max_events=64)
    await add(herald, {"external_id": "3", "consent": LEFT})
    await herald.work()
    assert "p3@example.com" not in await sent_to(herald)
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"left_topic": 1}


async def test_new_address_that_left_the_topic_gets_nothing() -> None:
    """A message that waits follows the person to a corrected address, and to what is known about it."""
    herald = InMemoryHerald()
    await paused_campaign(herald, 2, topic="newsletter")
    await add(herald, {"external_id": "other", "email": "new@example.com", "consent": LEFT})
    await add(herald, {"external_id": "1", "email": "new@example.com"})
    await herald.act(lambda lifecycle: lifecycle.resume)
    await herald.tick()
    assert await sent_to(herald) == ["p0@example.com"]
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"left_topic": 1}


async def test_leaving_a_topic_holds_for_all_who_have_the_address() -> None:
    """As a no to a channel does; a newer yes ends it for all of them."""
    herald = InMemoryHerald()
    ids = await add(
        herald,
        {"external_id": "a", "email": "one@example.com"},
        {"external_id": "b", "email": "one@example.com", "consent": LEFT},
    )
    flags = [one["consent"] for one in await herald.documents.get_all([f"customers/{id_}" for id_ in ids])]
    assert flags == [LEFT, LEFT]
    herald.now += timedelta(days=1)
    yes = {"state": "granted", "at": herald.now.isoformat()}
    await add(herald, {"external_id": "a", "consent": {"email_newsletter": yes}})
    flags = [one["consent"] for one in await herald.documents.get_all([f"customers/{id_}" for id_ in ids])]
    assert flags == [{"email_newsletter": True}] * 2


async def test_topics_are_replaced_by_an_admin_and_audited() -> None:
    """The same list again is no change, and no entry."""
    api = CampaignsApiFixture()
    assert (await api.call("GET", "/api/topics")).json() == {"items": []}
    for _ in range(2):
        response = await api.call("PUT", "/api/topics", json={"items": [NEWSLETTER, OFFERS]})
        assert (response.status_code, response.json()) == (200, {"items": [NEWSLETTER, OFFERS]})
    assert (await api.call("GET", "/api/topics")).json() == {"items": [NEWSLETTER, OFFERS]}
    entries = await api.documents.query(Query(collection="audit_outbox"))
    assert [(one["what"], one["after"]) for one in entries] == [("topics changed", {"topics": "newsletter, offers"})]


@pytest.mark.parametrize(
    "items",
    [
        [NEWSLETTER, NEWSLETTER],
        [{"name": "News letter", "labels": NEWSLETTER["labels"]}],
        [{"name": "news", "labels": {"en": " ", "hi": "समाचार"}}],
        [{"name": f"t{n}", "labels": NEWSLETTER["labels"]} for n in range(21)],
    ],
)
async def test_topics_that_people_could_not_tell_apart_are_refused(items: list[dict[str, Any]]) -> None:
    """Two with one name, a name that no consent can have, a label that says nothing, too many to read."""
    response = await CampaignsApiFixture().call("PUT", "/api/topics", json={"items": items})
    assert response.status_code == 422


async def test_campaign_names_only_a_topic_that_there_is() -> None:
    """A draft may be saved with it; its checklist then says so. Null takes the topic away."""
    api = await api_with_topics()
    refused = await api.call("POST", "/api/campaigns", json={**BODY, "topic": "sales"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "topic")
    draft = (await api.call("POST", "/api/campaigns?draft=true", json={**BODY, "topic": "sales"})).json()
    path = f"/api/campaigns/{draft['id']}"
    errors = [
        error for item in (await api.call("GET", f"{path}/checklist")).json()["items"] for error in item["errors"]
    ]
    assert [error["field"] for error in errors if error["code"] == "not_available"] == ["topic"]
    assert (await api.call("PATCH", path, json={"topic": "sales"})).status_code == 422
    assert (await api.call("PATCH", path, json={"topic": "offers"})).json()["topic"] == "offers"
    assert (await api.call("PATCH", path, json={"topic": None})).json()["topic"] is None


async def test_import_reads_a_column_for_a_topic() -> None:
    """The column has the name of the consent, as the export writes it."""
    api = CustomersApiFixture()
    table = "email,consent.email_newsletter\na@example.com,no\nb@example.com,yes\n"
    response = await api.call("POST", "/api/customers", content=table, headers={"Content-Type": "text/csv"})
    assert response.status_code == 200, response.text
    stored = await api.documents.query(Query(collection="customers"))
    assert {one["email"]: one["consent"]["email_newsletter"] for one in stored} == {
        "a@example.com": False,
        "b@example.com": True,
    }
