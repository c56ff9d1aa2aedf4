"""`make deploy` and `make destroy` with stand-ins for the command line tools, which log their calls."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from deployment.__main__ import run
from deployment.plan import find_refusals
from deployment.preflight import NEW_PROJECT_QUOTA, needed_quota
from deployment.tools import Tools
from deployment.variables import FunctionSize, Variables
from tests.terraform.tree import ROOT, Tree

CHANGES = (
    "services enable",
    "buckets create",
    "buckets update",
    "set-iam-policy",
    "apply",
    "destroy",
    "firebase deploy",
)
OWNER = {"role": "roles/owner", "members": ["user:Ada@example.com"]}
PREPARED: dict[str, tuple[int, str]] = {
    "gcloud auth list": (0, "ada@example.com"),
    "print-access-token": (0, "token"),
    "gcloud projects describe": (0, "42"),
    "get-iam-policy shop": (
        0,
        json.dumps({"bindings": [{"role": "roles/owner", "members": ["user:Ada@example.com"]}]}),
    ),
    "billing projects describe": (0, json.dumps({"billingEnabled": True, "billingAccountName": "billingAccounts/0-1"})),
    "quotas info describe": (1, "disabled"),
    "buckets describe": (0, "42"),
    "services list": (0, ""),
    "firebase --version": (0, "15.34.2"),
    "firebase projects:list": (0, json.dumps({"result": [{"projectId": "shop"}]})),
    "node --version": (0, "v22.1.0"),
    "terraform version": (0, json.dumps({"terraform_version": "1.11.4"})),
    "firestore databases describe": (1, "404"),
    "show -json": (0, json.dumps({"resource_changes": []})),
    "output -raw address": (0, "https://shop.web.app"),
}
"""The answers on a machine and in a project where everything is there."""

TFVARS = 'project = "shop"\nregion = "europe-west1" # Belgium\nfirst_admin = "ada@example.com"\ncurrency = "EUR"\n'


@dataclass(frozen=True)
class CommandResult:
    """The exit status, what was printed, and how long the command waited."""

    returncode: int
    stdout: str
    stderr: str
    waited: float


@dataclass
class Machine:
    """A folder with the tools and `terraform.tfvars`. `answers` changes those of `PREPARED`."""

    folder: Path
    answers: dict[str, tuple[int, str]] = field(default_factory=lambda: dict(PREPARED))

    tools: Sequence[str] = ()
    fails_once: str = "no call"  # the first call that contains this fails

    def install(self) -> None:
        """Write each tool: it logs its call, and answers with the first pattern that the call contains."""
        cases = [
            f"*{shlex.quote(pattern)}*) printf '%s\\n' {shlex.quote(output)} >&{2 if status else 1}; exit {status} ;;"
            for pattern, (status, output) in self.answers.items()
        ]
        failed = self.folder / "failed"
        (self.folder / "firebase.json").write_text("{}")
        lines = ["#!/bin/sh", 'call="${0##*/} $*"', f'echo "$call" >> {self.folder}/calls', 'case "$call" in']
        lines += [f"*{shlex.quote(self.fails_once)}*) test -e {failed} || {{ : > {failed}; exit 1; }} ;;", "esac"]
        lines += ['case "$call" in']
        for tool in self.tools:
            path = self.folder / ("node_modules/.bin" if tool == "firebase" else "bin") / tool
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join([*lines, *cases, "esac\n"]))
            path.chmod(0o755)

    def write_variables(self, text: str) -> None:
        (self.folder / "terraform").mkdir(exist_ok=True)
        (self.folder / "terraform" / "terraform.tfvars").write_text(text)

    def run(self, *arguments: str, answer: str = "") -> CommandResult:
        """Run the command with these tools only."""
        self.install()
        tools = Tools({"PATH": str(self.folder / "bin")}, root=self.folder)
        waits: list[float] = []
        with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
            status = run(arguments, tools=tools, read_answer=lambda _: answer, sleep=waits.append)
        return CommandResult(status, output.getvalue(), errors.getvalue(), sum(waits))

    def calls(self) -> list[str]:
        file = self.folder / "calls"
        return file.read_text().replace(str(self.folder), "").splitlines() if file.exists() else []

    def changes(self) -> list[str]:
        """Return the calls that change something."""
        return [call for call in self.calls() if any(change in call for change in CHANGES)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine where everything is there."""
    prepared = Machine(tmp_path, tools=("gcloud", "terraform", "node", "firebase"))
    prepared.write_variables(TFVARS)
    return prepared


