"""What a deployment needs, looked at before anything is changed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deployment.tools import TERRAFORM, Tools
from deployment.variables import REQUIRED, FunctionSize, Variables

MIN_TERRAFORM = (1, 11)
MIN_NODE = 20
TERMS = "https://console.firebase.google.com/?forceCheckTos=true"
NEW_PROJECT_QUOTA = {"CpuAllocPerProjectRegion": 20_000, "MemAllocPerProjectRegion": 40 * 2**30}
"""Of a new project in one region: thousandths of a vCPU, and bytes."""

READABLE_QUOTA = "`gcloud services enable cloudquotas.googleapis.com --project PROJECT`"
UNLIMITED = sys.maxsize
UNITS = {"Mi": 2**20, "Gi": 2**30}


@dataclass(frozen=True)
class MissingRequirement:
    """What is missing, and what to do about it."""

    what: str
    to_do: str


def state_bucket(tools: Tools, variables: Variables) -> str:
    """Return the name of the bucket that has Terraform's state."""
    return tools.environ.get("STATE_BUCKET") or f"{variables.project}-herald-state"


def find_missing(tools: Tools, variables: Variables) -> list[MissingRequirement]:
    """Return everything that is missing. Nothing is changed."""
    missing = [*_check_variables(variables), *_check_commands(tools)]
    if tools.has("gcloud"):
        signed_in = [*_check_sign_in(tools)]
        missing += signed_in
        if variables.project and not signed_in:
            missing += _check_project(tools, variables)
    if tools.ask(*tools.firebase("--version")):
        missing += _check_firebase(tools, variables)
    return missing


def _check_variables(variables: Variables) -> Iterator[MissingRequirement]:
    for name in variables.missing():
        example = f"{name} = {REQUIRED[name]}"
        yield MissingRequirement(f"The variable {name}", f"Write `{example}` into terraform/terraform.tfvars.")
    functions = _functions()
    for name in sorted(variables.functions.keys() - functions.keys()):
        yield MissingRequirement(f"There is no function {name}", f"In `functions`, use these: {', '.join(functions)}.")


def _check_commands(tools: Tools) -> Iterator[MissingRequirement]:
    if not tools.has("gcloud"):
        yield MissingRequirement("The Google Cloud CLI (gcloud)", "Install it: https://cloud.google.com/sdk")
    yield from _check_terraform(tools)
    node = _version(tools.ask("node", "--version"))
    if not node or node < (MIN_NODE,):
        yield MissingRequirement(f"Node.js {MIN_NODE} or newer", "Install it: https://nodejs.org")
    elif not tools.ask(*tools.firebase("--version")):
        yield MissingRequirement("The Firebase CLI", "Run `make setup`.")


def _check_terraform(tools: Tools) -> Iterator[MissingRequirement]:
    wanted = ".".join(map(str, MIN_TERRAFORM))
    install = "Install it: https://developer.hashicorp.com/terraform/install"
    if not tools.has("terraform"):
        yield MissingRequirement(f"Terraform {wanted} or newer", install)
        return
    found = (tools.ask_json("terraform", "version", "-json") or {}).get("terraform_version", "")
    if _version(found) < MIN_TERRAFORM:
        yield MissingRequirement(f"Terraform {wanted} or newer (this is {found or 'unknown'})", install)


def _version(text: str | None) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text or "")[:3])


def _check_sign_in(tools: Tools) -> Iterator[MissingRequirement]:
    """Look for both sign-ins: that of gcloud, and that of the libraries in Terraform and the Firebase CLI."""
    if not _account(tools):
        yield MissingRequirement("A sign-in to the Google Cloud CLI", "Run `gcloud auth login`.")
    if tools.ask("gcloud", "auth", "application-default", "print-access-token") is None:
        yield MissingRequirement(
            "A sign-in for Terraform and the Firebase CLI", "Run `gcloud auth application-default login`."
        )


def _account(tools: Tools) -> str:
    return tools.ask("gcloud", "auth", "list", "--filter=status:ACTIVE", "--format=value(account)") or ""


def _check_project(tools: Tools, variables: Variables) -> Iterator[MissingRequirement]:
    """Look at the project, and at what is in it if there is one."""
    project = variables.project
    number = tools.ask("gcloud", "projects", "describe", project, "--format=value(projectNumber)")
    if not number:
        yield MissingRequirement(
            f"The project {project}, or the right to see it",
            f"Run `gcloud projects create {project}`, or ask its owner.",
        )
        return
    yield from _check_rights(tools, project)
    yield from _check_billing(tools, variables)
    yield from _check_quota(tools, variables)
    yield from _check_state(tools, variables, number)


def _check_rights(tools: Tools, project: str) -> Iterator[MissingRequirement]:
    """Look for an owner. The members of a group are unknown, so a group that owns the project is enough."""
    policy = tools.ask_json("gcloud", "projects", "get-iam-policy", project, "--format=json") or {}
    owners = [
        member for item in policy.get("bindings", []) if item["role"] == "roles/owner" for member in item["members"]
    ]
    account = _account(tools).casefold()
    if not any(owner.startswith("group:") or owner.partition(":")[2].casefold() == account for owner in owners):
        yield MissingRequirement(
            f"The role Owner of {project} for {account}", "Ask an owner of the project for it (roles/owner)."
        )


