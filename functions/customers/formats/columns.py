"""Columns: which field each column of a table contains, and how its cells are read.

The headings that are known for each customer field are in the catalogue (`common/catalogue/fields.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from common.catalogue.channels import CHANNELS, NO_CONSENT_HEADINGS, STATUS_HEADINGS
from common.catalogue.fields import FIELDS, fields_of_kind
from common.csv_row import unescape_formula
from common.errors import FieldError, Invalid

from ..model.activity import ActivityInput
from .address_cells import MAX_ADDRESS, suggested_domain
from .cells import Misfit, is_empty_word
from .column_types import (
    ATTRIBUTE_TYPES,
    NUMBER_TYPES,
    OPPOSITE,
    CellFormat,
    ColumnType,
    Reader,
    ReadingDefaults,
    attribute_type,
    cell_format,
    cell_reader,
    is_ledger,
)
from .consent_cells import UNKNOWN, is_clear_opt_out, is_clear_status, is_status_word, stricter
from .date_cells import date_order
from .number_cells import DecimalSign, decimal_sign, has_unclear_points
from .typed_headings import is_own_export, typed_heading

IGNORED = ""
"""A caller maps a column to this to leave it out."""

REJECTION_COLUMNS = ("rejected_row", "rejected_reason")
READ_ONLY_FIELDS = {
    record.name for record in FIELDS.values() if record.written_by == "herald" and record.kind != "list"
}
READ_ONLY_COLUMNS = frozenset({"id", *READ_ONLY_FIELDS, *REJECTION_COLUMNS})
"""Columns of our own exports that cannot be imported."""

ALL_CONSENT = "consent.*"
"""The field of a column that is about all channels at once."""

CONSENT_HEADINGS = {f"consent.{channel.name}": channel.consent_headings for channel in CHANNELS.values()}
OPT_OUT_HEADINGS = {f"consent.{channel.name}": channel.opt_out_headings for channel in CHANNELS.values()} | {
    ALL_CONSENT: NO_CONSENT_HEADINGS
}
CUSTOMER_HEADINGS = {record.name: record.headings for record in FIELDS.values() if record.in_imports} | CONSENT_HEADINGS
HEADINGS: Mapping[str, tuple[str, ...]] = CUSTOMER_HEADINGS | {
    "event_id": (
        *("order id", "order number", "order no", "transaction id", "order name", "order", "bill no", "bill number"),
        *("invoice no", "invoice number", "invoice id", "receipt no", "receipt number", "voucher no", "vch no"),
        *("reference no", "visit id", "bestellnummer", "número de pedido", "numéro de commande", "बिल नंबर"),
    ),
    "type": ("event type", "activity", "activity type", "kind", "transaction type", "voucher type", "vch type"),
    "at": (
        *("date", "time", "datetime", "timestamp", "order date", "created at", "event time", "bill date"),
        *("invoice date", "receipt date", "transaction date", "visit date", "date created", "purchase date"),
        *("voucher date", "completed date", "paid date", "paid at", "datum", "fecha", "तारीख", "दिनांक"),
    ),
    "amount": (
        *("total", "order total", "price", "order value", "order total amount", "grand total", "total amount"),
        *("net amount", "bill amount", "invoice amount", "invoice total", "order amount", "amount paid", "net total"),
        *("gross total", "total collected"),
        *("total price", "total inc tax", "gesamtbetrag", "importe total", "montant total", "कुल राशि", "राशि"),
    ),
    "customer_id": ("herald id",),
    "person": ("people", "who"),
}
"""The headings of the columns with each field, besides its name. The fields of an activity are the last ones."""

LAST_NAME_BESIDE: Mapping[str, str] = {"nom": "prenom", "name": "vorname", "nome": "primeironome"}
"""Normalized headings of the last name, if the heading of the first name stands beside them."""

ADDRESSES = frozenset({"email", "phone"})
ADDRESS_PATTERNS = {"email": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"), "phone": re.compile(r"\+?\d[\d ().-]{7,20}")}
_ABOUT_CONSENT = re.compile(
    r"opt.?(out|in)|(?<!ad)opted|unsub|black.?list|block.?list|suppress|consent|do.not.(contact|mail|email|call|sms)",
    re.IGNORECASE,
)
_UTC = re.compile(r"\b(UTC|GMT)\b")
MAX_SHOWN = 200
"""Characters of a cell that a warning shows."""

_TYPES: Mapping[str, ColumnType] = {
    **dict.fromkeys(fields_of_kind("money"), "money"),
    **dict.fromkeys(fields_of_kind("whole"), "whole"),
    **dict.fromkeys(fields_of_kind("date"), "date"),
    **dict.fromkeys(fields_of_kind("list"), "list"),
    "amount": "money",
    "at": "date",
    "external_id": "id",
    "event_id": "id",
    "email": "email",
    "phone": "phone",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RowSchema:
    """Which fields the rows of a table can have: customers, activities, or suppressions."""

    fields: frozenset[str]  # fields that a column can contain
    map_field: str  # the map field that takes all other columns; empty if other columns are ignored
    identifiers: frozenset[str]  # fields that identify the customer: the table must have one of them
    text_field: str = ""  # the field of a row of JSON that is a text or a number, and no object


IDENTIFIERS = frozenset(record.name for record in FIELDS.values() if record.is_identifier)
CUSTOMERS = RowSchema(
    fields=frozenset({*CUSTOMER_HEADINGS, ALL_CONSENT, "customer_id"}),
    map_field="attributes",
    identifiers=IDENTIFIERS,
)
ACTIVITIES = RowSchema(
    fields=frozenset({*ActivityInput.model_fields, *CONSENT_HEADINGS, ALL_CONSENT}) - {"fields", "consent"},
    map_field="fields",
    identifiers=IDENTIFIERS | {"customer_id"},
)
SUPPRESSIONS = RowSchema(
    fields=frozenset({"email", "phone", "reason"}), map_field="", identifiers=frozenset({"email", "phone"})
)
PEOPLE = RowSchema(
    fields=IDENTIFIERS | {"customer_id", "person"},
    map_field="",
    identifiers=IDENTIFIERS | {"customer_id", "person"},
    text_field="person",
)
"""The people of a static segment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnChoice:
    """What the caller says about a column. What is None is decided by its heading and its values."""

    field: str | None = None
    type: ColumnType | None = None
    format: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a table."""

    header: str  # as it was sent
    key: str  # the header, with a number if it stands there before
    field: str
    format: CellFormat
    is_alternative: bool  # whether it is used only where a column before it is empty
    is_unclear: bool  # whether its points may stand before decimals or group thousands
    may_deny: bool  # whether a clear opt-out further down in it counts, although the first rows have none
    read: Reader

    @property
    def may_be_consent(self) -> bool:
        """Whether nothing of the column counts as consent, although its heading speaks of it."""
        return not _is_consent(self.field) and _ABOUT_CONSENT.search(self.header) is not None


class ColumnMapping:
    """The columns of one table and the field that each contains."""

    def __init__(
        self,
        headers: Sequence[str],
        schema: RowSchema,
        mapping: Mapping[str, ColumnChoice],
        samples: Sequence[Sequence[str]] = (),
        defaults: ReadingDefaults | None = None,
    ) -> None:
        """`mapping` is the caller's choice for some columns; the others are recognized by their names. A column that
        matches no field goes into the map field under its own name. `samples` are rows of the table, by which the types
        are decided."""
        self.sent_headers = [header.strip("\ufeff\u200b \t\r\n\xa0") for header in headers]
        self.headers = unique_headers(self.sent_headers)
        self._is_own_export = schema is CUSTOMERS and is_own_export(self.sent_headers)
        self._schema = schema
        self._mapping = mapping
        self._defaults = defaults or ReadingDefaults()
        self._cells = [
            [text for row in samples if index < len(row) and (text := row[index].strip())]
            for index in range(len(self.headers))
        ]
        self.fields, self._alternatives = self._assign_fields()
        self._decimals = self._usual_decimals()
        self.columns = [self._column(index) for index in range(len(self.headers))]
        self._used = [
            (index, column, *_place(column.field))
            for index, column in enumerate(self.columns)
            if column.field != IGNORED
        ]

    @property
    def field_by_header(self) -> dict[str, str]:
        """Header to field, for the response."""
        return {header: name for header, name in zip(self.headers, self.fields, strict=True) if header}

    def _assign_fields(self) -> tuple[list[str], set[int]]:
        """Return one field per header, and which columns are alternatives to others with the same field.

        A field that the caller mapped is not assigned a second time. Of several columns with one field, the one has it
        whose heading stands first in the catalogue.
        """
        chosen = {key: choice.field for key, choice in self._mapping.items() if choice.field is not None}
        taken = {name for key, name in chosen.items() if key in self.headers}
        guesses = [self._guess(index) for index in range(len(self.headers))]
        best: dict[str, int] = {}
        for index, (name, rank) in enumerate(guesses):
            if self.headers[index] not in chosen and name in self._schema.fields and not _is_consent(name):
                before = best.get(name)
                if before is None or rank < guesses[before][1]:
                    best[name] = index
        fields: list[str] = []
        alternatives: set[int] = set()
        for index, (name, _) in enumerate(guesses):
            header = self.headers[index]
            if header in chosen:
                fields.append(chosen[header] or IGNORED)
            elif _is_consent(name) or (best.get(name) == index and name not in taken):
                fields.append(name)
            elif name in ADDRESSES & self._schema.fields and self._schema.map_field:
                fields.append(name)
                alternatives.add(index)
            else:
                fields.append(self._other_field(header, name))
        return fields, alternatives

    def _guess(self, index: int) -> tuple[str, int]:
        """The field that the header names, and the place of the heading among those of the field."""
        header = self.sent_headers[index]
        name, rank = _field_by_heading(header, self._schema)
        if self._is_own_export and header == "id" and "customer_id" in self._schema.fields:
            return "customer_id", 0
        if self._is_own_export and (header in self._schema.fields or header.startswith("attributes.")):
            return header, 0
        if self._schema is CUSTOMERS and self._is_last_name(header):
            return "last_name", 0
        if header.casefold() == "id" and "external_id" in map(str.casefold, self.sent_headers):
            return "id", 0
        if self._schema is ACTIVITIES and (field := self._guess_of_order(header)):
            return field, 0
        if self._is_status(index):
            words = [cell for cell in self._cells[index] if not is_empty_word(cell)]
            if any(map(is_clear_opt_out, words)) or (
                all(map(is_status_word, words)) and any(map(is_clear_status, words))
            ):
                return "consent.email", 0
        return name, rank

    def _is_last_name(self, header: str) -> bool:
        """Whether a heading that is that of a whole name elsewhere stands beside one of first names, and no column has
        last names."""
        beside = LAST_NAME_BESIDE.get(_normalize_header(header))
        if beside is None or beside not in map(_normalize_header, self.sent_headers):
            return False
        return all(_field_by_heading(other, self._schema)[0] != "last_name" for other in self.sent_headers)

    def _is_status(self, index: int) -> bool:
        """Whether the column is about consent if its values say so."""
        return self._schema is CUSTOMERS and _normalize_header(self.sent_headers[index]) in _status_headings()

    def _guess_of_order(self, header: str) -> str | None:
        """What a column of orders has that means something else for customers: the id of a row is nobody's, and a shop
        with a line for each item calls the order's number its name."""
        name = _normalize_header(header)
        if name == "id":
            return header
        has_items = any(_normalize_header(other).startswith("lineitem") for other in self.sent_headers)
        return "event_id" if name == "name" and has_items else None

    def _other_field(self, header: str, name: str) -> str:
        """The entry of the map field for a column that has no field of its own."""
        if not header or name in READ_ONLY_COLUMNS or not self._schema.map_field:
            return IGNORED
        if self._is_own_export and _is_consent(header):
            return header
        if typed := typed_heading(header, self._schema.map_field):
            return typed[0]
        prefix = f"{self._schema.map_field}."
        return header if header.startswith(prefix) else prefix + header

    def _usual_decimals(self) -> DecimalSign | None:
        """The sign before the decimals in the table, if no column with numbers contradicts another."""
        numbers = [index for index in range(len(self.headers)) if self._type_of(index) in NUMBER_TYPES]
        signs = {decimal_sign(self._cells[index]) for index in numbers} - {None}
        return signs.pop() if len(signs) == 1 else None

    def _column(self, index: int) -> Column:
        """How the column is read: as the caller says, or else as its heading and its cells show."""
        key, field = self.headers[index], self.fields[index]
        choice = self._mapping.get(key, ColumnChoice())
        type_ = choice.type or self._type_of(index)
        given = choice.format
        if given is None and type_ == "consent" and _is_opt_out(self.sent_headers[index]):
            given = OPPOSITE
        chosen = cell_format(type_, self._cells[index], given, self._defaults)
        if type_ in NUMBER_TYPES and chosen.format is None:
            chosen = replace(chosen, format=self._decimals)
        is_unclear = type_ == "money" and chosen.format is None and has_unclear_points(self._cells[index])
        if is_unclear and self._defaults.decimal:
            chosen = replace(chosen, format=self._defaults.decimal, is_decided=False)
        is_attribute = field.partition(".")[0] in {"attributes", "fields"}
        order = date_order(self._cells[index]) if type_ == "consent" else None
        defaults = replace(self._defaults, date_order=order) if order else self._defaults
        is_exact = self._is_own_export or typed_heading(self.sent_headers[index], self._schema.map_field) is not None
        return Column(
            header=self.sent_headers[index],
            key=key,
            field=field,
            format=chosen,
            is_alternative=index in self._alternatives,
            is_unclear=is_unclear and chosen.format is None,
            may_deny=is_attribute and choice.field is None and self._is_status(index),
            read=cell_reader(
                chosen,
                is_attribute=is_attribute,
                defaults=defaults,
                is_ledger=not is_exact and is_ledger(self.sent_headers[index], self._cells[index]),
                is_exact=is_exact,
                is_utc=_UTC.search(self.sent_headers[index]) is not None,
            ),
        )

    def _type_of(self, index: int) -> ColumnType:
        """The type of the field; of an attribute, what its heading says or its values have in common."""
        field = self.fields[index]
        if _is_consent(field):
            return "consent"
        typed = typed_heading(self.sent_headers[index], self._schema.map_field)
        if typed and typed[0] == field:
            return typed[1]
        if field.partition(".")[0] in {"attributes", "fields"}:
            chosen = self._defaults.attribute_types.get(field.removeprefix("attributes."))
            if chosen and not self._is_own_export:  # an export has values as they are stored
                return chosen
            return attribute_type(self.sent_headers[index], self._cells[index])
        return _TYPES.get(field, "text")

    @property
    def problem(self) -> str | None:
        """Why the table cannot be read with these columns; None if it can."""
        try:
            self.check()
        except Invalid as error:
            return error.fields[0].message
        return None

    def check(self) -> None:
        """Raise `Invalid` if the caller's mapping has unknown headers or fields, or if no column identifies the
        customer."""
        missing = [key for key in self._mapping if key not in self.headers]
        chosen = [choice.field for choice in self._mapping.values() if choice.field is not None]
        unknown = [name for name in chosen if not is_field(name, self._schema)]
        if missing or unknown:
            available = f"columns: {', '.join(self.headers)[:500]}; fields: {', '.join(self._schema.fields)}"
            message = f"Not found: {', '.join([*missing, *unknown])[:500]}. Available {available}."
            raise Invalid("The columns cannot be mapped.", fields=[_field_error("columns", "unknown", message)])
        for key, choice in self._mapping.items():
            allowed = ATTRIBUTE_TYPES if (choice.field or "").startswith(("attributes.", "fields.")) else None
            if choice.type and allowed and choice.type not in allowed:
                message = f"The column {key} cannot have the type {choice.type}; use one of {', '.join(allowed)}."
                raise Invalid("The columns cannot be mapped.", fields=[_field_error("columns", "option", message)])
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

    def is_certain_row(self, cells: Sequence[str]) -> bool:
        """Whether the cells are certainly a row, and not a line of a note or an address.

        A row has a cell for each column, one of them an email address or a phone number in its column. Unlike a
        sentence, it has no space after a separator. Any text can be an `external_id`, so that one proves nothing.
        """
        return (
            len(cells) == len(self.fields)
            and not any(cell.startswith(" ") for cell in cells[1:])
            and any(
                name in ADDRESS_PATTERNS and len(cell) <= MAX_ADDRESS and ADDRESS_PATTERNS[name].fullmatch(cell)
                for name, cell in zip(self.fields, cells, strict=True)
            )
        )

    def parse_row(self, cells: Sequence[str]) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
        """The values of one row, by field, and a warning for each cell that does not fit. Empty cells are left out."""
        values: dict[str, Any] = {}
        warnings: list[FieldError] = []
        length = len(cells)
        for index, column, outer, inner in self._used:
            if index >= length or not (text := cells[index].strip()):
                continue
            if text[0] == "'":
                text = unescape_formula(text).strip()
            if column.may_deny and is_clear_opt_out(text):
                _set_consent(values, "consent", "email", False)
            try:
                value = column.read(text)
            except Misfit as misfit:
                warnings.append(_warning(column, misfit, text, values))
            else:
                if not inner and outer not in ADDRESSES:
                    values[outer] = value
                else:
                    self._set_inner(values, warnings, column, value)
                warnings += _doubts(column, value, text) if column.is_unclear else ()
        if warnings:
            self._keep_identifiers(values, warnings)
        return values, tuple(warnings)

    def _set_inner(self, values: dict[str, Any], warnings: list[FieldError], column: Column, value: Any) -> None:
        """Set an address, a consent, or an entry of a map."""
        outer, inner = _place(column.field)
        if outer in ADDRESSES:
            addresses, remark = value
            self._set_addresses(values, warnings, column, addresses)
            if remark:
                message = f"Only {addresses[0][:MAX_SHOWN]} is read as the address of this cell; check it."
                warnings.append(FieldError(field=outer, code="doubtful", message=message, value=remark[:MAX_SHOWN]))
        elif column.format.type == "consent":
            _set_consent(values, outer, inner, value)
        elif inner == outer and isinstance(value, dict):  # a tool's own map: its entries are attributes
            values.setdefault(outer, {}).update(value)
        else:
            values.setdefault(outer, {})[inner] = value

    def _set_addresses(
        self, values: dict[str, Any], warnings: list[FieldError], column: Column, addresses: list[str]
    ) -> None:
        """Set the first address as the customer's, if there is none yet, and keep the others as attributes."""
        name = column.field
        first, *others = addresses
        if name not in values:
            values[name] = first
            domain = first.rpartition("@")[2]
            if name == "email" and (meant := suggested_domain(domain)):
                message = f"Did you mean {first.removesuffix(domain)}{meant}?"
                warnings.append(FieldError(field=name, code="misspelled", message=message, value=first[:MAX_SHOWN]))
        elif first != values[name]:
            others = [first, *others]
        if others and self._schema.map_field:
            more = values.setdefault(self._schema.map_field, {})
            if column.is_alternative and len(others) == len(addresses):
                more.setdefault(column.key, others.pop(0))
            number = 2
            for other in others:
                while f"{name}_{number}" in more:
                    number += 1
                more[f"{name}_{number}"] = other

    def _keep_identifiers(self, values: dict[str, Any], warnings: list[FieldError]) -> None:
        """Without an address that fits, the row has the one that does not: it is the reason why it is rejected."""
        if any(values.get(name) for name in self._schema.identifiers):
            return
        for warning in [warning for warning in warnings if warning.field in ADDRESSES]:
            values.setdefault(warning.field, warning.value)
            warnings.remove(warning)


