"""How long each function takes to import: most of a cold start that is ours. `python -m benchmarks.imports` prints
the table of README.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
FUNCTIONS = ROOT / "functions"
TOPOLOGY = ROOT / "terraform" / "topology.json"
RUNS = 5
HEAVIEST = 5
# As the framework loads it: `main.py` becomes the package `main`.
LOAD = """
from functions_framework import _function_registry
module, spec = _function_registry.load_function_module("main.py")
spec.loader.exec_module(module)
"""


def entry_points() -> dict[str, list[str]]:
    """The names of the entry points in each folder."""
    found: dict[str, list[str]] = {}
    for name, entry in json.loads(TOPOLOGY.read_text())["functions"].items():
        found.setdefault(entry["folder"], []).append(name)
    return found


def imported(folder: str) -> Counter[str]:
    """Microseconds spent in each package itself, without what it imports."""
    clean = {"PATH": os.defpath, "PYTHONPATH": str(FUNCTIONS)}
    command = [sys.executable, "-X", "importtime", "-c", LOAD]
    done = subprocess.run(command, cwd=FUNCTIONS / folder, env=clean, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return by_package(done.stderr.splitlines())


def by_package(lines: Iterable[str]) -> Counter[str]:
    """Lines are like `import time:       218 |      12345 |   google.cloud.firestore`."""
    spent: Counter[str] = Counter()
    for line in lines:
        own, _, module = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            spent[package(module.strip())] += int(own)
    return spent


def package(module: str) -> str:
    """What one would install: `google.cloud.firestore_v1.types` belongs to `google.cloud.firestore_v1`."""
    depth = 3 if module.startswith("google.cloud.") else 2 if module.startswith("google.") else 1
    return ".".join(module.split(".")[:depth])


def row(folder: str, names: Iterable[str]) -> tuple[str, str, str]:
    imported(folder)  # leaves the bytecode behind, as an installation in the cloud does
    runs = sorted((imported(folder) for _ in range(RUNS)), key=lambda run: run.total())
    typical = runs[RUNS // 2]
    heaviest = ", ".join(f"{name} {spent / 1000:.0f}" for name, spent in typical.most_common(HEAVIEST))
    return ", ".join(names), f"{typical.total() / 1000:.0f}", heaviest


def main() -> None:
    table = Table("entry points", "ms", "of which, ms", box=box.MARKDOWN)
    for folder, names in entry_points().items():
        table.add_row(*row(folder, names))
    Console(width=160, soft_wrap=True).print(table)


if __name__ == "__main__":
    main()
