"""Rows in every format: valid rows are read whatever stands between them."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
import time
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from common.csv_row import csv_row, csv_row_as_sent, escape_formula, unescape_formula
from common.errors import Invalid
from customers.formats.address_cells import read_emails, read_id, read_phones
from customers.formats.cells import Misfit
from customers.formats.column_types import (
    CellFormat,
    ColumnType,
    ReadingDefaults,
    attribute_type,
    cell_format,
    cell_reader,
)
from customers.formats.columns import ACTIVITIES, CUSTOMERS, ColumnChoice, ColumnMapping, RowSchema
from customers.formats.csv_table import CsvTable
from customers.formats.json_rows import MAX_ROW_BYTES, ParsedRow, read_json_array, read_json_lines, read_json_object
from customers.formats.number_cells import parse_number, read_money

ENCODINGS = {"utf-8": "é ü ø 日本 ₹", "utf-8-sig": "é 日本", "windows-1252": "é ü ß", "utf-16": "é 日本 ₹"}
INVALID_LINES = [
    b"\xff\xfe\x00\x81 binary \x9d",
    b'"never closed',
    b'"closed" too early",x,y',
    b"a,b,c,d,e,f,g,h,i,j",
    b'x,"' + b"z" * 5000,
    b"\x00\x00\x00",
    b"'''",
    b"=cmd|'/c calc'!A1",
    b'""""""',
]


def parse_table(
    content: bytes, schema: RowSchema = CUSTOMERS, mapping: dict[str, str] | None = None, encoding: str | None = None
) -> tuple[list[ParsedRow], dict[str, str]]:
    choices = {header: ColumnChoice(field=field) for header, field in (mapping or {}).items()}
    read = CsvTable(io.BytesIO(content), schema=schema, mapping=choices, encoding=encoding)
    rows = list(read.rows())
    assert read.columns is not None
    return rows, read.columns.field_by_header


def valid_data(rows: list[ParsedRow]) -> list[Any]:
    return [one.data for one in rows if not one.errors]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_table_with_any_encoding_and_separator_is_read(encoding: str, separator: str, ending: str) -> None:
    """Encoding, separator and line endings are detected."""
    name = f'{ENCODINGS[encoding]} "the{ending}great" {separator}'
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=ending)
    writer.writerows([["E-Mail", "Full Name", "Shoe size"], ["a@example.com", name, "42"], ["", "", ""], ["b@x.com"]])
    rows, columns = parse_table(text.getvalue().encode(encoding))
    first = {"email": "a@example.com", "name": name.strip(), "attributes": {"Shoe size": 42}}
    assert [(one.number, one.data) for one in rows] == [(2, first), (4, {"email": "b@x.com"})]
    assert columns == {"E-Mail": "email", "Full Name": "name", "Shoe size": "attributes.Shoe size"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_table_in_utf16_without_a_byte_order_mark_is_read(encoding: str) -> None:
    """The zero bytes of the first characters show the encoding."""
    rows, _ = parse_table("Email,Name\r\na@x.com,José 日本\r\n".encode(encoding))
    assert valid_data(rows) == [{"email": "a@x.com", "name": "José 日本"}]


@pytest.mark.parametrize("name", ["José Peña", "é ü ß", "François", "5 € “ok” – fine"])
def test_table_in_windows_1252_with_one_short_name_is_read(name: str) -> None:
    """`charset-normalizer` reads these as other encodings: `José Peńa`, `ﻠ ﮰ ﻑ`, `5 ﾛ ﾒokﾓ ﾐ fine`."""
    rows, _ = parse_table(f"email,name\na@x.com,{name}\n".encode("windows-1252"))
    assert valid_data(rows) == [{"email": "a@x.com", "name": name}]


invalid_lines = st.one_of(
    st.sampled_from(INVALID_LINES), st.binary(max_size=80).map(lambda line: line.replace(b"\n", b""))
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # whole tables are drawn
@given(st.lists(st.one_of(st.none(), invalid_lines), max_size=30))
@example([b'"', None, b"", None])
@example([b'x,"', None, None])
def test_table_with_invalid_lines_keeps_valid_quoted_rows(lines: list[bytes | None]) -> None:
    """Valid rows have a quoted cell with a line break, which an open quotation mark before them would break."""
    rows = [
        f'{index}@x.com,"Name ""{index}""\nRao"'.encode() if line is None else line for index, line in enumerate(lines)
    ]
    found, _ = parse_table(b"\n".join([b"email,name", *rows]))
    names = {one["email"]: one.get("name") for one in valid_data(found) if "email" in one}
    for index, line in enumerate(lines):
        if line is None and not any(b'"' in one for one in lines[:index] if one):
            assert names[f"{index}@x.com"] == f'Name "{index}"\nRao'


@given(st.lists(st.one_of(st.none(), invalid_lines), max_size=30))
@example([b'"never closed', None, b'"'])
@example([b'"', None, b'"'])
@example([b'x,"', None, None, b'"'])
@example([b'x,"', b'1@x.com,""', None, b'",y'])
def test_table_with_invalid_lines_keeps_valid_plain_rows(lines: list[bytes | None]) -> None:
    """Valid rows without quotation marks are read whatever came before them."""
    rows = [f"{index}@x.com,Rao".encode() if line is None else line for index, line in enumerate(lines)]
    found, _ = parse_table(b"\n".join([b"email,name", *rows]))
    emails = {one.get("email") for one in valid_data(found)}
    assert {f"{index}@x.com" for index, line in enumerate(lines) if line is None} <= emails


def test_table_with_rows_inside_a_quoted_cell_rejects_only_the_lines_with_the_quotation_marks() -> None:
    """The line that opens the cell has a reason that says so; its number and the ones after it are those of lines."""
    rows, _ = parse_table(b'email,name\na@x.com,"never closed\nb@x.com,Rao\nc@x.com,Iyer\n"\nd@x.com,Das')
    assert [(row.number, row.data) for row in rows if not row.errors] == [
        (number, {"email": f"{email}@x.com", "name": name})
        for number, email, name in [(3, "b", "Rao"), (4, "c", "Iyer"), (6, "d", "Das")]
    ]
    [opening, closing] = [row for row in rows if row.errors]
    assert "a quoted cell that contains whole rows" in opening.errors[0].message
    assert (opening.sent, closing.sent) == ({"row": 'a@x.com,"never closed\n'}, {"row": '"\n'})


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("email,address", ["a@x.com", "12 MG Road\nPune, 411001\nIndia"]),
        ("email,address", ["a@x.com", "12 MG Road\nPune,411001\nIndia"]),
        ("external_id,address", ["C-1", "Flat 4\n12/3,MG Road\nIndia"]),
        ("email,note", ["a@x.com", "Wrote to:\nb@x.com, who answered\nand left"]),
        ("email,note", ["a@x.com", 'He said:\n"b@x.com","yes"\nand left']),
        ("email,note", ["a@x.com", "Wrote to\nb@x.com\nc@x.com\ntoday"]),
        ("note,email,phone", ["Call\n+91 98765 43210\nat noon, not, later", "a@x.com", ""]),
        ("email,name,city", ["a@x.com", "Asha\nRao\n"]),  # without the last cell
    ],
)
def test_table_with_line_breaks_in_a_quoted_cell_is_read(header: str, row: list[str]) -> None:
    """Notes and addresses may have line breaks, and lines with as many commas as the header."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header.split(","), row, ["b@x.com"] * len(header.split(","))])
    rows, columns = parse_table(text.getvalue().encode())
    assert not rows[0].errors
    assert [dict(parsed.sent) for parsed in rows] == [
        dict(zip(columns, row, strict=False)),
        dict.fromkeys(columns, "b@x.com"),
    ]


