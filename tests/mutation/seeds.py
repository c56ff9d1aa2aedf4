"""`python -m tests.mutation.seeds rules.json`: which rules do the seeds break that they do not break in this file?

Without the file, it is written: that is done once, with the code as it is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.simulation.story import STEPS, FaultKind, random_story, step_story
from tests.simulation.world import run_story
from tests.unit.test_simulation_stories import GOOD_STORIES, STORIES

SEEDS = range(1, 61)
KINDS: tuple[FaultKind, ...] = ("dies before", "dies after", "answer lost")


ALL = {
    **{f"{kind} {step} {nth}": step_story(step, kind, nth) for kind in KINDS for step in STEPS for nth in (1, 2)},
    **STORIES,
    **GOOD_STORIES,
    **{f"seed {seed}": random_story(seed) for seed in SEEDS},
}


def rules_of(name: str) -> list[str]:
    """The rules that a story breaks; an error of the run is one, too."""
    try:
        return run_story(ALL[name]).rules
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def main(known: Path) -> int:
    """Writes the rules, or stops at the first story that breaks another rule: the mutant is killed."""
    if not known.exists():
        known.write_text(json.dumps({name: rules_of(name) for name in ALL}))
        return 0
    expected = json.loads(known.read_text())
    for name in ALL:
        if new := sorted(set(rules_of(name)) - set(expected[name])):
            print(f"{name}: {', '.join(new)}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
