"""`topology.json` as Terraform computes it. The module has no provider, so it runs without the cloud."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.terraform.tree import TERRAFORM, Tree

PROJECT = {"project": "herald-tests", "project_number": "42", "region": "europe-west1"}


class TerraformError(Exception):
    """The error output of Terraform."""


def read_topology() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((TERRAFORM / "topology.json").read_text())
    return content


def deployment_settings() -> dict[str, str]:
    """Return the settings of every deployment, with sample values."""
    return {name: name.lower() for name in Tree.read().local("settings")}


def deployment_secrets() -> set[str]:
    """Return the names of the secrets of every deployment."""
    return set(Tree.read().local("own_secret_versions"))


def apply_topology(folder: Path, topology: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Apply the module in `folder` and return its outputs by name. Raise `TerraformError`."""
    shutil.copytree(TERRAFORM / "topology", folder, ignore=shutil.ignore_patterns(".terraform"))
    variables = {
        **PROJECT,
        "size": "small",
        "settings": deployment_settings(),
        "secrets": sorted(deployment_secrets()),
        "topology": topology,
        **changes,
    }
    (folder / "given.auto.tfvars.json").write_text(json.dumps(variables))
    _run(folder, "apply", "-auto-approve", "-input=false", "-no-color")
    outputs = json.loads(_run(folder, "output", "-json"))
    return {name: output["value"] for name, output in outputs.items()}


def _run(folder: Path, *arguments: str) -> str:
    completed = subprocess.run(
        ["terraform", f"-chdir={folder}", *arguments], capture_output=True, text=True, check=False
    )
    if completed.returncode:
        raise TerraformError(completed.stderr or completed.stdout)
    return completed.stdout
