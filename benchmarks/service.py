"""How the functions work in the cloud, one message at a time: what is measured, and what is assumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.message_costs import Measured
from personalization.personalizer import MOST_CALLS, MOST_PEOPLE

TOPOLOGY = Path(__file__).parents[1] / "terraform" / "topology.json"

WAITS: Mapping[str, float] = {"personalize": 2.0, "deliver": 0.2, "record": 0.1}
"""Seconds that one message waits, for Gemini, Firestore and the vendor: assumed, since a laptop has none of them."""

PATH = ("fan_out", "personalize", "deliver", "receipts", "record")
"""The way of a message. The functions before and after it are not called for each."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One function."""

    cpu: float  # seconds of a vCPU, per message
    wait: float  # seconds, per message
    at_once: int  # messages in one instance
    instances: int  # at most
    memory: float  # GiB

    @property
    def busy(self) -> float:
        """Seconds of one instance that a message takes, where there are enough messages."""
        return max(self.cpu, self.wait / self.at_once)

    @property
    def rate(self) -> float:
        """Messages a second with all instances."""
        return self.instances / self.busy


def services(measured: Measured) -> dict[str, Service]:
    defined = json.loads(TOPOLOGY.read_text())["functions"]
    return {
        name: Service(
            cpu=measured.cpu_seconds[name],
            wait=WAITS.get(name, 0.0),
            at_once=MOST_CALLS * MOST_PEOPLE if name == "personalize" else defined[name]["concurrency"],
            instances=defined[name]["max_instances"],
            memory=_gibibytes(defined[name]["memory"]),
        )
        for name in PATH
    }


def _gibibytes(memory: str) -> float:
    return float(memory[:-2]) / {"Mi": 1024, "Gi": 1}[memory[-2:]]
