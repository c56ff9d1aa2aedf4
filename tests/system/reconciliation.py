"""Reconciliation of a finished campaign: the API, the counters, the ledger, the claims and the vendor must agree."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.events import attempt_id
from common.messages.ledger import KINDS, OPENINGS, OUTCOMES
from common.storage.documents import Snapshot

SendLogRow = Mapping[str, Any]
EXAMPLES = 3
TOTALS = ("audience", "sent", "failed", "skipped", "unknown", "pending")
RATE_SECONDS = 15
RATE_TOLERANCE = 0.25
"""For so short a time, in which instances die with the slots that they have reserved."""
MAX_REPEATED_SHARE = 0.25
"""The share of the messages that the vendor may be asked for more than once. Without the storm there are none."""


@dataclass(frozen=True, kw_only=True)
class QuietPeriod:
    """A time in which the campaign was paused, or cancelled, in Unix seconds. `grace` seconds after its start, caches
    have expired and running deliveries have ended."""

    state: str
    start: float
    end: float
    grace: float

    def covers(self, at: float) -> bool:
        return self.start + self.grace < at < self.end


@dataclass(frozen=True, kw_only=True)
class Records:
    """All records of one campaign."""

    audience: Mapping[str, str | None]  # the expected exclusion reason, or None, by message id
    campaign: Mapping[str, Any]  # from the API
    statistics: Mapping[str, Any]  # from the API
    receipts: Sequence[Snapshot]  # the ledger
    claims: Mapping[str, Snapshot]  # by idempotency key
    send_log: Mapping[str, SendLogRow]  # the vendor's send log, by idempotency key
    quiet: Sequence[QuietPeriod] = ()
    allowed_reasons: Mapping[str, Collection[str]] = field(default_factory=dict)  # further ones, by message id
    excluded_since: Mapping[str, float] = field(default_factory=dict)
    """When people were suppressed, erased or said no, by message id; Unix times."""
    moved_since: Mapping[str, tuple[float, str]] = field(default_factory=dict)  # with the earlier address
    erased: Collection[str] = ()  # message ids
    merged: Collection[str] = ()  # message ids, of the customers who became a part of others
    grace: float = 0.0  # seconds after `excluded_since` within which a message may still be claimed
    per_minute: int | None = None  # the campaign's rate
    leftovers: Collection[str] = ()  # deferred messages, and pages that are not done

    def differences(self) -> list[str]:
        """Return one line per kind of difference, with a few examples; empty if all records agree."""
        return [
            *self._check_totals(),
            *self._check_counters(),
            *self._check_recipients(),
            *self._check_vendor(),
            *self._check_ledger(),
            *self._check_texts(),
            *self._check_people(),
            *self._check_inboxes(),
            *self._check_times(),
            *self._check_exclusions(),
            *self._check_rate(),
            *self._check_erased(),
            *self._check_repetitions(),
            *_describe("are left behind", self.leftovers),
        ]

    def _check_people(self) -> Iterator[str]:
        """Nobody got two messages, whatever their keys."""
        outcomes = self._outcomes()
        reached = Counter(
            _message(key)
            for key, entry in self.send_log.items()
            if entry["outcome"] == "sent" and not self._is_reported_as_failed(key, outcomes)
            for _ in range(entry["accepted"])
        )
        yield from _describe(
            "were reached more than once", [message for message, times in reached.items() if times > 1]
        )

    def _check_inboxes(self) -> Iterator[str]:
        """No address got two messages, however many people have it."""
        messages: dict[str, set[str]] = defaultdict(set)
        for key, entry in self.send_log.items():
            if entry["accepted"]:
                messages[entry["message"]["to"]].add(_message(key))
        yield from _describe("got the messages of several people", [to for to, own in messages.items() if len(own) > 1])

    def _is_reported_as_failed(self, key: str, outcomes: Mapping[str, Snapshot]) -> bool:
        """Whether the vendor sent it, and said first that it had failed: then it is asked under a new key."""
        return self.send_log[key]["contradicted"] and key in outcomes and outcomes[key]["kind"] == "failed"

    @property
    def reached(self) -> set[str]:
        """The messages with a receipt that says sent."""
        return {receipt["message"] for receipt in self.receipts if receipt["kind"] == "sent"}

    def _check_times(self) -> Iterator[str]:
        """During a pause nobody was sent to; after a cancellation, only those whose message was claimed before."""
        for period in self.quiet:
            keys = [key for key, entry in self.send_log.items() if any(map(period.covers, entry["request_times"]))]
            if period.state == "cancelled":
                keys = [key for key in keys if key in self.claims and period.covers(self.claims[key]["at"].timestamp())]
            yield from _describe(f"were sent to while the campaign was {period.state}", keys)

    def _check_exclusions(self) -> Iterator[str]:
        """Who said no, was suppressed or erased was not sent to, and nothing went to an address that somebody had
        left, unless the message was claimed before."""
        late = [key for key in self.send_log if self._is_sent_after(key, self.excluded_since.get(_message(key)))]
        left = [
            key
            for key, entry in self.send_log.items()
            if (moved := self.moved_since.get(_message(key)))
            and entry["message"]["to"] == moved[1]
            and self._is_sent_after(key, moved[0])
        ]
        yield from _describe("were sent to although they said no, were suppressed or erased", late)
        yield from _describe("were sent to an address that is not theirs any more", left)

    def _is_sent_after(self, key: str, since: float | None) -> bool:
        """Whether the message was claimed and requested later than some seconds after that."""
        if since is None or min(self.send_log[key]["request_times"]) <= since + self.grace:
            return False
        return key not in self.claims or self.claims[key]["at"].timestamp() > since + self.grace

    def _check_rate(self) -> Iterator[str]:
        """In no period of some seconds the vendor got many more messages than the rate allows."""
        if self.per_minute is None:
            return
        firsts = sorted(min(entry["request_times"]) for entry in self.send_log.values())
        allowed = self.per_minute * RATE_SECONDS / 60 * (1 + RATE_TOLERANCE)
        most = max((bisect_right(firsts, at + RATE_SECONDS) - index for index, at in enumerate(firsts)), default=0)
        if most > allowed:
            yield f"{most} messages were sent within {RATE_SECONDS} s, and {allowed:.0f} were allowed"

    def _check_erased(self) -> Iterator[str]:
        """No record of an erased person's messages names them."""
        named = [
            one.id
            for one in (*self.receipts, *self.claims.values())
            if _message(one.id) in self.erased and (one.get("name") or one.get("to") or one.get("body"))
        ]
        yield from _describe("are of erased people, and still name them", named)

    def _check_repetitions(self) -> Iterator[str]:
        """The vendor was not asked again for more messages than the faults explain."""
        repeated = [key for key, entry in self.send_log.items() if entry["requests"] > 1]
        if len(repeated) > MAX_REPEATED_SHARE * len(self.audience):
            yield from _describe("were requested again, which is too many", repeated)

    def _check_totals(self) -> Iterator[str]:
        """The statistics, the totals of the campaign and the audience agree."""
        numbers = self.statistics
        outcomes = sum(numbers[kind] for kind in OUTCOMES)
        if numbers["audience"] != len(self._expected_audience):
            yield f"The audience is {numbers['audience']} instead of {len(self._expected_audience)}"
        if numbers["pending"] or numbers["audience"] != outcomes:
            yield f"{numbers['pending']} are pending; {outcomes} of {numbers['audience']} have an outcome"
        expected_totals = {name: numbers[name] for name in TOTALS}
        if self.campaign["totals"] != expected_totals:
            yield f"The campaign's totals are {self.campaign['totals']} instead of {expected_totals}"
        if self.campaign["discrepancy"]:
            yield f"The campaign reports a discrepancy: {self.campaign['discrepancy']}"

    @property
    def _expected_audience(self) -> set[str]:
        """The message ids. Who was erased or merged before the audience was planned is not in it."""
        gone = {*self.erased, *self.merged}
        return self.audience.keys() - (gone - {receipt["message"] for receipt in self.receipts})

    def _check_counters(self) -> Iterator[str]:
        kinds = Counter(receipt["kind"] for receipt in self.receipts)
        kinds.subtract(receipt["replaces"] for receipt in self.receipts if receipt.get("replaces"))
        for kind in KINDS:
            if kind in self.statistics and self.statistics[kind] != kinds[kind]:
                yield f"The counters say {self.statistics[kind]} {kind}, the ledger {kinds[kind]}"

    def _check_recipients(self) -> Iterator[str]:
        """Every recipient has one outcome, and only the expected recipients are skipped."""
        last = self._last_outcomes()
        yield from _describe("have no outcome", self._expected_audience - last.keys())
        yield from _describe("have an outcome but are not in the audience", last.keys() - self.audience.keys())
        for message, reason in self.audience.items():
            outcome = last.get(message)
            actual_reason = outcome.get("reason") if outcome and outcome["kind"] == "skipped" else None
            if outcome and actual_reason not in self._expected_reasons(message, reason):
                expected = f"skipped for {reason}" if reason else "messaged"
                yield f"{message} is {outcome['kind']} ({outcome.get('reason')}) instead of {expected}"

    def _expected_reasons(self, message: str, reason: str | None) -> set[str | None]:
        """The expected reason for skipping, None if it is messaged, and what came in between."""
        cancelled = {"cancelled"} if self.campaign["state"] == "cancelled" else set()
        return {reason, *self.allowed_reasons.get(message, ()), *cancelled}

    def _last_outcomes(self) -> dict[str, Snapshot]:
        """Return the last outcome by message. Retried attempts do not count."""
        last: dict[str, Snapshot] = {}
        for receipt in sorted(self._outcomes().values(), key=lambda receipt: int(receipt["attempt"])):
            last[receipt["message"]] = receipt
        return last

    def _outcomes(self) -> dict[str, Snapshot]:
        """Return the outcome by idempotency key. Of attempts that reuse a key, the last one counts."""
        openings = {
            (receipt["message"], receipt["attempt"]): receipt
            for receipt in self.receipts
            if receipt["kind"] in OPENINGS
        }
        outcomes = [receipt for receipt in self.receipts if receipt["kind"] in OUTCOMES]
        return {
            attempt_id(receipt["message"], _key_attempt(openings, receipt["message"], receipt["attempt"])): receipt
            for receipt in sorted(outcomes, key=lambda receipt: int(receipt["attempt"]))
        }

    def _check_vendor(self) -> Iterator[str]:
        """Every entry of the send log is in the ledger with the same outcome, and was accepted once."""
        outcomes = self._outcomes()
        problems: dict[str, list[str]] = defaultdict(list)
        for key, entry in self.send_log.items():
            outcome = outcomes.get(key)
            if outcome is None:
                problems["are in the send log only"].append(key)
            elif not self._agrees(key, outcome):
                problems["have a different outcome in the send log"].append(f"{key} ({outcome.get('reason')})")
            if entry["accepted"] > 1:
                problems["were accepted more than once"].append(key)
            if entry["content_changes"]:
                problems["were requested again with a different text"].append(key)
        for problem, keys in problems.items():
            yield from _describe(problem, keys)

    def _agrees(self, key: str, outcome: Snapshot) -> bool:
        """Whether the outcome is the vendor's. Of two contrary ones, the one that is recorded first stands.
        A person who was excluded meanwhile, or has another address, is not asked about again."""
        entry = self.send_log[key]
        if entry["contradicted"] and outcome["kind"] in {"sent", "failed"}:
            return True
        if outcome["kind"] == "unknown" and _message(key) in {*self.excluded_since, *self.moved_since}:
            return True
        return (outcome["kind"], bool(outcome.get("permanent"))) == (entry["outcome"], entry["permanent"])

    def _check_ledger(self) -> Iterator[str]:
        """Every sent or failed message is in the send log, unless it was given up before, and no skipped message is."""
        outcomes = self._outcomes()
        attempted = {key for key, outcome in outcomes.items() if outcome["kind"] != "skipped"}
        missing = [
            f"{key} ({outcomes[key].get('reason')})"
            for key in attempted - self.send_log.keys()
            if outcomes[key]["kind"] == "sent" or not outcomes[key].get("retry_of_attempt")
        ]
        yield from _describe("are missing in the send log", missing)
        yield from _describe("were skipped and sent", (outcomes.keys() - attempted) & self.send_log.keys())

    def _check_texts(self) -> Iterator[str]:
        """The text of the claim, which the site shows, is the text that was sent."""
        different_texts = [
            key
            for key, entry in self.send_log.items()
            if key in self.claims
            and _message(key) not in self.erased
            and any(self.claims[key][field] != entry["message"][field] for field in ("subject", "body"))
        ]
        yield from _describe("were sent with a different text than the claim", different_texts)
        yield from _describe("were sent without a claim", self.send_log.keys() - self.claims.keys())


def _key_attempt(openings: Mapping[tuple[str, int], Snapshot], message: str, attempt: int) -> int:
    """The attempt whose idempotency key an attempt uses: what replaces an assumption is about the same request."""
    opening = openings.get((message, attempt))
    if opening is None:
        return attempt
    if opening["kind"] == "corrected":
        return _key_attempt(openings, message, attempt - 1)
    return int(opening.get("retry_of_attempt") or attempt)


def _message(key: str) -> str:
    """The message id in an idempotency key."""
    return key.partition(".")[0]


def _describe(problem: str, ids: Collection[str]) -> Iterator[str]:
    if ids:
        yield f"{len(ids)} {problem}: {', '.join(sorted(ids)[:EXAMPLES])}{' …' if len(ids) > EXAMPLES else ''}"
