"""What the linters cannot check: type names are unique, and classes and long functions have docstrings."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("functions", "local", "deployment")
EVERYTHING = (*PRODUCT, "benchmarks", "tests")
MAX_LINES_WITHOUT_DOCSTRING = 8
Function = ast.FunctionDef | ast.AsyncFunctionDef

WORD_LISTS = {"claims.py", "promises.py", "subjects.py", "plain_values.py"}  # words that texts must not have
QUAINT_WORDS = re.compile(
    r"\b(happenings?|burials?|bury|conductor|obey|parcels?|untold|worked off|intake|marking|ordeals?|whosoever)\b",
    re.IGNORECASE,
)


def modules(folders: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    """The path and the syntax tree of each Python module in the folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def repeated_type_names(folders: tuple[str, ...]) -> dict[str, list[str]]:
    """The public names of top-level classes that are defined more than once, with their modules."""
    defined: dict[str, list[str]] = defaultdict(list)
    for path, module in modules(folders):
        for node in module.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                defined[node.name].append(path)
    return {name: paths for name, paths in defined.items() if len(paths) > 1}


def without_docstring(module: ast.Module) -> list[str]:
    """The public classes, and the functions of more than eight lines, that have no docstring."""
    return [
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef | Function) and _needs_docstring(node) and not ast.get_docstring(node)
    ]


def _needs_docstring(node: ast.ClassDef | Function) -> bool:
    if isinstance(node, ast.ClassDef):
        return not node.name.startswith("_")
    if node.name == "__init__":  # the class says what it is built from
        return False
    lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
    return lines > MAX_LINES_WITHOUT_DOCSTRING


def test_type_names_are_unique() -> None:
    """No two modules define a class of the same name: a name leads to one place."""
    assert repeated_type_names(EVERYTHING) == {}


@pytest.mark.parametrize("folder", [*PRODUCT, "benchmarks"])
def test_classes_and_long_functions_have_docstrings(folder: str) -> None:
    """A public class and a function of more than eight lines say what they promise."""
    missing = {path: names for path, module in modules((folder,)) if (names := without_docstring(module))}
    assert missing == {}


def test_every_test_has_a_docstring() -> None:
    """Each test states the behaviour in one sentence."""
    missing = [
        f"{path}: {node.name}"
        for path, module in modules(("tests",))
        for node in ast.walk(module)
        if isinstance(node, Function) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert missing == []


def test_quaint_words_are_gone() -> None:
    """The project uses the field's own words."""
    files = [
        path
        for folder, pattern in (("functions", "*.py"), ("docs", "*.md"), ("static_site", "*.js"))
        for path in (ROOT / folder).rglob(pattern)
        if "lib" not in path.parts and path.name not in WORD_LISTS
    ]
    found = {str(path.relative_to(ROOT)): QUAINT_WORDS.findall(path.read_text()) for path in files}
    assert {path: words for path, words in found.items() if words} == {}


def test_missing_docstring_and_repeated_name_are_found() -> None:
    """The checks above can fail."""
    body = "\n".join(f"    x{number} = {number}" for number in range(9))
    assert without_docstring(ast.parse(f"def long():\n{body}\n\nclass Bare:\n    pass\n")) == ["long", "Bare"]
    assert without_docstring(ast.parse("def short():\n    return 1\n\nclass _Private:\n    pass\n")) == []
    assert QUAINT_WORDS.findall("The intake of a parcel") == ["intake", "parcel"]
