"""Show a page in each size, theme and language, and check what must hold on every page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from local.topology import ROOT

SCREENSHOTS = ROOT / ".local" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAKES_SCREENSHOTS = os.environ.get("SCREENSHOTS") != "no"  # drawing and writing one takes as long as axe does
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
WIDTHS = (390, 1440)
LANGUAGES = ("en", "hi")
LOOKS = 3
LOOK_AGAIN_MS = 300
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # of the other results, axe need not describe every element
    "selectors": False,
}

OVERFLOWING = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.visually-hidden, .tabs'))
  .slice(0, 5)
  .map((one) => one.outerHTML.slice(0, 120))"""

DRAWN = "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))"

SHOWN = """() => ({
  width: innerWidth,
  scheme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
  theme: document.documentElement.dataset.theme,
  language: document.documentElement.lang,
})"""


@dataclass(frozen=True)
class Variant:
    """One way to look at a page."""

    width: int
    scheme: Scheme
    language: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}-{self.language}"

    @property
    def shown(self) -> dict[str, Any]:
        """What `SHOWN` returns of a page in this variant: its theme is the device's."""
        return {"width": self.width, "scheme": self.scheme, "theme": "system", "language": self.language}


def check_page(page: Page, name: str, *, url: str, ready: Callable[[Page], object]) -> None:
    """Show `url` in every variant: no axe violation, nothing wider than the window, and a screenshot of each (with
    `SCREENSHOTS=no`, of those in which something is wrong).

    `ready(page)` waits until the page has its content. The fixture `errors` holds that the console stays empty. The
    page is loaded once in each language: on a light phone in the first, on a dark and wide screen in the last. Between
    the variants of a language, only the window and the device's theme change.
    """
    screens = list(product(WIDTHS, SCHEMES))
    for language, order in zip(LANGUAGES, (screens, screens[::-1]), strict=True):
        variants = [Variant(width, scheme, language) for width, scheme in order]
        _emulate(page, variants[0])
        page.evaluate("language => localStorage.setItem('language', language)", language)
        page.goto("about:blank")  # an address that differs in its fragment only would not be loaded anew
        page.goto(url)
        ready(page)
        page.evaluate(AXE.read_text())
        for variant in variants:
            _emulate(page, variant)
            ready(page)
            _check_variant(page, name, variant)
    page.evaluate("localStorage.removeItem('language')")


def check_as_it_is(page: Page, name: str) -> None:
    """As `check_page`, of a page that would be empty after it is loaded again: in the language that it has."""
    page.evaluate(AXE.read_text())
    language = page.evaluate("document.documentElement.lang")
    for width, scheme in product(WIDTHS, SCHEMES):
        variant = Variant(width, scheme, language)
        _emulate(page, variant)
        _check_variant(page, name, variant)


def _emulate(page: Page, variant: Variant) -> None:
    page.set_viewport_size({"width": variant.width, "height": 900})
    page.emulate_media(color_scheme=variant.scheme, reduced_motion="reduce")


def _check_variant(page: Page, name: str, variant: Variant) -> None:
    page.evaluate(DRAWN)
    shown = page.evaluate(SHOWN)
    assert shown == variant.shown, f"{name} {variant.name} is shown as {shown}"
    wide, broken = page.evaluate(OVERFLOWING), _lasting_violations(page)
    if TAKES_SCREENSHOTS or wide or broken:
        page.screenshot(path=_screenshot(name, variant), full_page=True)
    assert not wide, f"{name} {variant.name} is wider than the window: {wide}"
    assert not broken, f"{name} {variant.name}: {broken}"


def _lasting_violations(page: Page) -> list[str]:
    """Return what axe finds each time that it looks.

    For a moment after the theme has changed, Chromium may report the colours of the old one for some texts.
    """
    found: list[str] = []
    for _ in range(LOOKS):
        found = list(violations(page))
        if not found:
            break
        page.wait_for_timeout(LOOK_AGAIN_MS)
    return found


def _screenshot(name: str, variant: Variant) -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS / f"{name}-{variant.name}.png"


def violations(page: Page) -> Iterator[str]:
    """Return what axe finds on the page as it is: the rule, and the elements that break it."""
    found: dict[str, Any] = page.evaluate(f"() => axe.run(document, {json.dumps(AXE_OPTIONS)})")
    for violation in found["violations"]:
        yield f"{violation['id']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