def calls_to_parse(content: bytes) -> int:
    """How many calls of functions it takes to parse the table: work that no other load on the machine changes."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        parse_table(content)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("line", [b'a","\n', b'"a\n', b'"\n', b'a""b,"c\n', b'"",""",\n', b'"a,b\nc\n'])
def test_work_for_hostile_quotation_marks_grows_with_the_file(line: bytes) -> None:
    """Twice as many lines take twice the work, not four times: 24 kB of these once took 2.6 seconds."""
    once, twice = (calls_to_parse(b"email,name\n" + line * number) for number in (500, 1_000))
    assert twice < 2.5 * once


def test_record_over_its_limit_of_lines_loses_no_row_after_it() -> None:
    """A quotation mark that is never closed costs its own line; the rows after it are read."""
    rows = [f"p{number}@example.com,P\n" for number in range(300)]
    content = "".join(["email,name\n", 'x@example.com,"never closed\n', *rows])
    parsed, _ = parse_table(content.encode())
    assert len(valid_data(parsed)) == 300
    assert [row.errors[0].code for row in parsed if row.errors] == ["csv"]


@given(
    st.lists(
        st.one_of(st.none(), invalid_lines, st.sampled_from([b"{", b"[]", b"7", b"null", b'{"a":' * 2000])), max_size=30
    )
)
def test_json_lines_with_invalid_lines_keep_valid_lines(lines: list[bytes | None]) -> None:
    """An invalid line is rejected alone."""
    rows = [json.dumps({"n": index}).encode() if line is None else line for index, line in enumerate(lines)]
    found = list(read_json_lines(io.BytesIO(b"\n".join(rows))))
    assert [one.data["n"] for one in found if one.data and "n" in one.data] == [
        index for index, line in enumerate(lines) if line is None
    ]
    assert all(one.errors for one in found if one.data is None)


