"""A campaign under random sequences of events: managers act in any order, events are delivered twice, late, out of
order or never, processes crash at any step, the vendor is down or reports anything, and time passes."""

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
from common.events import FanOut, MessageReady, Receipt, ReceiptKind, ReceiptsReported, Tick, attempt_id
from common.ids import bucket_of, message_id
from common.messages.ledger import OUTCOME, OUTCOMES, Ledger
from common.storage.documents import Query, Snapshot
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests import in_memory_herald as herald
from tests.crash_points import COMMIT_STEPS, CrashPlan, CrashTime, SimulatedCrash
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER, customer_id, examples
from vendor.vendor import Accepted, Rejected

PEOPLE = 6
EXTERNAL_IDS = list(islice((str(n) for n in count() if bucket_of(customer_id("external_id", str(n))) < 2), PEOPLE))
"""In two buckets, so that there are consecutive pages."""
STATES: Mapping[Action, Mapping[str, str]] = {
    "launch": {"draft": "running"},
    "pause": {"running": "paused", "paused": "paused"},
    "resume": {"paused": "running", "running": "running"},
    "cancel": {"running": "cancelled", "paused": "cancelled", "cancelled": "cancelled"},
    "retry": {"running": "running", "finished": "running"},
}
"""The state that each action leads to. The member who launched can repeat the launch while the campaign runs."""
PUBLICATIONS = ("publish fan-outs", "publish recipients", "publish deliveries", "publish receipts")
CRASH_STEPS = (
    *sorted(STATES),
    *sorted(set(COMMIT_STEPS.values())),
    "clear commands_pending",
    "send",
    "requeue",
    *PUBLICATIONS,
)
REPORTS = tuple(kind for kind in get_args(ReceiptKind) if kind not in {"skipped", "retried", "corrected"})
"""What a vendor may report."""
MANAGER, OTHER_MANAGER = "boss@example.com", "other@example.com"


