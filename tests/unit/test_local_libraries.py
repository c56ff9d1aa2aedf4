"""The site's libraries come from npm, and load nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from local.libraries import LIBRARIES, copy

ELSEWHERE = "https://www.gstatic.com/firebasejs/12.19.0/firebase-app.js"


def test_modules_find_each_other_side_by_side(tmp_path: Path) -> None:
    for source in LIBRARIES:
        module = tmp_path / "node_modules" / source
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(f'import{{a}}from"{ELSEWHERE}";a();\n//# sourceMappingURL=x.map\n')
    copy(tmp_path / "node_modules", tmp_path / "lib")
    assert sorted(path.name for path in (tmp_path / "lib").iterdir()) == sorted(LIBRARIES.values())
    assert (tmp_path / "lib" / "firebase-auth.js").read_text() == 'import{a}from"./firebase-app.js";a();\n\n'
