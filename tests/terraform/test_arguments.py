"""The Terraform files say what the providers understand, and refer only to what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.terraform.arguments import problems
from tests.terraform.provider import kept
from tests.terraform.tree import Tree

Body = dict[str, Any]


def test_there_is_nothing_wrong() -> None:
    assert problems(Tree.read(), kept()) == []


def test_the_providers_are_those_whose_arguments_are_known() -> None:
    """Another version may take other arguments: `provider.json` has to be derived from it first."""
    [terraform] = Tree.read().blocks("terraform")
    [required] = terraform.body["required_providers"]
    assert {name: one["version"] for name, one in required.items()} == kept()["providers"]


def _in(address: str, mistake: Callable[[Body], object]) -> Callable[[Tree], object]:
    return lambda tree: mistake(tree.block(address).body)


TOPIC, FUNCTION = "google_pubsub_topic.topic", "google_cloudfunctions2_function.function"
SUBSCRIPTION, BUDGET = "google_pubsub_subscription.subscription", "google_billing_budget.month"


@pytest.mark.parametrize(
    ("mistake", "finding"),
    [
        (_in(TOPIC, lambda body: body.update(colour="red")), f"{TOPIC}: there is no argument colour"),
        (_in(TOPIC, lambda body: body.pop("name")), f"{TOPIC}: the argument name is missing"),
        (
            _in(FUNCTION, lambda body: body.update(event_triggers=[{}])),
            f"{FUNCTION}.event_triggers: there is no such block",
        ),
        (
            _in(FUNCTION, lambda body: body["service_config"][0].update(memory="1Gi")),
            f"{FUNCTION}.service_config: there is no argument memory",
        ),
        (
            _in(FUNCTION, lambda body: body["service_config"].append({})),
            f"{FUNCTION}.service_config: there may be only one",
        ),
        (
            _in(SUBSCRIPTION, lambda body: body["push_config"][0]["oidc_token"][0].pop("service_account_email")),
            f"{SUBSCRIPTION}.push_config.oidc_token: the argument service_account_email is missing",
        ),
        (
            _in(SUBSCRIPTION, lambda body: body["dynamic"][0]["dead_letter_policy"]["content"][0].update(attempts=5)),
            f"{SUBSCRIPTION}.dead_letter_policy: there is no argument attempts",
        ),
        (_in(BUDGET, lambda body: body.pop("amount")), f"{BUDGET}: the block amount is missing"),
        (_in(TOPIC, lambda body: body.update(name="${var.nobody}")), f"{TOPIC}: there is no var.nobody"),
        (_in(TOPIC, lambda body: body.update(name="${local.nothing}")), f"{TOPIC}: there is no local.nothing"),
        (_in(TOPIC, lambda body: body.update(name="${module.topology.tops}")), "module.topology has no tops"),
        (
            _in(TOPIC, lambda body: body.update(name="${google_service_account.pusher.address}")),
            f"{TOPIC}: google_service_account.pusher has no address",
        ),
        (
            _in(TOPIC, lambda body: body.update(name="${google_service_account.function.email}")),
            f"{TOPIC}: google_service_account.function is one of many",
        ),
        (
            _in(TOPIC, lambda body: body.update(name="${google_service_account.pusher[0].email}")),
            f"{TOPIC}: google_service_account.pusher is single",
        ),
        (
            _in(TOPIC, lambda body: body.update(name="${google_firestore_database.nowhere.name}")),
            f"{TOPIC}: there is no google_firestore_database.nowhere",
        ),
        (_in("module.topology", lambda body: body.pop("region")), "module.topology: region is missing"),
        (_in("module.topology", lambda body: body.update(zone="a")), "module.topology: it takes no zone"),
        (_in(BUDGET, lambda body: body.pop("amount")), "var.monthly_budget is not used"),
    ],
)
def test_a_mistake_is_found(mistake: Callable[[Tree], object], finding: str) -> None:
    tree = Tree.read()
    mistake(tree)
    assert [one for one in problems(tree, kept()) if finding in one]
