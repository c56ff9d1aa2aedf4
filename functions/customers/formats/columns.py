"""Columns: which field each column of a table contains, and how its cells are parsed.

The headings that are known for each customer field are in the catalogue (`common/catalogue/fields.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from common.catalogue.channels import CHANNELS
from common.catalogue.fields import FIELDS, all_records, fields_of_kind
from common.csv_row import unescape_formula
from common.errors import FieldError, Invalid

from ..model.activity import ActivityInput

IGNORED = ""
"""A caller maps a column to this to leave it out."""

REJECTION_COLUMNS = ("rejected_row", "rejected_reason")
READ_ONLY_FIELDS = {
    record.name for record in FIELDS.values() if record.written_by == "herald" and record.kind != "list"
}
READ_ONLY_COLUMNS = frozenset({"id", *READ_ONLY_FIELDS, *REJECTION_COLUMNS})
"""Columns of our own exports that cannot be imported."""


FIRST_NAME, LAST_NAME = "name.first", "name.last"
CONSENT_HEADINGS = {f"consent.{channel.name}": channel.consent_headings for channel in CHANNELS.values()}
CUSTOMER_HEADINGS = {record.name: record.headings for record in all_records() if record.in_imports} | CONSENT_HEADINGS
HEADINGS: Mapping[str, tuple[str, ...]] = CUSTOMER_HEADINGS | {
    "event_id": ("order id", "order number", "order no", "transaction id"),
    "type": ("event type", "activity", "activity type", "kind"),
    "at": ("date", "time", "datetime", "timestamp", "order date", "created at", "event time"),
    "amount": ("total", "order total", "price", "order value"),
    "customer_id": ("herald id",),
}
"""The headings of the columns with each field, besides its name. The fields of an activity are the last ones."""

YES = frozenset({"1", "yes", "y", "true", "t", "on", "ja", "oui", "si", "sí", "subscribed", "granted", "x"})
NO = frozenset({"0", "no", "n", "false", "f", "off", "nein", "non", "unsubscribed", "withdrawn"})
NUMBERS = frozenset({*fields_of_kind("money", "whole"), "amount"})
LISTS = frozenset(fields_of_kind("list"))
ADDRESS_PATTERNS = {"email": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"), "phone": re.compile(r"\+?\d[\d ().-]{7,20}")}
PLAIN_NUMBER_PATTERN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class RowSchema:
    """Which fields the rows of a table can have: customers, activities, or suppressions."""

    fields: frozenset[str]  # fields that a column can contain
    map_field: str  # the map field that takes all other columns; empty if other columns are ignored
    identifiers: frozenset[str]  # fields that identify the customer: the table must have one of them


IDENTIFIERS = frozenset(record.name for record in FIELDS.values() if record.is_identifier)
CUSTOMERS = RowSchema(
    fields=frozenset(CUSTOMER_HEADINGS),
    map_field="attributes",
    identifiers=IDENTIFIERS,
)
ACTIVITIES = RowSchema(
    fields=frozenset(ActivityInput.model_fields) - {"fields"},
    map_field="fields",
    identifiers=IDENTIFIERS | {"customer_id"},
)
SUPPRESSIONS = RowSchema(
    fields=frozenset({"email", "phone", "reason"}), map_field="", identifiers=frozenset({"email", "phone"})
)


class ColumnMapping:
    """The columns of one table and the field that each contains."""

    def __init__(self, headers: Sequence[str], schema: RowSchema, mapping: Mapping[str, str]) -> None:
        """`mapping` is the caller's choice for some columns; the others are recognized by their names. A column that
        matches no field goes into the map field under its own name."""
        self.headers = [header.strip() for header in headers]
        self._schema = schema
        self._mapping = mapping
        self.fields = self._assign_fields(mapping)

    @property
    def field_by_header(self) -> dict[str, str]:
        """Header to field, for the response."""
        return {header: name for header, name in zip(self.headers, self.fields, strict=True) if header}

    def _assign_fields(self, mapping: Mapping[str, str]) -> list[str]:
        """Return one field per header. A field that the caller mapped is not assigned a second time."""
        taken = {name for header, name in mapping.items() if header in self.headers}
        fields: list[str] = []
        for header in self.headers:
            name = mapping[header] if header in mapping else self._field_for(header, taken)
            taken.add(name)
            fields.append(name)
        return fields

    def _field_for(self, header: str, taken: set[str]) -> str:
        """The field for a header. A second column for the same field goes into the map field."""
        name = _field_by_heading(header, self._schema)
        if name in self._schema.fields and name not in taken:
            return name
        if not header or name in READ_ONLY_COLUMNS or not self._schema.map_field:
            return IGNORED
        prefix = f"{self._schema.map_field}."
        return header if header.startswith(prefix) else prefix + header

    def check(self) -> None:
        """Raise `Invalid` if the caller's mapping has unknown headers or fields, or if no column identifies the
        customer."""
        missing = [header for header in self._mapping if header not in self.headers]
        unknown = [name for name in self._mapping.values() if not self._is_field(name)]
        if missing or unknown:
            available = f"columns: {', '.join(self.headers)[:500]}; fields: {', '.join(self._schema.fields)}"
            message = f"Not found: {', '.join([*missing, *unknown])[:500]}. Available {available}."
            raise Invalid("The columns cannot be mapped.", fields=[_field_error("columns", "unknown", message)])
        if not self._schema.identifiers & set(self.fields):
            identifiers = ", ".join(sorted(self._schema.identifiers))
            message = (
                f"No column identifies the customer: name one of the columns {identifiers}, or map one with `columns`. "
                f"Columns: {', '.join(self.headers)[:500]}"
            )
            raise Invalid(
                "The table has no column that identifies the customer.",
                fields=[_field_error("body", "header", message)],
            )

    def _is_field(self, name: str) -> bool:
        return (
            name == IGNORED
            or name in self._schema.fields
            or name.startswith((f"{self._schema.map_field}.", "consent."))
        )

    def is_certain_row(self, cells: Sequence[str]) -> bool:
        """Whether the cells are certainly a row, and not a line of a note or an address.

        A row has a cell for each column, one of them an email address or a phone number in its column. Unlike a
        sentence, it has no space after a separator. Any text can be an `external_id`, so that one proves nothing.
        """
        return (
            len(cells) == len(self.fields)
            and not any(cell.startswith(" ") for cell in cells[1:])
            and any(
                name in ADDRESS_PATTERNS and ADDRESS_PATTERNS[name].fullmatch(cell)
                for name, cell in zip(self.fields, cells, strict=True)
            )
        )

    def parse_row(self, cells: Sequence[str]) -> dict[str, Any]:
        """The values of one row, by field. Empty cells are left out."""
        values: dict[str, Any] = {}
        for name, cell in zip(self.fields, cells, strict=False):
            text = unescape_formula(cell.strip())
            if text and name != IGNORED:
                _set_value(values, name, _parse_cell(name, text))
        first, last = values.pop(FIRST_NAME, ""), values.pop(LAST_NAME, "")
        if first or last:
            values.setdefault("name", f"{first} {last}".strip())
        return values


def _field_by_heading(header: str, schema: RowSchema) -> str:
    """The field that the header names, or the header in lower case."""
    return _fields_by_heading(schema.fields).get(_normalize_header(header), header.lower())


@cache
def _fields_by_heading(fields: frozenset[str]) -> Mapping[str, str]:
    """Normalized heading to field. A heading of several fields stands for the first one."""
    by_heading: dict[str, str] = {}
    for name, headings in HEADINGS.items():
        for heading in (name, *headings) if name in fields else ():
            by_heading.setdefault(_normalize_header(heading), name)
    return by_heading


def _normalize_header(header: str) -> str:
    """The letters and digits of the header, without case and accents."""
    folded = unicodedata.normalize("NFKD", header).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _set_value(values: dict[str, Any], name: str, value: Any) -> None:
    """Set a value; a name with a dot sets it inside the map."""
    outer, dot, inner = name.partition(".")
    if dot and outer != "name":
        values.setdefault(outer, {})[inner] = value
    else:
        values[name] = value


def _parse_cell(name: str, text: str) -> Any:
    """Parse the text of a cell by the kind of its field. Text that cannot be parsed is returned as it is."""
    if name in LISTS:
        return [tag.strip() for tag in re.split(r"[,;|]", text) if tag.strip()]
    if name in NUMBERS:
        return parse_number(text)
    if name.startswith("consent."):
        return True if text.casefold() in YES else False if text.casefold() in NO else text
    if name.partition(".")[0] in {"attributes", "fields"} and PLAIN_NUMBER_PATTERN.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def parse_number(text: str) -> str:
    """Normalize a number as people write it in a table, with a point for the decimals: `₹ 1,00,000.50`, `1.234,50`, `12
    500`."""
    plain = re.sub(r"[\s'’_₹$€£¥]|^(?:rs\.?|inr|usd|eur|gbp)", "", text, flags=re.IGNORECASE)
    decimals = max(plain.rfind(","), plain.rfind("."))
    if "," not in plain or (plain.count(",") > 1 and "." not in plain):
        return plain.replace(",", "")
    if "." not in plain and len(plain) - decimals == 4:  # 12,500
        return plain.replace(",", "")
    return plain[:decimals].translate({44: None, 46: None}) + "." + plain[decimals + 1 :]


def _field_error(field: str, code: str, message: str) -> FieldError:
    return FieldError(field=field, code=code, message=message)
