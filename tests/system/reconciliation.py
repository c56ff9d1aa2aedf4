"""Reconciliation of a finished campaign: the API, the counters, the ledger, the claims and the vendor must agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.events import attempt_id
from common.messages.ledger import KINDS, OPENINGS, OUTCOMES
from common.storage.documents import Snapshot

SendLogRow = Mapping[str, Any]
EXAMPLES = 3
TOTALS = ("audience", "sent", "failed", "skipped", "unknown", "pending")
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

    audience: Mapping[str, str | None]  # the expected exclusion reason, or None, by customer id
    campaign: Mapping[str, Any]  # from the API
    statistics: Mapping[str, Any]  # from the API
    receipts: Sequence[Snapshot]  # the ledger
    claims: Mapping[str, Snapshot]  # by idempotency key
    send_log: Mapping[str, SendLogRow]  # the vendor's send log, by idempotency key
    quiet: Sequence[QuietPeriod] = ()
    suppressed: Collection[str] = ()  # customers who were suppressed meanwhile: they may be skipped
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
            *self._check_times(),
            *self._check_repetitions(),
            *_describe("are left behind", self.leftovers),
        ]

    def _check_people(self) -> Iterator[str]:
        """Nobody got two messages, whatever their keys."""
        reached = Counter(
            key.partition(".")[0]
            for key, entry in self.send_log.items()
            if entry["outcome"] == "sent"
            for _ in range(entry["accepted"])
        )
        yield from _describe(
            "were reached more than once", [message for message, times in reached.items() if times > 1]
        )

    def _check_times(self) -> Iterator[str]:
        """During a pause nobody was sent to; after a cancellation, only those whose message was claimed before."""
        for period in self.quiet:
            keys = [key for key, entry in self.send_log.items() if any(map(period.covers, entry["request_times"]))]
            if period.state == "cancelled":
                keys = [key for key in keys if key in self.claims and period.covers(self.claims[key]["at"].timestamp())]
            yield from _describe(f"were sent to while the campaign was {period.state}", keys)

    def _check_repetitions(self) -> Iterator[str]:
        """The vendor was not asked again for more messages than the faults explain."""
        repeated = [key for key, entry in self.send_log.items() if entry["requests"] > 1]
        if len(repeated) > MAX_REPEATED_SHARE * len(self.audience):
            yield from _describe("were requested again, which is too many", repeated)

    def _check_totals(self) -> Iterator[str]:
        """The statistics, the totals of the campaign and the audience agree."""
        numbers = self.statistics
        outcomes = sum(numbers[kind] for kind in OUTCOMES)
        if numbers["audience"] != len(self.audience):
            yield f"The audience is {numbers['audience']} instead of {len(self.audience)}"
        if numbers["pending"] or numbers["audience"] != outcomes:
            yield f"{numbers['pending']} are pending; {outcomes} of {numbers['audience']} have an outcome"
        expected_totals = {name: numbers[name] for name in TOTALS}
        if self.campaign["totals"] != expected_totals:
            yield f"The campaign's totals are {self.campaign['totals']} instead of {expected_totals}"
        if self.campaign["discrepancy"]:
            yield f"The campaign reports a discrepancy: {self.campaign['discrepancy']}"

    def _check_counters(self) -> Iterator[str]:
        kinds = Counter(receipt["kind"] for receipt in self.receipts)
        kinds.subtract(receipt["replaces"] for receipt in self.receipts if receipt.get("replaces"))
        for kind in KINDS:
            if kind in self.statistics and self.statistics[kind] != kinds[kind]:
                yield f"The counters say {self.statistics[kind]} {kind}, the ledger {kinds[kind]}"

    def _check_recipients(self) -> Iterator[str]:
        """Every recipient has one outcome, and only the expected recipients are skipped."""
        last = self._last_outcomes()
        yield from _describe("have no outcome", self.audience.keys() - last.keys())
        yield from _describe("have an outcome but are not in the audience", last.keys() - self.audience.keys())
        for customer, reason in self.audience.items():
            outcome = last.get(customer)
            actual_reason = outcome.get("reason") if outcome and outcome["kind"] == "skipped" else None
            if (
                outcome
                and actual_reason != reason
                and not (actual_reason == "cancelled" and self.campaign["state"] == "cancelled")
                and not (actual_reason == "suppressed" and customer in self.suppressed)
            ):
                expected = f"skipped for {reason}" if reason else "messaged"
                yield f"{customer} is {outcome['kind']} ({outcome.get('reason')}) instead of {expected}"

    def _last_outcomes(self) -> dict[str, Snapshot]:
        """Return the last outcome by customer. Retried attempts do not count."""
        last: dict[str, Snapshot] = {}
        for receipt in sorted(self._outcomes().values(), key=lambda receipt: int(receipt["attempt"])):
            last[receipt["customer"]] = receipt
        return last

    def _outcomes(self) -> dict[str, Snapshot]:
        """Return the outcome by idempotency key. Of attempts that reuse a key, the last one counts."""
        retried_attempts = {
            (receipt["message"], receipt["attempt"]): receipt.get("retry_of_attempt")
            for receipt in self.receipts
            if receipt["kind"] in OPENINGS
        }
        outcomes = [receipt for receipt in self.receipts if receipt["kind"] in OUTCOMES]
        return {
            attempt_id(
                receipt["message"], retried_attempts.get((receipt["message"], receipt["attempt"])) or receipt["attempt"]
            ): receipt
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
            elif (outcome["kind"], bool(outcome.get("permanent"))) != (entry["outcome"], entry["permanent"]):
                problems["have a different outcome in the send log"].append(f"{key} ({outcome.get('reason')})")
            if entry["accepted"] > 1:
                problems["were accepted more than once"].append(key)
            if entry["content_changes"]:
                problems["were requested again with a different text"].append(key)
        for problem, keys in problems.items():
            yield from _describe(problem, keys)

    def _check_ledger(self) -> Iterator[str]:
        """Every sent or failed message is in the send log, and no skipped message is."""
        outcomes = self._outcomes()
        attempted = {key for key, outcome in outcomes.items() if outcome["kind"] != "skipped"}
        missing = [f"{key} ({outcomes[key].get('reason')})" for key in attempted - self.send_log.keys()]
        yield from _describe("are missing in the send log", missing)
        yield from _describe("were skipped and sent", (outcomes.keys() - attempted) & self.send_log.keys())

    def _check_texts(self) -> Iterator[str]:
        """The text of the claim, which the site shows, is the text that was sent."""
        different_texts = [
            key
            for key, entry in self.send_log.items()
            if key in self.claims
            and any(self.claims[key][field] != entry["message"][field] for field in ("subject", "body"))
        ]
        yield from _describe("were sent with a different text than the claim", different_texts)
        yield from _describe("were sent without a claim", self.send_log.keys() - self.claims.keys())


def _describe(problem: str, ids: Collection[str]) -> Iterator[str]:
    if ids:
        yield f"{len(ids)} {problem}: {', '.join(sorted(ids)[:EXAMPLES])}{' …' if len(ids) > EXAMPLES else ''}"