def test_unprepared_machine_gets_one_list_and_nothing_changes(tmp_path: Path) -> None:
    """Without any tool and any variable, everything is named at once, with what to do."""
    machine = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    completed = machine.run("deploy")
    assert completed.returncode == 1
    for text in (
        "project",
        "first_admin",
        "currency",
        "gcloud",
        "Terraform 1.11",
        "Node.js 20",
        "https://cloud.google.com/sdk",
    ):
        assert text in completed.stderr, text
    assert machine.calls() == []


def test_everything_that_the_cloud_lacks_is_in_one_list(machine: Machine) -> None:
    """Sign-ins, rights, billing, terms, quota, the state and old versions are named together; nothing changes."""
    machine.answers = {
        "get-iam-policy shop": (0, json.dumps({"bindings": []})),
        "billing accounts get-iam-policy": (1, "denied"),
        "quotas info describe CpuAlloc": (0, json.dumps({"dimensionsInfos": [{"details": {"value": "10000"}}]})),
        "buckets describe": (0, "666"),
        "firebase projects:list": (0, json.dumps({"result": []})),
        "terraform version": (0, json.dumps({"terraform_version": "1.9.8"})),
    }
    machine.answers |= {name: item for name, item in PREPARED.items() if name not in machine.answers}
    completed = machine.run("deploy", "-auto-approve")
    assert completed.returncode == 1
    expected = [
        "this is 1.9.8",
        "role Owner",
        "monthly_budget = null",
        "CpuAllocPerProjectRegion in europe-west1",
        "10,000 of 18,000",
        "another project",
    ]
    expected += ["STATE_BUCKET", "forceCheckTos=true", "projects:addfirebase shop"]
    assert [text for text in expected if text not in completed.stderr] == []
    assert re.findall(r"^  (\d)\. ", completed.stderr, re.MULTILINE) == list("123456")
    assert machine.changes() == []


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"gcloud auth list": (0, "")}, "gcloud auth login"),
        ({"print-access-token": (1, "no credentials")}, "gcloud auth application-default login"),
        ({"gcloud projects describe": (1, "denied")}, "gcloud projects create shop"),
        ({"billing projects describe": (0, "{}")}, "gcloud billing projects link shop"),
        ({"firebase projects:list": (1, "not signed in")}, "npx firebase login"),
        ({"firebase --version": (127, "")}, "make setup"),
        ({"node --version": (0, "v18.0.0")}, "Node.js 20"),
        ({"buckets describe": (1, "HTTPError 403: does not have storage.buckets.get access")}, "another project"),
        ({"buckets describe": (1, "404"), "firestore databases describe": (0, "name")}, "a new project"),
    ],
)
def test_each_missing_thing_is_named_and_nothing_changes(
    answers: Mapping[str, tuple[int, str]], expected: str, machine: Machine
) -> None:
    """Each single thing is found on its own."""
    machine.answers = {**answers, **{name: item for name, item in machine.answers.items() if name not in answers}}
    if "firestore databases describe" not in answers:
        machine.answers["firestore databases describe"] = (1, "404")
    completed = machine.run("deploy", "-auto-approve")
    assert (completed.returncode, machine.changes()) == (1, [])
    assert expected in completed.stderr


