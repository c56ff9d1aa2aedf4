"""docs/deploy.md as a newcomer reads it: every command runs, and every name and figure in it exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployment.preflight import needed_quota
from deployment.variables import Variables
from tests.terraform.tree import ROOT, TERRAFORM, Tree

PAGE = (ROOT / "docs" / "deploy.md").read_text()
TOPOLOGY = json.loads((TERRAFORM / "topology.json").read_text())
TOOLS = ("gcloud", "git", "make", "npx", "terraform")
LOG_CALL = '#!/bin/sh\n{ printf "%s" "${0##*/}"; printf " %s" "$@"; echo; } >> "$CALLS"\n'


def blocks(language: str) -> Iterator[str]:
    """Yield the code blocks of a language, without their indentation."""
    for indent, text in re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE):
        yield re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """All commands of the page, run by a shell one after the other, with stand-ins that log them."""
    folder = tmp_path_factory.mktemp("walk")
    for tool in TOOLS:
        (folder / tool).write_text(LOG_CALL)
        (folder / tool).chmod(0o755)
    script = "set -euo pipefail\n" + "\n".join(blocks("sh"))
    environ = {"PATH": f"{folder}:/usr/bin:/bin", "CALLS": str(folder / "calls")}
    subprocess.run(["bash", "-c", script], env=environ, cwd=ROOT, check=True, timeout=30)
    return [shlex.split(line.replace("'", "")) for line in (folder / "calls").read_text().splitlines()]


def test_every_command_of_the_page_runs(calls: list[list[str]]) -> None:
    """Each line of each block is one call, in the order of the page; there is no other tool and no broken quoting."""
    lines = [line for block in blocks("sh") for line in block.splitlines() if line]
    assert len(calls) == len(lines)
    assert [call[0] for call in calls[:3]] == ["gcloud", "gcloud", "gcloud"]


def test_set_up_comes_before_the_first_command_of_its_tools(calls: list[list[str]]) -> None:
    """`npx firebase` works only with the packages of `make setup`, and `make deploy` only with Firebase."""
    names = [" ".join(call[:3]) for call in calls]
    order = [names.index("make setup"), names.index("npx firebase projects:addfirebase"), names.index("make deploy")]
    assert order == sorted(order)


def test_make_targets_exist(calls: list[list[str]]) -> None:
    """Every target that the page calls is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text()
    assert [
        call for call in calls if call[0] == "make" and not re.search(rf"^{call[1]}:", makefile, re.MULTILINE)
    ] == []


def test_terraform_outputs_and_variables_exist(calls: list[list[str]]) -> None:
    """Every output, module and variable in a command exists."""
    for call in calls:
        if call[0] == "terraform":
            tree = Tree.read(ROOT / call[1].removeprefix("-chdir="))
            names = {block.name for block in tree.blocks("output")}
            assert call[2] != "output" or call[-1] in names
            given = [argument.split("=")[1] for argument in call if argument.startswith("-var=")]
            given += [call[number + 1].split("=")[0] for number, argument in enumerate(call) if argument == "-var"]
            assert set(given) <= {block.name for block in tree.blocks("variable")}


def test_firebase_commands_exist(calls: list[list[str]]) -> None:
    """The locked Firebase CLI has the commands."""
    commands = (ROOT / "node_modules" / "firebase-tools" / "lib" / "commands" / "index.js").read_text()
    used = [call[2].split(":") for call in calls if call[:2] == ["npx", "firebase"]]
    assert [command[0] for command in used] == ["login", "projects"]
    assert all(re.search(rf"\b{part}\b", commands) for command in used for part in command)


def test_settings_in_the_page_are_variables(tmp_path: Path) -> None:
    """Each block of settings is read as `make deploy` reads it, and names only variables that exist."""
    known = {block.name for block in Tree.read().blocks("variable")}
    for block in blocks("hcl"):
        (tmp_path / "terraform.tfvars").write_text(block)
        Variables.read(tmp_path, {})
        assert set(re.findall(r"^(\w+) *=", block, re.MULTILINE)) <= known
    in_sentences = set(re.findall(r"`(\w+) = ", PAGE)) - {"memory", "GEMINI_LOCATION", "WEBHOOK_URL"}
    assert in_sentences <= known


def test_sizes_in_the_page_equal_the_topology() -> None:
    """The table has the sums of all functions, and the quota to ask for has room."""
    rows = re.findall(r"^\| (small|medium|large) *\| (\d+) *\| (\d+) *\| (\d+) *\| (.*?) *\|$", PAGE, re.MULTILINE)
    assert [row[0] for row in rows] == ["small", "medium", "large"]
    for size, instances, cpu, memory, quota in rows:
        needed = needed_quota(Variables(size=size))
        counts = [function["max_instances"][size] for function in TOPOLOGY["functions"].values()]
        assert (int(instances), int(cpu)) == (sum(counts), needed["CpuAllocPerProjectRegion"] // 1000)
        assert int(memory) == needed["MemAllocPerProjectRegion"] // 2**30
        wanted = [int(number) for number in re.findall(r"\d+", quota)]
        assert all(asked >= 1.08 * used for asked, used in zip(wanted, (int(cpu), int(memory)), strict=False))


def test_example_workflow_gives_existing_variables() -> None:
    """The example deploys tags without a key and asks nothing; the names in the page are those of the workflow."""
    workflow = (ROOT / ".github" / "deploy.example.yml").read_text()
    known = {block.name for block in Tree.read().blocks("variable")}
    assert set(re.findall(r"TF_VAR_(\w+):", workflow)) <= known
    assert "make deploy ARGS=-auto-approve" in workflow
    assert "printf '%s\\n' \"$TFVARS\" > terraform/terraform.tfvars" in workflow  # every variable, as on a laptop
    assert "id-token: write" in workflow
    assert 'tags: ["v*"]' in workflow
    names = set(re.findall(r"(?:vars|secrets)\.(\w+)", workflow))
    assert {name for name in names if f"`{name}`" not in PAGE} == set()
    assert os.listdir(ROOT / ".github" / "workflows") == ["ci.yml"]  # the example is not active
