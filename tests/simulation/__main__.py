"""`python -m tests.simulation 2000`: runs seeds, and prints the shortest story of those that fail."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

from common.storage.memory import MemoryDocuments
from tests.simulation.shrink import shrink
from tests.simulation.story import random_story
from tests.simulation.world import RunResult, run_story
from tests.terraform.indexes import TerraformIndexes

STORIES = 5
"""How many failures are shrunk and told, at most one for each rule."""


def main(seeds: Sequence[int], *, stories: int) -> int:
    """Runs the seeds; returns how many failed."""
    started, failures = time.monotonic(), list[RunResult]()
    for seed in seeds:
        result = run_story(random_story(seed))
        if result.violations:
            failures.append(result)
            print(f"seed {seed}: {', '.join(result.rules)}", flush=True)
    minutes = (time.monotonic() - started) / 60
    by_rule: dict[str, list[RunResult]] = defaultdict(list)
    for failure in failures:
        by_rule[failure.rules[0]].append(failure)
    for rule, of_rule in list(by_rule.items())[:stories]:
        print(f"\n{rule} (seeds {', '.join(str(failure.story.seed) for failure in of_rule[:20])})")
        tell(shrink(min(of_rule, key=lambda failure: len(failure.trace))))
    print(
        f"\n{len(seeds) - len(failures)} of {len(seeds)} seeds without a violation; {len(seeds) / minutes:.0f} a minute"
    )
    return len(failures)


def tell(result: RunResult) -> None:
    """Prints a story, what happened, and what was wrong."""
    print(f"The shortest story (seed {result.story.seed}): {result.story}\n")
    print("\n".join(line[:150] for line in result.lines()))
    print("\n".join(f"=> {violation}" for violation in result.violations))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Deterministic simulation of Herald")
    parser.add_argument("seeds", type=int, help="the number of seeds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--stories", type=int, default=STORIES, help="how many failures are shrunk and told")
    arguments = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets is part of a run
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | {"PYTHONHASHSEED": "0"})
    MemoryDocuments.indexes = TerraformIndexes()
    sys.exit(main(range(arguments.first, arguments.first + arguments.seeds), stories=arguments.stories) > 0)
