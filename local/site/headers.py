"""The headers that Firebase Hosting adds in the cloud, so that the site is tried under them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from local.site.rewrites import pattern
from local.topology import ROOT

HOSTING = ROOT / "firebase.json"
POLICY = "Content-Security-Policy"


class Headers:
    """Those of `firebase.json`; the policy lets pages talk to the Auth emulator, too, in the place of Google."""

    def __init__(self, *, emulator: str, path: Path = HOSTING) -> None:
        self._emulator = emulator
        self._rules: list[tuple[re.Pattern[str], list[dict[str, str]]]] = [
            (pattern(rule["source"]), rule["headers"]) for rule in hosting(path)["headers"]
        ]

    def of(self, path: str) -> dict[str, str]:
        added = {
            one["key"]: one["value"] for compiled, headers in self._rules if compiled.fullmatch(path) for one in headers
        }
        return added | ({POLICY: self._widened(added[POLICY])} if POLICY in added else {})

    def _widened(self, policy: str) -> str:
        return re.sub(r"(connect-src|frame-src) ", rf"\1 {self._emulator} ", policy)


def hosting(path: Path = HOSTING) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text())["hosting"]
    return read
