"""Events and requests that no function can read, while a campaign runs: they are refused, or become dead letters."""

from __future__ import annotations

import asyncio
import random
from base64 import b64encode
from collections import Counter

import httpx

from common.ids import random_id
from common.messages.dead_letters import dead_letter_id
from local.stack import Stack

TOPICS = ("fan-outs", "recipients", "deliveries", "receipts", "ingest", "ticks")
ENDPOINTS = ("/api/receipts/webhook", "/api/receipts/simulator", "/api/activities", "/api/customers", "/api/campaigns")
LOG_SECONDS = 180.0
"""A dead letter may be refused, and its function killed, a few times before it is logged."""


class MalformedEvents:
    """Publishes one to each topic, and posts one to each endpoint. The log names the dead letter of each event."""

    def __init__(self, stack: Stack, dice: random.Random) -> None:
        self._stack = stack
        self._dice = dice
        self._letters: dict[str, str] = {}  # by topic: the id of the dead letter, which is in the log
        self._accepted: list[str] = []
        self._lost: list[str] = []
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=30) as http:
            for topic in TOPICS:
                await asyncio.sleep(self._dice.uniform(0, 1.5))
                await self._publish(http, topic)
            for path in ENDPOINTS:
                await self._post(http, path)
        await self._wait_for_dead_letters()

    async def _publish(self, http: httpx.AsyncClient, topic: str) -> None:
        """Publish what is no JSON, or what lacks every field."""
        marker = f"malformed-{random_id()}"
        data = self._dice.choice((f"not JSON: {marker}", f'"{marker}"', f'[{{"marker": "{marker}"}}]')).encode()
        self._letters[topic] = dead_letter_id(topic, data)
        url = f"http://{self._stack.pubsub}/v1/projects/{self._stack.config.project}/topics/{topic}:publish"
        (await http.post(url, json={"messages": [{"data": b64encode(data).decode()}]})).raise_for_status()
        self.counts["malformed events"] += 1

    async def _post(self, http: httpx.AsyncClient, path: str) -> None:
        """Post it until it is answered by something other than an error of the server."""
        while True:
            try:
                response = await http.post(f"{self._stack.site}{path}", content=b'[{"event_id": ')
            except httpx.HTTPError:
                continue
            if response.status_code < 500:
                break
            await asyncio.sleep(0.2)
        self.counts["malformed requests"] += 1
        if response.is_success:
            self._accepted.append(path)

    async def _wait_for_dead_letters(self) -> None:
        try:
            async with asyncio.timeout(LOG_SECONDS):
                while self._unlogged():
                    await asyncio.sleep(0.5)
        except TimeoutError:
            self._lost = self._unlogged()

    def _unlogged(self) -> list[str]:
        """The topics whose dead letter is not in the log yet."""
        log = (self._stack.config.logs / "dead_letter.log").read_text(errors="replace")
        return [topic for topic, letter in self._letters.items() if letter not in log]

    def differences(self) -> list[str]:
        """What was accepted, or got lost."""
        problems = {
            "accepted what is malformed": self._accepted,
            "have no dead letter of what was malformed": self._lost,
        }
        return [f"{', '.join(names)} {problem}" for problem, names in problems.items() if names]
