"""One run of a story."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from campaigns.model.audience import RuleRequest, parse_request, rule_fields
from common.catalogue.vendors import VENDORS
from common.errors import HeraldError, Invalid, NotFound, Refused
from common.events import MessageReady, MessageTemplate, ReceiptsReported, Tick
from common.ids import message_id
from common.storage.documents import Create, Write
from common.storage.memory import MemoryDocuments
from customers.commands.erase import Erasure
from customers.commands.record_activities import ActivityRecorder
from customers.commands.suppress import SuppressionInput, SuppressionList
from customers.commands.upsert import CustomerUpserts
from customers.formats.columns import CUSTOMERS
from customers.imports.jobs import ImportSpec
from customers.imports.upload import Upload
from customers.model.activity import ActivityInput
from customers.model.customer import CustomerInput
from customers.records.person_records import PersonRecords
from tests.crash_points import SimulatedCrash
from tests.simulation.checks import Checks, Violation, person_id, unfinished_imports
from tests.simulation.cloud import Cloud
from tests.simulation.faults import Faults
from tests.simulation.instance import (
    Instance,
    InstanceDocuments,
    InstancePublisher,
    InstanceVendor,
    handled,
    is_about,
)
from tests.simulation.loop import run_simulated
from tests.simulation.pubsub import SimulatedPubSub
from tests.simulation.story import PERSON_DEEDS, Act, Story
from tests.simulation.vendor import StoryVendor, report_of
from tests.support import HASHER

EPOCH = datetime(2025, 1, 1, 12, tzinfo=UTC)
TICK_SECONDS = 60
QUIET_TICK_SECONDS = 900
"""While nothing happens, ticks come less often, so that days pass quickly."""
QUIET_AFTER = 300
MAX_SECONDS = 30 * 3600
"""A campaign without faults must have finished by then. The watchdog's last check comes after 21 hours."""
REQUEST_TRIES = 4
"""How often a manager repeats a request that gets no answer."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """The violations of a run, and what happened."""

    story: Story
    violations: Sequence[Violation]
    subjects: frozenset[str]
    trace: Sequence[tuple[float, str, str, tuple[object, ...]]]
    seconds: float  # of simulated time
    sent: int

    @property
    def rules(self) -> list[str]:
        """The rules that were violated."""
        return sorted({violation.rule for violation in self.violations})

    def lines(self) -> list[str]:
        """What happened to the people and campaigns of the violations, and what was done, in order."""
        return [
            f"{at:9.2f}  {who:<15} {what}"
            for at, who, what, topics in self.trace
            if not topics or any(is_about(topic, self.subjects) for topic in topics)
        ]


def run_story(story: Story) -> RunResult:
    """Runs a story. The same story gives the same run."""
    logging.disable(logging.CRITICAL)
    try:
        with _vendor_with_memory(story.habits.memory):
            return run_simulated(_run(story), seed=str(story.seed))
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def _vendor_with_memory(seconds: float) -> Iterator[None]:
    """The vendor states how long it remembers keys, as every vendor must."""
    record = VENDORS["simulator"]
    window = timedelta(seconds=seconds) if seconds else None
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(record, "idempotency_window"):
            patch.setitem(
                cast(dict[str, Any], VENDORS), "simulator", replace(cast(Any, record), idempotency_window=window)
            )
        yield


async def _run(story: Story) -> RunResult:
    world = World(story)
    await world.play()
    return world.result()


class ObservedDocuments(MemoryDocuments):
    """Calls `observe` after each commit."""

    observe: Callable[[Sequence[Write]], None] = staticmethod(lambda writes: None)

    def apply(self, writes: Sequence[Write]) -> None:
        super().apply(writes)
        self.observe(writes)


class World:
    """The cloud, the vendor, Pub/Sub, the people who use Herald, and the checks."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._loop = asyncio.get_running_loop()
        self._dice = random.Random(f"order {story.seed}")
        self._trace: list[tuple[float, str, str, tuple[object, ...]]] = []
        self._last_change = 0.0
        self._malformed: list[bytes] = []
        self.documents = ObservedDocuments(now=EPOCH, clock=self.now, turn=self._turn)
        self.checks = Checks(story, self.documents, self._loop.time)
        self.faults = Faults(story.faults, story.outages, self._loop.time)
        self.pubsub = SimulatedPubSub(
            habits=story.habits, faults=self.faults, dice=self._dice, post=self._post, latency=self._latency
        )
        self.vendor = StoryVendor(
            habits=story.habits,
            faults=self.faults,
            dice=self._dice,
            now=self.now,
            call_back=self._call_back,
            before_send=self.checks.on_send,
        )
        settings = {"TICK_SECONDS": str(TICK_SECONDS), "WATCHDOG_SECONDS": "600" if story.habits.watchdog else "1e9"}
        if story.habits.push_attempts:
            settings["PUSH_ATTEMPTS"] = "20"
        self.cloud = Cloud(create=self._create, connect=self._connect, settings=settings, dice=self._dice)

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self._loop.time())

    def _latency(self) -> float:
        slow = self.story.habits.slow
        return min(50 * slow, 3.0, self._dice.lognormvariate(math.log(slow), 1))

    async def _turn(self) -> None:
        """Lets other tasks run for a random time: they overtake each other."""
        await asyncio.sleep(self._latency())

    async def _post(self, function: str, body: bytes) -> int:
        return await self.cloud.post(function, body)

    def _create(self, function: str, number: int) -> Instance:
        skew = self._dice.uniform(-1, 1) * self.story.habits.skew
        return Instance(function, number, faults=self.faults, now=self.now, skew=skew)

    def _connect(self, instance: Instance) -> dict[str, Any]:
        return {
            "documents": InstanceDocuments(self.documents, instance, self.trace),
            "publisher": InstancePublisher(self.pubsub, instance, self.trace, self._turn),
            "vendors": {"simulator": InstanceVendor(self.vendor, instance, self.trace)},
            "clock": instance.clock,
            "monotonic": self._loop.time,
            "page_size": self.story.page_size,
        }

    def trace(self, who: str, what: str, *topics: object) -> None:
        """Notes what happened, and what it was about; nothing means that it is about everyone."""
        self._trace.append((self._loop.time(), who, what, topics))
        if not who.startswith("tick"):
            self._last_change = self._loop.time()

    async def play(self) -> None:
        """Runs the story to its end, and until all campaigns have finished or too much time has passed."""
        await self._prepare()
        self.documents.observe = self.checks.on_commit
        ticks = asyncio.create_task(self._send_ticks())
        campaigns = list(dict.fromkeys(act.campaign for act in self.story.acts if act.deed == "launch"))
        scripts = [self._perform_all([act for act in self.story.acts if act.campaign == id_]) for id_ in campaigns]
        await asyncio.gather(*scripts, self._wait_for_outages())
        for campaign in self.documents.stored("campaigns"):
            if campaign["state"] == "paused":
                await self._perform(Act(at=0, deed="resume", campaign=campaign.id))
        await self._wait_until(self._is_settled, MAX_SECONDS)
        ticks.cancel()
        self.checks.at_end(self.vendor.by_message)
        for data in self._malformed:
            if data not in self.pubsub.dead_letter_data:
                self.checks.report("a malformed event is lost", data.decode(), "it is no dead letter")

    async def _prepare(self) -> None:
        """Customers and drafts, before anything is observed."""
        people = [
            CustomerInput(external_id=str(number), email=self._first_address(number), name=f"P{number}")
            for number in range(self.story.people)
        ]
        await CustomerUpserts(self.documents, hashes=HASHER, clock=self.now).upsert(people)
        for campaign in ("c", "d"):
            await self.documents.commit([Create(f"campaigns/{campaign}", self._draft())])

    def _first_address(self, number: int) -> str:
        return f"p{0 if number < self.story.sharing else number}@example.com"

    def _draft(self) -> dict[str, Any]:
        return {
            "name": "Test",
            "message": MessageTemplate(subject="Hi {{ name }}", body="Come").model_dump(),
            "channel": "email",
            "vendor": "simulator",
            "personalization": "template",
            "per_minute": self.story.per_minute,
            "state": "draft",
            "created_at": EPOCH,
            "created_by": "m1",
            "launched_at": None,
            "open": False,
            **rule_fields(parse_request(RuleRequest(text="everyone"), "INR"), "INR"),
        }

    async def _send_ticks(self) -> None:
        while True:
            quiet = self._loop.time() > self._last_change + QUIET_AFTER
            await asyncio.sleep(QUIET_TICK_SECONDS if quiet else TICK_SECONDS)
            self.pubsub.publish("ticks", Tick().encode(), {})

    async def _wait_for_outages(self) -> None:
        ends = [outage.at + outage.seconds for outage in self.story.outages]
        await asyncio.sleep(max(0.0, *ends, 0.0) - self._loop.time())

    async def _wait_until(self, is_true: Callable[[], bool], seconds: float) -> None:
        """Waits, but not longer than `seconds`."""
        deadline = self._loop.time() + seconds
        while not is_true() and self._loop.time() < deadline:
            await asyncio.sleep(TICK_SECONDS / 2)

    def _is_settled(self) -> bool:
        """All campaigns have finished, their totals have every late report, and nothing is on its way."""
        if self.pubsub.outstanding or self.vendor.reports_pending:
            return False
        if unfinished_imports(self.documents):
            return False
        is_counted = not any(counter.get("corrected") for counter in self.documents.stored("counters"))
        return is_counted and not any(campaign["open"] for campaign in self.documents.stored("campaigns"))

    def _is_finished(self, campaign: str) -> bool:
        return not any(one["open"] for one in self.documents.stored("campaigns") if one.id == campaign)

    async def _perform_all(self, acts: Sequence[Act]) -> None:
        """Performs the acts of one campaign in order; none waits for the one before it to be answered."""
        delay, running = 0.0, list[asyncio.Task[None]]()
        for act in acts:
            await asyncio.sleep(max(0.0, act.at + delay - self._loop.time()))
            if act.once_finished:
                before = self._loop.time()
                await asyncio.gather(*running)
                await self._wait_until(lambda act=act: self._is_finished(act.campaign), MAX_SECONDS)  # type: ignore[misc]
                delay += self._loop.time() - before
            running.append(asyncio.create_task(self._perform(act)))
        await asyncio.gather(*running)

    async def _perform(self, act: Act) -> None:
        self.trace("-", str(act))
        match act.deed:
            case "kill":
                self.cloud.kill(act.function)
            case "malformed event":
                self._malformed.append(f'["malformed", {act.at}]'.encode())
                self.pubsub.publish(act.topic, self._malformed[-1], {})
            case "import":
                await self._repeat("customers", self._import)
            case "foreign receipt":
                await self._report_foreign(act.campaign)
            case deed if deed in PERSON_DEEDS:
                await self._repeat("customers", lambda composed: self._change_person(act, composed))
            case _:
                await self._press(act)

    async def _press(self, act: Act) -> None:
        """What a manager does: presses a button, and presses it again without an answer."""

        async def press(composed: Any) -> None:
            campaign = await composed.documents.get(f"campaigns/{act.campaign}")
            if act.delay:
                start = EPOCH + timedelta(seconds=act.at + act.delay)
                await composed.lifecycle.schedule(campaign, start, by=act.by)
                return
            await getattr(composed.lifecycle, act.deed)(campaign, by=act.by)

        await self._repeat("campaigns", press)

    async def _import(self, composed: Any) -> None:
        """Everybody's name changes, in the background."""
        lines = [f"{number},p{number}@example.com,Imported\n" for number in range(self.story.people)]

        async def body() -> AsyncIterator[bytes]:
            yield ("external_id,email,name\n" + "".join(lines)).encode()

        request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
        upload = Upload(request, CUSTOMERS, None)
        spec = ImportSpec(what="customers", dry_run=False, by="m1")
        await composed.import_jobs.accept(spec, await upload.read_rows(501), upload)

    async def _repeat(self, function: str, request: Callable[[Any], Any]) -> None:
        """Makes a request of an instance; without an answer, again."""
        handled.set("a request")
        for _ in range(REQUEST_TRIES):
            _, composed = self.cloud.pick(function)
            try:
                await request(composed)
            except (Refused, Invalid, NotFound) as error:
                self.trace("-", f"refused: {error}")
            except (HeraldError, SimulatedCrash):
                await asyncio.sleep(self._dice.uniform(1, 20))
                continue
            return

    async def _change_person(self, act: Act, composed: Any) -> None:
        """What happens to a customer."""
        number = act.person % self.story.people
        documents, clock = composed.documents, composed.clock
        stored = await documents.get(f"customers/{person_id(number)}")
        email = stored.get("email") or self._first_address(number)
        row = {"external_id": str(number), "email": email}
        upserts = CustomerUpserts(documents, hashes=HASHER, clock=clock)
        match act.deed:
            case "suppress":
                entry = SuppressionInput(email=row["email"])
                await SuppressionList(documents, hashes=HASHER, clock=clock).suppress([entry], by="m1")
            case "erase":
                erasure = Erasure(
                    documents,
                    hashes=HASHER,
                    person_records=PersonRecords(documents),
                    redact_imports=composed.import_jobs.redact,
                    clock=clock,
                )
                await erasure.erase(person_id(number), by="m1")
            case "withdraw consent":
                await upserts.upsert([CustomerInput(**row, consent={"email": False})])
            case "correct address":
                await upserts.upsert([CustomerInput(**{**row, "email": f"new{number}.{act.at:.0f}@example.com"})])
            case "take address":
                other = self._first_address((number + 1) % self.story.people)
                await upserts.upsert([CustomerInput(**{**row, "email": other})])
            case "say no elsewhere":
                await upserts.upsert(
                    [CustomerInput(external_id=f"list {number}", email=email, consent={"email": False})]
                )
            case "agree again":
                granted = {"state": "granted", "at": clock()}
                await upserts.upsert([CustomerInput.model_validate({**row, "consent": {"email": granted}})])
            case "change":
                await upserts.upsert([CustomerInput(**row, name="New Name")])
            case "order":
                order = {"event_id": f"e{act.at}", "type": "order", "amount": 5, "at": clock(), **row}
                activity = ActivityInput.model_validate(order)
                await ActivityRecorder(documents, hashes=HASHER, zone=UTC, clock=clock).record(
                    [activity], on_unknown_customer="reject"
                )

    async def _report_foreign(self, campaign: str) -> None:
        """The vendor reports on somebody whom the campaign did not select."""
        stranger = person_id(99)
        fields = {"campaign_id": campaign, "customer_id": stranger, "message_id": message_id(campaign, stranger)}
        blank = {"to": "", "subject": "", "body": "", "channel": "email", "vendor": "simulator"}
        message = MessageReady.model_validate({**fields, **blank, "personalized_by": "template"})
        await self._call_back(ReceiptsReported(receipts=[report_of(message, "failed", self.now())]))

    async def _call_back(self, event: ReceiptsReported) -> bool:
        """The vendor's callback, as the receipts function handles it."""
        _, composed = self.cloud.pick("receipts")
        try:
            await composed.publisher.publish([event])
        except (HeraldError, SimulatedCrash):
            return False
        return True

    def result(self) -> RunResult:
        violations = list(self.checks.violations.values())
        return RunResult(
            story=self.story,
            violations=violations,
            subjects=frozenset(self.checks.subjects(violations)),
            trace=self._trace,
            seconds=self._loop.time(),
            sent=sum(entry.reached for entry in self.vendor.entries.values()),
        )
