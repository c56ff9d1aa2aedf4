"""Files as shops, CRMs and mail tools export them: what is understood of each, compared with the right answer.

`files` has the files, with made-up people, and `expected` the right answers: the field, type and format of each column,
and each row with its warnings. Some of the files come from bug reports, where people, dates or opt-outs were lost.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from customers.formats.column_types import OPPOSITE
from customers.formats.columns import CUSTOMERS, ColumnMapping
from tests.cases.file_reading import FILES, understand

EXPECTED = Path(__file__).parent / "expected"
NAMES = sorted(path.name for path in FILES.iterdir())
STATUS = "ask: by its values"


@pytest.mark.parametrize("name", NAMES)
def test_file_is_understood(name: str) -> None:
    """Each column has the right field and type, nobody is lost over an optional cell, and what is left out is said."""
    assert understand(name) == json.loads((EXPECTED / f"{name}.json").read_text())


def test_every_expected_answer_has_its_file() -> None:
    """There are many files, and none without an answer."""
    assert sorted(f"{name}.json" for name in NAMES) == sorted(path.name for path in EXPECTED.iterdir())
    assert len(NAMES) >= 60 + 25


def headings() -> list[tuple[str, str]]:
    with (EXPECTED.parent / "headings.tsv").open(newline="") as file:
        return [(row["heading"], row["field"]) for row in csv.DictReader(file, delimiter="\t")]


@pytest.mark.parametrize(("heading", "expected"), headings())
@pytest.mark.parametrize("dress", ["{}", " {} ", "{}*", "{} (₹)", "{}."])
def test_heading_is_recognized(heading: str, expected: str, dress: str) -> None:
    """In any case, with stars, units, dots and blanks around it."""
    for text in (heading, heading.upper(), heading.casefold()):
        columns = ColumnMapping([dress.format(text)], CUSTOMERS, {}, [["unsubscribed"]]).columns
        field = "consent.*" if expected.startswith("no consent") else expected.partition(" (")[0]
        assert columns[0].field == ("consent.email" if expected == STATUS else field)
        assert (columns[0].format.format == OPPOSITE) == expected.endswith("(opposite)")
