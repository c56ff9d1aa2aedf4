"""Metrics count logged events, the schedule publishes a valid tick, and all used APIs are enabled."""

from __future__ import annotations

import ast
import json
import re
from base64 import b64decode

import pytest

from common.events import AuditTick, EventTick, Tick
from common.settings import GeminiPriceSettings
from local.stack import TICK_DATA, TICK_TOPICS
from tests.terraform.deployment import read_topology
from tests.terraform.simulated_cloud import api_of
from tests.terraform.tree import ROOT, Tree, texts

INDIRECT_APIS = {"aiplatform", "cloudbilling", "cloudbuild", "modelarmor"}
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
    """Return the log metrics whose event, label or value is not logged."""
    events = logged_events()
    return [
        name
        for name, metric in tree.local("log_metrics").items()
        if not {metric["label"] or "event", metric["value"] or "event"} <= events.get(metric["event"], set())
    ]


def test_log_metrics_count_logged_events() -> None:
    """Every log metric reads an event that the code logs, with its label and its value."""
    assert metrics_without_event(Tree.read()) == []


@pytest.mark.parametrize("change", [{"event": "letter_dead"}, {"label": "colour"}, {"value": "weight"}])
def test_metric_of_unknown_event_is_found(change: dict[str, str]) -> None:
    """An unknown event or label is reported."""
    tree = Tree.read()
    tree.local("log_metrics")["dead_letters"].update(change)
    assert metrics_without_event(tree) == ["dead_letters"]


def test_log_alerts_match_logged_events() -> None:
    """Every alert on a log entry names an event that the code logs."""
    assert set(Tree.read().local("log_alerts")) - logged_events().keys() == set()


def test_alerts_need_no_log_metric() -> None:
    """A metric is unknown to alerts for the first ten minutes, so that the first deployment would fail."""
    assert [text for text in texts(Tree.read().local("alerts")) if "logging.googleapis.com/user" in text] == []


def test_every_log_metric_is_used() -> None:
    """Every log metric has a chart: of a number that is added up, one in PromQL."""
    tree = Tree.read()
    used = " ".join(texts([tree.local("charts"), tree.local("sum_charts")]))
    unused = [name for name in tree.local("log_metrics") if not re.search(rf'(metric|sums)\["{name}"\]', used)]
    assert unused == []


def test_every_log_metric_is_explained_with_a_query() -> None:
    """docs/operations.md has a row for each metric and for no other."""
    text = (ROOT / "docs" / "operations.md").read_text()
    rows = dict(re.findall(r"^\| `herald/(\w+)` \|(.*)$", text, re.MULTILINE))
    assert rows.keys() == Tree.read().local("log_metrics").keys()
    assert [name for name, row in rows.items() if "`" not in row.rsplit("|", 2)[1]] == []


def test_prices_of_the_dashboard_are_those_of_the_settings() -> None:
    """Without the deployment's own, the chart of the cost uses the same prices as the estimates."""
    prices = dict(re.findall(r'"(GEMINI_\w+)", "(.*?)"', " ".join(map(str, Tree.read().local("prices").values()))))
    defaults = {str(field.alias): field.default for field in GeminiPriceSettings.model_fields.values()}
    assert prices.keys() == {"GEMINI_INPUT_PRICE", "GEMINI_OUTPUT_PRICE"}
    assert {name: float(value) for name, value in prices.items()} == {name: defaults[name] for name in prices}


def test_alerts_notify_the_admin() -> None:
    """Alerts exist for backlog, errors, memory, slow pushes, quota, what must never happen, and cost."""
    assert set(Tree.read().local("alerts")) == {
        "backlog", "errors", "gemini_refusals", "memory", "slow_pushes", "unacknowledged",
    }  # fmt: skip
    assert set(Tree.read().local("log_alerts")) >= {
        "counter_discrepancy", "dead_letter", "outcome_unknown", "pending_negative", "tick_duty_failed",
        "vendor_misconfigured",
    }  # fmt: skip
    for name in ("alert", "log_alert"):
        policy = Tree.read().block(f"google_monitoring_alert_policy.{name}").body
        assert policy["notification_channels"] == ["${google_monitoring_notification_channel.admin.name}"]
    [update_rule] = Tree.read().block("google_billing_budget.month").body["all_updates_rule"]
    assert update_rule["monitoring_notification_channels"] == ["${google_monitoring_notification_channel.admin.id}"]


def test_every_alert_is_explained_with_a_query() -> None:
    """docs/operations.md has a section for each alert and for no other, and its query names events that are logged."""
    text = (ROOT / "docs" / "operations.md").read_text()
    alerts = {*Tree.read().local("alerts"), *Tree.read().local("log_alerts")}
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    assert sections.keys() == alerts
    assert [name for name, section in sections.items() if section.count("```") != 2] == []
    named = set(re.findall(r'event=[( OR"\w]*', text))
    events = {event for query in named for event in re.findall(r'"(\w+)"', query)}
    assert events - logged_events().keys() == set()


def watched_subscriptions(alert: str) -> set[str]:
    """Return the subscriptions that an alert names."""
    [names] = re.findall(r"one_of\((.*?)\)", Tree.read().local("alerts")[alert]["filter"])
    return set(names.replace('"', "").split(","))


def test_watched_subscriptions_exist() -> None:
    """The alerts on slow pushes and on waiting messages name existing subscriptions."""
    for alert in ("slow_pushes", "unacknowledged"):
        assert watched_subscriptions(alert) <= read_topology()["subscriptions"].keys()


def test_ten_minutes_of_waiting_are_normal_in_a_campaign() -> None:
    """A large campaign waits for hours for Gemini or the vendor: only what nobody waits for is watched for minutes."""
    assert watched_subscriptions("unacknowledged") == {"ticks", "audit-ticks", "event-ticks", "dead-letters"}
    assert Tree.read().local("alerts")["backlog"]["threshold"] == 12 * 3600


def test_schedule_publishes_the_same_tick_as_the_local_stack() -> None:
    """The scheduler, the code and the local stack use the same events."""
    for name, event in {"tick": Tick(), "audit_tick": AuditTick(), "event_tick": EventTick()}.items():
        [target] = Tree.read().block(f"google_cloud_scheduler_job.{name}").body["pubsub_target"]
        assert target["topic_name"] == f'${{google_pubsub_topic.topic["{event.topic}"].id}}'
        fields = dict(re.findall(r"(\w+) = (\d+)", target["data"]))
        assert {name: int(value) for name, value in fields.items()} == json.loads(event.encode())
        assert "base64encode(jsonencode(" in target["data"]
        assert json.loads(b64decode(TICK_DATA)) == json.loads(event.encode())
    assert set(TICK_TOPICS) == {Tick.topic, AuditTick.topic, EventTick.topic}


def test_every_used_api_is_enabled() -> None:
    """The enabled APIs are those of the resources and the indirect ones."""
    tree = Tree.read()
    used = {api_of(resource.type) for resource in tree.blocks("resource") if resource.type != "time_sleep"}
    enabled = set(re.findall(r"(\w+)\.googleapis\.com", str(tree.block("google_project_service.api").body["for_each"])))
    assert enabled == used | INDIRECT_APIS


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
