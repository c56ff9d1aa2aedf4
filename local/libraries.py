"""`python -m local.libraries`: copy the site's libraries from the npm packages to the folder that the site serves."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from local.topology import ROOT

LIBRARIES = {
    "firebase/firebase-app.js": "firebase-app",
    "firebase/firebase-auth.js": "firebase-auth",
    "chart.js/dist/chart.umd.min.js": "chart",
    "preact/dist/preact.mjs": "preact",
    "preact/hooks/dist/hooks.mjs": "preact-hooks",
    "htm/dist/htm.module.js": "htm",
}
"""The name that each file of a package gets, before its version."""
WITH_COMMENTS = {"firebase/firebase-app.js", "firebase/firebase-auth.js"}
"""Published with comments, which were an eighth of what the first page loads. They get smaller; their licences stay."""
ESBUILD = str(ROOT / "node_modules" / ".bin" / "esbuild")

FIREBASE_CDN_URL = re.compile(r"https://www\.gstatic\.com/firebasejs/[^/]+/(.*?)\.js")
BARE_PREACT = re.compile(r'(?<=from)"preact"')
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def library_names(modules: Path = ROOT / "node_modules") -> dict[str, str]:
    """Return the served name of each library, such as `preact-11.2.0.js`. A name never changes its content, so that
    browsers may keep the file for ever."""
    return {source: f"{name}-{_version(modules, source)}.js" for source, name in LIBRARIES.items()}


def copy_libraries(modules: Path = ROOT / "node_modules", target: Path = ROOT / "static_site" / "lib") -> None:
    """Copy the libraries, and let them import each other from the same folder: no import map, no other server."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.js"):
        old.unlink()
    for source, name in library_names(modules).items():
        text = SOURCE_MAP.sub("", (modules / source).read_text())
        copied = _with_local_imports(text, modules)
        (target / name).write_text(_minify(copied) if source in WITH_COMMENTS else copied)


def _minify(text: str) -> str:
    command = [ESBUILD, "--minify", "--loader=js", "--legal-comments=inline"]
    return subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True).stdout


def _with_local_imports(text: str, modules: Path) -> str:
    firebase, preact = _version(modules, "firebase/"), _version(modules, "preact/")
    text = FIREBASE_CDN_URL.sub(rf"./\1-{firebase}.js", text)
    return BARE_PREACT.sub(f'"./preact-{preact}.js"', text)


def _version(modules: Path, source: str) -> str:
    package = json.loads((modules / source.split("/", maxsplit=1)[0] / "package.json").read_text())
    return str(package["version"])


if __name__ == "__main__":
    copy_libraries()
