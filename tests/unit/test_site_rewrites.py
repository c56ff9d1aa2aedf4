"""The globs of Firebase Hosting that the topology uses."""

from __future__ import annotations

import re

import pytest

from local.site.rewrites import compile_glob, compile_rewrites, function_for
from local.topology import Topology


@pytest.mark.parametrize(
    ("source", "matching", "not_matching"),
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
def test_glob_matches_as_firebase_hosting(source: str, matching: list[str], not_matching: list[str]) -> None:
    """Each kind of glob matches the same paths as in Firebase Hosting."""
    compiled: re.Pattern[str] = compile_glob(source)
    assert all(compiled.fullmatch(path) for path in matching)
    assert not any(compiled.fullmatch(path) for path in not_matching)


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/api/customers", "customers"),
        ("/api/customers.csv", "customers"),
        ("/api/customers/abc/export", "customers"),
        ("/api/segments/preview", "campaigns"),
        ("/api/segments/abc/people", "customers"),
        ("/api/segments/abc/people/matching", "customers"),
        ("/api/campaigns/abc/launch", "campaigns"),
        ("/api/me", "members"),
        ("/api/receipts/simulator", "receipts"),
        ("/api/nothing", None),
        ("/campaigns", None),
    ],
)
def test_path_is_routed_to_its_function(path: str, function: str | None) -> None:
    """The rewrites of the topology route each API path to its function."""
    assert function_for(path, compile_rewrites(Topology.read().rewrites)) == function
