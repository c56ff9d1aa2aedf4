"""Run a page in each size, theme and language, and check what must hold on every page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from local.topology import ROOT

SCREENSHOTS = ROOT / ".local" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

OVERFLOWING = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.visually-hidden, .tabs'))
  .slice(0, 5)
  .map((one) => one.outerHTML.slice(0, 120))"""


@dataclass(frozen=True)
class Variant:
    """One way to look at a page."""

    width: int
    scheme: Scheme
    language: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}-{self.language}"


VARIANTS = [Variant(*one) for one in product((390, 1440), SCHEMES, ("en", "hi"))]


def check_page(page: Page, name: str, *, url: str, ready: Callable[[Page], object]) -> None:
    """Open `url` in every variant: no axe violation, nothing wider than the window, and a screenshot of each.

    `ready(page)` waits until the page has its content. The fixture `errors` holds that the console stays empty."""
    for variant in VARIANTS:
        _open(page, url, variant)
        ready(page)
        page.screenshot(path=_screenshot(name, variant), full_page=True)
        wide, broken = page.evaluate(OVERFLOWING), list(violations(page))
        assert not wide, f"{name} {variant.name} is wider than the window: {wide}"
        assert not broken, f"{name} {variant.name}: {broken}"
    page.evaluate("localStorage.removeItem('language')")


def _open(page: Page, url: str, variant: Variant) -> None:
    page.set_viewport_size({"width": variant.width, "height": 900})
    page.emulate_media(color_scheme=variant.scheme, reduced_motion="reduce")
    page.evaluate("language => localStorage.setItem('language', language)", variant.language)
    page.goto(url)


def _screenshot(name: str, variant: Variant) -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS / f"{name}-{variant.name}.png"


def violations(page: Page) -> Iterator[str]:
    """Return what axe finds on the page as it is: the rule, and the elements that break it."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(f"() => axe.run(document, {json.dumps(RULES)})")
    for violation in found["violations"]:
        yield f"{violation['id']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
