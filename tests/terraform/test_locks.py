"""The locks hold versions and hashes only, agree with each other, and cover what pyproject.toml asks for."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
WHOLE = ROOT / "requirements.lock"
ENTRY_POINTS = json.loads((ROOT / "terraform" / "topology.json").read_text())["functions"].values()
FUNCTIONS = [ROOT / "functions" / folder / "requirements.txt" for folder in sorted({e["folder"] for e in ENTRY_POINTS})]
LINE = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?")
GROUPS: dict[str, list[Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]

each_lock = pytest.mark.parametrize("lock", [WHOLE, *FUNCTIONS], ids=lambda lock: str(lock.relative_to(ROOT)))
each_function = pytest.mark.parametrize("lock", FUNCTIONS, ids=lambda lock: lock.parent.name)


@each_lock
def test_a_lock_holds_versions_and_hashes_only(lock: Path) -> None:
    """No address of an index, no path of the machine it was made on, nothing without a hash."""
    assert [line for line in lock.read_text().splitlines() if not LINE.fullmatch(line)] == []


@each_function
def test_a_function_runs_with_the_versions_that_were_tested(lock: Path) -> None:
    whole = versions(WHOLE)
    assert {name: version for name, version in versions(lock).items() if whole.get(name) != version} == {}


@each_lock
def test_a_lock_covers_its_group(lock: Path) -> None:
    """Fails when pyproject.toml was changed without `make lock`."""
    locked = versions(lock)
    asked = requirements("dev" if lock == WHOLE else lock.parent.name)
    missing = [str(one) for one in asked if locked.get(canonicalize_name(one.name), "0") not in one.specifier]
    assert missing == []


def versions(lock: Path) -> dict[str, str]:
    found = (LINE.fullmatch(line) for line in lock.read_text().splitlines())
    return {match["name"]: match["version"] for match in found if match and match["name"]}


def requirements(group: str) -> Iterator[Requirement]:
    for entry in GROUPS[group]:
        if isinstance(entry, dict):
            yield from requirements(entry["include-group"])
        else:
            yield Requirement(entry)
