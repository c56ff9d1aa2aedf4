"""Headings that say how cells are written, as in our own export: `attributes.pin (text)`, `attributes (json)`.

With them an import reads each value as it was, and guesses nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import ItemsView, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, get_args

from common.csv_row import cell_text

from .cells import Misfit
from .column_types import (
    ATTRIBUTE_TYPES,
    CellFormat,
    ColumnType,
    ReadingDefaults,
    attribute_type,
    cell_reader,
    read_list,
)

OWN_COLUMNS = frozenset({"id", "external_id", "average_order_value"})
"""A table with these columns is our own export: its texts, ids and addresses are read as they stand there."""

PREFIX = "attributes."
ALL_ATTRIBUTES = "attributes (json)"
"""The column with attributes that have none of their own, as a JSON object."""

MAX_ATTRIBUTE_COLUMNS = 400
MAX_LINES = 20
"""Lines of a text in a cell; a longer one is written as JSON."""

_TYPED = re.compile(rf"(?P<map>[a-z]+)(?:\.(?P<name>.+))? \((?P<type>{'|'.join(ATTRIBUTE_TYPES)})\)")
HeadingType = Literal["", "date", "number", "flag", "text", "json"]
HEADING_TYPES: Sequence[HeadingType] = get_args(HeadingType)
"""From the simplest; the first one is a text that needs no word in the heading."""


def is_own_export(headers: Iterable[str]) -> bool:
    """Whether a table with these headings is our own export of customers."""
    return set(headers) >= OWN_COLUMNS


def typed_heading(header: str, map_field: str) -> tuple[str, ColumnType] | None:
    """The field and the type in the heading of an entry of the map field, if it says the type. A heading of the whole
    map has the field `attributes.attributes`, whose entries are taken one by one."""
    match = _TYPED.fullmatch(header)
    if match is None or match["map"] != map_field:
        return None
    type_ = next(one for one in ATTRIBUTE_TYPES if one == match["type"])
    return f"{map_field}.{match['name'] or map_field}", type_


class AttributeColumns:
    """The columns of the attributes in an export. Each has the simplest type whose cells are read as the values are."""

    def __init__(self) -> None:
        self._types: dict[str, list[HeadingType]] = {}
        self.has_others = False  # whether an attribute has no column of its own

    def add(self, attributes: Mapping[str, Any]) -> None:
        """Look at the attributes of one customer."""
        for name, value in attributes.items():
            if name not in self._types and (len(self._types) == MAX_ATTRIBUTE_COLUMNS or not _can_be_heading(name)):
                self.has_others = True
                continue
            types = self._types.get(name, HEADING_TYPES)
            self._types[name] = [type_ for type_ in types if _keeps(type_, PREFIX + name, value)]

    @property
    def headings(self) -> list[str]:
        """In the order of `cells`."""
        own = [f"{PREFIX}{name}" if types[0] == "" else f"{PREFIX}{name} ({types[0]})" for name, types in self._items]
        return [*own, ALL_ATTRIBUTES] if self.has_others else own

    def cells(self, attributes: Mapping[str, Any]) -> list[Any]:
        """The cells of one customer."""
        own = [_cell(types[0], attributes.get(name)) for name, types in self._items]
        others = {name: value for name, value in attributes.items() if name not in self._types}
        return [*own, _cell("json", others or None)] if self.has_others else own

    @property
    def _items(self) -> ItemsView[str, list[HeadingType]]:
        return self._types.items()


def _can_be_heading(name: str) -> bool:
    return name.isprintable() and name == name.strip() and name != "attributes" and not _TYPED.fullmatch(PREFIX + name)


def _keeps(type_: HeadingType, heading: str, value: Any) -> bool:
    """Whether the cell with the value is read as the value."""
    is_text = isinstance(value, str) and value == value.strip() != "" and value.count("\n") < MAX_LINES
    match type_:
        case "":
            return is_text and attribute_type(heading, [value]) == "text"
        case "text" | "json":
            return is_text or type_ == "json"
    with suppress(Misfit):
        read = cell_reader(CellFormat(type=type_), is_attribute=True, defaults=ReadingDefaults())
        return json.dumps(read(cell_text(value).strip())) == json.dumps(value)
    return False


def _cell(type_: HeadingType, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if type_ == "json" and value is not None else value


def list_cell(entries: Sequence[str]) -> str:
    """The texts with commas between them, or as JSON if they would be read otherwise."""
    joined = ", ".join(entries)
    return joined if read_list(joined) == list(entries) else json.dumps(entries, ensure_ascii=False)
