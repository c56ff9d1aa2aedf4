"""`python -m tests.fuzz MINUTES`: gives each target at least `INPUTS` inputs, and prints how many it read.

Hypothesis makes some of them and shrinks one that fails; it gets the minutes. Most are made from random bytes, which is
fast. Where atheris is installed, it reads the same bytes and looks for those that reach new code.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from importlib.util import find_spec

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, FuzzTarget

ROUND = 1_000
INPUTS = 100_000
MAX_BYTES = 120
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
    """Read inputs of Hypothesis until the time is over; at least one round. Each round has a seed of its own."""
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


def fuzz_bytes(target: FuzzTarget, result: FuzzResult, inputs: int, *, first_seed: int = 0) -> None:
    """Read inputs from random bytes, until there are so many. An error has the bytes as a note."""
    source = random.Random(first_seed)
    while result.inputs < inputs:
        data = source.randbytes(source.randrange(MAX_BYTES))
        try:
            result.read(target, target.decode(data))
        except Exception as error:
            error.add_note(f"the input was made from {data!r}")
            raise


def fuzz_guided(name: str, inputs: int) -> None:
    """Let atheris look for bytes that reach new code, in a process of its own. Raises if one of them fails."""
    lengths = (f"-max_len={MAX_BYTES}", "-len_control=0")  # long inputs from the beginning on
    command = [sys.executable, "-m", "tests.fuzz.guided", name, f"-runs={inputs}", *lengths]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise AssertionError(f"atheris: {run.stdout[-3000:]}{run.stderr[-3000:]}")


def main(minutes: float, inputs: int, names: list[str]) -> int:
    """Fuzz the targets. Returns the number of those that failed, each with an input that shows it."""
    failed, is_guided = 0, find_spec("atheris") is not None
    for name in names:
        number, target = int(time.time()), TARGETS[name]
        try:
            result = fuzz(target, minutes * 60 / len(names), first_seed=number)
            made = result.inputs
            fuzz_bytes(target, result, made + inputs, first_seed=number)
            if is_guided:
                fuzz_guided(name, inputs)
        except Exception:
            failed += 1
            print(f"{name}: FAILED", traceback.format_exc(), sep="\n", flush=True)
        else:
            guided = f"{inputs:,} of atheris" if is_guided else "atheris is not installed"
            counts = f"{made:,} inputs of Hypothesis, {result.inputs - made:,} of random bytes, {guided}"
            print(f"{name}: {counts}, 0 failures, slowest {result.slowest:.2f} s", flush=True)
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("minutes", nargs="?", type=float, default=1.0, help="for Hypothesis, for all targets together")
    parser.add_argument("--inputs", type=int, default=INPUTS, help="of random bytes, and of atheris, for each target")
    parser.add_argument("--only", choices=TARGETS, help="one target")
    chosen = parser.parse_args()
    sys.exit(main(chosen.minutes, chosen.inputs, [chosen.only] if chosen.only else list(TARGETS)))
