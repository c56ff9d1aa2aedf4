"""The configuration of Firebase Hosting, with the project's own name in its content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = "firebase.json"
DEPLOYED_CONFIG = "firebase.deployed.json"
PLACEHOLDER = "https://PROJECT.firebaseapp.com"
"""In `firebase.json`: the project's own page for signing in. A wildcard would let any project's pages be framed."""


@contextmanager
def site_config(root: Path, project: str) -> Iterator[str]:
    """The name of a copy of `firebase.json` for the project, within the context. Paths in it are relative to it."""
    text = (root / CONFIG).read_text()
    deployed = root / DEPLOYED_CONFIG
    deployed.write_text(text.replace(PLACEHOLDER, f"https://{project}.firebaseapp.com"))
    try:
        yield deployed.name
    finally:
        deployed.unlink()