def test_line_over_the_size_limit_is_rejected_and_the_next_is_read() -> None:
    """A line that is too large does not end the reading."""
    lines = [b'{"n": 1}', b'{"x": "' + b"x" * (3 * MAX_ROW_BYTES) + b'"}', b'{"n": 3}']
    assert [bool(one.errors) for one in read_json_lines(io.BytesIO(b"\n".join(lines)))] == [False, True, False]
    cells = [b"email", b"a@x.com", b"x" * (3 * MAX_ROW_BYTES), b"b@x.com"]
    rows, _ = parse_table(b"\n".join(cells))
    assert [bool(one.errors) for one in rows] == [False, True, False]


class SlowReader(io.BytesIO):
    """Returns a few bytes at a time, as a slow connection does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(7, size) if size and size > 0 else size)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3) | json_values, max_size=8), st.integers(0, 4))
def test_json_array_from_a_slow_reader_is_read(values: list[Any], indent: int) -> None:
    """Elements are parsed correctly however the bytes are split."""
    content = json.dumps(values, indent=indent or None).encode()
    rows = list(read_json_array(SlowReader(content)))
    assert [one.number for one in rows] == list(range(1, len(values) + 1))
    assert [
        one.data if isinstance(value, dict) else bool(one.errors) for one, value in zip(rows, values, strict=True)
    ] == [value if isinstance(value, dict) else True for value in values]


@pytest.mark.parametrize(
    "content",
    [b"[", b"[1,", b"[1 2]", b"[1]x", b"[{]", b"[" * 100_000, b"[\xff]", b'["' + b"x" * 10**6, b"[,]", b"[1,]"],
)
def test_json_array_that_is_malformed_is_invalid(content: bytes) -> None:
    """An array that is cut off or malformed raises `Invalid`."""
    with pytest.raises(Invalid):
        list(read_json_array(io.BytesIO(content)))


def test_json_array_with_numbers_outside_the_standard_keeps_every_row() -> None:
    """`ijson` ends at the first such number; here the row is read, and rejected alone when it is checked."""
    content = b'[{"n": NaN}, {"n": 1e400}, {"n": 9223372036854775808}, {"n": 0.1}, {"n": "\\ud800"}]'
    values = [row.data["n"] for row in read_json_array(io.BytesIO(content)) if row.data]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, 2**63, 0.1, "\ud800"]


def test_json_array_with_deep_nesting_is_invalid_after_the_rows_before_it() -> None:
    """`ijson` needs memory that grows with the square of the depth: this body ends its process."""
    rows = read_json_array(io.BytesIO(b'[{"n": 1}, {"n": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]"))
    assert next(rows).data == {"n": 1}
    with pytest.raises(Invalid) as raised:
        list(rows)
    assert "nested too deeply" in raised.value.fields[0].message


@pytest.mark.parametrize("content", [b'{"item": [{"n": 1}]}', b"{}"])
def test_json_array_that_is_an_object_is_invalid(content: bytes) -> None:
    """`ijson` yields the rows of a member `item`, or nothing."""
    with pytest.raises(Invalid):
        list(read_json_array(io.BytesIO(content)))


@pytest.mark.parametrize("content", [b"", b"{", b"7", b"null", b'"x"', b"{}x", b'{"a":' * 100_000, b"\xff"])
def test_json_object_that_is_malformed_is_invalid(content: bytes) -> None:
    """A body that is not one JSON object raises `Invalid`."""
    with pytest.raises(Invalid):
        read_json_object(io.BytesIO(content))


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"name,city\nAsha,Pune", b"\x89PNG\r\n\x1a\n\x00\x00", b'"', b"," * 600]
)
def test_table_without_an_identifier_column_is_invalid(content: bytes) -> None:
    """A body that is not a table, or a table that identifies no customer, raises `Invalid`."""
    with pytest.raises(Invalid):
        parse_table(content)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("E-MAIL ADDRESS", "email"),
        ("Mobile No.", "phone"),
        ("customer id", "external_id"),
        ("Total spent", "spend"),
        ("Last-Seen", "last_active_at"),
        ("Ort", "city"),
        ("Accepts Email Marketing", "consent.email"),
        ("attributes.size", "attributes.size"),
        ("Notes", "attributes.Notes"),
        ("updated_at", ""),
        ("Rejected_Reason", ""),
    ],
)
def test_column_with_a_synonym_is_recognized(header: str, field: str) -> None:
    """Headers are recognized in any case and by synonyms; other columns become attributes."""
    assert parse_table(f"phone,external_id,{header}\n".encode())[1].get(header, "") in {field, f"attributes.{header}"}
    other = "external_id" if field != "external_id" else "email"
    assert parse_table(f"{other},{header}\n".encode())[1][header] == field


def test_columns_with_a_mapping_follow_it() -> None:
    """The caller's mapping decides; an unknown header or field raises `Invalid`."""
    mapping = {"Kontakt": "email", "Name": "", "Größe": "attributes.size"}
    rows, columns = parse_table("Kontakt,Name,Größe\na@x.com,Asha,7".encode(), mapping=mapping)
    assert valid_data(rows) == [{"email": "a@x.com", "attributes": {"size": 7}}]
    assert columns == mapping
    for invalid_mapping in ({"Kontakte": "email"}, {"Kontakt": "mail"}):
        with pytest.raises(Invalid, match="cannot be mapped"):
            parse_table(b"Kontakt,email\n", mapping=invalid_mapping)


