"""The end of a campaign, seen by everybody who keeps books on it: do they all tell the same?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.events import attempt_id
from common.messages.ledger import KINDS, OUTCOMES
from common.storage.documents import Snapshot

Entry = Mapping[str, Any]
EXAMPLES = 3
TOTALS = ("audience", "sent", "failed", "skipped", "pending")


@dataclass(frozen=True, kw_only=True)
class Books:
    """`people` are the ids of the audience, each with the reason why they are to be skipped, or None."""

    people: Mapping[str, str | None]
    campaign: Mapping[str, Any]  # what the API tells of it
    statistics: Mapping[str, Any]  # and of its numbers
    receipts: Sequence[Snapshot]  # the ledger
    claims: Mapping[str, Snapshot]  # by idempotency key
    vendor: Mapping[str, Entry]  # the vendor's own book, by idempotency key

    def differences(self) -> list[str]:
        """None where everything is as it should be; else one line for each sort, with a few examples."""
        return [
            *self._of_totals(),
            *self._of_counters(),
            *self._of_people(),
            *self._of_vendor(),
            *self._of_ledger(),
            *self._of_texts(),
        ]

    def _of_totals(self) -> Iterator[str]:
        numbers = self.statistics
        outcomes = sum(numbers[kind] for kind in OUTCOMES)
        if numbers["audience"] != len(self.people):
            yield f"The audience is {numbers['audience']} instead of {len(self.people)}"
        if numbers["pending"] or numbers["audience"] != outcomes:
            yield f"{numbers['pending']} are pending; {outcomes} of {numbers['audience']} have an outcome"
        kept = {name: numbers[name] for name in TOTALS}
        if self.campaign["totals"] != kept:
            yield f"The campaign's totals are {self.campaign['totals']} instead of {kept}"
        if self.campaign["discrepancy"]:
            yield f"The campaign's page tells of a difference: {self.campaign['discrepancy']}"

    def _of_counters(self) -> Iterator[str]:
        kinds = Counter(receipt["kind"] for receipt in self.receipts)
        kinds["failed"] -= kinds["retried"]
        for kind in KINDS:
            if kind in self.statistics and self.statistics[kind] != kinds[kind]:
                yield f"The counters say {self.statistics[kind]} {kind}, the ledger {kinds[kind]}"

    def _of_people(self) -> Iterator[str]:
        """Everybody has one outcome, and only those are left out who should be."""
        last = self._last_outcomes()
        yield from _told("have no outcome", self.people.keys() - last.keys())
        yield from _told("have an outcome without being in the audience", last.keys() - self.people.keys())
        for customer, reason in self.people.items():
            outcome = last.get(customer)
            told = outcome.get("reason") if outcome and outcome["kind"] == "skipped" else None
            if outcome and told != reason and not (told == "cancelled" and self.campaign["state"] == "cancelled"):
                wanted = f"skipped for {reason}" if reason else "written to"
                yield f"{customer} is {outcome['kind']} ({outcome.get('reason')}) instead of {wanted}"

    def _last_outcomes(self) -> dict[str, Snapshot]:
        """By customer; an attempt that was tried again does not count."""
        last: dict[str, Snapshot] = {}
        for receipt in sorted(self._outcomes().values(), key=lambda one: int(one["attempt"])):
            last[receipt["customer"]] = receipt
        return last

    def _outcomes(self) -> dict[str, Snapshot]:
        """By idempotency key: the last one, where an attempt that the vendor may have taken was asked for again."""
        asked = {
            (one["message"], one["attempt"]): one.get("asked") for one in self.receipts if one["kind"] == "retried"
        }
        outcomes = [receipt for receipt in self.receipts if receipt["kind"] in OUTCOMES]
        return {
            attempt_id(one["message"], asked.get((one["message"], one["attempt"])) or one["attempt"]): one
            for one in sorted(outcomes, key=lambda one: int(one["attempt"]))
        }

    def _of_vendor(self) -> Iterator[str]:
        """Whatever the vendor took is in the ledger, as the vendor tells it, and it took each thing once."""
        outcomes = self._outcomes()
        wrong: dict[str, list[str]] = defaultdict(list)
        for key, entry in self.vendor.items():
            outcome = outcomes.get(key)
            if outcome is None:
                wrong["are in the vendor's book alone"].append(key)
            elif (outcome["kind"], bool(outcome.get("permanent"))) != (entry["outcome"], entry["permanent"]):
                wrong["have another outcome than in the vendor's book"].append(f"{key} ({outcome.get('reason')})")
            if entry["accepted"] > 1:
                wrong["were accepted more than once"].append(key)
            if entry["changed"]:
                wrong["came again with another text"].append(key)
        for what, keys in wrong.items():
            yield from _told(what, keys)

    def _of_ledger(self) -> Iterator[str]:
        """Whatever the ledger says was sent, or failed, the vendor knows of; whoever was skipped, it does not."""
        outcomes = self._outcomes()
        tried = {key for key, outcome in outcomes.items() if outcome["kind"] != "skipped"}
        unknown = [f"{key} ({outcomes[key].get('reason')})" for key in tried - self.vendor.keys()]
        yield from _told("are not in the vendor's book", unknown)
        yield from _told("were skipped and yet sent", (outcomes.keys() - tried) & self.vendor.keys())

    def _of_texts(self) -> Iterator[str]:
        """The text that the campaign's page shows is the one that was sent."""
        other = [
            key
            for key, entry in self.vendor.items()
            if key in self.claims
            and any(self.claims[key][part] != entry["message"][part] for part in ("subject", "body"))
        ]
        yield from _told("were sent another text than the page shows", other)
        yield from _told("were sent without a claim", self.vendor.keys() - self.claims.keys())


def _told(what: str, which: Collection[str]) -> Iterator[str]:
    if which:
        yield f"{len(which)} {what}: {', '.join(sorted(which)[:EXAMPLES])}{' …' if len(which) > EXAMPLES else ''}"
