"""The load of one message on each function in the cloud: measured CPU time and assumed wait time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.message_costs import MessageCosts
from common.writing.writer import MAX_RECIPIENTS_PER_CALL
from personalization.personalizer import MAX_PARALLEL_CALLS

TOPOLOGY = Path(__file__).parents[1] / "terraform" / "topology.json"

WAIT_SECONDS: Mapping[str, float] = {"personalize": 2.0, "deliver": 0.2, "record": 0.1}
"""Seconds that one message waits for Gemini, Firestore and the vendor. Assumed: a laptop cannot measure them."""

MESSAGE_PATH = ("fan_out", "personalize", "deliver", "receipts", "record")
"""The functions that each message passes through. The other functions are not called for every message."""


@dataclass(frozen=True, kw_only=True)
class FunctionProfile:
    """The load and the limits of one function."""

    cpu: float  # seconds of a vCPU, per message
    wait: float  # seconds, per message
    concurrency: int  # messages per instance
    instances: int  # maximum
    memory: float  # GiB

    @property
    def busy_seconds(self) -> float:
        """Instance seconds per message under full load."""
        return max(self.cpu, self.wait / self.concurrency)

    @property
    def rate(self) -> float:
        """Messages per second with all instances."""
        return self.instances / self.busy_seconds


def function_profiles(costs: MessageCosts, size: str = "small") -> dict[str, FunctionProfile]:
    """Return the profiles of the functions that each message passes through, in order, with the instances of a size."""
    definitions = json.loads(TOPOLOGY.read_text())["functions"]
    return {
        name: FunctionProfile(
            cpu=costs.cpu_seconds[name],
            wait=WAIT_SECONDS.get(name, 0.0),
            concurrency=MAX_PARALLEL_CALLS * MAX_RECIPIENTS_PER_CALL
            if name == "personalize"
            else definitions[name]["concurrency"],
            instances=definitions[name]["max_instances"][size],
            memory=_gibibytes(definitions[name]["memory"]),
        )
        for name in MESSAGE_PATH
    }


def _gibibytes(memory: str) -> float:
    return float(memory[:-2]) / {"Mi": 1024, "Gi": 1}[memory[-2:]]
