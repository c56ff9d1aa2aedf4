"""The site's libraries are copied from npm packages and load nothing from other servers."""

from __future__ import annotations

from pathlib import Path

from local.libraries import LIBRARIES, copy_libraries

CDN_URL = "https://www.gstatic.com/firebasejs/12.19.0/firebase-app.js"


def test_copied_modules_import_each_other_locally(tmp_path: Path) -> None:
    """Imports from the CDN become relative, and source maps are removed."""
    for source in LIBRARIES:
        module = tmp_path / "node_modules" / source
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(f'import{{a}}from"{CDN_URL}";a();\n//# sourceMappingURL=x.map\n')
    copy_libraries(tmp_path / "node_modules", tmp_path / "lib")
    assert sorted(path.name for path in (tmp_path / "lib").iterdir()) == sorted(LIBRARIES.values())
    assert (tmp_path / "lib" / "firebase-auth.js").read_text() == 'import{a}from"./firebase-app.js";a();\n\n'
