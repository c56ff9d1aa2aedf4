"""`make deploy` with fake command line tools that log their calls."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.terraform.tree import TERRAFORM

FAKE_TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
  "storage buckets describe"*) [ -n "$THERE" ] ;;
  "output -raw address") echo https://shop.web.app ;;
  apply*) [ -z "$BROKEN" ] ;;
esac
"""


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """The script in its own folder, with fake tools on the PATH."""
    (tmp_path / "bin").mkdir()
    for tool in ("gcloud", "terraform", "npx"):
        (tmp_path / "bin" / tool).write_text(FAKE_TOOL)
        (tmp_path / "bin" / tool).chmod(0o755)
    (tmp_path / "terraform").mkdir()
    return Path(shutil.copy2(TERRAFORM / "deploy.sh", tmp_path / "terraform"))


def run(deploy: Path, *arguments: str, **environ: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script. Return the completed process and the logged calls."""
    folder = deploy.parent.parent
    log = folder / "log"
    tools = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "LOG": str(log)}
    completed = subprocess.run([deploy, *arguments], env=tools | environ, capture_output=True, text=True, check=False)
    return completed, log.read_text().splitlines() if log.exists() else []


def test_first_deployment_creates_state_bucket(deploy: Path) -> None:
    """The bucket for the state is created first, then the cloud resources, then the site; the address is printed
    last."""
    (deploy.parent / "terraform.tfvars").write_text('project = "shop"\nregion  = "europe-west1"\n')
    completed, calls = run(deploy)
    assert completed.returncode == 0, completed.stderr
    assert [line.split(" --")[0] for line in calls] == [
        "gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com",
        "gcloud storage buckets describe gs://shop-herald-state",
        "gcloud storage buckets create gs://shop-herald-state",
        "gcloud storage buckets update gs://shop-herald-state",
        "terraform init -input=false -reconfigure -backend-config=bucket=shop-herald-state",
        "terraform apply",
        "npx firebase deploy",
        "terraform output -raw address",
    ]
    assert "--location europe-west1" in calls[2]
    assert calls[6] == "npx firebase deploy --only hosting --project shop"
    assert completed.stdout.splitlines()[-1] == "The site: https://shop.web.app"


def test_second_deployment_keeps_state_bucket(deploy: Path) -> None:
    """An existing bucket is not created again, and arguments are passed to Terraform."""
    completed, calls = run(deploy, "-auto-approve", TF_VAR_project="shop", THERE="yes")
    assert completed.returncode == 0, completed.stderr
    assert not [line for line in calls if "create" in line]
    assert "terraform apply -auto-approve" in calls


def test_tfvars_override_environment(deploy: Path) -> None:
    """As in Terraform; otherwise state, resources and site could belong to two projects."""
    (deploy.parent / "terraform.tfvars").write_text('project = "shop" # the "real" one\n')
    completed, calls = run(deploy, TF_VAR_project="other", TF_VAR_region="asia-south1")
    assert completed.returncode == 0, completed.stderr
    assert not [line for line in calls if "other" in line]
    assert "--location asia-south1" in calls[2]


def test_failed_apply_deploys_no_site(deploy: Path) -> None:
    """The site is not deployed if Terraform fails."""
    completed, calls = run(deploy, TF_VAR_project="shop", BROKEN="yes")
    assert completed.returncode != 0
    assert not [line for line in calls if "firebase" in line]


def test_missing_project_is_an_error(deploy: Path) -> None:
    """Without a project nothing is called, and the error names the file."""
    completed, calls = run(deploy)
    assert (completed.returncode, calls) == (1, [])
    assert "terraform.tfvars" in completed.stderr
