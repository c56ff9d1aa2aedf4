"""The locks contain only versions and hashes, agree with each other, and satisfy pyproject.toml."""

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
DEV_LOCK = ROOT / "requirements.lock"
ENTRY_POINTS = json.loads((ROOT / "terraform" / "topology.json").read_text())["functions"].values()
FUNCTION_LOCKS = [
    ROOT / "functions" / folder / "requirements.txt" for folder in sorted({entry["folder"] for entry in ENTRY_POINTS})
]
LINE = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?")
GROUPS: dict[str, list[Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]

each_lock = pytest.mark.parametrize("lock", [DEV_LOCK, *FUNCTION_LOCKS], ids=lambda lock: str(lock.relative_to(ROOT)))
each_function = pytest.mark.parametrize("lock", FUNCTION_LOCKS, ids=lambda lock: lock.parent.name)


@each_lock
def test_lock_contains_only_versions_and_hashes(lock: Path) -> None:
    """No address of an index, no path of a machine, and no entry without a hash."""
    assert [line for line in lock.read_text().splitlines() if not LINE.fullmatch(line)] == []


@each_function
def test_function_lock_has_tested_versions(lock: Path) -> None:
    """The versions of a function equal those of the development lock."""
    dev_versions = locked_versions(DEV_LOCK)
    assert {name: version for name, version in locked_versions(lock).items() if dev_versions.get(name) != version} == {}


@each_lock
def test_lock_satisfies_its_group(lock: Path) -> None:
    """Fails if pyproject.toml was changed without `make lock`."""
    locked = locked_versions(lock)
    required = requirements("dev" if lock == DEV_LOCK else lock.parent.name)
    missing = [
        str(requirement)
        for requirement in required
        if locked.get(canonicalize_name(requirement.name), "0") not in requirement.specifier
    ]
    assert missing == []


def locked_versions(lock: Path) -> dict[str, str]:
    matches = (LINE.fullmatch(line) for line in lock.read_text().splitlines())
    return {match["name"]: match["version"] for match in matches if match and match["name"]}


def requirements(group: str) -> Iterator[Requirement]:
    for entry in GROUPS[group]:
        if isinstance(entry, dict):
            yield from requirements(entry["include-group"])
        else:
            yield Requirement(entry)
