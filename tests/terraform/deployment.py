"""What Terraform itself makes of `topology.json`: the module takes no provider, so it runs without the cloud."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.terraform.tree import TERRAFORM, Tree

PROJECT = {"project": "herald-tests", "project_number": "42", "region": "europe-west1"}


class Refused(Exception):
    """Terraform's own words."""


def topology() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((TERRAFORM / "topology.json").read_text())
    return read


def settings() -> dict[str, str]:
    """Those that every deployment gives, with values made up."""
    return {name: name.lower() for name in Tree.read().local("settings")}


def secrets() -> set[str]:
    """Those that every deployment has."""
    return set(Tree.read().local("own_secret_versions"))


def worked_out(folder: Path, topology: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The module's outputs by name. Raises `Refused`."""
    shutil.copytree(TERRAFORM / "topology", folder, ignore=shutil.ignore_patterns(".terraform"))
    given = {**PROJECT, "settings": settings(), "secrets": sorted(secrets()), "topology": topology, **changes}
    (folder / "given.auto.tfvars.json").write_text(json.dumps(given))
    _run(folder, "apply", "-auto-approve", "-input=false", "-no-color")
    outputs = json.loads(_run(folder, "output", "-json"))
    return {name: output["value"] for name, output in outputs.items()}


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["terraform", f"-chdir={folder}", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(done.stderr or done.stdout)
    return done.stdout
