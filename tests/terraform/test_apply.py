"""The real Terraform plans, applies, upgrades and destroys the whole of `terraform/` in a simulated cloud."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from pathlib import Path

import pytest

from deployment.deploy import FIRST_APIS
from deployment.plan import find_refusals
from tests.terraform.provider import VERSIONS
from tests.terraform.simulated_cloud import SimulatedCloud
from tests.terraform.terraform_run import VARIABLES, TerraformRun, serve_copy, start_terraform
from tests.terraform.tree import TERRAFORM, Tree

pytestmark = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is missing")

OAUTH = {"oauth_client_id": "client", "oauth_client_secret": "hidden-oauth"}
WEBHOOK = {
    "settings": {"WEBHOOK_URL": "https://vendor.example.com"},
    "secret_versions": {"WEBHOOK_SECRET": 1},
}
SECRETS = {"secrets": {"WEBHOOK_SECRET": "whsec_hidden"}}
INDEX = "last_pages"
Copy = Callable[[], AbstractContextManager[TerraformRun]]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimulatedCloud]:
    """A first deployment with everything that is optional: its folder with the state, and its cloud."""
    folder = tmp_path_factory.mktemp("applied")
    with start_terraform(folder) as run:
        run.set_variables({**VARIABLES, **OAUTH, **WEBHOOK, **SECRETS})
        run.apply()
    return folder, run.cloud


@pytest.fixture
def deployed(applied: tuple[Path, SimulatedCloud], tmp_path: Path) -> Copy:
    """Yields a copy of the first deployment that a test can change."""
    folder, cloud = applied

    @contextmanager
    def copy() -> Iterator[TerraformRun]:
        shutil.copytree(folder, tmp_path / "copy")
        with serve_copy(tmp_path / "copy" / "terraform", deepcopy(cloud)) as run:
            run.set_variables({**VARIABLES, **OAUTH, **WEBHOOK})
            yield run

    return copy


@pytest.mark.parametrize("version", VERSIONS)
def test_files_are_valid_and_can_be_planned(version: str, tmp_path: Path) -> None:
    """With the oldest and the newest provider; the first plan of an empty project only creates."""
    with start_terraform(tmp_path, version=version) as run:
        run.succeed("fmt", "-check", "-recursive")
        run.succeed("validate")
        assert set(map(tuple, run.planned_changes().values())) == {("create",)}


def test_github_deployment_can_be_planned(tmp_path: Path) -> None:
    """The files that let GitHub deploy are valid, and only tags of the one repository are trusted."""
    with start_terraform(tmp_path, source=TERRAFORM / "github") as run:
        run.set_variables({"project": "shop", "repository": "ada/herald"})
        changes = {change["address"]: change["change"]["after"] for change in run.plan()["resource_changes"]}
        condition = changes["google_iam_workload_identity_pool_provider.github"]["attribute_condition"]
        assert "assertion.repository == 'ada/herald'" in condition
        assert "startsWith('refs/tags/v')" in condition


def test_second_plan_is_empty_and_secrets_are_in_no_state(deployed: Copy) -> None:
    """Nothing changes without a change of the files, although the values of the secrets are not given again."""
    with deployed() as run:
        assert run.planned_changes() == {}
        assert "whsec_hidden" not in (run.folder / "terraform.tfstate").read_text()
        assert len(run.cloud.names("google_cloudfunctions2_function")) == 13


def test_plan_without_billing_api_fails_unless_there_is_no_budget(tmp_path: Path) -> None:
    """The billing account is unknown while its API is disabled: so `make deploy` enables it before the first plan.

    Who has no rights on the billing account plans without a budget.
    """
    with start_terraform(tmp_path) as run:
        run.cloud.apis.discard("cloudbilling")
        assert "google_billing_budget" in run.fail("plan", "-input=false", "-no-color")
        run.set_variables({**VARIABLES, "monthly_budget": None})
        assert not [address for address in run.planned_changes() if address.startswith("google_billing_budget")]


def test_deployment_without_oauth_client_is_refused(deployed: Copy) -> None:
    """A later deployment that does not know the client would lock everybody out: Terraform itself refuses it."""
    with deployed() as run:
        run.set_variables({**VARIABLES, **WEBHOOK})
        assert "Instance cannot be destroyed" in run.fail("plan", "-input=false", "-no-color")


def test_deployment_without_secret_version_is_refused(deployed: Copy) -> None:
    """A secret that is no longer named would be removed: `make deploy` refuses the plan."""
    with deployed() as run:
        run.set_variables({**VARIABLES, **OAUTH})
        refusals = find_refusals(run.plan(), set())
        assert [text for text in refusals if "WEBHOOK_SECRET" in text and "secret_versions" in text]


def test_new_secret_version_needs_its_value(deployed: Copy) -> None:
    """A raised version without a value is refused, and with the value it is planned."""
    with deployed() as run:
        run.set_variables({**VARIABLES, **OAUTH, **WEBHOOK, "secret_versions": {"WEBHOOK_SECRET": 2}})
        plan = run.plan()
        assert [text for text in find_refusals(plan, set()) if "needs its value" in text]
        assert find_refusals(plan, {"WEBHOOK_SECRET"}) == []


def test_upgrade_replaces_indexes_around_functions(deployed: Copy) -> None:
    """A new index is built before the functions that use it, and an old one is removed after them."""
    with deployed() as run:
        replace(run.folder / "firestore.tf", rf"    {INDEX} .*\n", "")
        replace(
            run.folder / "firestore.tf",
            r"( +)receipts_of_kind ",
            r'\1of_kind = { collection = "newest", fields = [["at", "ASCENDING"], ["kind", "ASCENDING"]] }\n\g<0>',
        )
        (run.folder.parent / "functions" / "campaigns" / "main.py").write_text("# new code\n")
        before = len(run.cloud.operations)
        run.apply()
        steps = [(verb, type_) for verb, type_, _ in run.cloud.operations[before:]]
        updates = [number for number, step in enumerate(steps) if step == ("update", "google_cloudfunctions2_function")]
        assert len(updates) == 3  # those of the changed source
        assert steps.index(("create", "google_firestore_index")) < min(updates)
        assert steps.index(("delete", "google_firestore_index")) > max(updates)


def replace(file: Path, pattern: str, replacement: str) -> None:
    text, number = re.subn(pattern, replacement, file.read_text())
    assert number == 1
    file.write_text(text)


def test_plain_destroy_changes_nothing(deployed: Copy) -> None:
    """`terraform destroy` is refused as a whole, and does not stop half-way."""
    with deployed() as run:
        before = len(run.cloud.operations)
        assert "Instance cannot be destroyed" in run.fail("destroy", "-auto-approve", "-no-color")
        assert len(run.cloud.operations) == before


def test_apis_of_data_sources_are_enabled_before_the_first_plan() -> None:
    """Whatever a `data` source reads during the first plan is enabled before it."""
    behind = {"google_project": {"cloudresourcemanager", "cloudbilling"}, "archive_file": set[str]()}
    needed = set[str]().union(*(behind[block.type] for block in Tree.read().blocks("data")))
    assert needed <= {api.partition(".")[0] for api in FIRST_APIS}