def test_higher_quota_that_cannot_be_read_is_no_dead_end(machine: Machine) -> None:
    """A granted quota is unreadable without the API or the component: the list says how to make it readable."""
    machine.write_variables(f'{TFVARS}size = "medium"\n')
    completed = machine.run("deploy", "-auto-approve")
    assert completed.returncode == 1
    assert "gcloud components install beta" in completed.stderr
    assert "gcloud services enable cloudquotas.googleapis.com --project shop" in completed.stderr
    cpu, memory = ({"dimensionsInfos": [{"details": {"value": value}}]} for value in ("60000", str(80 * 2**30)))
    for name, info in (("CpuAlloc", cpu), ("MemAlloc", memory)):
        machine.answers = {f"quotas info describe {name}": (0, json.dumps(info)), **machine.answers}
    assert machine.run("check").returncode == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('domain = "crm.example.com', "terraform.tfvars cannot be read"),
        ('size = "huge"', "'small', 'medium' or 'large'"),
        ('functions = { tick = { memory = "4G" } }', "such as 512Mi or 2Gi"),
        ("functions = { tick = { memory = 4 } }", "such as 512Mi or 2Gi"),
        ("functions = { tick = { max_instances = 0 } }", "greater than or equal to 1"),
        ("functions = { ticks = { max_instances = 2 } }", "There is no function ticks"),
        ('monthly_budget = "much"', "monthly_budget"),
    ],
)
def test_wrong_variable_is_named_and_nothing_changes(line: str, expected: str, machine: Machine) -> None:
    """What cannot be deployed is said in a sentence, before anything is asked."""
    machine.write_variables(f"{TFVARS}{line}\n")
    completed = machine.run("deploy", "-auto-approve")
    assert (completed.returncode, machine.changes()) == (1, [])
    assert expected in completed.stderr
    assert "Traceback" not in completed.stderr


def test_database_without_its_state_is_refused(machine: Machine) -> None:
    """The bucket is there, and what Terraform had written is not: it would fail half-way."""
    machine.answers = {"state list": (1, "No state file was found!"), **machine.answers}
    machine.answers["firestore databases describe"] = (0, "(default)")
    completed = machine.run("deploy", "-auto-approve")
    assert completed.returncode == 1
    assert "Lost state" in completed.stderr
    assert not [call for call in machine.calls() if " plan " in call]
    machine.answers["firestore databases describe"] = (1, "404")
    assert machine.run("deploy", "-auto-approve").returncode == 0


def test_state_that_cannot_be_read_is_not_taken_for_an_empty_one(machine: Machine) -> None:
    """A forgotten sign-in would not be noticed."""
    machine.answers = {"state list": (1, "Error 403"), **machine.answers}
    for command in (["deploy", "-auto-approve"], ["destroy"]):
        completed = machine.run(*command, answer="shop")
        assert completed.returncode == 1
        assert "Error 403" in completed.stderr
    assert not [call for call in machine.calls() if " plan " in call or " destroy " in call]


def test_budget_of_somebody_else_is_forgotten_without_rights(machine: Machine) -> None:
    """Without rights on the billing account not even the plan could read it. It stays as it is."""
    machine.answers = {"billing accounts get-iam-policy": (1, "denied"), **machine.answers}
    machine.answers["state list"] = (0, "google_billing_budget.month[0]")
    machine.write_variables(f"{TFVARS}monthly_budget = null\n")
    assert machine.run("deploy", "-auto-approve").returncode == 0
    calls = " ".join(machine.calls())
    assert "state rm google_billing_budget.month[0]" in calls.partition(" plan ")[0]
    machine.answers["billing accounts get-iam-policy"] = (0, "{}")
    (machine.folder / "calls").unlink()
    assert machine.run("deploy", "-auto-approve").returncode == 0
    assert "state rm" not in " ".join(machine.calls())


def test_prepared_machine_passes_the_check(machine: Machine) -> None:
    """`check` says so, and changes nothing."""
    completed = machine.run("check")
    assert (completed.returncode, machine.changes()) == (0, []), completed.stderr


def test_first_deployment_runs_every_step_in_order(machine: Machine) -> None:
    """APIs, the bucket that only owners can read, Terraform, then the site; the address is printed last."""
    machine.answers |= {"buckets describe": (1, "404"), "firestore databases describe": (1, "404")}
    completed = machine.run("deploy", answer="yes")
    assert completed.returncode == 0, completed.stderr
    assert [call.partition(" -")[0] for call in machine.changes()] == [
        "gcloud services enable cloudbilling.googleapis.com cloudresourcemanager.googleapis.com "
        "serviceusage.googleapis.com storage.googleapis.com",
        "gcloud storage buckets create gs://shop-herald-state",
        "gcloud storage buckets update gs://shop-herald-state",
        machine.changes()[3],
        "terraform",
        "firebase deploy",
    ]
    assert "set-iam-policy gs://shop-herald-state" in machine.changes()[3]
    assert "--location=europe-west1" in machine.changes()[1]
    [init] = [call for call in machine.calls() if " init " in call]
    assert "-lockfile=readonly" in init
    assert "-backend-config=bucket=shop-herald-state" in init
    assert completed.stdout.splitlines()[-1] == "The site: https://shop.web.app"
    assert completed.waited == 60  # until the APIs are ready


