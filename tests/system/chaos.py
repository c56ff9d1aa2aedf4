"""Campaigns with injected faults, one per seed: `python -m tests.system.chaos 50`.

The whole stack runs a campaign of 1,000 recipients. Meanwhile functions and their workers are killed and suspended,
deliveries pause, calls to Firestore and Pub/Sub are refused or their responses are lost, and the vendor and Gemini
fail. Besides, messages are delivered twice, and the vendor reports twice, late and out of order. When the faults end,
the campaign must finish in time, and all records of it must agree.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from common.batching import chunked
from common.storage.firestore import FirestoreDocuments
from local.client import signed_in
from local.firestore import EmulatorFirestore
from local.services import FIRST_ADMIN
from local.stack import Stack
from local.topology import TOPOLOGY
from tests.system.chaos_run import ChaosRun
from tests.system.faults import WATCHDOG_SECONDS, FaultInjector

SETTINGS = {
    "PUSH_DUPLICATE_SHARE": "0.1",
    "PUSH_LATE_COPY_SHARE": "0.03",
    "PUSH_LATE_COPY_SECONDS": "8",  # leases are 60 times shorter than in the cloud: eight minutes
    "VENDOR_DUPLICATE_SHARE": "0.2",
    "VENDOR_LATE_SHARE": "0.1",
    "VENDOR_LATE_SECONDS": "3",
    "VENDOR_LOST_SHARE": "0.002",
    "VENDOR_CONTRADICTED_SHARE": "0.02",
    "CLAIM_LEASE_SECONDS": "5",
    "WATCHDOG_SECONDS": str(WATCHDOG_SECONDS),
    "TICK_SECONDS": "1",
    "RATE_LIMITS": "person=0,key=0,anonymous=0",
    "WEBHOOK_TIMEOUT_SECONDS": "2",
    "GEMINI_TIMEOUT_SECONDS": "2",
}
SEEDS_OF_A_STACK = 5
SECOND_MANAGER = "second@example.com"
BACKOFF = {"minimum_backoff_seconds": 1, "maximum_backoff_seconds": 4}
EXCLUDED_VARIABLES = {"GEMINI_API_KEY", "WEBHOOK_URL"}  # of the user: real services get no faults


@asynccontextmanager
async def start_chaos(folder: Path, previous: Path | None = None) -> AsyncIterator[ChaosRun]:
    """Run the whole stack with short timeouts and with faulty connections, and perhaps with an earlier release too."""
    folder.mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name not in EXCLUDED_VARIABLES}
    async with Stack(
        folder=folder, environ=inherited | SETTINGS, topology_path=_topology_with_short_backoff(folder)
    ) as stack:
        faults, documents = FaultInjector(stack, previous), _database(stack)
        async with (
            faults.faulty_connections(),
            signed_in(site=stack.site, auth=stack.auth, email=FIRST_ADMIN) as first,
            signed_in(site=stack.site, auth=stack.auth, email=SECOND_MANAGER) as second,
        ):
            await EmulatorFirestore(stack.firestore, stack.config.project).add_member(SECOND_MANAGER, "admin")
            yield ChaosRun(stack, faults, [first, second], documents)
            await documents.close()


def _topology_with_short_backoff(folder: Path) -> Path:
    """Write a copy of the topology with shorter backoff."""
    topology = json.loads(TOPOLOGY.read_text())
    for subscription in topology["subscriptions"].values():
        subscription.update(BACKOFF)
    path = folder / "topology.json"
    path.write_text(json.dumps(topology))
    return path


def _database(stack: Stack) -> FirestoreDocuments:
    """Connect to Firestore without faults."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", stack.firestore)
        return FirestoreDocuments(stack.config.project)


async def main(seeds: range, folder: Path, previous: Path | None) -> int:
    """Run the seeds and return how many ended with a difference. Some seeds share a stack; more would slow it down,
    because the queries of the emulator read whole collections."""
    failed_seeds = 0
    for number, group in enumerate(chunked(seeds, SEEDS_OF_A_STACK)):
        async with start_chaos(folder / f"stack-{number}", previous) as chaos_run:
            for seed in group:
                result = await chaos_run.run(seed)
                print(result, flush=True)
                failed_seeds += bool(result.differences)
    print(f"{len(seeds) - failed_seeds} of {len(seeds)} seeds without a difference; logs in {folder}")
    return failed_seeds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Campaigns with injected faults")
    parser.add_argument("seeds", type=int, help="the number of seeds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--previous", type=Path, help="the folder of an earlier release, whose functions run beside")
    return parser.parse_args()


if __name__ == "__main__":
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="herald-chaos-"))
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    previous = arguments.previous.resolve() if arguments.previous else None
    sys.exit(asyncio.run(main(seeds, folder, previous)) > 0)
