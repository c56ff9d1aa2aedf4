"""The headers that Firebase Hosting adds in the cloud, so that the site is tested with them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from local.site.rewrites import compile_glob
from local.topology import ROOT

HOSTING_CONFIG = ROOT / "firebase.json"
CSP_HEADER = "Content-Security-Policy"


class HostingHeaders:
    """The headers of `firebase.json`. The policy also allows the Auth emulator, which replaces Google's."""

    def __init__(self, *, emulator: str, path: Path = HOSTING_CONFIG) -> None:
        self._emulator = emulator
        self._rules: list[tuple[re.Pattern[str], list[dict[str, str]]]] = [
            (compile_glob(rule["source"]), rule["headers"]) for rule in read_hosting(path)["headers"]
        ]

    def for_path(self, path: str) -> dict[str, str]:
        added = {
            one["key"]: one["value"] for compiled, headers in self._rules if compiled.fullmatch(path) for one in headers
        }
        return added | ({CSP_HEADER: self._with_emulator(added[CSP_HEADER])} if CSP_HEADER in added else {})

    def _with_emulator(self, policy: str) -> str:
        return re.sub(r"(connect-src|frame-src) ", rf"\1 {self._emulator} ", policy)


def read_hosting(path: Path = HOSTING_CONFIG) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text())["hosting"]
    return read
