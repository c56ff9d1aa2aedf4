"""What happens to customers while a campaign runs, and what the database must say about them afterwards."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from common import ids
from common.storage.firestore import FirestoreDocuments
from local.client import ApiError, HeraldClient

CUSTOMERS = 2000
SUPPRESSED, ERASED, WITHDRAWN = 10, 10, 10  # people to whom this happens
ACTIVITIES = 200
IMPORTED = 300
BASE_VISITS = 20  # customers have fewer visits than this before the campaign
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


def customer_id(city: str, number: int) -> str:
    return ids.customer_id("external_id", f"{city}-{number}")


class PeopleChanges:
    """Suppresses, erases and imports people of one city, withdraws their consent and sends their activities.

    Every request is repeated until it is answered, as a sender must. `suppressed`, `erased` and `withdrawn` have the
    time at which that was certain, by customer id.
    """

    def __init__(self, client: HeraldClient, documents: FirestoreDocuments, city: str, dice: random.Random) -> None:
        self._client = client
        self._documents = documents
        self._city = city
        self._dice = dice
        addressed = [number for number in range(CUSTOMERS) if expected_exclusion(customer_row(city, number)) is None]
        chosen = dice.sample(addressed, SUPPRESSED + ERASED + WITHDRAWN)
        self._to_suppress, self._to_erase = chosen[:SUPPRESSED], chosen[SUPPRESSED : SUPPRESSED + ERASED]
        self._to_withdraw = chosen[SUPPRESSED + ERASED :]
        self._kept = sorted({*range(CUSTOMERS)} - {*self._to_erase})
        self.suppressed: dict[str, float] = {}
        self.erased: dict[str, float] = {}
        self.withdrawn: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        self._visitors: list[int] = []
        self._problems: list[str] = []

    @property
    def allowed_reasons(self) -> dict[str, Collection[str]]:
        """For which further reasons a customer may be skipped."""
        return {
            **dict.fromkeys((self._id(number) for number in self._to_suppress), ("suppressed",)),
            **dict.fromkeys((self._id(number) for number in self._to_erase), ("suppressed", "erased", "no_address")),
            **dict.fromkeys((self._id(number) for number in self._to_withdraw), ("no_consent",)),
        }

    async def run(self) -> None:
        """Everything happens once, at a random moment within a few seconds."""
        deeds = (self._suppress, self._erase, self._withdraw_consent, self._import, self._record_activities)
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
        }
        found = {name: await self._documents.get_all(of_name) for name, of_name in paths.items()}
        wrong = {
            "erased": [one.id for one in found["erased"] if one.exists],
            "suppressed": [one.id for one in found["suppressed"] if not one.get("suppressed")],
            "without consent": [one.id for one in found["without consent"] if one.get("consent", {}).get("email")],
        }
        return [f"{len(those)} customers are not {name}: {those[:3]}" for name, those in wrong.items() if those]

    def _id(self, number: int) -> str:
        return customer_id(self._city, number)


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
