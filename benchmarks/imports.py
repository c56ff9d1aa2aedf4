"""The import time of each function, the part of a cold start that the code can reduce. `python -m benchmarks.imports`
prints the table of README.md.
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
# The framework loads `main.py` as the module `main`.
LOAD = """
from functions_framework import _function_registry
module, spec = _function_registry.load_function_module("main.py")
spec.loader.exec_module(module)
"""


def entry_points() -> dict[str, list[str]]:
    """Return the names of the entry points by folder."""
    folders: dict[str, list[str]] = {}
    for name, entry in json.loads(TOPOLOGY.read_text())["functions"].items():
        folders.setdefault(entry["folder"], []).append(name)
    return folders


def import_times(folder: str) -> Counter[str]:
    """Return the microseconds of each package, without the modules that it imports."""
    clean = {"PATH": os.defpath, "PYTHONPATH": str(FUNCTIONS)}
    command = [sys.executable, "-X", "importtime", "-c", LOAD]
    completed = subprocess.run(command, cwd=FUNCTIONS / folder, env=clean, capture_output=True, text=True, check=False)
    if completed.returncode:
        raise SystemExit(completed.stderr)
    return by_package(completed.stderr.splitlines())


def by_package(lines: Iterable[str]) -> Counter[str]:
    """Sum the own time by package. Lines look like `import time:       218 |      12345 |   google.cloud.firestore`."""
    times: Counter[str] = Counter()
    for line in lines:
        own_time, _, module = line.removeprefix("import time:").split("|")
        if own_time.strip().isdigit():
            times[package(module.strip())] += int(own_time)
    return times


def package(module: str) -> str:
    """Return the package of a module: `google.cloud.firestore_v1` for `google.cloud.firestore_v1.types`."""
    depth = 3 if module.startswith("google.cloud.") else 2 if module.startswith("google.") else 1
    return ".".join(module.split(".")[:depth])


def row(folder: str, names: Iterable[str]) -> tuple[str, str, str]:
    import_times(folder)  # writes the bytecode, as an installation in the cloud does
    runs = sorted((import_times(folder) for _ in range(RUNS)), key=lambda run: run.total())
    typical = runs[RUNS // 2]
    heaviest = ", ".join(f"{name} {times / 1000:.0f}" for name, times in typical.most_common(HEAVIEST))
    return ", ".join(names), f"{typical.total() / 1000:.0f}", heaviest


def main() -> None:
    table = Table("entry points", "ms", "largest packages, ms", box=box.MARKDOWN)
    for folder, names in entry_points().items():
        table.add_row(*row(folder, names))
    Console(width=160, soft_wrap=True).print(table)


if __name__ == "__main__":
    main()
