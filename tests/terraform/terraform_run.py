"""The real Terraform with the whole of `terraform/`, the stand-in providers and a simulated cloud."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.terraform.provider import VERSIONS
from tests.terraform.simulated_cloud import SimulatedCloud
from tests.terraform.stand_in_provider import serve_providers
from tests.terraform.tree import ROOT, TERRAFORM

FIRST_APIS = {"cloudbilling", "cloudresourcemanager", "serviceusage"}
"""What `make deploy` enables before the first plan."""

VARIABLES = {"project": "shop", "region": "europe-west1", "first_admin": "ada@example.com", "currency": "EUR"}
LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'


class TerraformRun:
    """A copy of the files with its own state. Each method runs one command, and returns its output."""

    def __init__(self, folder: Path, cloud: SimulatedCloud, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.cloud = cloud
        self.environ = {"PATH": os.environ["PATH"], "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", **environ}
        self.set_variables(VARIABLES)

    def set_variables(self, variables: Mapping[str, Any]) -> None:
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(variables))

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", f"-chdir={self.folder}", *arguments],
            env=self.environ | environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def succeed(self, *arguments: str, **environ: str) -> str:
        """Run a command that must succeed."""
        completed = self.run(*arguments, **environ)
        assert completed.returncode == 0, completed.stdout[-4000:] + completed.stderr
        return completed.stdout

    def fail(self, *arguments: str, **environ: str) -> str:
        """Run a command that must fail, and return its errors in one line."""
        completed = self.run(*arguments, **environ)
        assert completed.returncode != 0, completed.stdout[-4000:]
        return " ".join(completed.stderr.replace("│", " ").split())

    def apply(self, *arguments: str) -> str:
        return self.succeed("apply", "-auto-approve", "-input=false", "-no-color", *arguments)

    def plan(self) -> dict[str, Any]:
        """Return a plan as JSON."""
        self.succeed("plan", "-input=false", "-no-color", "-out=test.plan")
        plan: dict[str, Any] = json.loads(self.succeed("show", "-json", "test.plan"))
        return plan

    def planned_changes(self) -> dict[str, list[str]]:
        """Return the actions of a plan by address, without those that change nothing."""
        actions = {item["address"]: item["change"]["actions"] for item in self.plan().get("resource_changes", [])}
        return {address: verbs for address, verbs in actions.items() if verbs not in (["no-op"], ["read"])}


def _write_functions(folder: Path) -> None:
    """Write functions of one line, because Terraform spends most of its time on the sources otherwise."""
    for name in [path.parent.name for path in (ROOT / "functions").glob("*/main.py")]:
        (folder / name).mkdir(parents=True)
        (folder / name / "main.py").write_text(f"# {name}\n")
        (folder / name / "requirements.txt").touch()
    (folder / "common").mkdir()
    (folder / "common" / "ids.py").touch()


@contextmanager
def start_terraform(folder: Path, source: Path = TERRAFORM, version: str = VERSIONS[-1]) -> Iterator[TerraformRun]:
    """Copy the files, serve the providers and initialize Terraform."""
    cloud = SimulatedCloud(apis=set(FIRST_APIS))
    copy = folder / "terraform"
    ignored = shutil.ignore_patterns(".terraform*", ".bundles", "*.tfvars", "*.tfstate*")
    shutil.copytree(source, copy, ignore=ignored)
    _write_functions(folder / "functions")
    (copy / "state_override.tf").write_text(LOCAL_STATE)
    with serve_copy(copy, cloud, version) as run:
        run.succeed("init", "-input=false", "-no-color")
        yield run


@contextmanager
def serve_copy(folder: Path, cloud: SimulatedCloud, version: str = VERSIONS[-1]) -> Iterator[TerraformRun]:
    """Serve the providers for a folder that is initialized."""
    with serve_providers(cloud, version) as environ:
        yield TerraformRun(folder, cloud, environ)
