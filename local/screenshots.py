"""`python -m local.screenshots`: take the pictures of `docs/` from the demo of a stack that runs on this machine.

The stack is the one of `make run`, or the one at `SITE`. The browser is Chromium, or `CHROMIUM`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from local.demo import ADMIN, RULE
from local.topology import ROOT

DOCS = ROOT / "docs"
SITE = "http://127.0.0.1:5000"
SIZE: ViewportSize = {"width": 1280, "height": 860}
TIMEOUT_MS = 60_000


def main(environ: Mapping[str, str], folder: Path = DOCS) -> int:
    """Return the exit status."""
    chromium = environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("Install Chromium (apt-get install chromium), or set CHROMIUM to its path.", file=sys.stderr)
        return 1
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root cannot use the sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page.set_default_timeout(TIMEOUT_MS)
        take_all(page, environ.get("SITE") or SITE, folder)
        browser.close()
    return 0


def take_all(page: Page, site: str, folder: Path) -> None:
    """Sign in, open each page, and take its picture when it is complete."""
    page.goto(site)
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_role("button", name="Sign in locally").click()
    page.get_by_role("link", name="Welcome back").first.wait_for()
    for name, open_page in PICTURES.items():
        open_page(page, site)
        page.screenshot(path=folder / f"{name}.png")
        print(folder / f"{name}.png")


def open_home(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.get_by_role("table", name="Last campaigns").wait_for()


def open_customers(page: Page, site: str) -> None:
    """Some of them are selected."""
    page.goto(f"{site}/customers#sort=-spend")
    for row in range(1, 5):
        page.get_by_role("row").nth(row).get_by_role("checkbox").check()


def open_segment(page: Page, site: str) -> None:
    """The rule of the demo, as buttons, as text, and how many it finds."""
    page.goto(f"{site}/segments/new")
    page.get_by_label("Name").fill("Worth winning back")
    page.get_by_role("textbox", name="Rule").fill(RULE)
    page.locator(".audience-count").wait_for()
    page.get_by_role("region", name="Now").get_by_role("table").wait_for()


def open_campaign(page: Page, site: str) -> None:
    """The page of the campaign that the demo has sent."""
    page.goto(f"{site}/")
    page.get_by_role("link", name="Welcome back").first.click()
    page.locator(".campaign-sentence").wait_for()
    page.locator("canvas").first.wait_for()
    page.wait_for_timeout(1_000)  # the charts are drawn


PICTURES: Mapping[str, Callable[[Page, str], None]] = {
    "home": open_home,
    "customers": open_customers,
    "segment": open_segment,
    "campaign": open_campaign,
}

if __name__ == "__main__":
    sys.exit(main(os.environ))