def _check_billing(tools: Tools, variables: Variables) -> Iterator[MissingRequirement]:
    """Look for a billing account, and for the right to set a budget on it if there is to be one."""
    project = variables.project
    billing = tools.ask_json("gcloud", "billing", "projects", "describe", project, "--format=json") or {}
    if not billing.get("billingEnabled"):
        yield MissingRequirement(
            f"A billing account of {project}",
            f"Run `gcloud billing projects link {project} --billing-account YOUR-BILLING-ACCOUNT`.",
        )
    elif variables.monthly_budget is not None and not may_set_budget(tools, variables):
        yield MissingRequirement(
            f"The right to set a budget on the billing account of {project}",
            "Ask for roles/billing.costsManager on it, or write `monthly_budget = null` into terraform.tfvars.",
        )


def may_set_budget(tools: Tools, variables: Variables) -> bool:
    """Return whether the budget on the billing account can be read and written."""
    account = variables.billing_account
    if account is None:
        command = ("gcloud", "billing", "projects", "describe", variables.project, "--format=json")
        account = (tools.ask_json(*command) or {}).get("billingAccountName", "").rpartition("/")[2]
    return tools.ask("gcloud", "billing", "accounts", "get-iam-policy", account) is not None


def _check_quota(tools: Tools, variables: Variables) -> Iterator[MissingRequirement]:
    """Compare what the functions may use together with the quota of the region.

    Where the quota cannot be read, it is that of a new project.
    """
    for name, needed in needed_quota(variables).items():
        quota = _quota(tools, variables, name)
        if (NEW_PROJECT_QUOTA[name] if quota is None else quota) >= needed:
            continue
        to_do = "Ask for more in the console under IAM & Admin, Quotas, or choose a smaller `size` (docs/deploy.md)."
        if quota is None:
            to_do += f" If you have more: it cannot be read. Run `gcloud components install beta` and {READABLE_QUOTA}."
        shown = f"{NEW_PROJECT_QUOTA[name] if quota is None else quota:,} of {needed:,}"
        yield MissingRequirement(
            f"Cloud Run's quota {name} in {variables.region}: {shown}", to_do.replace("PROJECT", variables.project)
        )


def needed_quota(variables: Variables) -> dict[str, int]:
    """Return what all instances of all functions need, in the units of the quotas."""
    cpu = memory = 0.0
    for name, function in _functions().items():
        override = variables.functions.get(name, FunctionSize())
        instances = override.max_instances or function["max_instances"][variables.size]
        cpu += instances * float(function["cpu"])
        memory += instances * parse_memory(override.memory or function["memory"])
    return {"CpuAllocPerProjectRegion": int(cpu * 1000), "MemAllocPerProjectRegion": int(memory)}


def _functions() -> dict[str, Any]:
    """Return the functions in `topology.json` by their names."""
    functions: dict[str, Any] = json.loads((TERRAFORM / "topology.json").read_text())["functions"]
    return functions


def parse_memory(text: str) -> int:
    """Return the bytes of an amount such as `512Mi`."""
    return int(text[:-2]) * UNITS[text[-2:]]


def _quota(tools: Tools, variables: Variables, name: str) -> int | None:
    """Return the project's quota in the region, if it can be read."""
    command = ("gcloud", "beta", "quotas", "info", "describe", name, "--service=run.googleapis.com")
    info: Any = tools.ask_json(*command, f"--project={variables.project}", "--format=json")
    if not isinstance(info, dict):
        return None
    values = [
        int(item["details"]["value"])
        for item in info.get("dimensionsInfos", [])
        if variables.region in item.get("applicableLocations", [variables.region])
    ]
    limits = [UNLIMITED if value == -1 else value for value in values]
    return min(limits, default=None)


def _check_state(tools: Tools, variables: Variables, number: str) -> Iterator[MissingRequirement]:
    """Refuse a bucket of somebody else, and a database that no state knows."""
    bucket = state_bucket(tools, variables)
    describe = ("gcloud", "storage", "buckets", "describe", f"gs://{bucket}", "--raw", "--format=value(projectNumber)")
    owner = tools.ask(*describe)
    if owner is None:
        if re.search(r"403|permission|does not have", tools.error_of(*describe)):
            owner = "another"
        else:
            yield from find_lost_state(tools, variables)
    if owner not in (None, number):
        yield MissingRequirement(
            f"A bucket for Terraform's state: gs://{bucket} belongs to another project",
            "Choose another name: `STATE_BUCKET=some-other-name make deploy`, each time.",
        )


def find_lost_state(tools: Tools, variables: Variables) -> Iterator[MissingRequirement]:
    """Refuse a database that no state knows."""
    command = ("gcloud", "firestore", "databases", "describe", "--database=(default)", f"--project={variables.project}")
    if tools.ask(*command) is not None:
        yield MissingRequirement(
            f"A project without a database: {variables.project} has one, and no state of Terraform",
            "Use a new project, or, if the database is Herald's, see “Lost state” in docs/deploy.md.",
        )


def _check_firebase(tools: Tools, variables: Variables) -> Iterator[MissingRequirement]:
    """Only who has accepted Firebase's terms by hand can add Firebase to a project."""
    listed = tools.ask_json(*tools.firebase("projects:list", "--json"))
    if listed is None:
        yield MissingRequirement(
            "A sign-in to the Firebase CLI", "Run `gcloud auth application-default login`, or `npx firebase login`."
        )
    elif variables.project not in {item.get("projectId") for item in listed.get("result", [])}:
        yield MissingRequirement(
            f"Firebase in the project {variables.project}",
            f"Accept Firebase's terms once ({TERMS}), then run `npx firebase projects:addfirebase "
            f"{variables.project or 'YOUR-PROJECT'}`.",
        )
