"""Firebase Hosting's globs, as far as the shared topology uses them."""

from __future__ import annotations

import re

import pytest

from local.site.rewrites import function_for, matcher, pattern
from local.topology import Topology


@pytest.mark.parametrize(
    ("source", "matching", "others"),
    [
        ("/api/me", ["/api/me"], ["/api/me/", "/api/men", "/x/api/me"]),
        ("/api/assist/**", ["/api/assist/rules", "/api/assist/a/b"], ["/api/assist", "/api/assistant"]),
        ("/a/*/c", ["/a/b/c"], ["/a/b/b/c", "/a/c"]),
        ("/c{,.csv,/**}", ["/c", "/c.csv", "/c/", "/c/1/x"], ["/cxcsv", "/c.json", "/customers"]),
        ("/a,b", ["/a,b"], ["/a", "b"]),
        ("!/api/**", ["/", "/campaigns/1", "/api", "/apis"], ["/api/me", "/api/a/b"]),
        ("!/@(a|b)/**", ["/", "/a", "/c/a", "/ab/c"], ["/a/c", "/b/c/d"]),
    ],
)
def test_pattern(source: str, matching: list[str], others: list[str]) -> None:
    compiled: re.Pattern[str] = pattern(source)
    assert all(compiled.fullmatch(path) for path in matching)
    assert not any(compiled.fullmatch(path) for path in others)


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/api/customers", "customers"),
        ("/api/customers.csv", "customers"),
        ("/api/customers/abc/export", "customers"),
        ("/api/segments/preview", "campaigns"),
        ("/api/campaigns/abc/launch", "campaigns"),
        ("/api/me", "campaigns"),
        ("/api/receipts/simulator", "receipts"),
        ("/api/nothing", None),
        ("/campaigns", None),
    ],
)
def test_topology(path: str, function: str | None) -> None:
    assert function_for(path, matcher(Topology.read().rewrites)) == function
