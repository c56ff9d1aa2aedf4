"""At most one message of a campaign goes to one address, however many people have it and whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from campaigns.sending.recipients import exclusion_rules, once_per_address, unknown_consent_rule
from common.audience import Audience
from common.audience.preview import preview
from common.errors import Misconfigured
from common.events import MessageReady
from common.rules import parse
from common.settings import ConsentSettings
from common.storage.documents import Query
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.crash_points import CrashPlan
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER, customer_id
from vendor.vendor import VendorUnavailable

INBOX = "asha@example.com"


async def add(herald: InMemoryHerald, *rows: dict[str, Any]) -> None:
    upserts = CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    await upserts.upsert([CustomerInput.model_validate(row) for row in rows])


def records(number: int) -> list[dict[str, Any]]:
    """Records with one address, all in other buckets; the first one is known by its address alone."""
    return [{"email": INBOX.upper()}, *({"external_id": str(n), "email": INBOX} for n in range(number - 1))]


async def sends(herald: InMemoryHerald) -> Counter[str]:
    """How often the vendor was asked to send to each address, under different keys."""
    claims = {claim.id: claim["to"] for claim in await herald.documents.query(Query(collection="claims"))}
    return Counter(claims[key] for key in set(herald.vendor.sent_keys))


async def test_five_records_with_one_address_get_one_message() -> None:
    """The others are skipped, with the reason, and the numbers add up."""
    herald = InMemoryHerald(copies=2)
    await add(herald, *records(5))
    await herald.launch()
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    assert (await sends(herald), statistics.skipped_reasons) == ({INBOX: 1}, {"same_address": 4})
    assert (statistics.audience, statistics.pending) == (5, 0)


async def test_family_gets_one_message_each_if_the_campaign_wants_that() -> None:
    """A switch of the campaign."""
    herald = InMemoryHerald()
    await add(herald, *records(3))
    await herald.launch(one_per_address=False)
    await herald.work()
    assert await sends(herald) == {INBOX: 3}


async def test_record_that_says_no_does_not_take_the_message_of_another() -> None:
    """Who is excluded does not count: on a channel of which nothing is known, the others are excluded too."""
    herald = InMemoryHerald()
    await add(herald, {"external_id": "0"}, *records(3))
    await herald.launch()
    await herald.work()
    assert await sends(herald) == {INBOX: 1}


@pytest.mark.parametrize("events", [64, 66, 70, 76])
async def test_address_corrected_to_one_that_is_taken_gets_one_message(events: int) -> None:
    """People are corrected to one address while their messages are on their way: it gets one message."""
    herald = InMemoryHerald(seed=events)
    await herald.add_customers(6)
    await herald.launch()
    await herald.work(max_events=events)
    await add(herald, *({"external_id": str(n), "email": "p0@example.com"} for n in range(1, 4)))
    await herald.work()
    assert max((await sends(herald)).values()) == 1
    assert (await herald.ledger.statistics("c")).pending == 0


async def test_address_corrected_after_a_failed_try_takes_its_inbox() -> None:
    """The message was claimed for another address, and the vendor certainly does not have it."""
    herald = InMemoryHerald()
    await herald.add_customers(2)
    send = herald.vendor.send

    async def refuse_one(message: MessageReady) -> Any:
        if message.to == "p1@example.com":
            raise VendorUnavailable("The vendor is down.", may_have_accepted=False)
        return await send(message)

    herald.vendor.send = refuse_one
    await herald.launch()
    await herald.work()
    assert await sends(herald) == {"p0@example.com": 1}
    await add(herald, {"external_id": "1", "email": "p0@example.com"})
    for _ in range(20):
        await herald.tick(minutes=5)
    statistics = await herald.ledger.statistics("c")
    assert (len(set(herald.vendor.sent_keys)), statistics.pending) == (1, 0)
    assert statistics.skipped_reasons == {"same_address": 1}


@pytest.mark.parametrize("step", ["claim", "send", "publish receipts", "plan a page", "publish recipients"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_one_inbox_with_a_crash_at_any_step_gets_one_message(step: str, moment: Any) -> None:
    """The inbox is taken in the commit of the claim, so that no crash can separate them."""
    herald = InMemoryHerald(plan=CrashPlan(step, moment))
    await add(herald, *records(4), {"external_id": "moves", "email": "old@example.com"})
    await herald.launch()
    await herald.work(max_events=66)
    await add(herald, {"external_id": "moves", "email": INBOX})
    await herald.work()
    assert (await sends(herald))[INBOX] == 1
    assert (await herald.ledger.statistics("c")).pending == 0


async def test_retry_of_a_message_keeps_its_inbox() -> None:
    """A message that failed is sent again to the same address, and nobody else's is sent instead."""
    herald = InMemoryHerald()
    people = await herald.add_customers(20)
    await herald.launch()
    await herald.work()
    before = await herald.ledger.statistics("c")
    await herald.act(lambda lifecycle: lifecycle.retry)
    await herald.work()
    after = await herald.ledger.statistics("c")
    assert before.retryable > 0
    assert after.skipped_reasons == {}
    assert after.kinds["sent"] > before.kinds["sent"]
    assert customer_id("external_id", "0") in people


async def test_preview_says_how_many_share_an_address_and_of_whom_nothing_is_known() -> None:
    """The checklist, which the launch dialog shows, has the same numbers as the campaign later."""
    herald = InMemoryHerald()
    await add(herald, *records(4), {"external_id": "yes", "email": "yes@example.com", "consent": {"email": True}})
    audience = Audience(herald.documents)
    excluding = exclusion_rules("email", None, transactional=False, unknown_allowed={"email"})
    found = await preview(
        audience,
        parse("everyone"),
        herald.now,
        exclusion_rules=excluding,
        samples=1,
        once=once_per_address("email", one_per_address=True),
        marked=unknown_consent_rule("email", None),
    )
    assert (found.count, found.excluded, found.marked) == (5, {"same_address": 3}, 4)


async def test_channel_that_needs_a_known_consent_leaves_the_others_out() -> None:
    """By default nobody gets an SMS of whom nobody knows whether they agreed."""
    herald = InMemoryHerald()
    phones = [{"external_id": str(n), "phone": f"+9198765432{n:02d}"} for n in range(3)]
    await add(herald, phones[0] | {"consent": {"sms": True}}, phones[1], phones[2] | {"consent": {"sms": False}})
    await herald.launch(channel="sms")
    await herald.work()
    reasons = (await herald.ledger.statistics("c")).skipped_reasons
    assert (reasons, len(herald.vendor.sent_keys)) == ({"unknown_consent": 1, "no_consent": 1}, 1)


def test_setting_of_unknown_consent_names_channels() -> None:
    """E-mail by default; none is a choice; a channel that does not exist is an error that names the variable."""
    assert ConsentSettings.read({}).unknown_allowed == {"email"}
    assert ConsentSettings.read({"UNKNOWN_CONSENT": "none"}).unknown_allowed == frozenset()
    assert ConsentSettings.read({"UNKNOWN_CONSENT": "email,sms"}).unknown_allowed == {"email", "sms"}
    with pytest.raises(Misconfigured, match="UNKNOWN_CONSENT"):
        ConsentSettings.read({"UNKNOWN_CONSENT": "fax"})