def test_cells_with_names_tags_and_consent_are_parsed() -> None:
    """First and last name are fields, tags are split, and consent is read from yes and no."""
    rows, _ = parse_table(b"email,First name,Surname,Tags,Newsletter,SMS consent\na@x.com,Asha,Rao,vip; new ,Yes,0")
    expected = {
        "email": "a@x.com",
        "first_name": "Asha",
        "last_name": "Rao",
        "tags": ["vip", "new"],
        "consent": {"email": True, "sms": False},
    }
    assert valid_data(rows) == [expected]


def test_table_of_orders_is_parsed() -> None:
    """Columns of activities are recognized; other columns go into `fields`."""
    rows, _ = parse_table(
        b'Order ID,Type,Date,Total,Email,SKU\nO-1,order,2026-01-02,"1,250.50",a@x.com,X7', schema=ACTIVITIES
    )
    order = {"event_id": "O-1", "type": "order", "at": "2026-01-02", "amount": "1250.50", "email": "a@x.com"}
    assert valid_data(rows) == [order | {"fields": {"SKU": "X7"}}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12500", "12500"),
        ("12,500", "12500"),
        ("1,00,000.50", "100000.50"),
        ("1.234,50", "1234.50"),
        ("12500,5", "12500.5"),
        ("₹ 1,250.50", "1250.50"),
        ("Rs. 99", "99"),
        ("12 500", "12500"),
        ("-3", "-3"),
        ("much", "much"),
    ],
)
def test_number_with_separators_and_currency_is_normalized(text: str, expected: str) -> None:
    """Numbers are read in the forms that people write."""
    assert parse_number(text) == expected


