"""Writes CSV that is safe to open in a spreadsheet and can be imported again."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

_INVISIBLE = r"\s\x00-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_SIGNS = r"=+@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b-"
FORMULA_PATTERN = re.compile(rf"[{_INVISIBLE}]*[{_SIGNS}]|[\t\r\n]")
"""What a spreadsheet may take for a formula, whatever hides before the sign: a line break, a character that nobody
sees; also with a sign of full width or a small one."""

NUMBER_PATTERN = re.compile(r"[+-]?\d[\d .,]*%?")


def csv_row(cells: Sequence[Any]) -> str:
    """One line of CSV. No cell can be run as a formula; an import reads each as it was."""
    return _csv_line([escape_formula(cell_text(cell)) for cell in cells])


def csv_row_as_sent(cells: Sequence[Any]) -> str:
    """One line of CSV with cells of a file, of which some may be escaped already. No cell can be run as a formula, and
    an import reads each as it reads the cell of the file."""
    return _csv_line([text if not _is_formula(text) else f"'{text}" for text in map(cell_text, cells)])


def _csv_line(texts: Sequence[str]) -> str:
    output = io.StringIO(newline="")
    csv.writer(output).writerow(texts)
    return output.getvalue()


def cell_text(value: Any) -> str:
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
    """Escape a cell that a spreadsheet would run as a formula, and one that looks as if it was escaped. All other text,
    plain numbers and phone numbers stay as they are."""
    return f"'{text}" if _is_formula(text) or _is_escaped(text) else text


def unescape_formula(text: str) -> str:
    """The inverse of `escape_formula`."""
    return text[1:] if _is_escaped(text) else text


def _is_formula(text: str) -> bool:
    return FORMULA_PATTERN.match(text) is not None and not NUMBER_PATTERN.fullmatch(text)


def _is_escaped(text: str) -> bool:
    """Whether an apostrophe stands before a formula, or before such a text."""
    plain = text.lstrip("'")
    return len(plain) < len(text) and _is_formula(plain)
