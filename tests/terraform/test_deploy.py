"""`make deploy`, with stand-ins for the command line tools that write down how they are called."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.terraform.tree import TERRAFORM

STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "$BOOK"
case "$*" in
  "storage buckets describe"*) [ -n "$THERE" ] ;;
  "output -raw address") echo https://shop.web.app ;;
  apply*) [ -z "$BROKEN" ] ;;
esac
"""


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """The script in a folder of its own, with nothing but stand-ins to call."""
    (tmp_path / "bin").mkdir()
    for tool in ("gcloud", "terraform", "npx"):
        (tmp_path / "bin" / tool).write_text(STAND_IN)
        (tmp_path / "bin" / tool).chmod(0o755)
    (tmp_path / "terraform").mkdir()
    return Path(shutil.copy2(TERRAFORM / "deploy.sh", tmp_path / "terraform"))


def run(deploy: Path, *arguments: str, **environ: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """How it went, and what was called."""
    folder = deploy.parent.parent
    book = folder / "book"
    tools = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "BOOK": str(book)}
    done = subprocess.run([deploy, *arguments], env=tools | environ, capture_output=True, text=True, check=False)
    return done, book.read_text().splitlines() if book.exists() else []


def test_the_first_time(deploy: Path) -> None:
    """A bucket for the state comes first, then the cloud, then the site; the address is said at the end."""
    (deploy.parent / "terraform.tfvars").write_text('project = "shop"\nregion  = "europe-west1"\n')
    done, called = run(deploy)
    assert done.returncode == 0, done.stderr
    assert [line.split(" --")[0] for line in called] == [
        "gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com",
        "gcloud storage buckets describe gs://shop-herald-state",
        "gcloud storage buckets create gs://shop-herald-state",
        "gcloud storage buckets update gs://shop-herald-state",
        "terraform init -input=false -reconfigure -backend-config=bucket=shop-herald-state",
        "terraform apply",
        "npx firebase deploy",
        "terraform output -raw address",
    ]
    assert "--location europe-west1" in called[2]
    assert called[6] == "npx firebase deploy --only hosting --project shop"
    assert done.stdout.splitlines()[-1] == "Herald is at https://shop.web.app"


def test_again(deploy: Path) -> None:
    done, called = run(deploy, "-auto-approve", TF_VAR_project="shop", THERE="yes")
    assert done.returncode == 0, done.stderr
    assert not [line for line in called if "create" in line]
    assert "terraform apply -auto-approve" in called


def test_what_is_written_down_counts_more_than_the_environment(deploy: Path) -> None:
    """As it does for Terraform: else its state, its resources and the site would be of two projects."""
    (deploy.parent / "terraform.tfvars").write_text('project = "shop" # the "real" one\n')
    done, called = run(deploy, TF_VAR_project="other", TF_VAR_region="asia-south1")
    assert done.returncode == 0, done.stderr
    assert not [line for line in called if "other" in line]
    assert "--location asia-south1" in called[2]


def test_a_failed_apply_deploys_no_site(deploy: Path) -> None:
    done, called = run(deploy, TF_VAR_project="shop", BROKEN="yes")
    assert done.returncode != 0
    assert not [line for line in called if "firebase" in line]


def test_without_a_project(deploy: Path) -> None:
    done, called = run(deploy)
    assert (done.returncode, called) == (1, [])
    assert "terraform.tfvars" in done.stderr
