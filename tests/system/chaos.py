"""Campaigns in a storm of faults, one for each seed: `python -m tests.system.chaos 50`.

The whole stack runs, and while a campaign of 2,000 people is under way, functions and their instances are killed and
frozen, deliveries stop, calls to Firestore and Pub/Sub are refused or their answers lost, vendor and Gemini misbehave;
besides, every message may be delivered twice, and the vendor reports twice, late and in any order. When the storm is
over, everything must be worked off in time, and everybody's books must tell the same.
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

from common.storage.firestore import FirestoreDocuments
from local.client import signed_in
from local.services import FIRST_ADMIN
from local.stack import Stack
from local.topology import TOPOLOGY
from tests.system.chaos_run import Ordeal
from tests.system.faults import Faults

SETTINGS = {
    "PUSH_DUPLICATE_SHARE": "0.1",
    "VENDOR_DUPLICATE_SHARE": "0.2",
    "VENDOR_LATE_SHARE": "0.1",
    "VENDOR_LATE_SECONDS": "3",
    "VENDOR_LOST_SHARE": "0.002",
    "CLAIM_LEASE_SECONDS": "5",
    "WATCHDOG_SECONDS": "5",
    "TICK_SECONDS": "1",
    "WEBHOOK_TIMEOUT_SECONDS": "2",
    "GEMINI_TIMEOUT_SECONDS": "2",
}
BACKOFF = {"minimum_backoff_seconds": 1, "maximum_backoff_seconds": 4}
OTHERS = {"GEMINI_API_KEY", "WEBHOOK_URL"}  # a user's own: never to be troubled


@asynccontextmanager
async def stormy(folder: Path) -> AsyncIterator[Ordeal]:
    """The whole stack with short waits, and with everything in between that can go wrong."""
    own = {name: value for name, value in os.environ.items() if name not in OTHERS}
    async with Stack(folder=folder, environ=own | SETTINGS, topology_path=_impatient(folder)) as stack:
        faults, documents = Faults(stack), _database(stack)
        async with faults.between(), signed_in(site=stack.site, auth=stack.auth, email=FIRST_ADMIN) as client:
            yield Ordeal(stack, faults, client, documents)
            await documents.close()


def _impatient(folder: Path) -> Path:
    """The shared topology with shorter back-offs."""
    topology = json.loads(TOPOLOGY.read_text())
    for subscription in topology["subscriptions"].values():
        subscription.update(BACKOFF)
    path = folder / "topology.json"
    path.write_text(json.dumps(topology))
    return path


def _database(stack: Stack) -> FirestoreDocuments:
    """Past the faults."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", stack.firestore)
        return FirestoreDocuments(stack.plan.project)


async def main(seeds: range, folder: Path) -> int:
    """How many seeds ended with a difference."""
    different = 0
    async with stormy(folder) as ordeal:
        for seed in seeds:
            result = await ordeal.run(seed)
            print(result, flush=True)
            different += bool(result.differences)
    print(f"{len(seeds) - different} of {len(seeds)} seeds without a difference; logs in {folder / 'logs'}")
    return different


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Campaigns in a storm of faults")
    parser.add_argument("seeds", type=int, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="herald-chaos-"))
    sys.exit(asyncio.run(main(range(given.first, given.first + given.seeds), place)) > 0)
