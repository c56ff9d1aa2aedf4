"""Write CSV that is safe to open in a spreadsheet and can be imported again. `csv_table` reads it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from .columns import escape_formula


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
