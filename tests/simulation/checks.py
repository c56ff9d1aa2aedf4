"""What must be true at every moment of a run, and at its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from common.addresses.address import Address
from common.catalogue.failures import AFTER_SENDING, reason_group
from common.events import MessageReady, attempt_id
from common.ids import BUCKETS, ERASED_CUSTOMER_ID, message_id
from common.messages.ledger import MINUTE_FORMAT, OPENING, OUTCOME, OUTCOMES, receipt_path
from common.storage.documents import Snapshot, Write
from common.storage.memory import MemoryDocuments
from tests.simulation.story import Story
from tests.simulation.vendor import VendorEntry
from tests.support import HASHER, customer_id

LEASE_SECONDS = 300
CACHE_SECONDS = 5
"""A pause takes effect everywhere within this time."""
MAX_REQUESTS_PER_KEY = 40
OPEN_STATES = {"running", "paused"}
CLOSED_STATES = {"cancelled", "finished"}


@dataclass(frozen=True, kw_only=True)
class Violation:
    """Something that must not be. `subject` is a message id, a customer id or a campaign id."""

    rule: str
    subject: str
    detail: str
    at: float

    def __str__(self) -> str:
        return f"at {self.at:.1f} s {self.rule}: {self.detail} ({self.subject})"


@dataclass
class Observed:
    """When what happened, in seconds since the start."""

    claimed: dict[str, float] = field(default_factory=dict)  # by claim id
    state: dict[str, tuple[str, float]] = field(default_factory=dict)  # a campaign's state, and since when
    refused: dict[str, float] = field(default_factory=dict)  # who refuses messages: since when, by path of the address
    address: dict[str, tuple[str, float]] = field(default_factory=dict)  # a customer's address, and since when
    inboxes: dict[tuple[str, str], str] = field(default_factory=dict)  # the message to a campaign and an address


class Checks:
    """Collects violations, the first of each rule and subject. `now` is in seconds since the start."""

    def __init__(self, story: Story, documents: MemoryDocuments, now: Callable[[], float]) -> None:
        self.violations: dict[tuple[str, str], Violation] = {}
        self.observed = Observed()
        self._story = story
        self._documents = documents
        self._now = now
        self._people = [person_id(number) for number in range(story.people)]

    def report(self, rule: str, subject: str, detail: str) -> None:
        violation = Violation(rule=rule, subject=subject, detail=detail, at=self._now())
        self.violations.setdefault((rule, subject), violation)

    @property
    def grace(self) -> float:
        """How long an instance may act on what it read before: caches, slow operations, and frozen instances."""
        slow = 12 * min(3.0, 50 * self._story.habits.slow)
        frozen = any(fault.kind.startswith("freezes") for fault in self._story.faults)
        return CACHE_SECONDS + slow + 2 * self._story.habits.skew + (LEASE_SECONDS if frozen else 0)

    def on_commit(self, writes: Sequence[Write]) -> None:
        """Notes what the checks need, and compares the counters with the receipts of the same instant."""
        now = self._now()
        for write in writes:
            collection, _, id_ = write.path.partition("/")
            if collection == "claims":
                self.observed.claimed.setdefault(id_, now)
            if collection == "campaigns":
                self._note_state(id_, now)
            if collection == "addresses":
                self._note_address(write.path, now)
            if collection == "customers":
                self._note_customer(id_, now)
        if any(write.path.startswith(("receipts/", "counters/")) for write in writes):
            self._compare_counters()

    def _note_address(self, path: str, now: float) -> None:
        stored = next(one for one in self._documents.stored("addresses") if one.path == path)
        said_no = stored.get("consents", {}).get("email", {}).get("state") == "denied"
        if said_no or "email" in stored.get("suppressions", {}):
            self.observed.refused.setdefault(path, now)
        else:
            self.observed.refused.pop(path, None)

    def _note_customer(self, customer: str, now: float) -> None:
        address = next((one["email"] for one in self._documents.stored("customers") if one.id == customer), "")
        if self.observed.address.get(customer, ("", 0.0))[0] != address:
            self.observed.address[customer] = (address, now)

    def _note_state(self, campaign: str, now: float) -> None:
        state = next(one["state"] for one in self._documents.stored("campaigns") if one.id == campaign)
        if self.observed.state.get(campaign, ("", 0.0))[0] != state:
            self.observed.state[campaign] = (state, now)

    def _compare_counters(self) -> None:
        receipts: dict[str, list[Snapshot]] = defaultdict(list)
        for receipt in self._documents.stored("receipts"):
            receipts[receipt["campaign"]].append(receipt)
        for campaign, counted in counters(self._documents).items():
            expected = ledger_numbers(receipts[campaign])
            names = counted.keys() | expected.keys()
            different = {name: (counted[name], expected[name]) for name in names if counted[name] != expected[name]}
            if different:
                self.report("the counters differ from the ledger", campaign, str(different))

    def on_send(self, message: MessageReady, entry: VendorEntry | None) -> None:
        """At each request to the vendor: whether it may be asked at all, and whether somebody else is asking."""
        now, id_ = self._now(), message.message_id
        if now < self._start(message.campaign_id):
            self.report("sent before the start", id_, f"at {now:.1f} s")
        state, since = self.observed.state.get(message.campaign_id, ("", 0.0))
        if state == "paused" and now > since + self.grace:
            self.report("sent during a pause", id_, f"paused since {since:.1f} s")
        claimed = self._claimed_at(message, now)
        if state in CLOSED_STATES and claimed > since + self.grace:
            self.report("sent after the end", id_, f"{state} at {since:.1f} s")
        refused = self.observed.refused.get(HASHER.path(Address(kind="email", value=message.to)))
        if refused is not None and now > refused + self.grace:
            self.report("sent although refused", id_, f"suppressed, or said no, at {refused:.1f} s")
        address, moved = self.observed.address.get(message.customer_id, (message.to, now))
        if address != message.to and now > moved + self.grace:
            self.report("sent to an old address", id_, f"{address} since {moved:.1f} s, and not {message.to}")
        if self.observed.inboxes.setdefault((message.campaign_id, message.to), id_) != id_:
            self.report("two messages to one address", id_, message.to)
        if entry is not None:
            self._check_repetition(entry, now)

    def _start(self, campaign: str) -> float:
        """The time that the first manager scheduled, less what clocks differ; 0 if it was launched at once."""
        launches = [act for act in self._story.acts if act.deed == "launch" and act.campaign == campaign]
        return min((act.at + act.delay for act in launches), default=0) - self._story.habits.skew

    def _claimed_at(self, message: MessageReady, now: float) -> float:
        """When the message was claimed: under the id of its attempt, or of the attempt whose key it uses."""
        ids = {attempt_id(message.message_id, message.attempt), message.idempotency_key}
        return min([self.observed.claimed[id_] for id_ in ids if id_ in self.observed.claimed], default=now)

    def _check_repetition(self, entry: VendorEntry, now: float) -> None:
        id_ = entry.message.message_id
        if any(now < started + LEASE_SECONDS - 1 - 2 * self._story.habits.skew for started in entry.in_progress):
            self.report("asked twice at once", id_, f"requests of one key since {entry.in_progress}")
        if len(entry.requests) >= MAX_REQUESTS_PER_KEY:
            self.report("asked without end", id_, f"{len(entry.requests)} requests under one key")
        if not self._is_disturbed() and len(entry.requests) >= 1:
            self.report("asked again without a reason", id_, f"first at {entry.requests[0]:.1f} s")

    def _is_disturbed(self) -> bool:
        """Whether anything in the story explains that the vendor is asked again."""
        story, habits = self._story, self._story.habits
        acts = {act.deed for act in story.acts} & {"kill", "malformed event", "foreign receipt", "pause", "retry"}
        return bool(
            story.faults or story.outages or acts or habits.reports_lost or habits.report_seconds > 400 or habits.copies
        )

    def at_end(self, entries: Mapping[str, Sequence[VendorEntry]]) -> None:
        """All rules about the result. `entries` are the vendor's, by message id."""
        for campaign in self._documents.stored("campaigns"):
            if campaign.get("launched_at") is not None:
                self._check_campaign(campaign)
                self._check_people(campaign, entries)
        self._check_vendor(entries)
        self._check_customers()

    def _check_customers(self) -> None:
        """Imports have ended with all their rows, and each activity is counted once."""
        for job in unfinished_imports(self._documents):
            self.report("an import does not end", job.id, f"{job['rows']} rows")
        orders = Counter(activity["customer"] for activity in self._documents.stored("activities"))
        for customer in self._documents.stored("customers"):
            if (counted := customer.get("orders", 0)) != orders[customer.id]:
                self.report("activities are miscounted", customer.id, f"{counted} of {orders[customer.id]}")

    def _check_campaign(self, campaign: Snapshot) -> None:
        """The campaign has finished, its numbers add up, and nothing is left behind."""
        id_, state = campaign.id, campaign["state"]
        if campaign["open"] or state in OPEN_STATES:
            self.report("not finished", id_, f"{state}, retrying {campaign.get('retrying')}, {self._numbers(id_)}")
            return
        numbers, totals = self._numbers(id_), campaign["totals"] or {}
        if any(totals.get(name, 0) != number for name, number in numbers.items()):
            self.report("the totals are wrong", id_, f"{totals} instead of {numbers}")
        if self._numbers(id_)["pending"]:
            self.report("finished with people pending", id_, str(self._numbers(id_)))
        if campaign.get("discrepancy"):
            self.report("the campaign reports a discrepancy", id_, str(campaign["discrepancy"]))
        for flag in ("retrying", "commands_pending"):
            if campaign.get(flag):
                self.report("a flag is left", id_, flag)
        deferred = [one.id for one in self._documents.stored("deferred") if one.get("campaign") == id_]
        if deferred:
            self.report("deferred messages are left", id_, str(deferred))
        open_pages = [page.id for page in self._pages(id_) if not page["done"]]
        if open_pages:
            self.report("open pages are left", id_, str(open_pages))

    def _check_people(self, campaign: Snapshot, entries: Mapping[str, Sequence[VendorEntry]]) -> None:
        """Each person is on one page and has one outcome, and it is what happened."""
        pages = self._pages(campaign.id)
        planned = Counter(customer for page in pages for customer in page["planned"] if customer != ERASED_CUSTOMER_ID)
        for customer, number in planned.items():
            if number > 1:
                self.report("planned twice", customer, f"on {number} pages of {campaign.id}")
        if sum(page["last"] for page in pages) == BUCKETS:
            for customer in self._always_there() - planned.keys():
                self.report("forgotten", customer, f"on no page of {campaign.id}")
        if campaign["open"]:
            return
        for customer in planned:
            self._check_outcome(message_id(campaign.id, customer), entries)

    def _check_outcome(self, message: str, entries: Mapping[str, Sequence[VendorEntry]]) -> None:
        outcome = self.outcome(message)
        reached = [entry for entry in entries.get(message, ()) if entry.is_known_as_sent]
        reported = {kind for entry in entries.get(message, ()) for kind in entry.reported}
        if outcome is None:
            self.report("forgotten", message, "no outcome")
        elif outcome["kind"] == "skipped" and reached:
            self.report("skipped and yet sent", message, str(outcome.get("reason")))
        elif outcome["kind"] == "sent" and not reached and "sent" not in reported:
            self.report("recorded as sent, but not sent", message, "the vendor has not sent it")
        elif outcome["kind"] == "failed" and any(not e.reported and len(e.requests) == 1 for e in reached):
            self.report("given up without asking again", message, str(outcome.get("reason")))
        elif outcome["kind"] != "sent" and reached and self._must_be_sent(outcome, reached):
            self.report(f"sent, but recorded as {outcome['kind']}", message, str(outcome.get("reason")))

    def _must_be_sent(self, outcome: Snapshot, reached: Sequence[VendorEntry]) -> bool:
        """Herald was told that it was sent, and nothing else. A vendor without a memory tells it only once, and about
        somebody who said no or moved meanwhile it is not asked again."""
        is_changed = (outcome.get("reason") or "").endswith(AFTER_SENDING)
        if outcome["kind"] == "unknown" and (is_changed or self._refuses_reports):
            return False
        if self._story.habits.final_answers:
            return outcome["kind"] != "unknown" or self._story.habits.memory > 0
        return any("sent" in entry.reported for entry in reached)

    @property
    def _refuses_reports(self) -> bool:
        """Whether the database refuses what a report says, for good: then only the log has it."""
        return any(fault.kind == "invalid" and fault.step == "record" for fault in self._story.faults)

    def _check_vendor(self, entries: Mapping[str, Sequence[VendorEntry]]) -> None:
        for message, of_message in entries.items():
            reached = {
                entry.message.idempotency_key: entry.times_sent for entry in of_message if entry.is_known_as_sent
            }
            if sum(reached.values()) > 1:
                times = ", ".join(f"{number} under {key}" for key, number in reached.items())
                self.report("reached twice", message, times)
            if any(len(entry.texts) > 1 for entry in of_message):
                self.report("asked with another text", message, "one key, two texts")

    def outcome(self, message: str) -> Snapshot | None:
        """The outcome of the message's last attempt."""
        receipts = {receipt.path: receipt for receipt in self._documents.stored("receipts")}
        attempt = 1
        while receipt_path(message, "retried", attempt + 1) in receipts:
            attempt += 1
        return receipts.get(receipt_path(message, OUTCOME, attempt))

    def _numbers(self, campaign: str) -> dict[str, int]:
        counted = counters(self._documents).get(campaign, Counter())
        audience = sum(page["audience"] for page in self._pages(campaign))
        outcomes = {kind: counted[kind] for kind in sorted(OUTCOMES)}
        return {"audience": audience, **outcomes, "pending": audience - sum(counted[kind] for kind in OUTCOMES)}

    def _pages(self, campaign: str) -> list[Snapshot]:
        pages = self._documents.stored("pages")
        return [page for page in pages if page.get("campaign") == campaign and page.get("planned") is not None]

    def _always_there(self) -> set[str]:
        """The customers who were never erased."""
        erased = {act.person % self._story.people for act in self._story.acts if act.deed == "erase"}
        return {person_id(number) for number in range(self._story.people) if number not in erased}

    def subjects(self, violations: Iterable[Violation]) -> Iterator[str]:
        """What the trace has to show: the message of each violation, and its customer."""
        for violation in violations:
            yield violation.subject
            for campaign in ("c", "d"):
                yield from (person for person in self._people if message_id(campaign, person) == violation.subject)


