"""The definition of functions, topics, subscriptions and rewrites, which Terraform reads too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

import aiohttp
from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).parent.parent
TOPOLOGY = ROOT / "terraform" / "topology.json"
LEASE_SECONDS = 30
"""The lease of a pulled message. If the push service exits, the emulator delivers the message again after this time. A
post may take longer, because its lease is extended."""


class TopologyEntry(BaseModel):
    """A frozen record that rejects unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FunctionDefinition(TopologyEntry):
    """The fields that the local stack uses. The other fields are for the cloud (terraform/topology/variables.tf)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    folder: str
    trigger: Literal["http", "pubsub"]


class SubscriptionDefinition(TopologyEntry):
    """A push subscription."""

    topic: str
    function: str
    dead_letter_topic: str | None
    max_delivery_attempts: int | None
    ack_deadline_seconds: int  # also the timeout of a post
    minimum_backoff_seconds: int
    maximum_backoff_seconds: int


class Rewrite(TopologyEntry):
    """The function that serves a path."""

    source: str  # a glob of Firebase Hosting
    function: str


class Topology(TopologyEntry):
    """The content of terraform/topology.json."""

    functions: dict[str, FunctionDefinition]
    vendors: dict[str, list[str]] = {}  # the settings that each vendor requires, by its name
    topics: list[str]
    subscriptions: dict[str, SubscriptionDefinition]
    rewrites: list[Rewrite]

    @classmethod
    def read(cls, path: Path = TOPOLOGY) -> Self:
        return cls.model_validate_json(path.read_text())

    def available_vendors(self, environ: Mapping[str, str]) -> list[str]:
        """The vendors whose required settings all have a value. Terraform computes the same for a deployment."""
        return [name for name, required in self.vendors.items() if all(environ.get(setting) for setting in required)]


async def create_resources(
    topology: Topology, *, pubsub: str, project: str, lease_seconds: int = LEASE_SECONDS
) -> None:
    """Create the topics and pull subscriptions in the emulator. Existing ones are not changed."""
    async with aiohttp.ClientSession(f"http://{pubsub}/v1/projects/{project}/") as session:
        for path, body in _resources(topology, project, lease_seconds):
            async with session.put(path, json=body) as response:
                if response.status not in (200, 409):
                    raise RuntimeError(f"The Pub/Sub emulator failed to create {path}: {await response.text()}")


def _resources(topology: Topology, project: str, lease_seconds: int) -> Iterator[tuple[str, dict[str, object]]]:
    for topic in topology.topics:
        yield f"topics/{topic}", {}
    for name, subscription in topology.subscriptions.items():
        topic = f"projects/{project}/topics/{subscription.topic}"
        yield f"subscriptions/{name}", {"topic": topic, "ackDeadlineSeconds": lease_seconds, "expirationPolicy": {}}
