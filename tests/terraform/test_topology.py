"""What is deployed is what the code needs: entry points, topics, settings, secrets, rights, and nothing beside them."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from common.settings import Push
from local.topology import Topology
from tests.terraform import code, syntax
from tests.terraform.deployment import Refused, secrets, settings, topology, worked_out
from tests.terraform.tree import Tree, texts

HTTP, PUBSUB = "http", "pubsub"

LEFT_OUT = {
    "GEMINI_API_KEY": "in the cloud, functions ask as themselves",
    "GEMINI_BASE_URL": "the stand-in's address, on a laptop",
    "PUSH_CERTS_URL": "where Google's certificates are; the local push service has its own",
    "PUSH_ISSUER": "Google; the local push service is its own",
    "SIMULATOR_BOOK": "a file that tests read",
}
"""Settings that a deployment never gives."""

FROM_THE_TRIGGER = {str(field.alias) for field in Push.model_fields.values()}
"""What a function that is pushed to is given beside what it says."""

Definition = dict[str, Any]

needs_terraform = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is missing")


def differences(defined: Definition, given: Mapping[str, str]) -> list[str]:
    """Between the definition and the code."""
    found = [difference for entry, one in defined["functions"].items() for difference in _of_function(entry, one)]
    return [*found, *_of_entry_points(defined), *_of_topics(defined), *_of_values(defined, given)]


def _of_function(entry: str, one: Mapping[str, Any]) -> Iterator[str]:
    if entry not in syntax.entry_points(one["folder"]):
        yield f"{entry}: functions/{one['folder']}/main.py has no such entry point"
        return
    read = _read(one["folder"], entry)
    yield from _compared(f"{entry} publishes to", one["publishes"], code.published(one["folder"], entry))
    yield from _compared(f"{entry} uses", one["uses"], code.uses(one["folder"], entry))
    yield from _compared(
        f"{entry} reads", one["settings"], {name for name, field in read.items() if not _secret(field)}
    )
    yield from _compared(
        f"{entry} reads the secret", one["secrets"], {name for name, field in read.items() if _secret(field)}
    )
    if (one["trigger"] == PUBSUB) != (Push in code.settings(one["folder"], entry)):
        yield f"{entry}: whoever is pushed to checks tokens, and nobody else"


def _compared(what: str, defined: list[str], real: set[str]) -> Iterator[str]:
    yield from (f"{what} {name}, which is not defined" for name in sorted(real - set(defined)))
    yield from (f"{what} {name} by definition, but not in the code" for name in sorted(set(defined) - real))


def _read(folder: str, entry: str) -> dict[str, FieldInfo]:
    """The settings it reads, by variable; not those that follow from the trigger, nor those left out."""
    groups = code.settings(folder, entry).keys() - {Push}
    fields = {str(field.alias): field for group in groups for field in group.model_fields.values()}
    return {name: field for name, field in fields.items() if name not in LEFT_OUT}


def _secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr


def _of_entry_points(defined: Definition) -> Iterator[str]:
    folders = {path.parent.name for path in syntax.FUNCTIONS.glob("*/main.py")}
    real = {(folder, entry) for folder in folders for entry in syntax.entry_points(folder)}
    deployed = {(one["folder"], entry) for entry, one in defined["functions"].items()}
    yield from (f"{entry} of {folder} is not deployed" for folder, entry in sorted(real - deployed))


def _of_topics(defined: Definition) -> Iterator[str]:
    """Everything that is published has a topic, and every topic has somebody who publishes to it: time itself, too."""
    published = (code.published(one["folder"], entry) for entry, one in defined["functions"].items())
    yield from _compared("the code publishes to", defined["topics"], set().union(*published) | {"ticks"})


def _of_values(defined: Definition, given: Mapping[str, str]) -> Iterator[str]:
    """A setting without a default has a value, and a value has somebody who reads it."""
    read = {
        name: field
        for entry, one in defined["functions"].items()
        for name, field in _read(one["folder"], entry).items()
    }
    needed = {name for entry, one in defined["functions"].items() for name in _needed(one["folder"], entry)}
    yield from (f"{name} is not given" for name in sorted(needed - given.keys() - secrets() - FROM_THE_TRIGGER))
    yield from (f"{name} is given, but nobody reads it" for name in sorted(given.keys() - read.keys()))


def test_the_definition_is_what_the_code_does() -> None:
    assert differences(topology(), settings()) == []


def _drop(*path: str, value: str) -> Callable[[Definition], None]:
    return lambda defined: _at(defined, path).remove(value)


def _add(*path: str, value: str) -> Callable[[Definition], None]:
    return lambda defined: _at(defined, path).append(value)


def _at(defined: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        defined = defined[name]
    return defined


@pytest.mark.parametrize(
    ("mistake", "finding"),
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
        (_drop("functions", "campaigns", "settings", value="CURRENCY"), "campaigns reads CURRENCY, which is not"),
        (_add("functions", "record", "settings", value="CURRENCY"), "record reads CURRENCY by definition"),
        (_drop("functions", "deliver", "secrets", value="CALLBACK_SECRET"), "deliver reads the secret CALLBACK_SECRET"),
        (_add("functions", "tick", "secrets", value="CALLBACK_SECRET"), "tick reads the secret CALLBACK_SECRET by"),
        (_add("topics", value="rumours"), "the code publishes to rumours by definition"),
        (_drop("topics", value="receipts"), "the code publishes to receipts, which is not defined"),
        (lambda defined: defined["functions"].pop("ingest"), "ingest of customers is not deployed"),
        (lambda defined: defined["functions"]["ingest"].update(trigger=HTTP), "ingest: whoever is pushed to checks"),
        (
            lambda defined: defined["functions"].update(sell=defined["functions"]["tick"]),
            "sell: functions/campaigns/main.py has no such entry point",
        ),
    ],
)
def test_a_difference_is_found(mistake: Callable[[Definition], None], finding: str) -> None:
    defined = deepcopy(topology())
    mistake(defined)
    assert [one for one in differences(defined, settings()) if finding in one]


def test_a_value_that_is_missing_or_unread_is_found() -> None:
    given = settings()
    del given["FIRST_ADMIN"]
    assert "FIRST_ADMIN is not given" in differences(topology(), given)
    assert "COLOUR is given, but nobody reads it" in differences(topology(), {**settings(), "COLOUR": "red"})


def test_nothing_is_read_from_the_environment_past_the_settings() -> None:
    """Each `main.py` and `wiring.py` hands it to the settings; the Pub/Sub client looks for its emulator alone."""
    found = {
        (one.name, ast.unparse(node))
        for one in syntax.modules()
        if one.name.rpartition(".")[2] not in {"main", "wiring"}
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call) and "os.environ" in ast.unparse(node)
    }
    assert found == {("common.pubsub", "os.environ.get('PUBSUB_EMULATOR_HOST')")}


def test_what_is_left_out_exists_and_is_not_given() -> None:
    read = {
        str(field.alias)
        for entry, one in topology()["functions"].items()
        for group in code.settings(one["folder"], entry)
        for field in group.model_fields.values()
    }
    assert read >= LEFT_OUT.keys()
    assert not LEFT_OUT.keys() & settings().keys()


def test_the_local_stack_reads_the_same_definition() -> None:
    local, defined = Topology.read(), topology()
    assert list(local.functions) == list(defined["functions"])
    assert local.topics == defined["topics"]
    assert {name: one.model_dump() for name, one in local.subscriptions.items()} == defined["subscriptions"]
    assert [one.model_dump() for one in local.rewrites] == defined["rewrites"]


def test_a_secret_that_is_always_there_has_a_value() -> None:
    defined = {name for one in topology()["functions"].values() for name in one["secrets"]}
    assert secrets() <= defined
    made = " ".join(texts(Tree.read().local("secrets")))
    assert [name for name in secrets() if f"{name} = " not in made] == []


@needs_terraform
def test_terraform_takes_the_definition(tmp_path: Path) -> None:
    outputs = worked_out(tmp_path / "topology", topology())
    for name, subscription in outputs["subscriptions"].items():
        target = outputs["functions"][subscription["function"]]
        assert subscription["endpoint"] == target["url"] == f"https://{target['name']}-42.europe-west1.run.app", name
        assert subscription["audience"] == target["environment"]["PUSH_AUDIENCE"], name
        assert target["environment"]["PUSH_IDENTITY"] == outputs["pusher"], name
        assert (subscription["dead_letter_topic"] is None) == (name == "dead-letters")
    for entry, function in outputs["functions"].items():
        needed = set(_needed(function["folder"], entry))
        assert needed <= {*function["environment"], *function["secrets"]}, entry


def _needed(folder: str, entry: str) -> Iterator[str]:
    """Variables without which the function does not start."""
    for group, always in code.settings(folder, entry).items():
        yield from (str(field.alias) for field in group.model_fields.values() if always and field.is_required())


@needs_terraform
@pytest.mark.parametrize(
    ("mistake", "reason"),
    [
        (lambda defined: defined["subscriptions"]["recipients"].update(dead_letter_topic=None), "without dead letters"),
        (lambda defined: defined["subscriptions"].pop("receipts"), "exactly one subscription"),
        (lambda defined: defined["subscriptions"]["receipts"].update(function="receipts"), "not triggered by Pub/Sub"),
        (lambda defined: defined["subscriptions"]["ticks"].update(topic="tocks"), "topic that does not exist"),
        (lambda defined: defined["functions"]["tick"].update(timeout_seconds=60), "gives up before its subscription"),
        (lambda defined: defined["rewrites"][0].update(function="ingest"), "not called over HTTP"),
    ],
)
def test_terraform_refuses_what_does_not_fit(
    mistake: Callable[[Definition], None], reason: str, tmp_path: Path
) -> None:
    defined = deepcopy(topology())
    mistake(defined)
    with pytest.raises(Refused) as refused:
        worked_out(tmp_path / "topology", defined)
    assert reason in " ".join(str(refused.value).replace("│", " ").split())
