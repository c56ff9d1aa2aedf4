"""How much a reader waits for on the first page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from local.stack import Stack
from tests.site.browsing import sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]

MAX_REQUESTS = 30
MAX_SCRIPT_BYTES = 110_000


def check_budget(page: Page, url: str, title: str) -> None:
    """Load `url` without a cache, and count."""
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108  # Playwright marks the handler
    page.goto(url)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.wait_for_load_state("networkidle")
    scripts = [request for request in requests if request.resource_type == "script"]
    size = sum(request.sizes()["responseBodySize"] for request in scripts)
    addresses = [request.url for request in requests]
    assert len(requests) <= MAX_REQUESTS, f"{len(requests)} requests: {addresses}"
    assert size <= MAX_SCRIPT_BYTES, f"{size} bytes of scripts"


def test_sign_in_page_is_small(page: Page, stack: Stack) -> None:
    """At most 30 requests and 110 kB of compressed scripts before the reader can sign in."""
    check_budget(page, stack.site, "Sign in to Herald")


def test_first_page_is_small(page: Page, stack: Stack) -> None:
    """The same holds for the first page of a member."""
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    check_budget(page, f"{stack.site}/", "Home")
    check_budget(page, f"{stack.site}/campaigns", "Campaigns")
