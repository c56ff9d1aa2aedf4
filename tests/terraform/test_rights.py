"""IAM grants: each function gets what its code needs, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.terraform.tree import Block, Tree, texts

FUNCTION_ACCOUNT = "google_service_account.function[each.value.function].member"
PUBSUB_ACCOUNT = "google_project_service_identity.pubsub.member"
PUSHER_ACCOUNT = "google_service_account.pusher.member"
BUILDER_ACCOUNT = "google_service_account.builder.member"

GRANTS = {
    "google_artifact_registry_repository_iam_member.builder_writes": ("roles/artifactregistry.writer", BUILDER_ACCOUNT),
    "google_cloud_run_service_iam_member.anybody": ("roles/run.invoker", "allUsers"),
    "google_cloud_run_service_iam_member.pusher": ("roles/run.invoker", PUSHER_ACCOUNT),
    "google_project_iam_member.builder_logs": ("roles/logging.logWriter", BUILDER_ACCOUNT),
    "google_project_iam_member.builder_reads": ("roles/storage.objectViewer", BUILDER_ACCOUNT),
    "google_project_iam_member.access_reader": ("roles/datastore.viewer", FUNCTION_ACCOUNT),
    "google_project_iam_member.access_writer": ("roles/datastore.user", FUNCTION_ACCOUNT),
    "google_project_iam_member.firestore": ("roles/datastore.user", FUNCTION_ACCOUNT),
    "google_project_iam_member.firestore_reader": ("roles/datastore.viewer", FUNCTION_ACCOUNT),
    "google_project_iam_member.accounts": ("google_project_iam_custom_role.accounts.name", FUNCTION_ACCOUNT),
    "google_project_iam_member.gemini": ("google_project_iam_custom_role.gemini.name", FUNCTION_ACCOUNT),
    "google_pubsub_subscription_iam_member.pubsub_moves": ("roles/pubsub.subscriber", PUBSUB_ACCOUNT),
    "google_pubsub_topic_iam_member.dead_letters": ("roles/pubsub.publisher", PUBSUB_ACCOUNT),
    "google_pubsub_topic_iam_member.publisher": ("roles/pubsub.publisher", FUNCTION_ACCOUNT),
    "google_secret_manager_secret_iam_member.reader": ("roles/secretmanager.secretAccessor", FUNCTION_ACCOUNT),
    "google_service_account_iam_member.pubsub_signs": ("roles/iam.serviceAccountTokenCreator", PUBSUB_ACCOUNT),
}
"""All grants. A new one must be reviewed and added here."""

FOR_EACH = {
    "google_cloud_run_service_iam_member.anybody": 'module.topology.functions if trigger == "http"',
    "google_cloud_run_service_iam_member.pusher": 'module.topology.functions if trigger == "pubsub"',
    "google_project_iam_member.access_reader": 'module.topology.users if service == "access"',
    "google_project_iam_member.access_writer": 'module.topology.users if service == "access-writer"',
    "google_project_iam_member.firestore": 'module.topology.users if service == "firestore"',
    "google_project_iam_member.firestore_reader": 'module.topology.users if service == "firestore-reader"',
    "google_project_iam_member.accounts": 'module.topology.users if service == "accounts"',
    "google_project_iam_member.gemini": 'module.topology.users if service == "gemini"',
    "google_pubsub_subscription_iam_member.pubsub_moves": "module.topology.subscriptions if dead_letter_topic != null",
    "google_pubsub_topic_iam_member.dead_letters": "module.topology.dead_letter_topics",
    "google_pubsub_topic_iam_member.publisher": "module.topology.publishers",
    "google_secret_manager_secret_iam_member.reader": "module.topology.readers",
}
"""The accounts of a grant follow from the topology, which is compared with the code."""

CONDITIONS = {
    "google_project_iam_member.builder_reads": "buckets/gcf-v2-sources-",
    "google_project_iam_member.access_reader": "databases/${google_firestore_database.access.name}",
    "google_project_iam_member.access_writer": "databases/${google_firestore_database.access.name}",
    "google_project_iam_member.firestore": "databases/${google_firestore_database.database.name}",
    "google_project_iam_member.firestore_reader": "databases/${google_firestore_database.database.name}",
}


def find_problems(tree: Tree) -> list[str]:
    return [*_check_grants(tree), *_check_accounts(tree), *_check_subscriptions(tree)]


def _check_grants(tree: Tree) -> Iterator[str]:
    """Find missing, unexpected and wrong grants."""
    grants = {
        block.address: block
        for block in tree.blocks("resource")
        if "_iam_" in block.type and "custom_role" not in block.type
    }
    yield from (f"{address} is missing" for address in GRANTS.keys() - grants.keys())
    yield from (f"{address} is unexpected" for address in grants.keys() - GRANTS.keys())
    for address in GRANTS.keys() & grants.keys():
        yield from _check_grant(grants[address])


def _check_grant(grant: Block) -> Iterator[str]:
    role, member = (_expression(grant.body[name]) for name in ("role", "member"))
    if (role, member) != GRANTS[grant.address]:
        yield f"{grant.address}: {member} gets {role}"
    if _simplified(grant.body.get("for_each", "")) != FOR_EACH.get(grant.address, ""):
        yield f"{grant.address} is for {_expression(grant.body.get('for_each', ''))}"
    expected_condition = CONDITIONS.get(grant.address)
    if expected_condition and not any(expected_condition in text for text in texts(grant.body.get("condition", []))):
        yield f"{grant.address} has no condition"


def _expression(expression: str) -> str:
    whole = re.fullmatch(r"\$\{(.*)\}", expression)
    return whole[1] if whole else expression


def _simplified(expression: str) -> str:
    """Shorten `{for a, b in SET : a => b if b.X}` to `SET if X`."""
    return re.sub(r"^\{for \w+, (\w+) in ([\w.]+) : \w+ => \1 if \1\.(.*)\}$", r"\2 if \3", _expression(expression))


def _check_accounts(tree: Tree) -> Iterator[str]:
    """Find functions without their own account, account keys, and basic roles."""
    function = tree.block("google_cloudfunctions2_function.function").body
    account = _expression(function["service_config"][0].get("service_account_email", ""))
    if account != "google_service_account.function[each.key].email":
        yield f"functions run as {account or 'the default account'}"
    yield from (
        f"{block.address}: service account keys are not allowed" for block in tree.of_type("google_service_account_key")
    )
    powerful = {"roles/editor", "roles/owner", "roles/viewer"}
    yield from (f"{block.address}: {role}" for block in tree.blocks() for role in powerful & set(texts(block.body)))


def _check_subscriptions(tree: Tree) -> Iterator[str]:
    """Find subscriptions without token, dead letters, or with an expiration."""
    body = tree.block("google_pubsub_subscription.subscription").body
    token = body["push_config"][0].get("oidc_token", [{}])[0]
    if token.get("audience") != "${each.value.audience}":
        yield "pushes have no token for their function"
    if token.get("service_account_email") != "${google_service_account.pusher.email}":
        yield "pushes do not use the account of the pusher"
    if body.get("expiration_policy") != [{"ttl": ""}]:
        yield "subscriptions expire"
    if "dead_letter_policy" not in {name for block in body.get("dynamic", []) for name in block}:
        yield "subscriptions have no dead letters"


def test_grants_are_as_expected() -> None:
    """All grants, accounts and push subscriptions are as expected."""
    assert find_problems(Tree.read()) == []


Change = Callable[[Tree], Any]


def _set_argument(address: str, **changes: Any) -> Change:
    return lambda tree: tree.block(address).body.update(changes)


def _remove_argument(address: str, *path: str | int) -> Change:
    def remove(tree: Tree) -> None:
        target: Any = tree.block(address).body
        for step in path[:-1]:
            target = target[step]
        del target[path[-1]]

    return remove


PUBLISHER = "google_pubsub_topic_iam_member.publisher"
SUBSCRIPTION = "google_pubsub_subscription.subscription"
FUNCTION = "google_cloudfunctions2_function.function"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda tree: tree.files["topics.tf"]["resource"].pop(1), f"{PUBLISHER} is missing"),
        (_set_argument(PUBLISHER, role="roles/pubsub.editor"), f"{FUNCTION_ACCOUNT} gets roles/pubsub.editor"),
        (_set_argument(PUBLISHER, member="allUsers"), "allUsers gets roles/pubsub.publisher"),
        (_set_argument(PUBLISHER, for_each="${module.topology.topics}"), f"{PUBLISHER} is for module.topology.topics"),
        (_set_argument("google_project_iam_member.builder_logs", role="roles/editor"), "builder_logs: roles/editor"),
        (
            _set_argument("google_project_iam_member.access_reader", role="roles/datastore.user"),
            f"access_reader: {FUNCTION_ACCOUNT} gets roles/datastore.user",
        ),
        (
            _set_argument(
                "google_project_iam_member.firestore",
                condition=[{"expression": "databases/${google_firestore_database.access.name}"}],
            ),
            "google_project_iam_member.firestore has no condition",
        ),
        (
            _set_argument("google_project_iam_member.firestore", condition=[]),
            "google_project_iam_member.firestore has no condition",
        ),
        (
            _set_argument("google_cloud_run_service_iam_member.anybody", for_each="${module.topology.functions}"),
            "anybody is for module.topology.functions",
        ),
        (
            _remove_argument(FUNCTION, "service_config", 0, "service_account_email"),
            "functions run as the default account",
        ),
        (_remove_argument(SUBSCRIPTION, "push_config", 0, "oidc_token"), "pushes have no token for their function"),
        (_remove_argument(SUBSCRIPTION, "expiration_policy"), "subscriptions expire"),
        (_remove_argument(SUBSCRIPTION, "dynamic"), "subscriptions have no dead letters"),
        (
            lambda tree: tree.files["topics.tf"]["resource"].append(
                {"google_service_account_key": {"key": {"service_account_id": "builder"}}}
            ),
            "service account keys are not allowed",
        ),
    ],
)
def test_wrong_grant_is_found(change: Change, expected: str) -> None:
    """Each mistake in a copy of the files is reported."""
    tree = Tree.read()
    change(tree)
    assert [problem for problem in find_problems(tree) if expected in problem]
