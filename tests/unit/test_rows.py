"""Rows in every format: whatever stands between them, the good ones are read."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from common.errors import Invalid
from customers.formats.columns import ACTIVITIES, CUSTOMERS, Kind, harmless, number
from customers.formats.csv_table import Table
from customers.formats.json_rows import MOST_ROW_BYTES, Given, json_array, json_lines, one_object
from customers.records.export import written_row

ENCODINGS = {"utf-8": "é ü ø 日本 ₹", "utf-8-sig": "é 日本", "windows-1252": "é ü ß", "utf-16": "é 日本 ₹"}
JUNK = [
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


def table(
    content: bytes, kind: Kind = CUSTOMERS, mapped: dict[str, str] | None = None, encoding: str | None = None
) -> tuple[list[Given], dict[str, str]]:
    read = Table(io.BytesIO(content), kind=kind, mapped=mapped or {}, encoding=encoding)
    rows = list(read.rows())
    assert read.columns is not None
    return rows, read.columns.shown


def good(rows: list[Given]) -> list[Any]:
    return [one.data for one in rows if not one.errors]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_table_of_any_encoding_and_separator(encoding: str, separator: str, ending: str) -> None:
    name = f'{ENCODINGS[encoding]} "the{ending}great" {separator}'
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=ending)
    writer.writerows([["E-Mail", "Full Name", "Shoe size"], ["a@example.com", name, "42"], ["", "", ""], ["b@x.com"]])
    rows, columns = table(text.getvalue().encode(encoding))
    first = {"email": "a@example.com", "name": name.strip(), "attributes": {"Shoe size": 42}}
    assert [(one.number, one.data) for one in rows] == [(1, first), (3, {"email": "b@x.com"})]
    assert columns == {"E-Mail": "email", "Full Name": "name", "Shoe size": "attributes.Shoe size"}


junk = st.one_of(st.sampled_from(JUNK), st.binary(max_size=80).map(lambda line: line.replace(b"\n", b"")))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.none(), junk), max_size=30))
@example([b'"', None, b"", None])
@example([b'x,"', None, None])
def test_no_junk_costs_a_good_row_of_a_table(lines: list[bytes | None]) -> None:
    """Good rows have a quoted cell with a line break, which is what a quotation mark before them would break."""
    rows = [
        f'{index}@x.com,"Name ""{index}""\nRao"'.encode() if line is None else line for index, line in enumerate(lines)
    ]
    found, _ = table(b"\n".join([b"email,name", *rows]))
    names = {one["email"]: one.get("name") for one in good(found) if "email" in one}
    for index, line in enumerate(lines):
        if line is None and not any(b'"' in one for one in lines[:index] if one):
            assert names[f"{index}@x.com"] == f'Name "{index}"\nRao'


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), junk), max_size=30))
def test_no_junk_costs_a_good_plain_row_of_a_table(lines: list[bytes | None]) -> None:
    """Without quotation marks of their own, good rows are found whatever came before them."""
    rows = [f"{index}@x.com,Rao".encode() if line is None else line for index, line in enumerate(lines)]
    found, _ = table(b"\n".join([b"email,name", *rows]))
    emails = {one.get("email") for one in good(found)}
    assert {f"{index}@x.com" for index, line in enumerate(lines) if line is None} <= emails


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), junk, st.sampled_from([b"{", b"[]", b"7", b"null", b'{"a":' * 2000])), max_size=30)
)
def test_no_junk_costs_a_good_line(lines: list[bytes | None]) -> None:
    rows = [json.dumps({"n": index}).encode() if line is None else line for index, line in enumerate(lines)]
    found = list(json_lines(io.BytesIO(b"\n".join(rows))))
    assert [one.data["n"] for one in found if one.data and "n" in one.data] == [
        index for index, line in enumerate(lines) if line is None
    ]
    assert all(one.errors for one in found if one.data is None)


def test_a_huge_line_is_rejected_and_the_next_one_is_read() -> None:
    lines = [b'{"n": 1}', b'{"x": "' + b"x" * (3 * MOST_ROW_BYTES) + b'"}', b'{"n": 3}']
    assert [bool(one.errors) for one in json_lines(io.BytesIO(b"\n".join(lines)))] == [False, True, False]
    cells = [b"email", b"a@x.com", b"x" * (3 * MOST_ROW_BYTES), b"b@x.com"]
    rows, _ = table(b"\n".join(cells))
    assert [bool(one.errors) for one in rows] == [False, True, False]


class Trickle(io.BytesIO):
    """Gives a few bytes at a time, as a slow connection does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(7, size) if size and size > 0 else size)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3) | json_values, max_size=8), st.integers(0, 4))
