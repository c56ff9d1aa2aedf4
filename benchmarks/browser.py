"""Chromium for the benchmarks of the site, without access to any other machine."""

from __future__ import annotations

import os
import shutil
from typing import Any

from playwright.async_api import Page

from local.services import FIRST_ADMIN

OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
TIMEOUT_MS = 60_000


def launch_arguments(*more: str) -> dict[str, Any]:
    """What Playwright needs to start the Chromium of this machine."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        raise SystemExit("Install Chromium (apt-get install chromium), or set CHROMIUM to its path.")
    sandbox = () if os.geteuid() else ("--no-sandbox",)  # root cannot use the sandbox
    return {"executable_path": chromium, "args": [OFFLINE, "--disable-gpu", "--no-first-run", *sandbox, *more]}


async def sign_in(page: Page, site: str) -> None:
    """Sign in as the first admin."""
    await page.goto(site)
    await page.get_by_label("E-mail").fill(FIRST_ADMIN)
    await page.get_by_role("button", name="Sign in locally").click()
    await page.get_by_role("heading", name="Home").wait_for(timeout=TIMEOUT_MS)
