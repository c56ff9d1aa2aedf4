"""`python -m local.libraries`: copy the site's libraries from the npm packages to the folder that the site serves."""

from __future__ import annotations

import re
from pathlib import Path

from local.topology import ROOT

LIBRARIES = {
    "firebase/firebase-app.js": "firebase-app.js",
    "firebase/firebase-auth.js": "firebase-auth.js",
    "chart.js/dist/chart.umd.min.js": "chart.umd.min.js",
}
FIREBASE_CDN_URL = re.compile(r"https://www\.gstatic\.com/firebasejs/[^/]+/")
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def copy_libraries(modules: Path = ROOT / "node_modules", target: Path = ROOT / "static_site" / "lib") -> None:
    """Copy the libraries, and let Firebase's modules import each other locally instead of from Google's servers."""
    target.mkdir(parents=True, exist_ok=True)
    for source, name in LIBRARIES.items():
        text = (modules / source).read_text()
        (target / name).write_text(SOURCE_MAP.sub("", FIREBASE_CDN_URL.sub("./", text)))


if __name__ == "__main__":
    copy_libraries()
