"""The entry points of the functions, built with an environment that records which variables they read."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import SecretStr

from common.settings import EMULATOR_VARIABLES, PushSettings, Settings
from tests.support import SETTINGS
from tests.terraform.tree import ROOT

FUNCTIONS = ROOT / "functions"
DECORATOR = "functions_framework.aio.http"

PLATFORM_VARIABLES = {*EMULATOR_VARIABLES, "K_SERVICE"}
"""Variables that no deployment sets itself."""

TRIGGER_SETTINGS = {str(field.alias) for field in PushSettings.model_fields.values()}
"""Settings that a function with a push subscription gets automatically."""

VALUES = SETTINGS | {
    "ACCESS_DATABASE": "herald-access",
    "CURRENCY": "INR",
    "GOOGLE_CLOUD_PROJECT": "herald-tests",
    "PUBLIC_URL": "https://herald.example",
    "PUSH_AUDIENCE": "https://herald.example/push",
    "PUSH_IDENTITY": "push@herald.example",
    "MAIL_FROM": "news@shop.example",
    "SENDGRID_API_KEY": "SG.key",
    "SENDGRID_EVENT_KEY": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw"
    "+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
    "SMTP_HOST": "mail.shop.example",
    "TWILIO_ACCOUNT_SID": f"AC{'0' * 32}",
    "TWILIO_AUTH_TOKEN": "a token",
    "TWILIO_SENDER": "+15005550006",
    "WEBHOOK_SECRET": SETTINGS["CALLBACK_SECRET"],
    "WEBHOOK_URL": "https://vendor.example",
}
"""Valid values of the settings that have no default, and of optional vendors, so that their settings are read too."""


class RecordingEnviron(Mapping[str, str]):
    """An environment that records which variables are asked for. Nobody may read all of it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked_for: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked_for.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a variable must be read by its name")

    def __len__(self) -> int:
        return len(self._values)


def defined_entry_points(folder: str) -> set[str]:
    """The entry points in the function's `main.py`."""
    tree = ast.parse((FUNCTIONS / folder / "main.py").read_text())
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef) and DECORATOR in map(ast.unparse, node.decorator_list)
    }


def build(folder: str, entry: str, environ: Mapping[str, str]) -> Any:
    """Build what the entry point of the function serves, with the real adapters. Raises `Misconfigured`.

    It is the property `{entry}_endpoint` for pushes, otherwise `app`.
    """
    function = importlib.import_module(f"{folder}.wiring").create_function(environ)
    name = f"{entry}_endpoint"
    return getattr(function, name if hasattr(type(function), name) else "app")


@cache
def read_variables(folder: str, entry: str) -> frozenset[str]:
    """The variables that the entry point reads when it is built."""
    environ = RecordingEnviron(VALUES)
    build(folder, entry, environ)
    return frozenset(environ.asked_for - PLATFORM_VARIABLES)


def secret_variables() -> set[str]:
    """The variables that a settings class reads as a secret. All settings must be imported."""
    return {
        str(field.alias)
        for group in _settings_classes(Settings)
        for field in group.model_fields.values()
        if field.annotation is SecretStr
    }


def _settings_classes(base: type[Settings]) -> Iterator[type[Settings]]:
    for group in base.__subclasses__():
        yield group
        yield from _settings_classes(group)
