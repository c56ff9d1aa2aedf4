"""The Terraform files use only known arguments and valid references."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.terraform.arguments import find_problems
from tests.terraform.provider import load_schema
from tests.terraform.tree import Tree

Body = dict[str, Any]


def test_terraform_files_have_no_problems() -> None:
    """The checks find no problem in `terraform/`."""
    assert find_problems(Tree.read(), load_schema()) == []


def test_provider_versions_match_schema() -> None:
    """The schema in `provider.json` must be generated again for another version."""
    [terraform] = Tree.read().blocks("terraform")
    [required] = terraform.body["required_providers"]
    assert {name: problem["version"] for name, problem in required.items()} == load_schema()["providers"]


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
        (_change(BUDGET, lambda body: body.pop("amount")), "var.monthly_budget is not used"),
    ],
)
def test_mistake_is_found(change: Callable[[Tree], object], expected: str) -> None:
    """Each mistake in a copy of the files is reported."""
    tree = Tree.read()
    change(tree)
    assert [problem for problem in find_problems(tree, load_schema()) if expected in problem]