def test_plan_is_applied_only_after_yes(machine: Machine) -> None:
    """Any other answer, or none, changes nothing; `-auto-approve` asks nothing."""
    for answer in ("", "y"):
        completed = machine.run("deploy", answer=answer)
        assert completed.returncode == 1
        assert "Not approved" in completed.stderr
    assert not [call for call in machine.calls() if " apply " in call]
    assert machine.run("deploy", "-auto-approve").returncode == 0
    assert len([call for call in machine.calls() if " apply " in call]) == 1


def test_failed_apply_is_tried_once_more(machine: Machine) -> None:
    """Google applies some changes late. After the second failure the site is not deployed."""
    machine.answers = {" apply ": (1, "Error 404"), **machine.answers}
    completed = machine.run("deploy", "-auto-approve")
    assert completed.returncode == 1
    assert len([call for call in machine.calls() if " apply " in call]) == 2
    assert not [call for call in machine.calls() if "firebase deploy" in call]


def test_plan_that_failed_once_is_still_asked_about(machine: Machine) -> None:
    """Nobody has approved anything when the first plan fails: the second one is asked about too."""
    machine.fails_once = " plan "
    completed = machine.run("deploy", answer="no")
    assert completed.returncode == 1
    assert "Not approved" in completed.stderr
    assert not [call for call in machine.calls() if " apply " in call]


INTERRUPTED = """
import os, signal
from deployment.tools import Tools
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
script = "trap 'sleep 1; echo saved; exit 1' INT; sleep 1; echo started; sleep 30 > /dev/null 2>&1 & wait"
Tools(os.environ).do("sh", "-c", script)
"""


def test_interrupted_terraform_may_write_its_state() -> None:
    """Ctrl-C reaches Terraform too, which then stops in order. It is not killed, and nothing is tried again."""
    command = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert output == "saved\n"
    assert "KeyboardInterrupt" in errors


def plan_of(address: str, *actions: str, index: str | None = None) -> dict[str, Any]:
    return {"resource_changes": [{"address": address, "index": index, "change": {"actions": actions}}]}


def test_plan_that_removes_sign_in_is_refused(machine: Machine) -> None:
    """Nothing is applied, and the reason is named."""
    idp = "google_identity_platform_default_supported_idp_config.google[0]"
    machine.answers["show -json"] = (0, json.dumps(plan_of(idp, "delete")))
    completed = machine.run("deploy", "-auto-approve")
    assert completed.returncode == 1
    assert "oauth_client_id" in completed.stderr
    assert not [call for call in machine.calls() if " apply " in call]


def test_deployment_that_forgot_the_sign_in_is_refused_before_the_plan(machine: Machine) -> None:
    """The state has a sign-in, and no client is given: the reason is named at once, and nothing is tried again."""
    machine.answers["state list"] = (0, "google_identity_platform_default_supported_idp_config.google[0]")
    completed = machine.run("deploy", "-auto-approve")
    assert (completed.returncode, completed.waited) == (1, 60)
    assert "nobody could sign in" in completed.stderr
    assert not [call for call in machine.calls() if " plan " in call]
    machine.write_variables(f'{TFVARS}oauth_client_id = "client"\n')
    assert machine.run("deploy", "-auto-approve").returncode == 0


@pytest.mark.parametrize("name", ['secret["A"]', 'secret["SUPPRESSION_KEY"]'])
def test_plan_that_removes_a_secret_is_refused(name: str) -> None:
    """Of a vendor, and our own."""
    assert find_refusals(plan_of(f"google_secret_manager_secret.{name}", "delete"), set()) != []


def test_key_of_suppressions_is_never_written_again() -> None:
    """With another key nobody on the suppression list would be recognized."""
    address, name = 'google_secret_manager_secret_version.secret["SUPPRESSION_KEY"]', "SUPPRESSION_KEY"
    assert find_refusals(plan_of(address, "delete", "create", index=name), {name}) != []
    assert find_refusals(plan_of(address, "create", index=name), set()) == []


