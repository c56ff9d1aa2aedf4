"""The dialect of a CSV file: its separator and its quotation marks, found from the first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SEPARATORS = ",;\t|"
DIALECT_LINES = 20
_IN_SINGLE_QUOTES = re.compile(r"'[^']*'([,;\t|]\s*'[^']*')+\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How the cells of a line are separated and quoted."""

    separator: str = ","
    quote: str = '"'
    has_space_before_quotes: bool = False

    @property
    def plain_options(self) -> Mapping[str, Any]:
        """For `csv.reader`: cells keep the spaces around them."""
        return {"delimiter": self.separator, "quotechar": self.quote}

    @property
    def options(self) -> Mapping[str, Any]:
        """For `csv.reader`."""
        return {**self.plain_options, "skipinitialspace": self.has_space_before_quotes}


def find_dialect(lines: Sequence[str]) -> Dialect:
    """The dialect: of the separators in the first line, the one with which most lines have one number of cells."""
    if not lines:
        return Dialect()
    quote = "'" if _IN_SINGLE_QUOTES.fullmatch(lines[0]) else '"'
    candidates = [sign for sign in SEPARATORS if _cell_count(lines[0], sign, quote) > 1] or SEPARATORS
    separator = max(candidates, key=lambda sign: _consistency(lines, sign, quote))
    space = re.compile(rf"(?:^|{re.escape(separator)}) +{quote}[^{quote}]")
    return Dialect(
        separator=separator, quote=quote, has_space_before_quotes=any(space.search(line) for line in lines[:5])
    )


def _consistency(lines: Sequence[str], separator: str, quote: str) -> tuple[int, int]:
    """How many lines have as many cells as most have, if that is more than one; and the cells of the first line."""
    counts = Counter(count for line in lines if line.strip() and (count := _cell_count(line, separator, quote)) > 1)
    first = _cell_count(lines[0], separator, quote)
    if not counts:
        return 0, first
    best = max(counts.values())
    return (best, max(count for count, times in counts.items() if times == best)) if best > 1 else (1, first)


def _cell_count(line: str, separator: str, quote: str) -> int:
    """How many cells the line has with this separator; 0 if it is not well-formed."""
    try:
        return len(next(csv.reader([line], delimiter=separator, quotechar=quote)))
    except (csv.Error, StopIteration):
        return 0
