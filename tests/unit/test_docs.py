"""The documents agree with the tree: links, paths, and the tests that docs/exactness.md names."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("docs/*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
        ROOT / "benchmarks" / "README.md",
    ]
)
EXACTNESS = ROOT / "docs" / "exactness.md"
DATA_MODEL = ROOT / "docs" / "data-model.md"
CRASH_TABLE = "A function dies"
PROBLEM_TABLE = "What else can go wrong"
APPENDIX = "Appendix: the tests"

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FOLDERS = "functions|static_site|terraform|local|tests|benchmarks|docs"
CODE_PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)`")
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b")
"""`functions/vendor/vendors/NAME/sender.py` stands for any vendor's file."""
COLLECTION = re.compile(r"""f"([a-z_]+)/\{|collection="([a-z_]+)\"""")
NOT_COLLECTIONS = {"projects"}
"""`projects/{…}` is the path of a Pub/Sub topic."""
CREATED_BY_USERS = {"terraform/terraform.tfvars", "terraform/errored.tfstate"}


def by_name(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_name)
def test_document_with_relative_links_points_to_existing_files_and_headings(document: Path) -> None:
    """Each relative link leads to a file or folder, and its anchor to a heading of that file."""
    assert [link for link in relative_links(document.read_text()) if not link_exists(document, link)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_name)
def test_document_that_names_paths_names_only_existing_ones(document: Path) -> None:
    """Each path in backticks below one of the project's folders exists."""
    paths = {path for path in CODE_PATH.findall(document.read_text()) if not PLACEHOLDER.search(path)}
    assert [path for path in sorted(paths - CREATED_BY_USERS) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("heading", [CRASH_TABLE, PROBLEM_TABLE])
def test_exactness_table_has_an_appendix_entry_for_each_row(heading: str) -> None:
    """Each row of a main table names its tests in the appendix, in the same order."""
    rows = [cells[0] for cells in table_rows(section(heading))]
    assert len(rows) > 10
    assert [cells[0] for cells in table_rows(section(APPENDIX, heading))] == rows


def test_exactness_appendix_names_only_existing_tests() -> None:
    """Each entry of the appendix names at least one test, and all of them exist."""
    existing = set(names_of_tests())
    for row, tests in (cells for heading in (CRASH_TABLE, PROBLEM_TABLE) for cells in appendix_rows(heading)):
        names = re.findall(r"`(test_\w+)`", tests)
        assert names, row
        assert [name for name in names if name not in existing] == [], row


def test_data_model_describes_each_collection_of_the_code() -> None:
    """Each collection that the code names has a section in docs/data-model.md, and a row in its first table."""
    code = "".join(path.read_text() for path in (ROOT / "functions").glob("**/*.py"))
    collections = {name for match in COLLECTION.findall(code) for name in match if name} - NOT_COLLECTIONS
    text = DATA_MODEL.read_text()
    sections = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    assert len(collections) > 10
    assert sorted(collections - set(sections)) == []
    assert [cells[0] for cells in table_rows(text)][: len(sections)] == [f"[{name}](#{name})" for name in sections]


def test_every_dependency_has_its_reason() -> None:
    """docs/dependencies.md names each package that is asked for, and no other."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"].values()
    asked = {re.split(r"[>=<]", entry)[0] for group in groups for entry in group if isinstance(entry, str)}
    package = json.loads((ROOT / "package.json").read_text())
    asked |= {*package.get("dependencies", {}), *package.get("devDependencies", {})}
    rows = [line.split("|")[1] for line in (ROOT / "docs" / "dependencies.md").read_text().splitlines() if "|" in line]
    assert {name for row in rows for name in re.findall(r"`([^`]+)`", row)} == asked


def relative_links(text: str) -> Iterator[str]:
    for link in LINK.findall(text):
        if not re.match(r"[a-z]+:", link):
            yield link


def link_exists(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text())


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def section(heading: str, subheading: str | None = None) -> str:
    """The text of a section of docs/exactness.md, or of one of its subsections."""
    text = EXACTNESS.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return text.partition(f"\n### {subheading}\n")[2].partition("\n### ")[0] if subheading else text


def table_rows(text: str) -> list[list[str]]:
    """The cells of the first table of a text, without its header."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines[1:]]


def appendix_rows(heading: str) -> list[list[str]]:
    return table_rows(section(APPENDIX, heading))


def names_of_tests() -> Iterator[str]:
    """The names of all tests under tests/."""
    for path in (ROOT / "tests").glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield node.name