@given(st.text().filter(lambda text: "\x00" not in text))
def test_exported_cell_is_no_formula_and_is_imported_unchanged(text: str) -> None:
    """No exported cell starts like a formula, except for numbers, and each is read as it was."""
    assert unescape_formula(escape_formula(text)) == text
    [cell] = next(csv.reader(io.StringIO(csv_row([text]), newline="")), [""])
    assert cell[:1] not in set("=@\t\r")
    assert cell[:1] not in set("+-") or cell[1:2].isdigit()
    assert cell == escape_formula(text)


@pytest.mark.parametrize(
    "text",
    [
        *("\n=1+1", "\t=1+1", " \r\n =1", " =1+1", "\t1", "'=1", "''+a", "=1", "\ufeff=1", "\u200b@a", "\u00ad=1"),
        *("\u202e+a", "\u2066-a", "\uff1d1+1", "\uff20SUM(1)", "\ufe66cmd"),
    ],
)
def test_formula_that_hides_is_escaped(text: str) -> None:
    """A line break, blanks and signs of full width do not hide a formula."""
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["Tom's", "'Tis", "a=b", "12 - 14", "'7210", "+91 98765 43210", "-5", "-1,234.50", "+5%", "7", "é"]
)
def test_harmless_text_is_not_changed(text: str) -> None:
    """An apostrophe is only put where a formula would begin."""
    assert escape_formula(text) == text


def test_escape_formula_keeps_phone_numbers() -> None:
    """Phone numbers and numbers are not escaped; formulas are."""
    assert [escape_formula(text) for text in ("+919876543210", "-5", "=1+1", "+1+1", "@a", "-1+1")] == [
        "+919876543210", "-5", "'=1+1", "'+1+1", "'@a", "'-1+1",
    ]  # fmt: skip


@given(st.text("='+ \n\tab\u200b1-", max_size=6))
def test_cell_as_sent_is_no_formula_and_is_read_as_the_cell_that_was_sent(text: str) -> None:
    """A cell that is escaped already is not escaped once more, because an import would then read it otherwise."""
    [cell] = next(csv.reader(io.StringIO(csv_row_as_sent([text]), newline="")), [""])
    assert cell[:1] not in set("=@\t\r")
    assert cell[:1] not in set("+-") or cell[1:2].isdigit()
    assert unescape_formula(cell) == unescape_formula(text)


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        (b"email,name\na@x.com,Asha\n\nb@x.com,Ravi\n", [2, 4]),
        (b"Customers,\n,\nemail,name\na@x.com,Asha\n", [4]),
        (b"\n\nemail,name\na@x.com,Asha\n", [4]),
        (b'email,name\na@x.com,"Asha\nRao"\nb@x.com,Ravi\n', [2, 3]),
        (b"a@x.com,Asha\nb@x.com,Ravi\n", [1, 2]),
        (b"sep=;\nemail;name\na@x.com;Asha\n", [2]),
    ],
)
def test_row_of_a_table_has_the_number_that_a_spreadsheet_shows(content: bytes, numbers: list[int]) -> None:
    """With title lines, blank lines, the header, and line breaks in cells."""
    assert [row.number for row in parse_table(content)[0]] == numbers


@pytest.mark.parametrize("charset", ["nonsense", "base64", "\x00", "idna", "undefined"])
def test_table_with_an_unknown_encoding_is_invalid(charset: str) -> None:
    """An encoding that Python does not know, or cannot read a damaged file with, raises `Invalid`."""
    with pytest.raises(Invalid, match="Unknown encoding"):
        parse_table(b"email\n\xff", encoding=charset)


