"""Who may do what in the cloud: each function what its code needs, and nobody anything beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.terraform.tree import Block, Tree, texts

OWN = "google_service_account.function[each.value.function].member"
PUBSUB = "google_project_service_identity.pubsub.member"
PUSHER = "google_service_account.pusher.member"
BUILDER = "google_service_account.builder.member"

GRANTS = {
    "google_artifact_registry_repository_iam_member.builder_writes": ("roles/artifactregistry.writer", BUILDER),
    "google_cloud_run_service_iam_member.anybody": ("roles/run.invoker", "allUsers"),
    "google_cloud_run_service_iam_member.pusher": ("roles/run.invoker", PUSHER),
    "google_project_iam_member.builder_logs": ("roles/logging.logWriter", BUILDER),
    "google_project_iam_member.builder_reads": ("roles/storage.objectViewer", BUILDER),
    "google_project_iam_member.firestore": ("roles/datastore.user", OWN),
    "google_project_iam_member.gemini": ("google_project_iam_custom_role.gemini.name", OWN),
    "google_pubsub_subscription_iam_member.pubsub_moves": ("roles/pubsub.subscriber", PUBSUB),
    "google_pubsub_topic_iam_member.dead_letters": ("roles/pubsub.publisher", PUBSUB),
    "google_pubsub_topic_iam_member.publisher": ("roles/pubsub.publisher", OWN),
    "google_secret_manager_secret_iam_member.reader": ("roles/secretmanager.secretAccessor", OWN),
    "google_service_account_iam_member.pubsub_signs": ("roles/iam.serviceAccountTokenCreator", PUBSUB),
}
"""Every grant there is: a new one is looked at twice."""

FOR_EACH = {
    "google_cloud_run_service_iam_member.anybody": 'module.topology.functions if trigger == "http"',
    "google_cloud_run_service_iam_member.pusher": 'module.topology.functions if trigger == "pubsub"',
    "google_project_iam_member.firestore": 'module.topology.users if service == "firestore"',
    "google_project_iam_member.gemini": 'module.topology.users if service == "gemini"',
    "google_pubsub_subscription_iam_member.pubsub_moves": "module.topology.subscriptions if dead_letter_topic != null",
    "google_pubsub_topic_iam_member.dead_letters": "module.topology.dead_letter_topics",
    "google_pubsub_topic_iam_member.publisher": "module.topology.publishers",
    "google_secret_manager_secret_iam_member.reader": "module.topology.readers",
}
"""Whom a grant is for follows from the topology, and that is held against the code."""

CONDITIONS = {
    "google_project_iam_member.builder_reads": "buckets/gcf-v2-sources-",
    "google_project_iam_member.firestore": "databases/${google_firestore_database.database.name}",
}


def wrongs(tree: Tree) -> list[str]:
    return [*_of_grants(tree), *_of_accounts(tree), *_of_subscriptions(tree)]


def _of_grants(tree: Tree) -> Iterator[str]:
    grants = {
        one.address: one for one in tree.blocks("resource") if "_iam_" in one.type and "custom_role" not in one.type
    }
    yield from (f"{address} is missing" for address in GRANTS.keys() - grants.keys())
    yield from (f"{address} is new" for address in grants.keys() - GRANTS.keys())
    for address in GRANTS.keys() & grants.keys():
        yield from _of_grant(grants[address])


def _of_grant(grant: Block) -> Iterator[str]:
    role, member = (_plain(grant.body[name]) for name in ("role", "member"))
    if (role, member) != GRANTS[grant.address]:
        yield f"{grant.address}: {member} becomes {role}"
    if _shortened(grant.body.get("for_each", "")) != FOR_EACH.get(grant.address, ""):
        yield f"{grant.address} is for {_plain(grant.body.get('for_each', ''))}"
    wanted = CONDITIONS.get(grant.address)
    if wanted and not any(wanted in text for text in texts(grant.body.get("condition", []))):
        yield f"{grant.address} lacks its condition"


def _plain(expression: str) -> str:
    whole = re.fullmatch(r"\$\{(.*)\}", expression)
    return whole[1] if whole else expression


def _shortened(expression: str) -> str:
    """`{for a, b in SET : a => b if b.X}` as `SET if X`."""
    return re.sub(r"^\{for \w+, (\w+) in ([\w.]+) : \w+ => \1 if \1\.(.*)\}$", r"\2 if \3", _plain(expression))


def _of_accounts(tree: Tree) -> Iterator[str]:
    function = tree.block("google_cloudfunctions2_function.function").body
    account = _plain(function["service_config"][0].get("service_account_email", ""))
    if account != "google_service_account.function[each.key].email":
        yield f"functions run as {account or 'the default account'}"
    yield from (f"{one.address}: keys get lost" for one in tree.of_type("google_service_account_key"))
    powerful = {"roles/editor", "roles/owner", "roles/viewer"}
    yield from (f"{one.address}: {role}" for one in tree.blocks() for role in powerful & set(texts(one.body)))


def _of_subscriptions(tree: Tree) -> Iterator[str]:
    body = tree.block("google_pubsub_subscription.subscription").body
    token = body["push_config"][0].get("oidc_token", [{}])[0]
    if token.get("audience") != "${each.value.audience}":
        yield "pushes carry no token for their function"
    if token.get("service_account_email") != "${google_service_account.pusher.email}":
        yield "pushes do not come from the pusher"
    if body.get("expiration_policy") != [{"ttl": ""}]:
        yield "subscriptions expire"
    if "dead_letter_policy" not in {name for one in body.get("dynamic", []) for name in one}:
        yield "subscriptions have no dead letters"


def test_everybody_may_do_what_they_need_and_no_more() -> None:
    assert wrongs(Tree.read()) == []


Mistake = Callable[[Tree], Any]


def _in(address: str, **changes: Any) -> Mistake:
    return lambda tree: tree.block(address).body.update(changes)


def _without(address: str, *path: str | int) -> Mistake:
    def remove(tree: Tree) -> None:
        place: Any = tree.block(address).body
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return remove


PUBLISHER = "google_pubsub_topic_iam_member.publisher"
SUBSCRIPTION = "google_pubsub_subscription.subscription"
FUNCTION = "google_cloudfunctions2_function.function"


@pytest.mark.parametrize(
    ("mistake", "finding"),
    [
        (lambda tree: tree.files["topics.tf"]["resource"].pop(1), f"{PUBLISHER} is missing"),
        (_in(PUBLISHER, role="roles/pubsub.editor"), f"{OWN} becomes roles/pubsub.editor"),
        (_in(PUBLISHER, member="allUsers"), "allUsers becomes roles/pubsub.publisher"),
        (_in(PUBLISHER, for_each="${module.topology.topics}"), f"{PUBLISHER} is for module.topology.topics"),
        (_in("google_project_iam_member.builder_logs", role="roles/editor"), "builder_logs: roles/editor"),
        (_in("google_project_iam_member.firestore", condition=[]), "google_project_iam_member.firestore lacks"),
        (
            _in("google_cloud_run_service_iam_member.anybody", for_each="${module.topology.functions}"),
            "anybody is for module.topology.functions",
        ),
        (_without(FUNCTION, "service_config", 0, "service_account_email"), "functions run as the default account"),
        (_without(SUBSCRIPTION, "push_config", 0, "oidc_token"), "pushes carry no token for their function"),
        (_without(SUBSCRIPTION, "expiration_policy"), "subscriptions expire"),
        (_without(SUBSCRIPTION, "dynamic"), "subscriptions have no dead letters"),
        (
            lambda tree: tree.files["topics.tf"]["resource"].append(
                {"google_service_account_key": {"key": {"service_account_id": "builder"}}}
            ),
            "keys get lost",
        ),
    ],
)
def test_a_wrong_right_is_found(mistake: Mistake, finding: str) -> None:
    tree = Tree.read()
    mistake(tree)
    assert [one for one in wrongs(tree) if finding in one]
