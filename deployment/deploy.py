"""`make deploy`: look whether everything is there, apply Terraform, deploy the site. It is safe to run again."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from deployment.hosting import site_config
from deployment.plan import PROTECTED, SIGN_IN, find_refusals
from deployment.preflight import MissingRequirement, find_lost_state, find_missing, may_set_budget, state_bucket
from deployment.tools import ToolFailed, Tools
from deployment.variables import Variables

FIRST_APIS = [f"{name}.googleapis.com" for name in ("cloudbilling", "cloudresourcemanager", "serviceusage", "storage")]
"""What the `data` sources of the first plan and the state need. The others are enabled by Terraform."""

APIS_TAKE_SECONDS = 60
RETRY_AFTER_SECONDS = 120
BUDGET = "google_billing_budget.month"
DATABASE = "google_firestore_database.database"
NO_STATE = "No state file was found"
SIGN_IN_CONFIG = "google_identity_platform_config.sign_in"


class DeploymentRefused(Exception):
    """Something is missing, or a plan would do damage. Nothing was changed. The message is for the user."""


class ApplyFailed(ToolFailed):
    """An approved plan was applied only in part."""


def _refuse(missing: Iterable[MissingRequirement]) -> None:
    """Raise `DeploymentRefused` with a numbered list, unless it is empty."""
    lines = [f"  {number}. {item.what}\n     {item.to_do}" for number, item in enumerate(missing, 1)]
    if lines:
        raise DeploymentRefused("\n".join(["Missing, nothing was changed:", *lines]))


@dataclass(frozen=True)
class Deployment:
    """One run. `confirm` asks the user, and `sleep` waits."""

    tools: Tools
    variables: Variables
    confirm: Callable[[str], bool]
    sleep: Callable[[float], None]
    output: TextIO = sys.stdout

    def check(self) -> None:
        """Raise `DeploymentRefused` with the list of everything that is missing."""
        _refuse(find_missing(self.tools, self.variables))

    def deploy(self, arguments: Sequence[str]) -> str:
        """Deploy everything and return the address of the site. Raises `DeploymentRefused`, `ToolFailed`."""
        self.check()
        self._enable_first_apis()
        self.open_state()
        known = self.known_addresses()
        if DATABASE not in known:
            _refuse(find_lost_state(self.tools, self.variables))
        if not self.variables.oauth_client_id and any(address.startswith(SIGN_IN) for address in known):
            raise DeploymentRefused(f"No change was planned. {PROTECTED[SIGN_IN]}")
        self._forget_budget(known)
        self._adopt_sign_in(known)
        is_approved = "-auto-approve" in arguments
        others = [argument for argument in arguments if argument != "-auto-approve"]
        try:
            self._apply(others, is_approved=is_approved)
        except ToolFailed as error:
            # Google applies some changes late: a service that was just enabled, a right, a deleted name.
            self._say(f"Terraform failed. It is tried once more in {RETRY_AFTER_SECONDS} seconds.")
            self.sleep(RETRY_AFTER_SECONDS)
            self._apply(others, is_approved=is_approved or isinstance(error, ApplyFailed))
        project = self.variables.project
        with site_config(self.tools.root, project) as config:
            site = ("deploy", "--only", "hosting", "--config", config, "--project", project, "--non-interactive")
            self.tools.do(*self.tools.firebase(*site))
        return self.tools.ask(*self.tools.terraform("output", "-raw", "address")) or f"https://{project}.web.app"

    def _say(self, text: str) -> None:
        print(text, file=self.output, flush=True)

    def _enable_first_apis(self) -> None:
        project = f"--project={self.variables.project}"
        command = ("gcloud", "services", "list", "--enabled", "--format=value(config.name)", project)
        enabled = (self.tools.ask(*command) or "").split()
        missing = [api for api in FIRST_APIS if api not in enabled]
        if missing:
            self.tools.do("gcloud", "services", "enable", *missing, project)
            self._say(f"Waiting {APIS_TAKE_SECONDS} seconds until the APIs are ready.")
            self.sleep(APIS_TAKE_SECONDS)

    def open_state(self) -> None:
        """Create the bucket of the state if there is none, and initialize Terraform. Only owners can read it."""
        name, project = state_bucket(self.tools, self.variables), self.variables.project
        bucket = f"gs://{name}"
        if self.tools.ask("gcloud", "storage", "buckets", "describe", bucket, "--raw") is None:
            options = ("--uniform-bucket-level-access", "--public-access-prevention")
            location = f"--location={self.variables.region}"
            self.tools.do("gcloud", "storage", "buckets", "create", bucket, f"--project={project}", location, *options)
        self.tools.do("gcloud", "storage", "buckets", "update", bucket, "--versioning")
        policy = {"bindings": [{"role": "roles/storage.admin", "members": [f"projectOwner:{project}"]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(policy, file)
            file.flush()
            self.tools.do("gcloud", "storage", "buckets", "set-iam-policy", bucket, file.name)
        init = ("init", "-input=false", "-reconfigure", "-lockfile=readonly", f"-backend-config=bucket={name}")
        self.tools.do(*self.tools.terraform(*init))

    def known_addresses(self) -> list[str]:
        """Return the addresses in the state. Raises `ToolFailed` if it cannot be read."""
        command = self.tools.terraform("state", "list")
        listed = self.tools.ask(*command)
        if listed is None and NO_STATE not in (error := self.tools.error_of(*command)):
            raise ToolFailed(f"{' '.join(command)}\n{error}")
        return (listed or "").splitlines()

    def _forget_budget(self, known: Sequence[str]) -> None:
        """Let Terraform forget a budget that this account cannot even read. It stays on the billing account."""
        budgets = [address for address in known if address.startswith(BUDGET)]
        if budgets and self.variables.monthly_budget is None and not may_set_budget(self.tools, self.variables):
            self._say("The budget stays on the billing account, and is no longer managed here.")
            self.tools.do(*self.tools.terraform("state", "rm", *budgets))

    def _adopt_sign_in(self, known: Sequence[str]) -> None:
        """Import a sign-in configuration that exists: Google keeps it as long as the project exists."""
        project = self.variables.project
        identifiers = {SIGN_IN_CONFIG: f"projects/{project}/config"}
        if self.variables.oauth_client_id:
            identifiers[f"{SIGN_IN}[0]"] = f"projects/{project}/defaultSupportedIdpConfigs/google.com"
        for address, identifier in identifiers.items():
            if address not in known:
                self.tools.ask(*self.tools.terraform("import", "-input=false", address, identifier))

    def _apply(self, arguments: Sequence[str], *, is_approved: bool) -> None:
        """Plan, look at the plan, ask, and apply exactly this plan."""
        with tempfile.TemporaryDirectory() as folder:
            plan = str(Path(folder) / "plan")  # it contains the OAuth client's secret
            self.tools.do(*self.tools.terraform("plan", "-input=false", f"-out={plan}", *arguments))
            content: Any = self.tools.ask_json(*self.tools.terraform("show", "-json", plan)) or {}
            if refusals := find_refusals(content, set(self.variables.secrets)):
                raise DeploymentRefused("\n".join(["This plan is refused, nothing was changed:", *refusals]))
            if not is_approved and not self.confirm("Apply this plan? Only `yes` is accepted: "):
                raise DeploymentRefused("Not approved, nothing was changed.")
            try:
                self.tools.do(*self.tools.terraform("apply", "-input=false", plan))
            except ToolFailed as error:
                raise ApplyFailed(str(error)) from error
