"""Metrics count logged events, the schedule publishes a valid tick, and all used APIs are enabled."""

from __future__ import annotations

import ast
import json
import re
from base64 import b64decode

import pytest

from common.events import Tick
from local.stack import TICK_DATA
from tests.terraform.deployment import read_topology
from tests.terraform.tree import ROOT, Tree, texts

API_BY_RESOURCE = {
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
"""The API of a resource type by the prefix of its name. The longest prefix applies."""

INDIRECT_APIS = {"aiplatform", "cloudbilling", "cloudbuild"}
"""The APIs that functions, budgets and builds use without a resource."""


def logged_events() -> dict[str, set[str]]:
    """Return the names of the events that the functions log, each with the names of its fields.

    A dictionary `{"event": "…", …}` names the fields; others in the same function can add some.
    """
    events: dict[str, set[str]] = {}
    for path in (ROOT / "functions").rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                dictionaries = [_literal_entries(node) for node in ast.walk(function) if isinstance(node, ast.Dict)]
                fields = {name for entries in dictionaries for name in entries}
                for entries in dictionaries:
                    if isinstance(event := entries.get("event"), ast.Constant):
                        events.setdefault(str(event.value), set()).update(fields)
    return events


def _literal_entries(dictionary: ast.Dict) -> dict[str, ast.expr]:
    """Return the entries of a dictionary whose key is a literal."""
    entries = zip(dictionary.keys, dictionary.values, strict=True)
    return {str(key.value): value for key, value in entries if isinstance(key, ast.Constant)}


def metrics_without_event(tree: Tree) -> list[str]:
    """Return the log metrics whose event or label is not logged."""
    events = logged_events()
    return [
        name
        for name, metric in tree.local("log_metrics").items()
        if metric["event"] not in events or (metric["label"] or "event") not in events[metric["event"]]
    ]


def test_log_metrics_count_logged_events() -> None:
    """Every log metric counts an event that the code logs, with its label."""
    assert metrics_without_event(Tree.read()) == []


@pytest.mark.parametrize("change", [{"event": "letter_dead"}, {"label": "colour"}])
def test_metric_of_unknown_event_is_found(change: dict[str, str]) -> None:
    """An unknown event or label is reported."""
    tree = Tree.read()
    tree.local("log_metrics")["dead_letters"].update(change)
    assert metrics_without_event(tree) == ["dead_letters"]


def test_every_log_metric_is_used() -> None:
    """Every log metric has an alert or a chart."""
    used_metrics = " ".join([*texts(Tree.read().local("alerts")), *texts(Tree.read().local("charts"))])
    assert [name for name in Tree.read().local("log_metrics") if f'metric["{name}"]' not in used_metrics] == []


def test_alerts_notify_the_admin() -> None:
    """Alerts exist for dead letters, backlog, errors, slow pushes, quota, counters, failed checks and cost."""
    expected = {"dead_letters", "unacknowledged", "errors", "slow_pushes", "gemini_refusals"}
    expected |= {"counter_discrepancies", "failed_duties"}
    assert set(Tree.read().local("alerts")) == expected
    policy = Tree.read().block("google_monitoring_alert_policy.alert").body
    assert policy["notification_channels"] == ["${google_monitoring_notification_channel.admin.name}"]
    [update_rule] = Tree.read().block("google_billing_budget.month").body["all_updates_rule"]
    assert update_rule["monitoring_notification_channels"] == ["${google_monitoring_notification_channel.admin.id}"]


def test_watched_subscriptions_exist() -> None:
    """The alert on slow pushes names existing subscriptions."""
    subscriptions = set(
        re.findall(r"one_of\((.*?)\)", Tree.read().local("alerts")["slow_pushes"]["filter"])[0]
        .replace('"', "")
        .split(",")
    )
    assert subscriptions <= read_topology()["subscriptions"].keys()


def test_schedule_publishes_the_same_tick_as_the_local_stack() -> None:
    """The scheduler, the code and the local stack use the same event."""
    [target] = Tree.read().block("google_cloud_scheduler_job.tick").body["pubsub_target"]
    assert target["topic_name"] == f'${{google_pubsub_topic.topic["{Tick.topic}"].id}}'
    fields = dict(re.findall(r"(\w+) = (\d+)", target["data"]))
    assert {name: int(value) for name, value in fields.items()} == json.loads(Tick().encode())
    assert "base64encode(jsonencode(" in target["data"]
    assert json.loads(b64decode(TICK_DATA)) == json.loads(Tick().encode())


def test_every_used_api_is_enabled() -> None:
    """The enabled APIs are those of the resources and the indirect ones."""
    tree = Tree.read()
    used = {_api_of(resource.type) for resource in tree.blocks("resource")}
    enabled = set(re.findall(r"(\w+)\.googleapis\.com", str(tree.block("google_project_service.api").body["for_each"])))
    assert enabled == used | INDIRECT_APIS


def _api_of(type_: str) -> str:
    return API_BY_RESOURCE[max((prefix for prefix in API_BY_RESOURCE if type_.startswith(prefix)), key=len)]


def test_resource_without_reference_depends_on_its_api() -> None:
    """Without a dependency, a resource could be created before its API is enabled."""
    without_dependency = [
        resource.address
        for resource in Tree.read().blocks("resource")
        if resource.type != "google_project_service"
        and "depends_on" not in resource.body
        and not re.search(r"google_(?!project\b)\w+\.\w+", " ".join(texts(resource.body)))
    ]
    assert without_dependency == []
