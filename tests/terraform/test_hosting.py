"""Firebase Hosting, by its own matcher: every path of the API goes to the function that serves it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from local.openapi import document
from local.site.headers import HOSTING, POLICY, hosting
from local.site.rewrites import pattern
from tests.terraform import code
from tests.terraform.deployment import topology
from tests.terraform.tree import ROOT

MATCH = """
const { configMatcher } = require("superstatic/lib/utils/patterns.js");
const [paths, rules] = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify(paths.map((path) => rules.map((rule) => configMatcher(path, rule)))));
"""
PAGES = ["/", "/campaigns", "/campaigns/new", "/customers", "/index.html", "/app.js", "/lib/chart.umd.min.js"]

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is missing")


def matches(paths: Sequence[str], rules: Sequence[Mapping[str, Any]]) -> dict[str, list[bool]]:
    """Which of the rules match each path."""
    given = json.dumps([paths, rules])
    done = subprocess.run(["node", "-e", MATCH], input=given, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(zip(paths, json.loads(done.stdout), strict=True))


@cache
def served() -> dict[str, str]:
    """Which function serves each path of the API, with an id in the place of each parameter."""
    found = {}
    for path in document()["paths"]:
        [function] = {one for one, prefixes in _prefixes().items() if path.startswith(tuple(prefixes))}
        found[re.sub(r"\{\w+\}", "0a1b", path)] = function
    return found


def _prefixes() -> dict[str, set[str]]:
    """The prefixes of the routers that each HTTP function reaches, as the code has them."""
    http = {entry: one["folder"] for entry, one in topology()["functions"].items() if one["trigger"] == "http"}
    return {entry: set(_of_routers(folder, entry)) for entry, folder in http.items()}


def _of_routers(folder: str, entry: str) -> Iterator[str]:
    for piece in code.reached(folder, entry):
        for call in piece.calls():
            if piece.resolve(call.func) == ("fastapi", "APIRouter"):
                yield from (one.value.value for one in call.keywords if one.arg == "prefix")  # type: ignore[attr-defined]


def lost(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Paths of the API that do not reach their function, and pages that do not reach the site."""
    wanted = {**served(), **dict.fromkeys(PAGES)}
    found = matches(list(wanted), rules)
    return [path for path, function in wanted.items() if _first(rules, found[path]) != function]


def _first(rules: Sequence[Mapping[str, Any]], matching: Sequence[bool]) -> str | None:
    rule = next((rule for rule, matched in zip(rules, matching, strict=True) if matched), {})
    function = rule.get("function", {}).get("functionId")
    return str(function) if function else None


def test_every_path_reaches_what_serves_it() -> None:
    assert len(served()) > 10
    assert lost(hosting()["rewrites"]) == []


def test_a_path_that_goes_astray_is_found() -> None:
    rules = deepcopy(hosting()["rewrites"])
    [me] = [rule for rule in rules if rule["source"] == "/api/me"]
    me["source"] = "/api/you"
    assert lost(rules) == ["/api/me"]


def test_rewrites_are_those_of_the_topology() -> None:
    """Functions are found by name: their region is looked up by the Firebase CLI when it deploys."""
    *functions, site = hosting()["rewrites"]
    names = {entry: entry.replace("_", "-") for entry in topology()["functions"]}
    wanted = [
        {"source": one["source"], "function": {"functionId": names[one["function"]]}} for one in topology()["rewrites"]
    ]
    assert functions == wanted
    assert site == {"source": "!/api/**", "destination": "/index.html"}


def test_the_local_site_matches_as_hosting_does() -> None:
    rules = [*hosting()["rewrites"], *hosting()["headers"]]
    paths = [*served(), *PAGES, "/__/auth/handler", "/__/firebase/init.json", "/api", "/api/nothing/at/all", "/apis"]
    ours = {path: [bool(pattern(rule["source"]).fullmatch(path)) for rule in rules] for path in paths}
    assert ours == matches(paths, rules)


def test_what_is_deployed_is_the_site() -> None:
    assert (HOSTING.parent / hosting()["public"] / "index.html").is_file()


def test_nothing_may_be_loaded_but_what_the_site_needs() -> None:
    [security, _] = hosting()["headers"]
    policy = {one["key"]: one["value"] for one in security["headers"]}[POLICY]
    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "*" not in policy.replace("https://*.firebaseapp.com", "")
