"""The Terraform files use only known arguments and valid references."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from tests.terraform.arguments import find_problems
from tests.terraform.provider import SMALL_PROVIDERS, VERSIONS, load_schema
from tests.terraform.tree import TERRAFORM, Tree

Body = dict[str, Any]


@pytest.mark.parametrize("folder", [TERRAFORM, TERRAFORM / "github"], ids=["all", "github"])
@pytest.mark.parametrize("version", VERSIONS)
def test_terraform_files_have_no_problems(version: str, folder: Path) -> None:
    """The checks find no problem in `terraform/`, with the oldest and with the newest provider."""
    assert find_problems(Tree.read(folder), load_schema(version)) == []


def test_provider_versions_match_schemas() -> None:
    """The allowed versions are those between the two that have schemas."""
    required = required_providers()
    for name in ("google", "google-beta"):
        allowed = SpecifierSet(required[name]["version"])
        assert all(version in allowed for version in VERSIONS)
        assert not {"6.49.0", "8.0.0"} & set(allowed.filter(["6.49.0", "8.0.0"]))
    assert set(required) == {"google", "google-beta", *SMALL_PROVIDERS}


def required_providers(folder: Path = TERRAFORM) -> dict[str, Any]:
    [terraform] = Tree.read(folder).blocks("terraform")
    [required] = terraform.body["required_providers"]
    return dict(required)


@pytest.mark.parametrize("folder", [TERRAFORM, TERRAFORM / "github"], ids=["all", "github"])
def test_lock_has_every_provider_with_hashes_for_all_platforms(folder: Path) -> None:
    """Each provider has one allowed version, and the hashes of its packages for twelve or so platforms."""
    [*locked] = re.findall(
        r'provider "registry\.terraform\.io/hashicorp/([\w-]+)" \{\n  version     = "([\d.]+)"\n'
        r'  constraints = "([^"]+)"\n  hashes = \[\n(.*?)\n  \]',
        (folder / ".terraform.lock.hcl").read_text(),
        re.DOTALL,
    )
    required = required_providers(folder)
    assert {name for name, *_ in locked} == set(required)
    for name, version, constraints, hashes in locked:
        assert constraints == required[name]["version"]
        assert version in constraints or version in SpecifierSet(constraints), name
        assert len(re.findall(r'"zh:[0-9a-f]{64}",', hashes)) >= 12, name
        assert re.search(r'"h1:[\w+/]{43}=",', hashes), name


def test_both_locks_have_the_same_google_provider() -> None:
    """What deploys from GitHub is set up with the provider that deploys Herald."""
    [of_all, of_github] = [
        re.search(r'provider "registry\.terraform\.io/hashicorp/google" \{.*?\n\}', text, re.DOTALL)
        for text in ((folder / ".terraform.lock.hcl").read_text() for folder in (TERRAFORM, TERRAFORM / "github"))
    ]
    assert of_all
    assert of_github
    assert of_github.group() == of_all.group()


def _change(address: str, change: Callable[[Body], object]) -> Callable[[Tree], object]:
    return lambda tree: change(tree.block(address).body)


TOPIC, FUNCTION = "google_pubsub_topic.topic", "google_cloudfunctions2_function.function"
SUBSCRIPTION, BUDGET = "google_pubsub_subscription.subscription", "google_billing_budget.month"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_change(TOPIC, lambda body: body.update(colour="red")), f"{TOPIC}: unknown argument colour"),
        (_change(TOPIC, lambda body: body.pop("name")), f"{TOPIC}: missing argument name"),
        (
            _change(FUNCTION, lambda body: body.update(event_triggers=[{}])),
            f"{FUNCTION}.event_triggers: unknown block",
        ),
        (
            _change(FUNCTION, lambda body: body["service_config"][0].update(memory="1Gi")),
            f"{FUNCTION}.service_config: unknown argument memory",
        ),
        (
            _change(FUNCTION, lambda body: body["service_config"].append({})),
            f"{FUNCTION}.service_config: more than one",
        ),
        (
            _change(SUBSCRIPTION, lambda body: body["push_config"][0]["oidc_token"][0].pop("service_account_email")),
            f"{SUBSCRIPTION}.push_config.oidc_token: missing argument service_account_email",
        ),
        (
            _change(
                SUBSCRIPTION, lambda body: body["dynamic"][0]["dead_letter_policy"]["content"][0].update(attempts=5)
            ),
            f"{SUBSCRIPTION}.dead_letter_policy: unknown argument attempts",
        ),
        (_change(BUDGET, lambda body: body.pop("amount")), f"{BUDGET}: missing block amount"),
        (_change(TOPIC, lambda body: body.update(name="${var.nobody}")), f"{TOPIC}: unknown var.nobody"),
        (_change(TOPIC, lambda body: body.update(name="${local.nothing}")), f"{TOPIC}: unknown local.nothing"),
        (_change(TOPIC, lambda body: body.update(name="${module.topology.tops}")), "module.topology has no tops"),
        (
            _change(TOPIC, lambda body: body.update(name="${google_service_account.pusher.address}")),
            f"{TOPIC}: google_service_account.pusher has no address",
        ),
        (
            _change(TOPIC, lambda body: body.update(name="${google_service_account.function.email}")),
            f"{TOPIC}: google_service_account.function is used without an index",
        ),
        (
            _change(TOPIC, lambda body: body.update(name="${google_service_account.pusher[0].email}")),
            f"{TOPIC}: google_service_account.pusher is used with an index",
        ),
        (
            _change(TOPIC, lambda body: body.update(name="${google_firestore_database.nowhere.name}")),
            f"{TOPIC}: unknown google_firestore_database.nowhere",
        ),
        (_change("module.topology", lambda body: body.pop("region")), "module.topology: missing variable region"),
        (_change("module.topology", lambda body: body.update(zone="a")), "module.topology: unknown variable zone"),
        (_change(BUDGET, lambda body: body.pop("billing_account")), "var.billing_account is not used"),
    ],
)
def test_mistake_is_found(change: Callable[[Tree], object], expected: str) -> None:
    """Each mistake in a copy of the files is reported."""
    tree = Tree.read()
    change(tree)
    assert [problem for problem in find_problems(tree, load_schema()) if expected in problem]
