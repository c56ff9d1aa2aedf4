"""Chromium for the benchmarks of the site, without access to any other machine."""

from __future__ import annotations

import os
import shutil
from typing import Any

from playwright.async_api import Page

from local.services import FIRST_ADMIN

OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-gpu", "--disable-sync")
FIRST_RUN = ("--no-first-run", "--no-default-browser-check")
TIMEOUT_MS = 60_000


def chromium_path() -> str:
    """The Chromium of this machine."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        raise SystemExit("Install Chromium (apt-get install chromium), or set CHROMIUM to its path.")
    return path


def chromium_flags() -> list[str]:
    sandbox = () if os.geteuid() else ("--no-sandbox",)  # root cannot use the sandbox
    return [OFFLINE, *QUIET, *FIRST_RUN, *sandbox]


def chromium_command(*more: str) -> list[str]:
    """The command that starts Chromium without a window."""
    return [chromium_path(), "--headless=new", *chromium_flags(), *more, "about:blank"]


def launch_options() -> dict[str, Any]:
    """What Playwright needs to start the same Chromium."""
    return {"executable_path": chromium_path(), "args": chromium_flags()}


async def sign_in(page: Page, site: str) -> None:
    """Sign in as the first admin."""
    await page.goto(site)
    await page.get_by_label("E-mail").fill(FIRST_ADMIN)
    await page.get_by_role("button", name="Sign in locally").click()
    await page.get_by_role("heading", name="Home").wait_for(timeout=TIMEOUT_MS)