def unfinished_imports(documents: MemoryDocuments) -> list[Snapshot]:
    """The imports that were stored, and not given up, some of whose rows have no result."""
    done: Counter[str] = Counter()
    for chunk in documents.stored("import_chunks"):
        done[chunk["import"]] += chunk["done"]
    jobs = documents.stored("imports")
    return [job for job in jobs if job["state"] == "processing" and done[job.id] < job["rows"]]


def person_id(number: int) -> str:
    return customer_id("external_id", str(number))


def counters(documents: MemoryDocuments) -> dict[str, Counter[str]]:
    """The sums of the counters by campaign: by kind, what can be retried, and by kind and reason or minute."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for shard in documents.stored("counters"):
        of_campaign = sums[shard["campaign"]]
        of_campaign.update(shard.get("kinds", {}))
        of_campaign["retryable"] += shard.get("retryable", 0)
        for name, kind in (("reasons", "skipped"), ("failed_reasons", "failed")):
            of_campaign.update({f"{kind}: {reason}": number for reason, number in shard.get(name, {}).items()})
        for minute, kinds in shard.get("minutes", {}).items():
            of_campaign.update({f"{kind} at {minute}": number for kind, number in kinds.items()})
    return sums


def ledger_numbers(receipts: Iterable[Snapshot]) -> Counter[str]:
    """What the counters of a campaign must be, from the last attempt of each message."""
    numbers: Counter[str] = Counter()
    attempts: Counter[str] = Counter()
    outcomes: dict[tuple[str, int], Snapshot] = {}
    for receipt in receipts:
        if receipt["slot"] == OUTCOME:
            outcomes[receipt["message"], receipt["attempt"]] = receipt
            numbers[f"{receipt['kind']} at {receipt['at'].strftime(MINUTE_FORMAT)}"] += 1
        else:
            numbers[receipt["kind"]] += 1
        is_opening = receipt["slot"] == OPENING
        attempts[receipt["message"]] = max(attempts[receipt["message"]], receipt["attempt"] if is_opening else 1)
    for message, attempt in attempts.items():
        if outcome := outcomes.get((message, attempt)):
            numbers.update(_last_outcome_numbers(outcome))
    return numbers


def _last_outcome_numbers(outcome: Snapshot) -> Counter[str]:
    numbers = Counter({outcome["kind"]: 1})
    if outcome["kind"] == "failed":
        numbers += Counter(
            {"retryable": not outcome.get("permanent"), f"failed: {reason_group(outcome.get('reason'))}": 1}
        )
    if outcome["kind"] == "skipped":
        numbers[f"skipped: {outcome['reason']}"] += 1
    return numbers