HOSTILE_LENGTH = 200_000
HOSTILE_CELLS = [
    f"{start}{piece * (HOSTILE_LENGTH // len(piece))}{end}"
    for start, piece, end in [
        ("1", " ", "x"), ("", "1 ", "x"), ("1", " , ", "x"), ("1", ".", "x"), ("a", " ", "b@x"), ("<", "@", ""),
        ("<", "a@", ""), ("x", " ", ")"), ("", "(", "1"), ("", ",", ""), ("", "[", "]"), ("a@", ".", " "),
        ("a@b.com", "/", ""), ("", "1:1 ", ""), ("total", " ", "x"), ("", "\u200b", "1"),
    ]
]  # fmt: skip


def seconds_to_read(type_: ColumnType, text: str) -> float:
    """CPU time, which no other load on the machine changes much."""
    begin = time.process_time()
    chosen = cell_format(type_, [text], None, ReadingDefaults())
    with suppress(Misfit):
        cell_reader(chosen, is_attribute=True, defaults=ReadingDefaults())(text)
    return time.process_time() - begin


@pytest.mark.parametrize("type_", get_args(ColumnType))
def test_hostile_cell_is_read_or_refused_at_once(type_: ColumnType) -> None:
    """200,000 characters: a number with 100 blanks once took for ever, e-mails and dates took seconds."""
    for text in HOSTILE_CELLS:
        assert min(seconds_to_read(type_, text) for _ in range(2)) < 0.1, (type_, text[:10])


def test_column_with_a_hostile_heading_or_cell_is_understood_at_once() -> None:
    """The type of a column is decided, and its rows are recognized, without more work."""
    for text in HOSTILE_CELLS:
        begin = time.process_time()
        ColumnMapping(["email", text[:20_000]], CUSTOMERS, {}, [["a@x.com", text]]).is_certain_row([text, "x"])
        assert time.process_time() - begin < 0.2, text[:10]


@pytest.mark.parametrize("text", ["1,2,3", "12 14", "31.12.1980", "05 03 2024", "020 2612 3456", "1e999999 k", "1_2"])
def test_amount_with_groups_of_other_lengths_is_no_number(text: str) -> None:
    """Signs that stand more than once group threes, or lakh and crore, and nothing else."""
    with pytest.raises(Misfit):
        read_money(text)


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("Birth", ["31.12.1980", "1.2.1980"], "date"),
        ("Joined", ["05 03 2024"], "date"),
        ("Release", ["1.2.10"], "text"),
        ("Sizes", ["1,2,3"], "text"),
        ("Size", ["3L", "2L"], "text"),
        ("Seats", ["12 14"], "text"),
        ("Landline", ["020 2612 3456"], "text"),
        ("WhatsApp", ["+919822012345"], "text"),
        ("Room", ["001 2"], "text"),
        ("Table", ["1.10"], "text"),
        ("Level", ["1.1", "1.10"], "text"),
        ("Price", ["99.50", "12.00", "₹1,250.50"], "number"),
        ("Points", ["7.0", "12.25", "-3"], "number"),
        ("Earned", ["1,23,456", "12 500", "0.5"], "number"),
    ],
)
def test_attribute_is_a_number_only_if_nothing_of_it_is_lost(header: str, cells: list[str], expected: str) -> None:
    """What stands in other groups, with letters or with zeros in front is text; a day is a date."""
    assert attribute_type(header, cells) == expected


