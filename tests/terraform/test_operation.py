"""What is watched is what the code says, what is scheduled is what it understands, and all of it is switched on."""

from __future__ import annotations

import ast
import json
import re
from base64 import b64decode
from collections.abc import Iterator

import pytest

from common.events import Tick
from local.stack import TICK
from tests.terraform import syntax
from tests.terraform.deployment import topology
from tests.terraform.tree import Tree, texts

APIS = {
    "google_artifact_registry": "artifactregistry",
    "google_billing_budget": "billingbudgets",
    "google_cloud_run": "run",
    "google_cloud_scheduler": "cloudscheduler",
    "google_cloudfunctions2": "cloudfunctions",
    "google_firebase_hosting": "firebasehosting",
    "google_firebase": "firebase",
    "google_firebaserules": "firebaserules",
    "google_firestore": "firestore",
    "google_identity_platform": "identitytoolkit",
    "google_logging": "logging",
    "google_monitoring": "monitoring",
    "google_project_iam": "cloudresourcemanager",
    "google_project_service": "serviceusage",
    "google_pubsub": "pubsub",
    "google_secret_manager": "secretmanager",
    "google_service_account": "iam",
    "google_storage": "storage",
}
"""The API behind a kind of resource, by the start of its name; the longest counts."""

BEHIND = {"aiplatform", "cloudbilling", "cloudbuild"}
"""Those that functions, budgets and builds use, without a resource of their own."""


def logged() -> dict[str, set[str]]:
    """Each message that the functions log, with the names of what goes along."""
    found: dict[str, set[str]] = {}
    for piece in syntax.everything():
        for call in piece.calls():
            if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "log" and call.args:
                [message] = syntax.values(piece, call.args[0], call)
                found.setdefault(message, set()).update(_extra(piece, call))
    return found


def _extra(piece: syntax.Piece, call: ast.Call) -> Iterator[str]:
    """The keys of `extra={…}`, also where it was put together before."""
    for name in [one.value for one in call.keywords if one.arg == "extra"]:
        given = syntax.assigned(piece, name.id, call) if isinstance(name, ast.Name) else [name]
        for one in given:
            keys = one.keys if isinstance(one, ast.Dict) else []
            yield from (str(key.value) for key in keys if isinstance(key, ast.Constant))


def unheard(tree: Tree) -> list[str]:
    """Log metrics that count what nobody logs."""
    known = logged()
    return [
        name
        for name, one in tree.local("log_metrics").items()
        if one["message"] not in known
        or (one["label"] or one["message"]) not in {*known[one["message"]], one["message"]}
    ]


def test_log_metrics_count_what_the_code_logs() -> None:
    assert unheard(Tree.read()) == []


@pytest.mark.parametrize("mistake", [{"message": "letter, dead"}, {"label": "colour"}])
def test_a_metric_of_nothing_is_found(mistake: dict[str, str]) -> None:
    tree = Tree.read()
    tree.local("log_metrics")["dead_letters"].update(mistake)
    assert unheard(tree) == ["dead_letters"]


def test_every_log_metric_is_looked_at() -> None:
    shown = " ".join([*texts(Tree.read().local("alerts")), *texts(Tree.read().local("charts"))])
    assert [name for name in Tree.read().local("log_metrics") if f'metric["{name}"]' not in shown] == []


def test_somebody_is_told() -> None:
    """Of dead letters, waiting messages, errors, slow pushes, a lack of quota, counters that differ, campaigns that
    stop a tick, and money."""
    wanted = {"dead_letters", "unacknowledged", "errors", "slow_pushes", "gemini_refusals", "counter_differences"}
    wanted |= {"neglected"}
    assert set(Tree.read().local("alerts")) == wanted
    policy = Tree.read().block("google_monitoring_alert_policy.alert").body
    assert policy["notification_channels"] == ["${google_monitoring_notification_channel.admin.name}"]
    [told] = Tree.read().block("google_billing_budget.month").body["all_updates_rule"]
    assert told["monitoring_notification_channels"] == ["${google_monitoring_notification_channel.admin.id}"]


def test_subscriptions_that_are_watched_exist() -> None:
    named = set(
        re.findall(r"one_of\((.*?)\)", Tree.read().local("alerts")["slow_pushes"]["filter"])[0]
        .replace('"', "")
        .split(",")
    )
    assert named <= topology()["subscriptions"].keys()


def test_the_schedule_tells_the_time_as_the_code_and_the_local_stack_do() -> None:
    [target] = Tree.read().block("google_cloud_scheduler_job.tick").body["pubsub_target"]
    assert target["topic_name"] == f'${{google_pubsub_topic.topic["{Tick.topic}"].id}}'
    fields = dict(re.findall(r"(\w+) = (\d+)", target["data"]))
    assert {name: int(value) for name, value in fields.items()} == json.loads(Tick().encode())
    assert "base64encode(jsonencode(" in target["data"]
    assert json.loads(b64decode(TICK)) == json.loads(Tick().encode())


def test_every_api_that_is_used_is_enabled() -> None:
    tree = Tree.read()
    used = {_api(one.type) for one in tree.blocks("resource")}
    enabled = set(re.findall(r"(\w+)\.googleapis\.com", str(tree.block("google_project_service.api").body["for_each"])))
    assert enabled == used | BEHIND


def _api(type_: str) -> str:
    return APIS[max((start for start in APIS if type_.startswith(start)), key=len)]


def test_what_deploys_first_waits_for_its_api() -> None:
    """A resource that refers to no other would be created before the API is there."""
    hanging = [
        one.address
        for one in Tree.read().blocks("resource")
        if one.type != "google_project_service"
        and "depends_on" not in one.body
        and not re.search(r"google_(?!project\b)\w+\.\w+", " ".join(texts(one.body)))
    ]
    assert hanging == []
