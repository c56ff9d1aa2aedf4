"""Chromium without access to any other machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

expect.set_options(timeout=20_000)  # in milliseconds: on a busy machine an answer may take longer than usual


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.fail("Install Chromium (apt-get install chromium), or set CHROMIUM to its path.")
    sandbox = () if os.geteuid() else ("--no-sandbox",)  # root cannot use the sandbox
    return {**browser_type_launch_args, "executable_path": chromium, "args": [OFFLINE, *QUIET, *sandbox]}


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    """Collect console errors and exceptions of the page; the test fails if there are any. Status 422, which the page
    shows at a field, does not count."""
    messages: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 422" not in message.text:
            messages.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: messages.append(str(error)))
    yield messages
    assert messages == []
