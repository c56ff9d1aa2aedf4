"""`make destroy`: remove what runs and keep the data, or remove the data too. A later `make deploy` builds it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deployment.deploy import SIGN_IN_CONFIG, Deployment, DeploymentRefused
from deployment.plan import SIGN_IN

KEPT = (
    "data.",
    "google_firebase_project.",
    "google_firestore_backup_schedule.",
    "google_firestore_database.",
    "google_firestore_field.",
    "google_firestore_index.",
    f"{SIGN_IN_CONFIG}",
    f"{SIGN_IN}",
    "google_project_service.",
    "google_secret_manager_secret.",
    "google_secret_manager_secret_version.",
)
"""The data, and what it needs. All of it stays in the state, so that nothing has to be imported later."""

PROTECTED_DATA = (
    "google_firestore_database.access",
    "google_firestore_database.database",
    "google_secret_manager_secret.secret",
)
UNPROTECTED = "-var=keep_data=false"


@dataclass(frozen=True)
class Removal:
    """One run of `make destroy`. `read_answer` returns what the user types."""

    deployment: Deployment
    read_answer: Callable[[str], str]

    def destroy(self, *, with_data: bool) -> None:
        """Remove the deployment. Raises `DeploymentRefused`, `ToolFailed`."""
        self.deployment.check()
        self._ask(with_data=with_data)
        self.deployment.open_state()
        if with_data:
            self._destroy_everything()
        else:
            self._destroy_what_runs()
        self._disable_site()

    def _ask(self, *, with_data: bool) -> None:
        project = self.deployment.variables.project
        what = "AND ALL DATA: customers, campaigns, secrets" if with_data else "and keeps the data"
        answer = self.read_answer(f"This removes Herald from {project} {what}. Type the project's id to go on: ")
        if answer.strip() != project:
            raise DeploymentRefused("Not approved, nothing was changed.")

    def _destroy_what_runs(self) -> None:
        removed = [address for address in self.deployment.known_addresses() if not address.startswith(KEPT)]
        targets = [f"-target={address}" for address in removed]
        if targets:
            self._run("destroy", "-input=false", "-auto-approve", *targets)
        else:
            print("Nothing runs any more: there was nothing to remove.")

    def _disable_site(self) -> None:
        """Stop serving the site: Terraform cannot delete the default site of a project."""
        tools, project = self.deployment.tools, self.deployment.variables.project
        tools.do(*tools.firebase("hosting:disable", "--force", "--site", project, "--project", project))

    def _destroy_everything(self) -> None:
        """Lift the protection first: a destroy alone would stop half-way."""
        known = self.deployment.known_addresses()
        if any(address.startswith(PROTECTED_DATA) for address in known):
            targets = [f"-target={address}" for address in PROTECTED_DATA]
            versions = "-target=google_secret_manager_secret_version.secret"
            self._run("apply", "-input=false", "-auto-approve", UNPROTECTED, *targets, versions)
        for address in known:
            if address.startswith((SIGN_IN, SIGN_IN_CONFIG)):  # Google keeps these
                self._run("state", "rm", address)
        self._run("destroy", "-input=false", "-auto-approve", UNPROTECTED)

    def _run(self, *arguments: str) -> None:
        tools = self.deployment.tools
        tools.do(*tools.terraform(*arguments))
