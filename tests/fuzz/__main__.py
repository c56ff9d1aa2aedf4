"""`python -m tests.fuzz MINUTES`: gives each target the same time, and prints how many inputs it read."""

from __future__ import annotations

import sys
import time
import traceback
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, FuzzTarget

ROUND = 1_000
MAX_SECONDS = 2.0
"""Of processor time, for one input."""
OPTIONS = settings(
    max_examples=ROUND,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@dataclass
class FuzzResult:
    """What became of the inputs of one target."""

    inputs: int = 0
    slowest: float = 0.0  # seconds of processor time

    def read(self, target: FuzzTarget, value: object) -> None:
        """Read one input. Raises what the target may not raise, also if it takes too long."""
        started = time.process_time()
        target.read(value)
        seconds = time.process_time() - started
        self.inputs, self.slowest = self.inputs + 1, max(self.slowest, seconds)
        assert seconds < MAX_SECONDS, f"it took {seconds:.1f} s"


def fuzz(target: FuzzTarget, seconds: float, *, first_seed: int = 0, options: settings = OPTIONS) -> FuzzResult:
    """Read inputs until the time is over; at least one round. Each round has a seed of its own."""
    result, until, number = FuzzResult(), time.monotonic() + seconds, first_seed
    while number == first_seed or time.monotonic() < until:

        @seed(number)
        @options
        @given(target.inputs)
        def read_inputs(value: object) -> None:
            result.read(target, value)

        read_inputs()
        number += 1
    return result


def main(minutes: float) -> int:
    """Fuzz all targets. Returns the number of those that failed, each with the smallest input that shows it."""
    seconds, failed = minutes * 60 / len(TARGETS), 0
    for name, target in TARGETS.items():
        try:
            result = fuzz(target, seconds, first_seed=int(time.time()))
        except Exception:
            failed += 1
            print(f"{name}: FAILED", traceback.format_exc(), sep="\n", flush=True)
        else:
            print(f"{name}: {result.inputs:,} inputs, 0 failures, slowest {result.slowest:.2f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1))