def money_of(header: str, *cells: str) -> list[tuple[str | None, list[str]]]:
    """The spend that is read of each cell in a column with this heading, and the codes of the warnings."""
    mapping = {header: ColumnChoice(field="spend")}
    rows = [["a@x.com", cell] for cell in cells]
    columns = ColumnMapping(["email", header], CUSTOMERS, mapping, rows)
    parsed = [columns.parse_row(row) for row in rows]
    return [(values.get("spend"), [warning.code for warning in warnings]) for values, warnings in parsed]


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("Spend", ["500.00 Cr"], [(None, ["type"])]),
        ("Spend", ["1,200 Cr."], [(None, ["type"])]),
        ("Spend", ["5 Cr", "3 Dr"], [(None, ["type"]), (None, ["type"])]),
        ("Closing Balance", ["5 Cr"], [(None, ["type"])]),
        ("Spend", ["2 Cr", "1.5 crore"], [("20000000", []), ("15000000.0", [])]),
    ],
)
def test_credit_is_no_crore(header: str, cells: list[str], expected: list[tuple[str | None, list[str]]]) -> None:
    """In a ledger `Cr` and `Dr` say who owes an amount, which is never multiplied."""
    assert money_of(header, *cells) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("email;Spend\na@x.com;1.234\nb@x.com;2.500", [("1234", []), ("2500", [])]),
        ("email,Spend\na@x.com,1.234\nb@x.com,2.500", [("1.23", ["doubtful"]), ("2.50", ["doubtful"])]),
        ("email|Spend|Points\na@x.com|1.234|9,5\nb@x.com|2.500|7,25", [("1234", []), ("2500", [])]),
        ("email;Spend\na@x.com;1.234\nb@x.com;2.50", [("1.23", []), ("2.50", [])]),
        ("email;Spend\na@x.com;0.125\nb@x.com;1234.567", [("0.13", []), ("1234.57", [])]),
    ],
)
def test_point_before_three_digits_groups_where_commas_are_decimals(body: str, expected: list[Any]) -> None:
    """Where neither the column nor the file decides, the amount comes in with a warning."""
    rows, _ = parse_table(body.encode())
    assert [(row.data and row.data["spend"], [one.code for one in row.warnings]) for row in rows] == expected


@pytest.mark.parametrize(
    "text",
    [
        "9822012345 (home)",
        "9822012345 and 9822012346",
        "98220 12345 98220 12346",
        "9822012345 whatsapp",
        "9822012345 - Asha",
        "9822012345\\9822012346",
    ],
)
def test_phone_with_a_remark_is_read_with_a_warning(text: str) -> None:
    """Nobody is lost over what stands beside the only address."""
    numbers, remark = read_phones(text)
    assert numbers[0].replace(" ", "") == "9822012345"
    assert numbers[1:] == [] or numbers[1].replace(" ", "") == "9822012346"
    assert remark == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@x.com (work)", (["a@x.com"], "(work)")),
        ("a@x.com and b@x.com", (["a@x.com", "b@x.com"], "and")),
        ("a@x.com/b@x.com", (["a@x.com", "b@x.com"], "")),
        ("asha @x.com", (["asha@x.com"], "asha @x.com")),
        ("a@localhost; b@x.com", (["b@x.com", "a@localhost"], "")),
        ("a/b@x.com", (["a/b@x.com"], "")),
        ("asha rao@x.com", (["asha rao@x.com"], "")),  # rejected: nobody knows which address was meant
    ],
)
def test_email_with_a_remark_is_read_with_a_warning(text: str, expected: tuple[list[str], str]) -> None:
    """The first address that can be read is the customer's."""
    assert read_emails(text) == expected


def test_remark_beside_an_address_is_a_warning_of_the_row() -> None:
    """The person comes in, and the row says what was read."""
    columns = ColumnMapping(["phone"], CUSTOMERS, {})
    values, [warning] = columns.parse_row(["9822012345 (home)"])
    assert (values, warning.code, warning.value) == ({"phone": "9822012345"}, "doubtful", "9822012345 (home)")


@pytest.mark.parametrize("text", ["Total Gas Pune", "Total Wine Shop", "Totals-22", "Subtotal Ltd"])
def test_id_that_begins_like_a_total_is_an_id(text: str) -> None:
    """Only a line that says nothing else is one of totals."""
    assert read_id(text) == text


@pytest.mark.parametrize("text", ["Total", "TOTALS:", "Grand  Total", "Sub-total", "Total (12 records)", "कुल योग"])
def test_line_of_totals_has_no_id(text: str) -> None:
    """It is nobody's."""
    with pytest.raises(Misfit):
        read_id(text)


@pytest.mark.parametrize("text", ["Rs.500/-", "INR.500/-", "rs 500 /-", "₹500/=", "Rs.500"])
def test_amount_in_rupees_is_read_however_it_is_written(text: str) -> None:
    """The point after the currency is none before decimals; in an attribute, too, it is the number."""
    assert read_money(text) == "500"
    assert attribute_type("Fee", [text, "Rs.1,200/-"]) == "number"
    assert cell_reader(CellFormat(type="number"), is_attribute=True, defaults=ReadingDefaults())(text) == 500
