"""What the tests in a browser share."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from local.stack import Stack

SOON = 60_000
"""Milliseconds for what takes its time on a machine that is busy."""

DRAWN = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"


def sign_in(page: Page, stack: Stack, email: str) -> None:
    page.goto(stack.site)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Sign in locally").click()


def call(page: Page, function: str, **names: Any) -> Any:
    """What somebody else does meanwhile, without the page knowing of it."""
    script = f"async ({{{', '.join(names)}}}) => ({function})(await import('/api.js'))"
    return page.evaluate(script, names)
