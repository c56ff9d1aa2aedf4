"""A campaign under any course of events: managers press in any order, events come twice, late, in any order or never,
processes die anywhere, the vendor is down or reports whatever it likes, and time passes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from itertools import count, islice
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from campaigns.model.states import Action
from campaigns.sending.fan_out import page_path
from common.errors import Refused
from common.events import FanOut, MessagePersonalized, Receipt, ReceiptKind, ReceiptsReported, Tick, attempt_id
from common.ids import bucket_of, customer_id, message_id
from common.messages.ledger import OUTCOME, OUTCOMES, Ledger
from common.storage.documents import Query, Snapshot
from customers.commands.upsert import Ingestion
from customers.model.customer import CustomerIn
from tests import in_memory_herald as herald
from tests.crash_points import COMMITS, Died, Plan, When
from tests.in_memory_herald import Herald
from tests.support import HASHES
from vendor.vendor import Accepted, Rejected

PEOPLE = 6
KNOWN_BY = list(islice((str(n) for n in count() if bucket_of(customer_id("external_id", str(n))) < 2), PEOPLE))
"""In two buckets, so that their pages follow each other."""
STATES: Mapping[Action, Mapping[str, str]] = {
    "launch": {"draft": "running"},
    "pause": {"running": "paused", "paused": "paused"},
    "resume": {"paused": "running", "running": "running"},
    "cancel": {"running": "cancelled", "paused": "cancelled", "cancelled": "cancelled"},
    "retry": {"running": "running", "finished": "running"},
}
"""Where each action leads to. Whoever launched can do so again while it runs."""
PUBLICATIONS = ("publish fan-outs", "publish recipients", "publish deliveries", "publish receipts")
DEADLY = (*sorted(STATES), *sorted(set(COMMITS.values())), "note that all are told", "send", "release", *PUBLICATIONS)
REPORTS = tuple(kind for kind in get_args(ReceiptKind) if kind not in {"skipped", "retried"})
BOSS, OTHER = "boss@example.com", "other@example.com"


class Vendor(herald.Vendor):
    """Whoever asks again under the same key has to ask the same."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, tuple[str, ...]] = {}

    async def send(self, message: MessagePersonalized) -> Accepted | Rejected:
        answer = await super().send(message)
        text = (message.to, message.subject, message.body)
        assert self.texts.setdefault(message.key, text) == text
        return answer


