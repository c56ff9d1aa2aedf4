"""The site's libraries are copied from npm packages and load nothing from other servers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from local.libraries import LIBRARIES, copy_libraries, library_names
from local.topology import ROOT

CDN_URL = "https://www.gstatic.com/firebasejs/12.19.0/firebase-app.js"
SITE = ROOT / "static_site"


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A `node_modules` in which each library imports Firebase from its CDN and Preact by its bare name."""
    folder = tmp_path / "node_modules"
    for source in LIBRARIES:
        module = folder / source
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(f'import{{a}}from"{CDN_URL}";import{{b}}from"preact";a(b);\n//# sourceMappingURL=x.map\n')
        (folder / source.split("/")[0] / "package.json").write_text(json.dumps({"version": "1.2.3"}))
    return folder


def test_copied_modules_import_each_other_locally(modules: Path, tmp_path: Path) -> None:
    """Imports get the name of the copy with its version, and source maps are removed."""
    copy_libraries(modules, tmp_path / "lib")
    names = sorted(f"{name}-1.2.3.js" for name in LIBRARIES.values())
    assert sorted(path.name for path in (tmp_path / "lib").iterdir()) == names
    expected = 'import{a}from"./firebase-app-1.2.3.js";import{b}from"./preact-1.2.3.js";a(b);\n\n'
    assert (tmp_path / "lib" / "preact-hooks-1.2.3.js").read_text() == expected


def test_firebase_is_copied_without_comments_but_with_its_licence(tmp_path: Path) -> None:
    """The copy of the file with the most comments is less than half as large."""
    copy_libraries(target=tmp_path)
    source = (ROOT / "node_modules" / "firebase" / "firebase-app.js").read_text()
    copy = (tmp_path / library_names()["firebase/firebase-app.js"]).read_text()
    assert len(copy) < len(source) / 2
    assert "@license" in copy
    assert "@param" in source
    assert "@param" not in copy


def test_old_versions_are_removed(modules: Path, tmp_path: Path) -> None:
    """After an upgrade the folder has only the new files."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "preact-1.0.0.js").write_text("old")
    copy_libraries(modules, tmp_path / "lib")
    assert not (tmp_path / "lib" / "preact-1.0.0.js").exists()


def test_site_imports_the_installed_versions() -> None:
    """The site names each library with the version of package.json."""
    sources = [path for path in SITE.rglob("*.js") if not path.is_relative_to(SITE / "lib")]
    imported = {name for path in sources for name in re.findall(r'"/lib/(.+?\.js)"', path.read_text())}
    assert imported == set(library_names().values())
