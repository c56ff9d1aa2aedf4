"""Writes CSV that is safe to open in a spreadsheet and can be imported again."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

FORMULA_SIGNS = "=+-@\t\r"
NUMBER_PATTERN = re.compile(r"[+-]?\d[\d .]*")


def csv_row(cells: Sequence[Any]) -> str:
    """One line of CSV. No cell can be run as a formula."""
    output = io.StringIO(newline="")
    csv.writer(output).writerow([escape_formula(_text(cell)) for cell in cells])
    return output.getvalue()


def _text(value: Any) -> str:
    """The text of a cell; maps and lists as JSON."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case str() | int() | float():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def escape_formula(text: str) -> str:
    """Escape a cell that a spreadsheet would run as a formula. Plain numbers and phone numbers stay as they are."""
    return f"'{text}" if text[:1] in FORMULA_SIGNS and text and not NUMBER_PATTERN.fullmatch(text) else text


def unescape_formula(text: str) -> str:
    """The inverse of `escape_formula`."""
    return text[1:] if text.startswith("'") and text[1:2] in FORMULA_SIGNS and text[1:] else text
