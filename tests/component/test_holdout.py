"""A share of the audience is held out: never messaged, always the same people, and counted everywhere alike."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from campaigns.sending.holdout import HELD_OUT, holdout_group
from common.audience import Audience
from common.rules import parse
from common.storage.documents import Query
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER

PEOPLE = 400


async def held_out(herald: InMemoryHerald) -> set[str]:
    """Who was skipped as held out, by the receipts."""
    receipts = await herald.documents.query(Query(collection="receipts"))
    return {receipt["customer"] for receipt in receipts if receipt.get("reason") == HELD_OUT}


async def test_held_out_are_skipped_and_never_messaged_also_by_a_retry() -> None:
    """The numbers of the campaign still add up, and their share is about the one that was asked for."""
    herald = InMemoryHerald(index=True)
    people = set(await herald.add_customers(PEOPLE))
    await herald.launch(holdout_percent=25)
    await herald.work()
    await herald.act(lambda lifecycle: lifecycle.retry)
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    apart = await held_out(herald)
    claims = await herald.documents.query(Query(collection="claims"))
    assert statistics.audience == PEOPLE
    assert statistics.pending == 0
    assert statistics.skipped_reasons == {HELD_OUT: len(apart)}
    assert 70 < len(apart) < 130
    assert {claim["customer"] for claim in claims} == people - apart


async def test_same_people_are_held_out_when_the_plan_is_made_again() -> None:
    """A process that dies before it has set its plan changes nothing; another campaign holds out others."""
    found = []
    for name in ("c", "c", "d"):
        audience = Audience((herald := InMemoryHerald(index=True)).documents)
        await herald.add_customers(PEOPLE)
        await audience.refresh()
        group = holdout_group(HASHER.holdout_key(name), 50)
        _, buckets = await audience.list_by_bucket(parse("everyone"), herald.now, labels={}, group=group)
        lines = [line for _, text in buckets for line in text.split("\n")]
        found.append({line.removesuffix(f" {HELD_OUT}") for line in lines if line.endswith(HELD_OUT)})
    assert found[0] == found[1]
    assert PEOPLE / 8 < len(found[0] & found[2]) < PEOPLE * 3 / 8


async def test_larger_share_has_everybody_of_the_smaller_one() -> None:
    """Each share is right within chance, so that the limit of the hash is where it should be."""
    herald = InMemoryHerald(index=True)
    await herald.add_customers(2_000)
    audience = Audience(herald.documents)
    await audience.refresh()
    groups: list[set[str]] = []
    for percent in (1, 10, 50):
        group = holdout_group("key", percent)
        assert group is not None
        sql = f"SELECT id FROM customers WHERE {group.condition.sql}"
        groups.append({id_ for (id_,) in await audience.select(sql, group.condition.parameters)})
        expected = 2_000 * percent / 100
        assert abs(len(groups[-1]) - expected) < 4 * expected**0.5
    assert all(small < large for small, large in pairwise(groups))
    assert holdout_group("key", 0) is None


async def test_nobody_gets_a_message_for_the_one_who_is_held_out_with_the_same_address() -> None:
    """Otherwise the inbox of a held-out person would have the message."""
    herald = InMemoryHerald(index=True)
    rows = [CustomerInput(external_id=f"{n} {twin}", email=f"p{n}@example.com") for n in range(60) for twin in "ab"]
    await CustomerUpserts(herald.documents, hashes=HASHER).upsert(rows)
    await herald.launch(holdout_percent=50)
    await herald.work()
    reasons = (await herald.ledger.statistics("c")).skipped_reasons
    inboxes = await herald.documents.query(Query(collection="inboxes"))
    assert reasons["same_address"] == 60
    assert 15 < reasons[HELD_OUT] < 45
    assert len(inboxes) == 60 - reasons[HELD_OUT]


@pytest.mark.parametrize("one_per_address", [True, False])
async def test_checklist_counts_the_held_out_as_the_campaign_does(one_per_address: bool) -> None:
    """The launch dialog and the estimate show the number that the plan has, also where addresses are shared."""
    api = CampaignsApiFixture()
    rows = [CustomerInput(external_id=f"x{n}", email=f"x{n % 40}@example.com") for n in range(60)]
    no = [CustomerInput(external_id=f"no{n}", email=f"no{n}@x.com", consent={"email": False}) for n in range(5)]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert([*rows, *no])
    created = await campaign_with(api, holdout_percent=40, one_per_address=one_per_address)
    recipients = (await api.call("GET", f"/api/campaigns/{created['id']}/checklist")).json()["recipients"]
    estimate = (await api.call("POST", f"/api/campaigns/{created['id']}/estimate")).json()
    await api.call("POST", f"/api/campaigns/{created['id']}/launch")
    await api.fan_out()
    pages = await api.documents.query(Query(collection="pages"))
    skipped = [reason for page in pages for reason in page.get("skipped", {}).values()]
    assert recipients["excluded"] == {reason: skipped.count(reason) for reason in set(skipped)}
    assert recipients["excluded"][HELD_OUT] > 5
    assert recipients["reachable"] == 65 - len(skipped) == estimate["reachable"]


async def campaign_with(api: CampaignsApiFixture, **changes: Any) -> Any:
    return (await api.call("POST", "/api/campaigns", json={**BODY, **changes})).json()


BODY = {
    "name": "Held out",
    "text": "everyone",
    "message": {"subject": "Hi", "body": "Come"},
    "personalization": "template",
}


@pytest.mark.parametrize("percent", [-1, 51, 1.5, "many"])
async def test_share_that_leaves_too_few_is_refused(percent: object) -> None:
    """At most half of the audience is held out, in whole per cents."""
    api = CampaignsApiFixture()
    response = await api.call("POST", "/api/campaigns", json={**BODY, "holdout_percent": percent})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "holdout_percent")


async def test_share_is_changed_and_copied_and_shown() -> None:
    """Zero is a value, too; and the quiet hours of a campaign can be taken away again."""
    api = CampaignsApiFixture()
    created = await campaign_with(api, holdout_percent=10, quiet_hours="21:00-09:00")
    path = f"/api/campaigns/{created['id']}"
    assert (await api.call("POST", f"{path}/copy")).json()["holdout_percent"] == 10
    changed = (await api.call("PATCH", path, json={"holdout_percent": 0, "quiet_hours": None})).json()
    assert (changed["holdout_percent"], changed["quiet_hours"]) == (0, None)
