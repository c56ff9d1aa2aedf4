"""`python -m tests.mutation.seeds rules.json`: which rules do the seeds break that they do not break in this file?

Without the file, it is written: that is done once, with the code as it is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.simulation.story import random_story
from tests.simulation.world import run_story
from tests.unit.test_simulation_stories import STORIES

SEEDS = range(1, 81)


def rules_of(name: str) -> list[str]:
    """The rules that a story breaks; an error of the run is one, too."""
    try:
        return run_story(STORIES[name] if name in STORIES else random_story(int(name))).rules
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def main(known: Path) -> int:
    """Writes the rules, or stops at the first story that breaks another rule: the mutant is killed."""
    names = [*STORIES, *map(str, SEEDS)]
    if not known.exists():
        known.write_text(json.dumps({name: rules_of(name) for name in names}))
        return 0
    expected = json.loads(known.read_text())
    for name in names:
        if new := sorted(set(rules_of(name)) - set(expected[name])):
            print(f"{f'seed {name}' if name.isdigit() else name}: {', '.join(new)}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
