"""The site's libraries: copied from npm's packages to where the site serves them, as `python -m local.libraries`."""

from __future__ import annotations

import re
from pathlib import Path

from local.topology import ROOT

LIBRARIES = {
    "firebase/firebase-app.js": "firebase-app.js",
    "firebase/firebase-auth.js": "firebase-auth.js",
    "chart.js/dist/chart.umd.min.js": "chart.umd.min.js",
}
ELSEWHERE = re.compile(r"https://www\.gstatic\.com/firebasejs/[^/]+/")
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def copy(modules: Path = ROOT / "node_modules", to: Path = ROOT / "static_site" / "lib") -> None:
    """Firebase's modules import each other from Google's servers; here they find each other side by side."""
    to.mkdir(parents=True, exist_ok=True)
    for source, name in LIBRARIES.items():
        text = (modules / source).read_text()
        (to / name).write_text(SOURCE_MAP.sub("", ELSEWHERE.sub("./", text)))


if __name__ == "__main__":
    copy()