class ConsistentVendor(herald.InMemoryVendor):
    """Checks that a repeated idempotency key comes with the same message."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, tuple[str, ...]] = {}

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        answer = await super().send(message)
        text = (message.to, message.subject, message.body)
        assert self.texts.setdefault(message.idempotency_key, text) == text
        return answer


class CampaignMachine(RuleBasedStateMachine):
    """`state` is the model: the state that the campaign must have."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.state = "draft"
        self.spend = [100] * PEOPLE
        self.matched: set[str] = set()  # customer ids that the rule matched at the launch
        self.claimed: set[str] = set()  # claim ids at the time of the cancellation
        self.launched_by: str | None = None

    @initialize(seed=st.integers(0, 9), launched=st.sampled_from([True, True, True, False]))
    def start(self, seed: int, launched: bool) -> None:
        self.herald = InMemoryHerald(seed=seed, page_size=1)
        self.herald.vendor = self.vendor = ConsistentVendor()
        self.herald.restart()
        self.people = [customer_id("external_id", external_id) for external_id in EXTERNAL_IDS]
        self.import_customers(dict.fromkeys(EXTERNAL_IDS, 100))
        self.runner.run(self.herald.launch("spend >= 100", state="draft", launched_at=None, open=False))
        self.herald.publisher.events = []
        self.ledger = Ledger(self.herald.documents, shard="none")
        if launched:
            self.press("launch", MANAGER)

    @rule(action=st.sampled_from(sorted(STATES)), by=st.sampled_from([MANAGER, MANAGER, OTHER_MANAGER]))
    def press(self, action: Action, by: str) -> None:
        """An action succeeds if the state allows it, and is refused otherwise."""
        is_repeated = action == "launch" and self.state == "running" and by == self.launched_by
        expected = "running" if is_repeated else STATES[action].get(self.state)
        try:
            self.runner.run(getattr(self.herald.lifecycle, action)(self.campaign(), by=by))
        except Refused:
            assert expected is None
            assert self.campaign()["state"] == self.state
        except SimulatedCrash:
            self.herald.restart()
            if self.campaign()["state"] != self.state:
                self.enter_state(expected, by)
        else:
            self.enter_state(expected, by)

    def enter_state(self, state: str | None, by: str) -> None:
        assert state == self.campaign()["state"]
        if self.state == "draft":
            self.launched_by = by
            self.matched = {person for person, spend in zip(self.people, self.spend, strict=True) if spend >= 100}
            self.state = str(state)
            self.deliver(self.fan_out_empty_buckets())
        if state == "cancelled" != self.state:
            self.claimed = {claim.id for claim in self.documents("claims")}
        self.state = str(state)

    async def fan_out_empty_buckets(self) -> None:
        """Delivers the commands of the many empty buckets at once, to keep the queue short."""
        plans, self.herald.publisher.events = self.herald.publisher.events, []
        for plan in plans:
            await self.herald.deliver(plan)
        nonempty = {bucket_of(person) for person in self.people}
        events, self.herald.publisher.events = self.herald.publisher.events, []
        for event in events:
            if isinstance(event, FanOut) and event.bucket not in nonempty:
                await self.herald.deliver(event)
            else:
                self.herald.publisher.events.append(event)

    @precondition(lambda self: self.state == "draft")
    @rule(number=st.integers(0, PEOPLE - 1), spend=st.sampled_from([1, 100]))
    def change_spend(self, number: int, spend: int) -> None:
        self.spend[number] = spend
        self.import_customers({EXTERNAL_IDS[number]: spend})

    def import_customers(self, spend: Mapping[str, int]) -> None:
        rows = [
            CustomerInput(external_id=id_, email=f"p{id_}@example.com", name=id_, spend=amount)
            for id_, amount in spend.items()
        ]
        self.runner.run(CustomerUpserts(self.herald.documents, hashes=HASHER).upsert(rows))

    @rule(minutes=st.sampled_from([0, 1, 6, 11]))
    def tick(self, minutes: int) -> None:
        self.herald.now += timedelta(minutes=minutes)
        self.herald.publisher.events.append(Tick())

    @rule(max_events=st.integers(1, 30))
    def deliver_events(self, max_events: int) -> None:
        self.deliver(self.herald.work(max_events))

    @precondition(lambda self: self.herald.publisher.events)
    @rule(number=st.integers(0, 99), fate=st.sampled_from(["twice", "lost"]))
    def duplicate_or_lose_event(self, number: int, fate: str) -> None:
        """Delivers one event an additional time, or loses it."""
        events = self.herald.publisher.events
        event = events[number % len(events)]
        if fate == "lost":
            events.remove(event)
        else:
            self.deliver(self.herald.deliver(event))

    def deliver(self, work: Coroutine[Any, Any, object]) -> None:
        """Nothing is sent in a paused campaign, and in a cancelled one only what was claimed before."""
        before = list(self.vendor.sent_keys)
        self.runner.run(work)
        if self.herald.life.crashed:
            self.herald.restart()
        sent = self.vendor.sent_keys[len(before) :]
        assert not (sent and self.state in {"draft", "paused", "finished"})
        assert self.state != "cancelled" or set(sent) <= self.claimed
        if self.state in {"running", "paused"} and self.campaign()["state"] == "finished":
            self.state = "finished"

    @rule(step=st.sampled_from(CRASH_STEPS), when=st.sampled_from(get_args(CrashTime)), nth=st.integers(1, 3))
    def plan_crash(self, step: str, when: CrashTime, nth: int) -> None:
        self.herald.plan = CrashPlan(step=step, when=when, nth=nth)
        self.herald.restart()

    @rule(times=st.integers(1, 4))
    def make_vendor_fail(self, times: int) -> None:
        self.vendor.failures_left = times

    @precondition(lambda self: self.vendor.sent_keys)
    @rule(number=st.integers(0, 99), kinds=st.lists(st.sampled_from(REPORTS), min_size=1, max_size=8))
    def report_receipts(self, number: int, kinds: list[ReceiptKind]) -> None:
        """Receipts of any kind, number and order for a message that was sent."""
        message = self.vendor.sent_keys[number % len(self.vendor.sent_keys)].partition(".")[0]
        person = next(person for person in self.people if message_id("c", person) == message)
        ids = {"message_id": message, "campaign_id": "c", "customer_id": person}
        receipts = [Receipt.model_validate({**ids, "kind": kind, "at": self.herald.now}) for kind in kinds]
        self.deliver(self.herald.deliver(ReceiptsReported(receipts=receipts)))

    @invariant()
    def counters_match_receipts(self) -> None:
        statistics = self.runner.run(self.ledger.statistics("c"))
        outcomes = sum(statistics.kinds[kind] for kind in OUTCOMES)
        assert statistics.totals["audience"] == outcomes + statistics.pending <= len(self.matched)
        assert statistics.pending >= 0
        kinds = Counter(receipt["kind"] for receipt in self.documents("receipts"))
        kinds.subtract(item["replaces"] for item in self.documents("receipts") if item.get("replaces"))
        assert statistics.kinds == {kind: kinds[kind] for kind in statistics.kinds}
        if self.state == "finished":
            assert (statistics.pending, statistics.totals) == (0, self.campaign()["totals"])

    @invariant()
    def pages_are_consecutive(self) -> None:
        pages = [page for page in self.documents("pages") if not page.id.endswith(".progress")]
        planned = [customer for page in pages for customer in page["planned"]]
        assert len(planned) == len(set(planned))
        assert set(planned) <= self.matched
        assert all(page["bucket"] == bucket_of(customer) for page in pages for customer in page["planned"])
        by_path = {page.path: page for page in pages}
        for page in pages:
            following = by_path.get(page_path("c", page["bucket"], _number(page) + 1))
            assert not (following and following["planned"]) or following["planned"] > [page["after"]]
            assert not (following and page["final"])

    @invariant()
    def attempts_do_not_exceed_retries(self) -> None:
        attempts = [int(key.partition(".")[2] or 1) for key in self.vendor.sent_keys]
        assert max(attempts, default=1) <= 1 + self.campaign().get("retries", 0)

    def campaign(self) -> Snapshot:
        return self.runner.run(self.herald.campaign())

    def documents(self, collection: str) -> list[Snapshot]:
        return self.runner.run(self.herald.documents.query(Query(collection=collection)))

    def teardown(self) -> None:
        try:
            if self.launched_by:
                self.finish()
        finally:
            self.runner.close()

    def finish(self) -> None:
        """Without further faults, every selected recipient gets an outcome, and the vendor has every message of it.

        It may lack one that is `unknown`: the vendor gave no answer, and then the address was suppressed by a report.
        """
        self.herald.plan, self.vendor.failures_left = None, 0
        self.herald.restart()
        if self.state == "paused":
            self.press("resume", MANAGER)
        for _ in range(12):
            self.deliver(self.herald.tick(minutes=11))
        outcomes = [receipt for receipt in self.documents("receipts") if receipt["slot"] == OUTCOME]
        assert {receipt["customer"] for receipt in outcomes} == self.matched
        kinds = {attempt_id(item["message"], item["attempt"]): item["kind"] for item in outcomes}
        sent = {attempt for attempt, kind in kinds.items() if kind != "skipped"}
        assert {kinds[attempt] for attempt in sent - set(self.vendor.sent_keys)} <= {"unknown"}
        assert set(self.vendor.sent_keys) <= sent
        assert self.state in {"finished", "cancelled"}
        assert (self.campaign()["open"], self.campaign()["discrepancy"]) == (False, None)
        assert self.documents("deferred") == []


def _number(page: Snapshot) -> int:
    return int(page.id.rpartition(".")[2])


TestCampaignLife = CampaignMachine.TestCase
TestCampaignLife.settings = settings(max_examples=examples(30), stateful_step_count=30)  # one run takes half a second