def test_an_array_is_read_as_it_trickles_in(values: list[Any], indent: int) -> None:
    content = json.dumps(values, indent=indent or None).encode()
    rows = list(json_array(Trickle(content)))
    assert [one.number for one in rows] == list(range(1, len(values) + 1))
    assert [
        one.data if isinstance(value, dict) else bool(one.errors) for one, value in zip(rows, values, strict=True)
    ] == [value if isinstance(value, dict) else True for value in values]


@pytest.mark.parametrize(
    "content",
    [b"[", b"[1,", b"[1 2]", b"[1]x", b"[{]", b"[" * 100_000, b"[\xff]", b'["' + b"x" * 10**6, b"[,]", b"[1,]"],
)
def test_an_array_that_breaks_off_is_no_array(content: bytes) -> None:
    with pytest.raises(Invalid):
        list(json_array(io.BytesIO(content)))


@pytest.mark.parametrize("content", [b"", b"{", b"7", b"null", b'"x"', b"{}x", b'{"a":' * 100_000, b"\xff"])
def test_what_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        one_object(io.BytesIO(content))


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"name,city\nAsha,Pune", b"\x89PNG\r\n\x1a\n\x00\x00", b'"', b"," * 600]
)
def test_what_is_no_table_of_people_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        table(content)


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
def test_columns_are_known_by_many_names(header: str, field: str) -> None:
    assert table(f"phone,external_id,{header}\n".encode())[1].get(header, "") in {field, f"attributes.{header}"}
    other = "external_id" if field != "external_id" else "email"
    assert table(f"{other},{header}\n".encode())[1][header] == field


def test_the_caller_says_what_columns_are() -> None:
    mapped = {"Kontakt": "email", "Name": "", "Größe": "attributes.size"}
    rows, columns = table("Kontakt,Name,Größe\na@x.com,Asha,7".encode(), mapped=mapped)
    assert good(rows) == [{"email": "a@x.com", "attributes": {"size": 7}}]
    assert columns == mapped
    for wrong in ({"Kontakte": "email"}, {"Kontakt": "mail"}):
        with pytest.raises(Invalid, match="cannot be mapped"):
            table(b"Kontakt,email\n", mapped=wrong)


def test_names_in_two_columns_tags_and_answers_to_yes_or_no() -> None:
    rows, _ = table(b"email,First name,Surname,Tags,Newsletter,SMS consent\na@x.com,Asha,Rao,vip; new ,Yes,0")
    said = {"email": "a@x.com", "name": "Asha Rao", "tags": ["vip", "new"], "consent": {"email": True, "sms": False}}
    assert good(rows) == [said]


def test_orders_in_a_table() -> None:
    rows, _ = table(b'Order ID,Type,Date,Total,Email,SKU\nO-1,order,2026-01-02,"1,250.50",a@x.com,X7', kind=ACTIVITIES)
    order = {"event_id": "O-1", "type": "order", "at": "2026-01-02", "amount": "1250.50", "email": "a@x.com"}
    assert good(rows) == [order | {"fields": {"SKU": "X7"}}]


@pytest.mark.parametrize(
    ("written", "meant"),
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
def test_numbers_as_people_write_them(written: str, meant: str) -> None:
    assert number(written) == meant


@given(st.text().filter(lambda text: "\x00" not in text))
def test_no_cell_of_an_export_is_a_formula_and_each_can_be_brought_in_again(text: str) -> None:
    [cell] = next(csv.reader(io.StringIO(written_row([text]), newline="")), [""])
    assert cell[:1] not in set("=@\t\r")
    assert cell[:1] not in set("+-") or cell[1:2].isdigit()
    assert cell == harmless(text)


def test_a_phone_number_stays_one() -> None:
    assert [harmless(text) for text in ("+919876543210", "-5", "=1+1", "+1+1", "@a", "-1+1")] == [
        "+919876543210", "-5", "'=1+1", "'+1+1", "'@a", "'-1+1",
    ]  # fmt: skip


@pytest.mark.parametrize("charset", ["nonsense", "base64", "\x00"])
def test_an_unknown_encoding_is_refused(charset: str) -> None:
    with pytest.raises(Invalid, match="not known"):
        table(b"email\n\xff", encoding=charset)
