"""Helpers of the browser tests."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from local.stack import Stack

SLOW_TIMEOUT = 60_000
"""Timeout in milliseconds for slow steps on a busy machine."""

HAS_PIXELS = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"


def sign_in(page: Page, stack: Stack, email: str) -> None:
    page.goto(stack.site)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Sign in locally").click()


def call(page: Page, function: str, **arguments: Any) -> Any:
    """Call the API client of the site directly, as another user would, and return the result."""
    script = f"async ({{{', '.join(arguments)}}}) => ({function})(await import('/api.js'))"
    return page.evaluate(script, arguments)