class Life(RuleBasedStateMachine):
    """`state` is the model: where the campaign has to be."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.state = "draft"
        self.spend = [100] * PEOPLE
        self.found: set[str] = set()  # whom the rule found at the launch
        self.claimed: set[str] = set()  # who was, when it was cancelled
        self.launched_by: str | None = None

    @initialize(seed=st.integers(0, 9), launched=st.sampled_from([True, True, True, False]))
    def begin(self, seed: int, launched: bool) -> None:
        self.herald = Herald(seed=seed, page=1)
        self.herald.vendor = self.vendor = Vendor()
        self.herald.begin()
        self.people = [customer_id("external_id", one) for one in KNOWN_BY]
        self.bring_in(dict.fromkeys(KNOWN_BY, 100))
        self.runner.run(self.herald.launch("spend >= 100", state="draft", launched_at=None, open=False))
        self.herald.publisher.events = []
        self.ledger = Ledger(self.herald.documents, shard="none")
        if launched:
            self.press("launch", BOSS)

    @rule(action=st.sampled_from(sorted(STATES)), by=st.sampled_from([BOSS, BOSS, OTHER]))
    def press(self, action: Action, by: str) -> None:
        """Everybody gets what the state allows, and is refused what it does not."""
        again = action == "launch" and self.state == "running" and by == self.launched_by
        wanted = "running" if again else STATES[action].get(self.state)
        try:
            self.runner.run(getattr(self.herald.conductor, action)(self.campaign(), by=by))
        except Refused:
            assert wanted is None
            assert self.campaign()["state"] == self.state
        except Died:
            self.herald.begin()
            if self.campaign()["state"] != self.state:
                self.enter(wanted, by)
        else:
            self.enter(wanted, by)

    def enter(self, state: str | None, by: str) -> None:
        assert state == self.campaign()["state"]
        if self.state == "draft":
            self.launched_by = by
            self.found = {one for one, spend in zip(self.people, self.spend, strict=True) if spend >= 100}
            self.state = str(state)
            self.deliver(self.look_into_empty_buckets())
        if state == "cancelled" != self.state:
            self.claimed = {claim.id for claim in self.documents("claims")}
        self.state = str(state)

    async def look_into_empty_buckets(self) -> None:
        """There are many of them, and nothing happens there."""
        peopled = {bucket_of(one) for one in self.people}
        events, self.herald.publisher.events = self.herald.publisher.events, []
        for event in events:
            if isinstance(event, FanOut) and event.bucket not in peopled:
                await self.herald._deliver(event)
            else:
                self.herald.publisher.events.append(event)

    @precondition(lambda self: self.state == "draft")
    @rule(number=st.integers(0, PEOPLE - 1), spend=st.sampled_from([1, 100]))
    def change(self, number: int, spend: int) -> None:
        self.spend[number] = spend
        self.bring_in({KNOWN_BY[number]: spend})

    def bring_in(self, spend: Mapping[str, int]) -> None:
        rows = [
            CustomerIn(external_id=one, email=f"p{one}@example.com", name=one, spend=much)
            for one, much in spend.items()
        ]
        self.runner.run(Ingestion(self.herald.documents, hashes=HASHES).upsert(rows))

    @rule(minutes=st.sampled_from([0, 1, 6, 11]))
    def tick(self, minutes: int) -> None:
        self.herald.now += timedelta(minutes=minutes)
        self.herald.publisher.events.append(Tick())

    @rule(most=st.integers(1, 30))
    def work(self, most: int) -> None:
        self.deliver(self.herald.work(most))

    @precondition(lambda self: self.herald.publisher.events)
    @rule(number=st.integers(0, 99), fate=st.sampled_from(["twice", "lost"]))
    def mistreat(self, number: int, fate: str) -> None:
        """One event."""
        events = self.herald.publisher.events
        event = events[number % len(events)]
        if fate == "lost":
            events.remove(event)
        else:
            self.deliver(self.herald._deliver(event))

    def deliver(self, work: Coroutine[Any, Any, object]) -> None:
        """Nobody is sent to while it is paused; once it is cancelled, nobody who was not claimed before."""
        before = list(self.vendor.book)
        self.runner.run(work)
        if self.herald.life.over:
            self.herald.begin()
        sent = self.vendor.book[len(before) :]
        assert not (sent and self.state in {"draft", "paused", "finished"})
        assert self.state != "cancelled" or set(sent) <= self.claimed
        if self.state == "running" and self.campaign()["state"] == "finished":
            self.state = "finished"

    @rule(step=st.sampled_from(DEADLY), when=st.sampled_from(get_args(When)), nth=st.integers(1, 3))
    def doom(self, step: str, when: When, nth: int) -> None:
        self.herald._plan = Plan(step=step, when=when, nth=nth)
        self.herald.begin()

    @rule(times=st.integers(1, 4))
    def trouble(self, times: int) -> None:
        self.vendor.down = times

    @precondition(lambda self: self.vendor.book)
    @rule(number=st.integers(0, 99), kinds=st.lists(st.sampled_from(REPORTS), min_size=1, max_size=8))
    def report(self, number: int, kinds: list[ReceiptKind]) -> None:
        """Of whoever was sent to: whatever, however often, and in any order."""
        message = self.vendor.book[number % len(self.vendor.book)].partition(".")[0]
        person = next(one for one in self.people if message_id("c", one) == message)
        ids = {"message_id": message, "campaign_id": "c", "customer_id": person}
        receipts = [Receipt.model_validate({**ids, "kind": kind, "at": self.herald.now}) for kind in kinds]
        self.deliver(self.herald._deliver(ReceiptsReported(receipts=receipts)))

    @invariant()
    def every_number_is_true(self) -> None:
        statistics = self.runner.run(self.ledger.statistics("c"))
        outcomes = sum(statistics.kinds[kind] for kind in OUTCOMES)
        assert statistics.totals["audience"] == outcomes + statistics.pending <= len(self.found)
        assert statistics.pending >= 0
        kinds = Counter(receipt["kind"] for receipt in self.documents("receipts"))
        kinds["failed"] -= kinds["retried"]
        assert statistics.kinds == {kind: kinds[kind] for kind in statistics.kinds}
        if self.state == "finished":
            assert (statistics.pending, statistics.totals) == (0, self.campaign()["totals"])

    @invariant()
    def pages_follow_each_other(self) -> None:
        pages = [page for page in self.documents("pages") if not page.id.endswith(".progress")]
        planned = [customer for page in pages for customer in page["planned"]]
        assert len(planned) == len(set(planned))
        assert set(planned) <= self.found
        assert all(page["bucket"] == bucket_of(customer) for page in pages for customer in page["planned"])
        for page in pages:
            following = [one for one in pages if one.path == page_path("c", page["bucket"], _number(page) + 1)]
            assert all(one["planned"] > [page["after"]] for one in following if one["planned"])
            assert not (following and page["final"])

    @invariant()
    def nobody_has_more_attempts_than_were_asked_for(self) -> None:
        attempts = [int(key.partition(".")[2] or 1) for key in self.vendor.book]
        assert max(attempts, default=1) <= 1 + self.campaign().get("retries", 0)

    def campaign(self) -> Snapshot:
        return self.runner.run(self.herald.campaign())

    def documents(self, collection: str) -> list[Snapshot]:
        return self.runner.run(self.herald.documents.query(Query(collection=collection)))

    def teardown(self) -> None:
        try:
            if self.launched_by:
                self.end()
        finally:
            self.runner.close()

    def end(self) -> None:
        """Nothing goes wrong any more: whoever was found has an outcome, and the vendor knows of each that it has."""
        self.herald._plan, self.vendor.down = None, 0
        self.herald.begin()
        if self.state == "paused":
            self.press("resume", BOSS)
        for _ in range(12):
            self.deliver(self.herald.tick(minutes=11))
        outcomes = [receipt for receipt in self.documents("receipts") if receipt["slot"] == OUTCOME]
        assert {receipt["customer"] for receipt in outcomes} == self.found
        given = {attempt_id(one["message"], one["attempt"]) for one in outcomes if one["kind"] != "skipped"}
        assert given == set(self.vendor.book)
        assert self.state in {"finished", "cancelled"}
        assert (self.campaign()["open"], self.campaign()["discrepancy"]) == (False, None)
        assert self.documents("held") == []


def _number(page: Snapshot) -> int:
    return int(page.id.rpartition(".")[2])


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
