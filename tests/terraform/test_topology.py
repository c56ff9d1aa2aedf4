"""The deployment has exactly what the code needs: entry points, topics, settings, secrets and services."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from common.errors import Misconfigured
from common.settings import EMULATOR_VARIABLES
from local import services
from local.config import StackConfig
from local.ports import Ports
from local.topology import TOPOLOGY, Topology
from tests.terraform.deployment import (
    TerraformError,
    apply_topology,
    deployment_secrets,
    deployment_settings,
    read_topology,
)
from tests.terraform.deployment_run import EntryPointUsage, InMemoryDeployment
from tests.terraform.entry_points import (
    FUNCTIONS,
    TRIGGER_SETTINGS,
    VALUES,
    build,
    defined_entry_points,
    read_variables,
    secret_variables,
)
from tests.terraform.tree import Tree, texts

HTTP, PUBSUB = "http", "pubsub"

NOT_DEPLOYED_SETTINGS = {
    "GEMINI_API_KEY": "in the cloud, functions use their service account",
    "GEMINI_BASE_URL": "the address of the local stand-in",
    "PUSH_CERTS_URL": "Google's certificates by default; the local push service has its own",
    "PUSH_ISSUER": "Google by default; the local push service issues its own tokens",
    "SIMULATOR_BOOK": "tests compare this file with the ledger",
}
"""Settings that a deployment never sets."""

TopologyDefinition = dict[str, Any]
Usage = Mapping[str, EntryPointUsage]

needs_terraform = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is missing")


def find_differences(definition: TopologyDefinition, values: Mapping[str, str], usage: Usage) -> list[str]:
    """Return the differences between the definition and what the entry points read and use."""
    result = [
        difference
        for entry, function in definition["functions"].items()
        for difference in _check_function(entry, function, values, usage)
    ]
    of_the_scheduler = {"ticks", "audit-ticks", "event-ticks"}
    published = of_the_scheduler.union(*(used.topics for used in usage.values()))
    return [
        *result,
        *_check_entry_points(definition),
        *_compare("the code publishes to", definition["topics"], published),
        *_check_values(definition, values),
    ]


def _check_function(entry: str, function: Mapping[str, Any], values: Mapping[str, str], usage: Usage) -> Iterator[str]:
    """Compare the topics, services, settings and secrets of a function with what it uses."""
    if entry not in defined_entry_points(function["folder"]):
        yield f"{entry}: functions/{function['folder']}/main.py does not have this entry point"
        return
    read, secrets = _read_settings(entry, function), secret_variables()
    yield from _compare(f"{entry} publishes to", function["publishes"], usage[entry].topics)
    yield from _compare(f"{entry} uses", function["uses"], usage[entry].services)
    yield from _compare(f"{entry} reads", function["settings"], read - secrets)
    yield from _compare(f"{entry} reads the secret", function["secrets"], read & secrets)
    verifies_tokens = bool(TRIGGER_SETTINGS & read_variables(function["folder"], entry))
    if (function["trigger"] == PUBSUB) != verifies_tokens:
        yield f"{entry}: only functions with a push subscription verify tokens"
    given = {name for name in function["settings"] if name in values} | set(function["secrets"])
    yield from _start_errors(entry, function, given | TRIGGER_SETTINGS)


def _compare(subject: str, defined: list[str], actual: set[str]) -> Iterator[str]:
    yield from (f"{subject} {name}, which is not defined" for name in sorted(actual - set(defined)))
    yield from (f"{subject} {name} by definition, but not in the code" for name in sorted(set(defined) - actual))


def _read_settings(entry: str, function: Mapping[str, Any]) -> set[str]:
    """Return the variables that the function reads, without those of the trigger and those that are not deployed."""
    return set(read_variables(function["folder"], entry) - TRIGGER_SETTINGS - NOT_DEPLOYED_SETTINGS.keys())


def _start_errors(entry: str, function: Mapping[str, Any], given: set[str]) -> Iterator[str]:
    """Build the entry point with only the given variables: another required one is missing in the deployment."""
    try:
        build(function["folder"], entry, {name: VALUES[name] for name in given if name in VALUES})
    except Misconfigured as error:
        yield f"{entry} does not start: {error}"


def _check_entry_points(definition: TopologyDefinition) -> Iterator[str]:
    folders = {path.parent.name for path in FUNCTIONS.glob("*/main.py")}
    actual = {(folder, entry) for folder in folders for entry in defined_entry_points(folder)}
    deployed = {(function["folder"], entry) for entry, function in definition["functions"].items()}
    yield from (f"{entry} of {folder} is not deployed" for folder, entry in sorted(actual - deployed))


def _check_values(definition: TopologyDefinition, values: Mapping[str, str]) -> Iterator[str]:
    """Every value is read."""
    read = {
        name
        for entry, function in definition["functions"].items()
        if entry in defined_entry_points(function["folder"])
        for name in _read_settings(entry, function)
    }
    yield from (f"{name} is set but not read" for name in sorted(values.keys() - read))


def test_topology_matches_the_code(deployment: InMemoryDeployment) -> None:
    """The topology has no differences from what the entry points read and use."""
    assert find_differences(read_topology(), deployment_settings(), deployment.usage) == []


def _drop(*path: str, value: str) -> Callable[[TopologyDefinition], None]:
    return lambda definition: _at(definition, path).remove(value)


def _add(*path: str, value: str) -> Callable[[TopologyDefinition], None]:
    return lambda definition: _at(definition, path).append(value)


def _at(definition: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        definition = definition[name]
    return definition


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            _drop("functions", "fan_out", "publishes", value="recipients"),
            "fan_out publishes to recipients, which is not",
        ),
        (
            _add("functions", "customers", "publishes", value="receipts"),
            "customers publishes to receipts by definition",
        ),
        (_drop("functions", "deliver", "uses", value="firestore"), "deliver uses firestore, which is not defined"),
        (_add("functions", "receipts", "uses", value="gemini"), "receipts uses gemini by definition"),
        (_add("functions", "campaigns", "uses", value="access-writer"), "campaigns uses access-writer by definition"),
        (_drop("functions", "customers", "uses", value="access"), "customers uses access, which is not defined"),
        (_drop("functions", "campaigns", "settings", value="CURRENCY"), "campaigns reads CURRENCY, which is not"),
        (_add("functions", "record", "settings", value="CURRENCY"), "record reads CURRENCY by definition"),
        (_drop("functions", "deliver", "secrets", value="CALLBACK_SECRET"), "deliver reads the secret CALLBACK_SECRET"),
        (_add("functions", "tick", "secrets", value="CALLBACK_SECRET"), "tick reads the secret CALLBACK_SECRET by"),
        (_add("topics", value="rumours"), "the code publishes to rumours by definition"),
        (_drop("topics", value="receipts"), "the code publishes to receipts, which is not defined"),
        (lambda definition: definition["functions"].pop("ingest"), "ingest of customers is not deployed"),
        (
            lambda definition: definition["functions"]["ingest"].update(trigger=HTTP),
            "ingest: only functions with a push",
        ),
        (
            lambda definition: definition["functions"].update(sell=definition["functions"]["tick"]),
            "sell: functions/campaigns/main.py does not have this entry point",
        ),
    ],
)
def test_difference_is_found(
    change: Callable[[TopologyDefinition], None], expected: str, deployment: InMemoryDeployment
) -> None:
    """Each change of the topology is reported."""
    definition = deepcopy(read_topology())
    change(definition)
    differences = find_differences(definition, deployment_settings(), deployment.usage)
    assert [difference for difference in differences if expected in difference]


def test_missing_or_unread_value_is_found(deployment: InMemoryDeployment) -> None:
    """A setting without a value and a value without a reader are reported."""
    values = deployment_settings()
    del values["FIRST_ADMIN"]
    [*errors] = find_differences(read_topology(), values, deployment.usage)
    assert [error for error in errors if error.startswith("members does not start") and "FIRST_ADMIN" in error]
    values = {**deployment_settings(), "COLOUR": "red"}
    assert find_differences(read_topology(), values, deployment.usage) == ["COLOUR is set but not read"]


def test_environment_is_read_only_by_settings() -> None:
    """`main.py` and `wiring.py` pass the environment to the settings; only the clients look for their emulators."""
    result = {
        (path.relative_to(FUNCTIONS).as_posix(), use)
        for path in FUNCTIONS.rglob("*.py")
        if path.name not in {"main.py", "wiring.py"}
        for use in re.findall(r"os\.environ\S*|getenv\S*|from os import .*", path.read_text())
    }
    assert result == {
        ("common/pubsub/client.py", 'os.environ.get("PUBSUB_EMULATOR_HOST")'),
        ("common/storage/firestore.py", 'os.environ.get("FIRESTORE_EMULATOR_HOST")'),
    }


def test_settings_that_are_not_deployed_exist() -> None:
    """The code reads them, and no deployment sets them."""
    functions = read_topology()["functions"].items()
    read = frozenset().union(*(read_variables(function["folder"], entry) for entry, function in functions))
    assert read >= NOT_DEPLOYED_SETTINGS.keys()
    assert not NOT_DEPLOYED_SETTINGS.keys() & deployment_settings().keys()


def test_local_stack_reads_the_same_topology() -> None:
    """Functions, topics, subscriptions and rewrites are the same."""
    local_topology, definition = Topology.read(), read_topology()
    assert list(local_topology.functions) == list(definition["functions"])
    assert local_topology.topics == definition["topics"]
    assert {
        name: subscription.model_dump() for name, subscription in local_topology.subscriptions.items()
    } == definition["subscriptions"]
    assert [rewrite.model_dump() for rewrite in local_topology.rewrites] == definition["rewrites"]


def test_deployment_secrets_have_values() -> None:
    """Every secret of each deployment is used and has a value in Terraform."""
    used = {name for function in read_topology()["functions"].values() for name in function["secrets"]}
    assert deployment_secrets() <= used
    terraform_values = " ".join(texts(Tree.read().local("secrets")))
    assert [name for name in deployment_secrets() if f"{name} = " not in terraform_values] == []


@needs_terraform
def test_terraform_computes_endpoints_and_settings(tmp_path: Path) -> None:
    """Subscriptions push to their function's URL, and each function has the settings that it needs."""
    outputs = apply_topology(tmp_path / "topology", read_topology())
    for name, subscription in outputs["subscriptions"].items():
        target = outputs["functions"][subscription["function"]]
        assert subscription["endpoint"] == target["url"] == f"https://{target['name']}-42.europe-west1.run.app", name
        assert subscription["audience"] == target["environment"]["PUSH_AUDIENCE"], name
        assert target["environment"]["PUSH_IDENTITY"] == outputs["pusher"], name
        assert (subscription["dead_letter_topic"] is None) == (name == "dead-letters")
    for entry, function in outputs["functions"].items():
        assert [*_start_errors(entry, function, {*function["environment"], *function["secrets"]})] == [], entry


