"""`make deploy` and `make destroy` with the real Terraform: nothing stops half-way, and all can be built again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from deployment.__main__ import run as run_command
from deployment.deploy import RETRY_AFTER_SECONDS
from deployment.tools import Tools
from tests.terraform.terraform_run import VARIABLES, TerraformRun, start_terraform
from tests.terraform.test_deploy import PREPARED, Machine

pytestmark = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is missing")

OAUTH = {"oauth_client_id": "client", "oauth_client_secret": "hidden"}
WRAPPER = """#!/bin/sh
# The state of the tests is in a file: the bucket of the backend is left out.
for argument do
  shift
  case "$argument" in -backend-config=*|-lockfile=*) ;; *) set -- "$@" "$argument" ;; esac
done
exec {terraform} "$@"
"""


class DeployedMachine:
    """A machine with stand-ins of gcloud and the Firebase CLI, and the real Terraform."""

    def __init__(self, run: TerraformRun) -> None:
        folder = run.folder.parent
        Machine(folder, dict(PREPARED), tools=("gcloud", "node", "firebase")).install()
        wrapper = folder / "bin" / "terraform"
        wrapper.write_text(WRAPPER.format(terraform=shutil.which("terraform")))
        wrapper.chmod(0o755)
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        self._tools = Tools({**run.environ, "PATH": path}, root=folder)

    def run(self, arguments: Sequence[str], answer: str = "") -> None:
        """Run a command that must succeed."""
        waits: list[float] = []
        assert run_command(arguments, tools=self._tools, read_answer=lambda _: answer, sleep=waits.append) == 0
        assert RETRY_AFTER_SECONDS not in waits  # the first apply succeeds


def write_variables(folder: Path) -> None:
    lines = [f'{name} = "{value}"' for name, value in (VARIABLES | OAUTH).items()]
    (folder / "terraform.tfvars").write_text("\n".join(lines) + "\n")
    (folder / "terraform.tfvars.json").unlink()


@pytest.mark.timeout(600)  # twenty runs of Terraform: half a minute on a machine that does nothing else
def test_deployment_is_removed_and_built_again_with_and_without_its_data(tmp_path: Path) -> None:
    """`make destroy` keeps the database, the secrets and the sign-in; with `--data` all goes. Both can be undone."""
    with start_terraform(tmp_path) as run:
        write_variables(run.folder)
        machine, cloud = DeployedMachine(run), run.cloud
        machine.run(["deploy", "-auto-approve"])
        versions = secret_versions(run)

        machine.run(["destroy"], answer="shop")
        assert cloud.names("google_cloudfunctions2_function") == cloud.names("google_pubsub_topic") == []
        assert cloud.names("google_firestore_database") == ["(default)", "herald-access"]
        machine.run(["deploy", "-auto-approve"])
        assert (run.planned_changes(), secret_versions(run)) == ({}, versions)

        machine.run(["destroy", "--data"], answer="shop")
        left = {type_ for type_, _ in cloud.objects.values()} - {"time_sleep"}
        assert left == {
            "google_firebase_project",
            "google_identity_platform_config",
            "google_identity_platform_default_supported_idp_config",
            "google_project_service",
        }
        machine.run(["deploy", "-auto-approve"])
        assert run.planned_changes() == {}


def secret_versions(run: TerraformRun) -> list[str]:
    """Return the ids of the versions of all secrets."""
    return sorted(
        id_ for id_, (type_, _) in run.cloud.objects.items() if type_ == "google_secret_manager_secret_version"
    )
