"""Firebase Hosting, with its own matcher: every path of the API reaches its function."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deployment.hosting import CONFIG, PLACEHOLDER, site_config
from local.openapi import create_apps
from local.site.files import SiteFiles
from local.site.headers import CSP_HEADER, HOSTING_CONFIG, read_hosting
from local.site.rewrites import compile_glob
from tests.terraform.deployment import read_topology
from tests.terraform.tree import ROOT

MATCH = """
const { configMatcher } = require("superstatic/lib/utils/patterns.js");
const [paths, rules] = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify(paths.map((path) => rules.map((rule) => configMatcher(path, rule)))));
"""
LIST_FILES = """
const { listFiles } = require("firebase-tools/lib/listFiles.js");
const [folder, ignored] = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify(listFiles(folder, ignored)));
"""
PAGES = ["/", "/campaigns", "/campaigns/new", "/customers", "/index.html", "/app.js", "/lib/chart-4.6.1.js"]

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is missing")


def match_paths(paths: Sequence[str], rules: Sequence[Mapping[str, Any]]) -> dict[str, list[bool]]:
    """Return for each path which rules match it."""
    return dict(zip(paths, run_node(MATCH, [paths, rules]), strict=True))


def run_node(script: str, argument: object) -> Any:
    """Run a script with JSON as its input, and return its output."""
    input_ = json.dumps(argument)
    completed = subprocess.run(
        ["node", "-e", script], input=input_, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(completed.stdout)


@cache
def functions_by_path() -> dict[str, str]:
    """Return the function for each path of the API, with an id for each parameter."""
    return {
        re.sub(r"\{\w+\}", "0a1b", path): entry
        for entry, app in create_apps().items()
        for path in app.openapi()["paths"]
    }


def misrouted_paths(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the API paths that do not reach their function, and the pages that do not reach the site."""
    expected = {**functions_by_path(), **dict.fromkeys(PAGES)}
    result = match_paths(list(expected), rules)
    return [path for path, function in expected.items() if _first_function(rules, result[path]) != function]


def _first_function(rules: Sequence[Mapping[str, Any]], matching: Sequence[bool]) -> str | None:
    rule = next((rule for rule, matched in zip(rules, matching, strict=True) if matched), {})
    function = rule.get("function", {}).get("functionId")
    return str(function) if function else None


def test_every_path_reaches_its_function() -> None:
    """Every API path reaches its function, and every page reaches the site."""
    http = {entry for entry, function in read_topology()["functions"].items() if function["trigger"] == "http"}
    assert set(functions_by_path().values()) == http
    assert misrouted_paths(read_hosting()["rewrites"]) == []


def test_misrouted_path_is_found() -> None:
    """A missing rewrite is reported."""
    rules = deepcopy(read_hosting()["rewrites"])
    [me_rule] = [rule for rule in rules if rule["source"] == "/api/me"]
    me_rule["source"] = "/api/you"
    assert misrouted_paths(rules) == ["/api/me"]


def test_rewrites_equal_topology() -> None:
    """The rewrites name functions without a region, which the Firebase CLI finds when it deploys."""
    *functions, site = read_hosting()["rewrites"]
    names = {entry: entry.replace("_", "-") for entry in read_topology()["functions"]}
    expected = [
        {"source": rewrite["source"], "function": {"functionId": names[rewrite["function"]]}}
        for rewrite in read_topology()["rewrites"]
    ]
    assert functions == expected
    assert site == {"source": "!/api/**", "destination": "/index.html"}


def test_local_site_matches_like_hosting() -> None:
    """The local globs match the same paths as Firebase's matcher."""
    rules = [*read_hosting()["rewrites"], *read_hosting()["headers"]]
    paths = [
        *functions_by_path(),
        *PAGES,
        "/__/auth/handler",
        "/__/firebase/init.json",
        "/api",
        "/api/nothing/at/all",
        "/apis",
    ]
    local_matches = {path: [bool(compile_glob(rule["source"]).fullmatch(path)) for rule in rules] for path in paths}
    assert local_matches == match_paths(paths, rules)


def test_deployed_files_are_the_site() -> None:
    """Firebase deploys the modules without their type declarations, and the local site serves the same files."""
    folder = HOSTING_CONFIG.parent / read_hosting()["public"]
    deployed = set(run_node(LIST_FILES, [str(folder), read_hosting()["ignore"]]))
    assert {"index.html", "app.js", "ui/basic.js"} < deployed
    assert not {name for name in deployed if name.endswith(".ts")}
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    site = SiteFiles(folder)
    assert {name for name in files if site.find(f"/{name}") == folder / name} == deployed


def test_content_security_policy_is_strict() -> None:
    """The policy allows nothing by default, nothing unsafe, and no wildcards."""
    [security, *_] = read_hosting()["headers"]
    policy = {header["key"]: header["value"] for header in security["headers"]}[CSP_HEADER]
    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "*" not in policy


def test_deployed_policy_frames_only_the_own_project(tmp_path: Path) -> None:
    """The sign-in page of the project is named when it is deployed; everything else stays as it is."""
    (tmp_path / CONFIG).write_text(HOSTING_CONFIG.read_text())
    with site_config(tmp_path, "shop") as name:
        deployed = (tmp_path / name).read_text()
    assert deployed.replace("https://shop.firebaseapp.com", PLACEHOLDER) == HOSTING_CONFIG.read_text()
    assert "frame-src 'self' https://shop.firebaseapp.com;" in deployed
    assert not (tmp_path / name).exists()
