"""`python -m tests.mutation`: applies each mutant to a copy of the project, and runs tests until one fails.

At the end, nine of them at once run under the chaos harness, which has to notice that something is wrong.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import CRASH_TESTS, JOB_TESTS, MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
LINKED = ("firebase.json", "node_modules", "static_site")
COPIED = ("functions", "local", "tests", "terraform", "benchmarks", "docs")
PROCESSES = 2
SLOW_TESTS = (CRASH_TESTS, JOB_TESTS, "tests/component/test_campaign_life.py")
CHAOS_SEED = 1
TOGETHER = (
    "claims are written over each other",
    "an endpoint acknowledges before it works",
    "receipts are counted again after a lost answer",
    "the watchdog sends nothing again",
    "pages are read before the counters",
    "a campaign is finished over any version",
    "a requeued message is forgotten whatever its version",
    "a claim is taken over although there is an outcome",
    "an instance ends the lease of another one",
)
"""They once ran together, and the chaos harness saw no difference."""
SURVIVORS_ALLOWED: dict[str, str] = {}
"""The mutants that no test can kill, and the reason."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Who killed a mutant; nobody if it survived."""

    mutant: Mutant
    killer: str | None
    seconds: float

    def __str__(self) -> str:
        reason = SURVIVORS_ALLOWED.get(self.mutant.name)
        killed = f"killed by {self.killer}" if self.killer else f"SURVIVES{f' ({reason})' if reason else ''}"
        return f"{self.mutant.name}: {killed}, {self.seconds:.0f} s"


def main(names: Sequence[str], *, slow: bool, rules: Path | None) -> int:
    """Judges the mutants; returns how many survive without a reason. `rules` keeps what seeds break without mutants."""
    mutants = [mutant for mutant in MUTANTS if not names or any(name in mutant.name for name in names)]
    for mutant in MUTANTS:
        mutant.applied_to((ROOT / mutant.file).read_text())  # an anchor that has moved is an error at once
    with tempfile.TemporaryDirectory(prefix="herald-mutants-") as directory:
        known = rules or Path(directory) / "rules.json"
        if not known.exists():
            _run_seeds(ROOT, known)
        with ThreadPoolExecutor(PROCESSES) as pool:
            verdicts = []
            for verdict in pool.map(lambda mutant: judge(mutant, Path(directory), known, slow=slow), mutants):
                verdicts.append(verdict)
                print(verdict, flush=True)
        if slow and not names:
            print(run_chaos(Path(directory)), flush=True)
    survivors = [verdict for verdict in verdicts if verdict.killer is None]
    print(f"\n{len(verdicts) - len(survivors)} of {len(verdicts)} mutants killed")
    return len([verdict for verdict in survivors if verdict.mutant.name not in SURVIVORS_ALLOWED])


def judge(mutant: Mutant, directory: Path, known: Path, *, slow: bool) -> Verdict:
    """Runs the tests on a copy with the mutant, the fast ones first, until one fails."""
    started = time.monotonic()
    copy = _copy_with([mutant], directory)
    killer = _killer(mutant, copy, known, slow=slow)
    shutil.rmtree(copy)
    return Verdict(mutant=mutant, killer=killer, seconds=time.monotonic() - started)


def run_chaos(directory: Path) -> str:
    """What the chaos harness finds with all mutants of `TOGETHER`. Raises `RuntimeError` if it finds nothing."""
    together = [mutant for mutant in MUTANTS if mutant.name in TOGETHER]
    copy = _copy_with(together, directory)
    for name in LINKED:
        (copy / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "tests.system.chaos", "1", "--first", str(CHAOS_SEED)]
    result = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=_environment(copy), check=False)
    if result.returncode == 0 or "DIFFERENCES" not in result.stdout:
        raise RuntimeError(f"The chaos harness does not see {len(together)} mutants: {result.stdout}{result.stderr}")
    return f"{len(together)} mutants at once under the chaos harness: {result.stdout}"


def _copy_with(mutants: Sequence[Mutant], directory: Path) -> Path:
    """A copy of the project with the mutants."""
    copy = Path(tempfile.mkdtemp(dir=directory))
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for mutant in mutants:
        file = copy / mutant.file
        file.write_text(mutant.applied_to(file.read_text()))
    return copy


def _killer(mutant: Mutant, copy: Path, known: Path, *, slow: bool) -> str | None:
    killer = _failing_test(copy, mutant.tests) if mutant.tests else None
    return killer or _run_seeds(copy, known) or (_failing_test(copy, SLOW_TESTS) if slow else None)


def _failing_test(copy: Path, tests: Sequence[str]) -> str | None:
    """The first test that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", *tests]
    result = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=_environment(copy), check=False)
    if result.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) \S+?(?:::(\S+))?(?: |$)", result.stdout, re.MULTILINE)
    return failed[1] or failed[0] if failed else f"pytest, which fails: {result.stdout[-300:]}"


def _run_seeds(copy: Path, known: Path) -> str | None:
    """The first story of the simulation that breaks a rule because of the mutant."""
    command = [sys.executable, "-m", "tests.mutation.seeds", str(known)]
    result = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=_environment(copy), check=False)
    if result.returncode == 0:
        return None
    return f"the simulation ({result.stdout.strip() or result.stderr.strip()[-300:]})"


def _environment(copy: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": f"{copy}:{copy / 'functions'}", "PYTHONHASHSEED": "0"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mutation of the protocols")
    parser.add_argument("names", nargs="*", help="only mutants with one of these texts in their names")
    parser.add_argument("--together", action="store_true", help="only nine mutants at once, under the chaos harness")
    parser.add_argument("--fast", action="store_true", help="leave out the slow tests")
    parser.add_argument("--rules", type=Path, help="a file for the rules that seeds break without mutants")
    arguments = parser.parse_args()
    if arguments.together:
        with tempfile.TemporaryDirectory(prefix="herald-mutants-") as directory:
            print(run_chaos(Path(directory)))
        sys.exit()
    sys.exit(main(arguments.names, slow=not arguments.fast, rules=arguments.rules) > 0)
