"""The frequency cap holds exactly: however many campaigns are launched before one of them has sent."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pytest

from campaigns.model.audience import RuleRequest, parse_request, rule_fields
from common.events import FanOut, MessageReady, MessageTemplate
from common.ids import BUCKETS
from common.storage.documents import Create, Query
from common.storage.memory import yield_once
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.crash_points import CrashPlan
from tests.in_memory_herald import NOW, InMemoryHerald
from tests.support import CLAIM_PATHS, HASHER, ResponseLosingStore
from vendor.claims import Claims, MessageLease
from vendor.vendor import Accepted

LEASE = timedelta(minutes=5)


class Sends:
    """Claims of two instances on one store, whose handlers take turns."""

    def __init__(self) -> None:
        self.now = NOW
        self.documents = ResponseLosingStore(now=NOW, turn=yield_once)
        self.instances = [self._claims("a"), self._claims("b")]

    def _claims(self, owner: str) -> Claims:
        return Claims(self.documents, owner=owner, lease=LEASE, **CLAIM_PATHS, clock=lambda: self.now)

    async def claim(self, campaign: str, person: int = 0, *, by: int = 0, **changes: Any) -> str | None:
        """Why the message of the campaign is skipped; None if it may be sent."""
        lease = await self.instances[by].acquire(message(campaign, person, **changes))
        assert isinstance(lease, MessageLease)
        return lease.message.skip_reason


def message(campaign: str, person: int = 0, **changes: Any) -> MessageReady:
    fields: dict[str, Any] = {
        "message_id": f"{campaign}{person}".encode().hex().ljust(32, "0"),
        "campaign_id": campaign,
        "customer_id": str(person),
        "to": f"p{person}@example.com",
        "subject": "Hi",
        "body": "Come",
        "channel": "email",
        "vendor": "simulator",
        "personalized_by": "template",
        "frequency_cap": "2/7",
    }
    return MessageReady.model_validate(fields | changes)


@pytest.mark.parametrize("lost", [0, 1, 3, 8])
@pytest.mark.parametrize("people", [1, 20])
async def test_campaigns_at_once_send_as_many_messages_as_the_cap_allows(lost: int, people: int) -> None:
    """Two instances claim the messages of five campaigns at once, and answers of the database are lost. Every second
    person got another message long ago."""
    sends = Sends()
    await asyncio.gather(*(sends.claim("u", person) for person in range(0, people, 2)))
    sends.now += timedelta(days=8)
    sends.documents.lost = lost
    names = [(campaign, person) for campaign in "vwxyz" for person in range(people)]
    reasons = await asyncio.gather(
        *(sends.claim(campaign, person, by=number % 2) for number, (campaign, person) in enumerate(names))
    )
    sent = Counter(person for (_, person), reason in zip(names, reasons, strict=True) if reason is None)
    assert sent == dict.fromkeys(range(people), 2)
    assert set(reasons) == {None, "too_often"}
    assert (
        sum(one.get("skip_reason") == "too_often" for one in await sends.documents.query(Query(collection="claims")))
        == 3 * people
    )


async def test_message_counts_as_long_as_the_cap_says_and_for_its_channel() -> None:
    """After the days it counts no more; one that is off counts and is not held; others do neither."""
    sends = Sends()
    assert await sends.claim("a", frequency_cap="off") is None
    assert await sends.claim("b") is None
    assert await sends.claim("c", frequency_cap="off") is None
    assert await sends.claim("d") == "too_often"
    assert await sends.claim("d2", frequency_cap=None) is None
    assert await sends.claim("e", channel="sms", to="+919820012345", vendor="simulator") is None
    sends.now += timedelta(days=7, minutes=4)
    assert await sends.claim("f") == "too_often"
    sends.now += timedelta(minutes=1)
    assert await sends.claim("g") is None


async def test_nothing_is_read_or_written_without_a_cap() -> None:
    """A message without a cap costs what it did."""
    sends = Sends()
    await sends.claim("a", frequency_cap=None)
    assert await sends.documents.query(Query(collection="recent_sends")) == []
    await sends.claim("b")
    [stored] = await sends.documents.query(Query(collection="recent_sends"))
    assert stored["campaigns"] == {"b": NOW + LEASE}
    assert stored["expires_at"] == NOW + LEASE + timedelta(days=30)


async def test_family_that_shares_an_address_counts_once() -> None:
    """Several messages of one campaign, and its retries, are one message for the cap."""
    sends = Sends()
    family: dict[str, Any] = {"to": "home@example.com", "shares_inbox": True, "frequency_cap": "1/7"}
    assert [await sends.claim("a", person, **family) for person in range(3)] == [None] * 3
    assert await sends.claim("a", attempt=2, **family) is None
    assert await sends.claim("b", **family) == "too_often"


async def test_message_that_was_surely_not_sent_is_looked_at_again() -> None:
    """While it waited, others have sent as many messages as the cap allows."""
    sends = Sends()
    lease = await sends.instances[0].acquire(message("a", frequency_cap="1/7"))
    assert isinstance(lease, MessageLease)
    await sends.instances[0].release(lease, may_have_accepted=False)
    sends.now += timedelta(days=8)
    assert await sends.claim("b", frequency_cap="1/7", by=1) is None
    assert await sends.claim("a", frequency_cap="1/7", by=1) == "too_often"


async def test_message_that_may_have_been_sent_is_not_skipped_for_the_cap() -> None:
    """The vendor is asked with the same key, whatever others have sent."""
    sends = Sends()
    assert await sends.claim("a", frequency_cap="1/7") is None
    sends.now += timedelta(days=8)
    assert await sends.claim("b", frequency_cap="1/7") is None
    assert await sends.claim("a", frequency_cap="1/7") is None


async def test_large_batch_of_counted_messages_stays_below_the_limit_of_a_commit() -> None:
    """Claim, inbox and count are three writes for each of many messages at once."""
    sends = Sends()
    reasons = await asyncio.gather(*(sends.claim("a", person) for person in range(400)))
    assert set(reasons) == {None}


async def launch(herald: InMemoryHerald, id_: str, **changes: Any) -> None:
    campaign = {
        "name": id_,
        "message": MessageTemplate(subject="Hi", body="Come").model_dump(),
        "channel": "email",
        "vendor": "simulator",
        "personalization": "template",
        "state": "running",
        "created_at": herald.now,
        "created_by": "a@example.com",
        "launched_at": herald.now,
        "open": True,
        **rule_fields(parse_request(RuleRequest(text="everyone"), "INR"), "INR"),
    }
    await herald.documents.commit([Create(f"campaigns/{id_}", {**campaign, **changes})])
    await herald.publisher.publish([FanOut(campaign_id=id_, bucket=bucket) for bucket in range(BUCKETS)])


@pytest.mark.parametrize("seed", range(8))
async def test_launched_at_once_nobody_gets_more_than_the_cap(seed: int) -> None:
    """Four campaigns on one queue, each event twice, in random order, with crashes and lost answers: everybody gets
    as many messages as the deployment allows, and the others are skipped with the reason."""
    plan = CrashPlan(step="claim", when="after") if seed % 2 else None
    herald = InMemoryHerald(seed=seed, copies=2, settings={"FREQUENCY_CAP": "2/7"}, index=True, plan=plan)
    herald.vendor = AcceptingVendor(herald)
    herald.restart()
    rows = [CustomerInput(external_id=str(n), email=f"p{n}@example.com", name=f"P{n}") for n in range(6)]
    await CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now).upsert(rows)
    for id_ in "abcd":
        await launch(herald, id_)
    await launch(herald, "t", transactional=True)
    await launch(herald, "o", frequency_cap="off")
    herald.documents.lost = 5
    await herald.work()
    assert len(herald.vendor.sent) == 6
    for campaigns in herald.vendor.sent.values():
        assert {"t", "o"} <= campaigns
        assert len(campaigns - {"t", "o"}) in {1, 2}  # one, if that of `o` was among the first two
    for id_ in "abcd":
        statistics = await herald.ledger.statistics(id_)
        assert (statistics.audience, statistics.pending) == (6, 0)
        assert statistics.kinds["sent"] + statistics.skipped_reasons.get("too_often", 0) == 6


class AcceptingVendor:
    """Accepts everything, and keeps which campaigns sent to whom."""

    def __init__(self, herald: InMemoryHerald) -> None:
        self.concurrency_limit = herald.vendor.concurrency_limit
        self.sent: dict[str, set[str]] = defaultdict(set)

    async def send(self, message: MessageReady) -> Accepted:
        self.sent[message.to].add(message.campaign_id)
        await asyncio.sleep(0)
        return Accepted(final=True)
