"""What happens to customers while a campaign runs, and what the database must say about them afterwards."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook

from common.batching import chunked
from common.events import Receipt, ReceiptKind
from common.storage.firestore import FirestoreDocuments
from common.webhooks.signing import signed_headers
from local.client import ApiError, HeraldClient
from local.stack import Stack
from tests.system.campaigns import id_of_external

CUSTOMERS = 1000  # about as many as are sent to while there are faults
SUPPRESSED, ERASED, WITHDRAWN, MOVED, MERGED = 10, 10, 10, 10, 10  # people to whom this happens
CHANGED = SUPPRESSED + ERASED + WITHDRAWN + MOVED + MERGED
REPORTED = 12  # sent messages about which something comes back
REFUSALS: tuple[ReceiptKind, ...] = ("unsubscribed", "complained", "bounced")
REPORTS: tuple[ReceiptKind, ...] = ("delivered", "opened", "clicked", *REFUSALS)
ACTIVITIES = 200
IMPORTED = 300
BASE_VISITS = 20  # customers have fewer visits than this before the campaign
MOVED_REASONS = ("address_changed", "same_address", "suppressed")
CALLBACK_TRIES = 300
FINAL = range(400, 500)
"""Answers that repeating the request does not change."""


def customer_row(city: str, number: int) -> dict[str, Any]:
    """A customer. One in fifty has no consent, one in a hundred no e-mail address."""
    row = {
        "external_id": f"{city}-{number}",
        "name": f"Asha {number} Rao",
        "city": city,
        "visits": number % BASE_VISITS,
    }
    address = {"phone": f"+9198{number:08}"} if number % 100 == 99 else {"email": f"p{number}@{city}.example.com"}
    return row | address | ({"consent": {"email": False}} if number % 50 == 7 else {})


def expected_exclusion(row: Mapping[str, Any]) -> str | None:
    return "no_consent" if "consent" in row else None if "email" in row else "no_address"


def customer_id(stack: Stack, city: str, number: int) -> str:
    return id_of_external(stack, f"{city}-{number}")


class PeopleChanges:
    """Suppresses, erases, moves, merges and imports people of one city, withdraws their consent, sends their
    activities, and reports what comes back about their messages.

    Every request is repeated until it is answered, as a sender must. `suppressed`, `erased`, `withdrawn`, `moved` and
    `merged` have the time at which that was certain, by customer id; `kept_by` the customer whom a merged id leads to.
    """

    def __init__(
        self, stack: Stack, client: HeraldClient, documents: FirestoreDocuments, city: str, dice: random.Random
    ) -> None:
        self._stack = stack
        self._client = client
        self._documents = documents
        self._city = city
        self._dice = dice
        addressed = [number for number in range(CUSTOMERS) if expected_exclusion(customer_row(city, number)) is None]
        chosen = iter(dice.sample(addressed, CHANGED))
        self._to_suppress, self._to_erase = list(islice(chosen, SUPPRESSED)), list(islice(chosen, ERASED))
        self._to_withdraw, self._to_move = list(islice(chosen, WITHDRAWN)), list(islice(chosen, MOVED))
        self._pairs = list(chunked(chosen, 2))  # the customer to keep, and the one to merge
        left_alone = {*self._to_erase, *chain.from_iterable(self._pairs)}
        self._reportable = {self._id(number) for number in {*addressed} - left_alone}
        self._kept = sorted({*range(CUSTOMERS)} - left_alone)
        self.kept_by = {self._id(other): self._id(kept) for kept, other in self._pairs}
        self.suppressed: dict[str, float] = {}
        self.erased: dict[str, float] = {}
        self.withdrawn: dict[str, float] = {}
        self.moved: dict[str, float] = {}
        self.merged: dict[str, float] = {}
        self._refused: set[str] = set()  # customers from whose address a refusal came back
        self.counts: Counter[str] = Counter()
        self._visitors: list[int] = []
        self._problems: list[str] = []

    @property
    def allowed_reasons(self) -> dict[str, Collection[str]]:
        """For which further reasons a customer may be skipped."""
        return {
            **dict.fromkeys(self._refused, ("suppressed",)),
            **dict.fromkeys((self._id(number) for number in self._to_suppress), ("suppressed",)),
            **dict.fromkeys((self._id(number) for number in self._to_erase), ("suppressed", "erased", "no_address")),
            **dict.fromkeys((self._id(number) for number in self._to_withdraw), ("no_consent", "suppressed")),
            **dict.fromkeys((self._id(number) for number in self._to_move), MOVED_REASONS),
            **dict.fromkeys((*self.kept_by, *self.kept_by.values()), MOVED_REASONS),
        }

    async def run(self, campaigns: Sequence[str]) -> None:
        """Everything happens once, at a random moment within a few seconds."""
        deeds = (
            *(self._suppress, self._erase, self._withdraw_consent, self._move, self._merge),
            *(self._import, self._record_activities),
            partial(self._report, campaigns),
        )
        await asyncio.gather(*(self._soon(deed) for deed in deeds))

    async def _soon(self, deed: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(self._dice.uniform(0, 8))
        await deed()

    async def _suppress(self) -> None:
        addresses = [{"email": customer_row(self._city, number)["email"]} for number in self._to_suppress]
        await repeat(lambda: self._client.post("/api/suppressions", addresses))
        self.suppressed = dict.fromkeys(map(self._id, self._to_suppress), time.time())
        self.counts["people suppressed"] += len(addresses)

    async def _erase(self) -> None:
        for number in self._to_erase:
            await repeat(lambda number=number: self._client.delete(f"/api/customers/{self._id(number)}"))  # type: ignore[misc]
            self.erased[self._id(number)] = time.time()
        self.counts["people erased"] += len(self._to_erase)

    async def _withdraw_consent(self) -> None:
        rows = [{"external_id": f"{self._city}-{number}", "consent": {"email": False}} for number in self._to_withdraw]
        await repeat(lambda: self._client.post("/api/customers", rows))
        self.withdrawn = dict.fromkeys(map(self._id, self._to_withdraw), time.time())
        self.counts["consents withdrawn"] += len(rows)

    async def _move(self) -> None:
        """Two people each get one new address."""
        for index, number in enumerate(self._to_move):
            address = {"email": f"moved{index // 2}@{self._city}.example.com"}
            await repeat(lambda n=number, a=address: self._client.patch(f"/api/customers/{self._id(n)}", a))  # type: ignore[misc]
            self.moved[self._id(number)] = time.time()
        self.counts["addresses corrected"] += len(self._to_move)

    async def _merge(self) -> None:
        for other, kept in self.kept_by.items():
            body = {"keep": kept, "merge": other, "confirm": True}
            await repeat(lambda body=body: self._client.post("/api/customers/merge", body))  # type: ignore[misc]
            self.merged[other] = time.time()
        self.counts["people merged"] += len(self.kept_by)

    async def _report(self, campaigns: Sequence[str]) -> None:
        """The vendor reports later events of messages that it has sent, each of them twice."""
        async with httpx.AsyncClient(base_url=self._stack.vendor or "") as vendor:
            logs = [(await vendor.get("/send-log", params={"campaign": one})).json() for one in campaigns]
        sent = [
            entry["message"]
            for log in logs
            for entry in log.values()
            if entry["outcome"] == "sent" and entry["message"]["customer_id"] in self._reportable
        ]
        for index, message in enumerate(self._dice.sample(sent, min(REPORTED, len(sent)))):
            kind = REPORTS[index % len(REPORTS)]
            if kind in REFUSALS:
                self._refused |= {message["customer_id"], *self._sharers(message["to"])}
            await self._call_back(message, kind)
            self.counts[f"reported as {kind}"] += 1

    def _sharers(self, address: str) -> Iterator[str]:
        """The people who get the address of a message, or have got it."""
        for index, number in enumerate(self._to_move):
            if address == f"moved{index // 2}@{self._city}.example.com":
                yield self._id(number)

    async def _call_back(self, message: Mapping[str, Any], kind: ReceiptKind) -> None:
        ids = {name: message[name] for name in ("message_id", "campaign_id", "customer_id", "attempt")}
        receipt = Receipt.model_validate({**ids, "kind": kind, "at": datetime.now(UTC), "permanent": True})
        body = b'{"events":[%s]}' % b",".join([receipt.model_dump_json().encode()] * 2)
        webhook, callback = Webhook(self._stack.config.webhook_secret), f"msg_{ids['message_id']}.{kind}"
        async with httpx.AsyncClient(base_url=self._stack.site) as vendor:
            for _ in range(CALLBACK_TRIES):
                headers = dict(signed_headers(webhook, callback, body, now=datetime.now(UTC)))
                with suppress(httpx.HTTPError):
                    if (await vendor.post("/api/receipts/webhook", content=body, headers=headers)).is_success:
                        return
                await asyncio.sleep(0.3)
        self._problems.append(f"The callback {callback} was never accepted")

    async def _import(self) -> None:
        """Imports changed customers, and new ones of another city, in the background."""
        changed = self._dice.sample(self._kept, IMPORTED)
        rows = [{"external_id": f"{self._city}-{number}", "attributes": {"tier": "gold"}} for number in changed]
        rows += [{"external_id": f"{self._city}-new-{number}", "city": f"{self._city}-new"} for number in range(50)]
        import_id = (await repeat(lambda: self._client.post("/api/customers?background=true", rows)))["import_id"]
        self.counts["rows imported"] += len(rows)
        status = await self._finished_import(import_id)
        results = status["created"] + status["updated"] + status["unchanged"]
        if (status["state"], results, status["done"]) != ("completed", len(rows), len(rows)):
            self._problems.append(f"The import of {len(rows)} rows is {status}")

    async def _finished_import(self, import_id: str) -> Any:
        while True:
            status = await repeat(lambda: self._client.get(f"/api/imports/{import_id}"))
            if status["state"] not in {"uploading", "processing"}:
                return status
            await asyncio.sleep(0.5)

    async def _record_activities(self) -> None:
        """Sends visits, and all of them once more."""
        self._visitors = self._dice.sample(self._kept, ACTIVITIES)
        visits = [
            {
                "event_id": f"{self._city}-{number}",
                "type": "visit",
                "external_id": f"{self._city}-{number}",
                "at": _now(),
            }
            for number in self._visitors
        ]
        for _ in range(2):
            await repeat(lambda: self._client.post("/api/activities", visits))
            await asyncio.sleep(self._dice.uniform(0, 3))
        self.counts["activities sent twice"] += len(visits)

    async def differences(self) -> list[str]:
        """What is not as it must be afterwards."""
        return [*self._problems, *await self._check_figures(), *await self._check_flags()]

    async def _check_figures(self) -> list[str]:
        """Each activity is counted once, whatever else changed the customer."""
        customers = await self._documents.get_all([f"customers/{self._id(number)}" for number in self._kept])
        visitors = set(self._visitors)
        kept = await self._documents.get_all([f"customers/{id_}" for id_ in self.kept_by.values()])
        expected = [first % BASE_VISITS + other % BASE_VISITS for first, other in self._pairs]
        if [customer.get("visits") for customer in kept] != expected:
            return [f"Merged customers have {[customer.get('visits') for customer in kept]} visits, not {expected}"]
        wrong = [
            f"{customer.id} ({customer.get('visits')})"
            for number, customer in zip(self._kept, customers, strict=True)
            if customer.get("visits") != number % BASE_VISITS + (number in visitors)
        ]
        return [f"{len(wrong)} customers have wrong visits: {', '.join(wrong[:3])}"] if wrong else []

    async def _check_flags(self) -> list[str]:
        paths = {
            "erased": [f"customers/{id_}" for id_ in self.erased],
            "suppressed": [f"customers/{id_}" for id_ in self.suppressed],
            "without consent": [f"customers/{id_}" for id_ in self.withdrawn],
            "suppressed after a refusal": [f"customers/{id_}" for id_ in self._refused - {*self.moved}],
            "merged": [f"customers/{id_}" for id_ in self.merged],
        }
        found = {name: await self._documents.get_all(of_name) for name, of_name in paths.items()}
        wrong = {
            "erased": [one.id for one in found["erased"] if one.exists],
            "suppressed": [one.id for one in found["suppressed"] if not one.get("suppressed")],
            "without consent": [one.id for one in found["without consent"] if one.get("consent", {}).get("email")],
            "suppressed after a refusal": [
                one.id for one in found["suppressed after a refusal"] if "email" not in one.get("suppressed", ())
            ],
            "merged": [one.id for one in found["merged"] if one.get("merged_into") != self.kept_by[one.id]],
        }
        return [f"{len(those)} customers are not {name}: {those[:3]}" for name, those in wrong.items() if those]

    def _id(self, number: int) -> str:
        return customer_id(self._stack, self._city, number)


async def repeat(request: Callable[[], Awaitable[Any]]) -> Any:
    """Makes a request until it is answered. What has happened already is an answer, too."""
    while True:
        try:
            return await request()
        except ApiError as error:
            if error.status == 404:
                return None
            if error.status in FINAL and error.status not in {409, 429}:
                raise
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.3)


def _now() -> str:
    return datetime.now(UTC).isoformat()