def _warning(column: Column, misfit: Misfit, text: str, values: dict[str, Any]) -> FieldError:
    """What is said of a cell that does not fit. A word that nobody knows about consent is no consent."""
    if column.format.type == "consent":
        _set_consent(values, *_place(column.field), UNKNOWN)
    return FieldError(field=column.field, code=misfit.code, message=misfit.message, value=text[:MAX_SHOWN])


def _doubts(column: Column, value: str, text: str) -> Iterator[FieldError]:
    """A warning if nobody knows what the point in the amount means."""
    if has_unclear_points([text]):
        message = f"This is read as {value}. If the point groups thousands, choose a comma as the format of the column."
        yield FieldError(field=column.field, code="doubtful", message=message, value=text[:MAX_SHOWN])


def _set_consent(values: dict[str, Any], outer: str, inner: str, value: Any) -> None:
    """Add a statement; of several about one channel the strictest counts."""
    if value is None:
        return
    consent = values.setdefault(outer, {})
    for channel in CHANNELS if inner == "*" else [inner]:
        consent[channel] = stricter(consent.get(channel), value)


def _place(field: str) -> tuple[str, str]:
    """The field, and the name inside it if it is a map."""
    outer, _, inner = field.partition(".")
    return outer, inner


def _is_consent(field: str) -> bool:
    return field.startswith("consent.")