def test_destroy_asks_for_the_project_and_keeps_the_data(machine: Machine) -> None:
    """Only the project's id is accepted; what has data or is needed by it is no target."""
    addresses = [
        "data.google_project.project",
        "google_firestore_database.database",
        'google_pubsub_topic.topic["a"]',
    ]
    machine.answers["state list"] = (0, "\n".join(addresses))
    assert machine.run("destroy", answer="yes").returncode == 1
    assert machine.changes() == []
    assert machine.run("destroy", answer="shop").returncode == 0
    [destroy] = [call for call in machine.calls() if " destroy " in call]
    assert destroy.endswith('destroy -input=false -auto-approve -target=google_pubsub_topic.topic["a"]')
    assert machine.calls()[-1].endswith("hosting:disable --force --site shop --project shop")


def test_second_destroy_says_that_nothing_runs(machine: Machine) -> None:
    """It is not an error, and it is not silent."""
    machine.answers["state list"] = (0, "google_firestore_database.database")
    completed = machine.run("destroy", answer="shop")
    assert (completed.returncode, "nothing to remove" in completed.stdout) == (0, True)
    assert not [call for call in machine.calls() if " destroy " in call]


def test_empty_client_id_is_named_before_anything_changes(machine: Machine) -> None:
    """A variable of a CI system that is not set arrives as an empty text."""
    machine.write_variables(f'{TFVARS}oauth_client_id = ""\n')
    completed = machine.run("deploy")
    assert completed.returncode == 1
    assert "oauth_client_id" in completed.stderr + completed.stdout
    assert machine.changes() == []


def test_destroy_with_data_lifts_the_protection_first(machine: Machine) -> None:
    """The database and the secrets first, then the sign-in that Google keeps leaves the state, then everything goes."""
    addresses = ["google_firestore_database.database", "google_identity_platform_config.sign_in"]
    machine.answers["state list"] = (0, "\n".join(addresses))
    assert machine.run("destroy", "--data", answer="shop").returncode == 0
    steps = [call.split()[2] for call in machine.calls() if call.startswith("terraform -chdir")]
    assert steps == ["init", "state", "apply", "state", "destroy"]
    assert "keep_data=false" in machine.changes()[-1]


def test_variables_are_read_as_terraform_reads_them(tmp_path: Path) -> None:
    """The file is used before the environment; maps and null are understood in both."""
    (tmp_path / "terraform.tfvars").write_text(
        f'{TFVARS}monthly_budget = null\nfunctions = {{ tick = {{ memory = "4Gi" }} }}\n'
    )
    environ = {
        "TF_VAR_project": "other",
        "TF_VAR_oauth_client_id": "client",
        "TF_VAR_secrets": '{"WEBHOOK_SECRET": "x"}',
    }
    variables = Variables.read(tmp_path, environ)
    assert (variables.project, variables.region, variables.monthly_budget) == ("shop", "europe-west1", None)
    assert (variables.oauth_client_id, set(variables.secrets)) == ("client", {"WEBHOOK_SECRET"})
    assert variables.functions["tick"].memory == "4Gi"


def test_defaults_are_those_of_terraform() -> None:
    """What is checked without a value in `terraform.tfvars` is what Terraform uses."""
    tree = Tree.read()
    for name in ("region", "size", "monthly_budget", "billing_account", "oauth_client_id"):
        assert getattr(Variables(), name) == tree.block(f"var.{name}").body["default"], name


def test_small_size_fits_a_new_project_with_room() -> None:
    """All instances of all functions together stay a tenth below the quota; the larger sizes need more."""
    small = needed_quota(Variables())
    assert all(needed <= 0.9 * NEW_PROJECT_QUOTA[name] for name, needed in small.items()), small
    assert needed_quota(Variables(size="medium"))["CpuAllocPerProjectRegion"] == 55_000
    assert (
        needed_quota(Variables(functions={"tick": FunctionSize(memory="4Gi")}))["MemAllocPerProjectRegion"]
        > small["MemAllocPerProjectRegion"]
    )


def test_make_reaches_the_deployment() -> None:
    """The targets call the module with the arguments."""
    environ = {"PATH": os.environ["PATH"]}
    printed = subprocess.run(
        ["make", "--dry-run", "destroy", "deploy", "DATA=delete", "ARGS=-auto-approve"],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "python -m deployment destroy --data" in printed
    assert "python -m deployment deploy -auto-approve" in printed