LOCAL_ONLY_SETTINGS = {
    *(*NOT_DEPLOYED_SETTINGS, *EMULATOR_VARIABLES),
    *("PYTHONPATH", "TOPOLOGY", "TRACE_ONE_IN", "SENDGRID_API_URL", "TWILIO_API_URL", "WEBHOOK_ALLOW_PRIVATE"),
    "EVENTS_ALLOW_PRIVATE",
}
"""What the local stack sets, and no deployment has to: emulators and stand-ins, which are on the same machine, and that
all messages are traced."""


@needs_terraform
def test_cloud_sets_what_the_local_stack_sets(tmp_path: Path) -> None:
    """Every variable that a function reads and the local stack sets has a value in the cloud too."""
    config = StackConfig(ports=Ports(), folder=tmp_path, environ={}, topology_path=TOPOLOGY)
    values = deployment_settings() | {
        "TICK_SECONDS": "60",
        "GEMINI_LOCATION": "europe-west1",
        "WEBHOOK_URL": "https://v",
        "SMTP_HOST": "mail.shop.example",
        "SMTP_PORT": "465",
        "SMTP_SECURITY": "tls",
        "MAIL_FROM": "news@shop.example",
        "TWILIO_ACCOUNT_SID": f"AC{'0' * 32}",
        "TWILIO_SENDER": "+15005550006",
        "TWILIO_WHATSAPP_SENDER": "+15005550006",
        "MAIL_SHOP_NAME": "Shop",
        "MAIL_POSTAL_ADDRESS": "1 Park Street",
    }
    secrets = sorted(
        deployment_secrets() | {"SENDGRID_API_KEY", "SENDGRID_EVENT_KEY", "TWILIO_AUTH_TOKEN", "WEBHOOK_SECRET"}
    )
    outputs = apply_topology(tmp_path / "topology", read_topology(), settings=values, secrets=secrets)
    for entry, function in outputs["functions"].items():
        read = read_variables(function["folder"], entry)
        local = set(services.function(config, entry).environ) & read - LOCAL_ONLY_SETTINGS
        assert local - {*function["environment"], *function["secrets"]} == set(), entry
    attempts = {name: item["environment"].get("PUSH_ATTEMPTS") for name, item in outputs["functions"].items()}
    assert (attempts["deliver"], attempts["record"], attempts["dead_letter"]) == ("20", "100", None)


@needs_terraform
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda definition: definition["subscriptions"]["recipients"].update(dead_letter_topic=None),
            "may have no dead-letter topic",
        ),
        (lambda definition: definition["subscriptions"].pop("receipts"), "exactly one subscription"),
        (
            lambda definition: definition["subscriptions"]["receipts"].update(function="receipts"),
            "not triggered by Pub/Sub",
        ),
        (lambda definition: definition["subscriptions"]["ticks"].update(topic="tocks"), "topic that does not exist"),
        (
            lambda definition: definition["functions"]["tick"].update(timeout_seconds=60),
            "must not be shorter than its subscription's deadline",
        ),
        (lambda definition: definition["rewrites"][0].update(function="ingest"), "not called over HTTP"),
        (_add("functions", "tick", "uses", value="access-writer"), "Only the functions of the folder members"),
    ],
)
def test_terraform_rejects_invalid_topology(
    change: Callable[[TopologyDefinition], None], reason: str, tmp_path: Path
) -> None:
    """Each invalid topology is rejected with a reason."""
    definition = deepcopy(read_topology())
    change(definition)
    with pytest.raises(TerraformError) as raised:
        apply_topology(tmp_path / "topology", definition)
    assert reason in " ".join(str(raised.value).replace("│", " ").split())