def is_field(name: str, schema: RowSchema) -> bool:
    """Whether a column can have this field."""
    if name == IGNORED or name in schema.fields:
        return True
    return bool(schema.map_field) and name.startswith((f"{schema.map_field}.", "consent."))


def unique_headers(headers: Sequence[str]) -> list[str]:
    """The headers; one that stands there before has a number: `Email`, `Email (2)`."""
    seen: dict[str, int] = {}
    unique: list[str] = []
    for header in headers:
        number = seen[header] = seen.get(header, 0) + 1
        key = f"{header} ({number})" if number > 1 and header else header
        unique.append(key)
    return unique


def _field_by_heading(header: str, schema: RowSchema) -> tuple[str, int]:
    """The field that the header names, or the header in lower case; and the place among the field's headings."""
    known = _fields_by_heading(schema.fields)
    for text in (header, _without_brackets(header)):
        if found := known.get(_normalize_header(text)):
            return found
    kind = header.partition(":")[0]  # Opted out of email: Marketing Information
    return known.get(_normalize_header(kind), (header.casefold(), 0)) if _is_opt_out(kind) else (header.casefold(), 0)


@cache
def _fields_by_heading(fields: frozenset[str]) -> Mapping[str, tuple[str, int]]:
    """Normalized heading to field and place. A heading of several fields stands for the first one."""
    by_heading: dict[str, tuple[str, int]] = {}
    opposites = OPT_OUT_HEADINGS if ALL_CONSENT in fields else {}
    for name, headings in (*HEADINGS.items(), *opposites.items()):
        for rank, heading in enumerate((name, *headings)) if name in fields else ():
            by_heading.setdefault(_normalize_header(heading), (name, rank))
    by_heading.pop("", None)
    return by_heading


def _without_brackets(header: str) -> str:
    return re.sub(r"\([^()]*\)|\[[^][]*\]", "", header)


def _is_opt_out(header: str) -> bool:
    """Whether a yes in the column is a no to messages."""
    forms = (header, _without_brackets(header), header.partition(":")[0])
    return any(_normalize_header(form) in _opt_outs() for form in forms)


@cache
def _opt_outs() -> frozenset[str]:
    return frozenset(_normalize_header(heading) for headings in OPT_OUT_HEADINGS.values() for heading in headings)


@cache
def _status_headings() -> frozenset[str]:
    return frozenset(map(_normalize_header, STATUS_HEADINGS))


def _normalize_header(header: str) -> str:
    """The letters and digits of the header, without case and accents."""
    folded = unicodedata.normalize("NFKD", header).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def is_heading(text: str, schema: RowSchema) -> bool:
    """Whether the text is a known heading of an identifier of the customer."""
    return _field_by_heading(text.strip(), schema)[0] in schema.identifiers


def _field_error(field: str, code: str, message: str) -> FieldError:
    return FieldError(field=field, code=code, message=message)
