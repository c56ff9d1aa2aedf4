"""The shared definition of functions, topics, subscriptions and rewrites that Terraform reads too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

import aiohttp
from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).parent.parent
TOPOLOGY = ROOT / "terraform" / "topology.json"
LEASE_SECONDS = 30
"""How long the emulator waits for a push service that died. A post may take longer: its lease is extended."""


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Function(Entry):
    """What the local stack runs; the other fields are for the cloud (terraform/topology/variables.tf)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    folder: str
    trigger: Literal["http", "pubsub"]


class Subscription(Entry):
    topic: str
    function: str
    dead_letter_topic: str | None
    max_delivery_attempts: int | None
    ack_deadline_seconds: int  # also the time a post may take
    minimum_backoff_seconds: int
    maximum_backoff_seconds: int


class Rewrite(Entry):
    source: str  # a glob of Firebase Hosting
    function: str


class Topology(Entry):
    functions: dict[str, Function]
    topics: list[str]
    subscriptions: dict[str, Subscription]
    rewrites: list[Rewrite]

    @classmethod
    def read(cls, path: Path = TOPOLOGY) -> Self:
        return cls.model_validate_json(path.read_text())


async def create(topology: Topology, *, pubsub: str, project: str, lease_seconds: int = LEASE_SECONDS) -> None:
    """Create the topics and (pull) subscriptions in the emulator; those that exist stay as they are."""
    async with aiohttp.ClientSession(f"http://{pubsub}/v1/projects/{project}/") as session:
        for path, body in _resources(topology, project, lease_seconds):
            async with session.put(path, json=body) as response:
                if response.status not in (200, 409):
                    raise RuntimeError(f"The Pub/Sub emulator did not create {path}: {await response.text()}")


def _resources(topology: Topology, project: str, lease_seconds: int) -> Iterator[tuple[str, dict[str, object]]]:
    for topic in topology.topics:
        yield f"topics/{topic}", {}
    for name, subscription in topology.subscriptions.items():
        topic = f"projects/{project}/topics/{subscription.topic}"
        yield f"subscriptions/{name}", {"topic": topic, "ackDeadlineSeconds": lease_seconds, "expirationPolicy": {}}
