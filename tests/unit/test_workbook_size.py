"""A small workbook must not take all memory: its size is known before it is read."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import HeraldError, TooLarge, UnsupportedFile
from customers.formats import workbook_size
from customers.formats.old_workbook_size import check_old_workbook_size
from customers.formats.unpacking import unpack
from customers.formats.workbook import WorkbookRecords
from tests.cases.file_reading import FILES
from tests.support import examples

HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>Email</t></is></c></row>'


def workbook(rows: str, before: str = "") -> bytes:
    """A workbook whose only sheet has these rows as XML."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(FILES / "customers.xlsx") as model,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in model.infolist():
            xml = model.read(member).decode()
            if "sheet1" in member.filename:
                xml = f"{xml[: xml.index('<sheetData>')]}{before}<sheetData>{HEADER}{rows}</sheetData></worksheet>"
            new.writestr(member.filename, xml)
    return content.getvalue()


def read(content: bytes) -> list[object]:
    file, is_workbook = unpack(io.BufferedReader(io.BytesIO(content)))
    assert is_workbook
    return list(WorkbookRecords(file))


def refusal(content: bytes) -> HeraldError:
    """Why the file is refused before its reader sees it."""
    with pytest.raises(HeraldError) as refused:
        unpack(io.BufferedReader(io.BytesIO(content)))
    return refused.value


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="200000"><c r="BZ200000"><v>1</v></c></row>',
        "<row r='200000'><c r='&#66;Z200000'><v>1</v></c></row>",
        '<row r="1048576"><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>',
        '<row><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>',
    ],
)
def test_workbook_with_a_value_far_away_is_refused(far: str) -> None:
    """Its reader would take memory for all cells before. What the sheet says of its own size is not believed."""
    error = refusal(workbook(far, '<dimension ref="A1:B2"/>'))
    assert isinstance(error, TooLarge)
    assert "save it as CSV" in str(error)


def test_cell_far_away_with_only_a_format_does_no_harm() -> None:
    """Spreadsheet programs write such cells for columns that have a colour."""
    near, far = '<row r="2"><c r="A2"><v>7</v></c></row>', '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert read(workbook(near + far)) == [["Email"], ["7"]]


def test_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes of all its parts count together."""
    content = workbook(f'<row r="2"><c r="A2"><v>{"1" * 40_000}</v></c></row>')
    assert len(content) < 4_000
    monkeypatch.setattr(workbook_size, "MAX_UNPACKED_BYTES", 40_000)
    assert isinstance(refusal(content), TooLarge)


def test_workbook_with_wrong_sizes_is_refused() -> None:
    """A part that says that it is small, and is not, is damaged."""
    content = bytearray(workbook(f'<row r="2"><c r="A2"><v>{"1" * 40_000}</v></c></row>'))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    assert refusal(bytes(content.replace(size, (500).to_bytes(4, "little")))).status == 422


@pytest.mark.parametrize("rows", ['<row r="2"><c r="?"><v>1</v></c></row>', "<row>"])
def test_workbook_with_damaged_xml_is_refused(rows: str) -> None:
    """With a 415 that says what to do."""
    assert isinstance(refusal(workbook(rows)), UnsupportedFile)


def open_document(rows: str) -> bytes:
    """A workbook of LibreOffice (.ods) whose only sheet has these rows as XML."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    xml = (
        f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='A'>{rows}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        new.writestr("META-INF/manifest.xml", "<manifest/>")
        new.writestr("content.xml", xml)
    return content.getvalue()


CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
EMPTY_ROWS = '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'


def open_row(*texts: str, repeated: str = "1") -> str:
    cells = "".join(CELL.format(text) for text in texts)
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


@pytest.mark.parametrize(
    "rows",
    [
        open_row(*"abcdef") + EMPTY_ROWS + open_row("x"),
        open_row(*"abcdef", repeated="1048576"),
        open_row("a", repeated="99999999999999999999"),
        '<table:table-row table:number-rows-repeated="1024">'
        + CELL.format("x").replace("table-cell office", 'table-cell table:number-columns-repeated="16384" office', 1)
        + "</table:table-row>",
        EMPTY_ROWS
        + '<table:table-row><table:table-cell table:number-columns-repeated="9"/><table:table-cell><text:p>x</text:p>'
        "</table:table-cell></table:table-row>",
    ],
)
def test_open_document_with_values_far_away_or_repeated_is_refused(rows: str) -> None:
    """One element stands for a million rows, so a file of some hundred bytes could take all memory."""
    assert isinstance(refusal(open_document(rows)), TooLarge)


def test_open_document_with_empty_cells_to_the_end_is_read() -> None:
    """LibreOffice ends each sheet with empty rows and cells, as many as there can be."""
    rest = '<table:table-cell table:number-columns-repeated="16380"/>'
    row = open_row("a@example.com", "Asha").replace("</table:table-row>", rest + "</table:table-row>")
    assert read(open_document(open_row("Email", "Name") + row + EMPTY_ROWS)) == [
        ["Email", "Name"],
        ["a@example.com", "Asha"],
    ]


def old_record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def old_workbook(cells: Sequence[tuple[int, int]], *, size: tuple[int, int] = (1, 1), padding: int = 8_000) -> bytes:
    """An old workbook (.xls) with the number 7 in these cells. One with little in it is kept in small sectors."""
    sheet = old_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += old_record(0x0200, struct.pack("<IIHHH", 0, size[0], 0, size[1], 0))
    sheet += b"".join(old_record(0x0203, struct.pack("<HHHd", row, column, 0, 7.0)) for row, column in cells)
    sheet += old_record(0x000A, b"")
    begin = old_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + old_record(0x01FF, b"x" * padding)
    name = b"\x01\x00A"
    where = len(begin) + 4 + 6 + len(name) + 4
    stream = begin + old_record(0x0085, struct.pack("<IH", where, 0) + name) + old_record(0x000A, b"") + sheet
    is_small = len(stream) < 4096
    body = stream.ljust(-(-len(stream) // 512) * 512, b"\0")
    count = len(body) // 512
    chain = [*range(3, 2 + count), 0xFFFFFFFE]  # of the stream, from sector 2 on
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *chain]
    small = [*range(1, -(-len(stream) // 64)), 0xFFFFFFFE]
    if is_small:
        fat.append(0xFFFFFFFE)
    entries = [("Root Entry", 5, 2 if is_small else 0xFFFFFFFE, len(body) if is_small else 0)]
    entries.append(("Workbook", 2, 0 if is_small else 2, len(stream)))
    directory = b"".join(
        one.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", len(one) * 2 + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
        + b"\0" * 36
        + struct.pack("<IQ", start, length)
        for one, kind, start, length in entries
    ).ljust(512, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    mini = 2 + count if is_small else 0xFFFFFFFE
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, mini, int(is_small), 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    sectors = [struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat))), directory, body]
    if is_small:
        sectors.append(struct.pack("<128I", *small, *[0xFFFFFFFF] * (128 - len(small))))
    return header + b"".join(sectors)


@pytest.mark.parametrize("padding", [8, 8_000])
def test_old_workbook_with_a_value_far_away_is_refused(padding: int) -> None:
    """A near one is read. So is a file that is kept in small sectors."""
    assert read(old_workbook([(0, 0), (1, 1)], padding=padding)) == [["7", ""], ["", "7"]]
    assert isinstance(refusal(old_workbook([(0, 0), (65_535, 255)], padding=padding)), TooLarge)
    assert isinstance(refusal(old_workbook([(0, 0)], size=(2**31, 256), padding=padding)), TooLarge)


def test_old_workbook_that_is_damaged_is_refused() -> None:
    """Whatever byte is missing or wrong; a chain of sectors that leads to itself ends."""
    whole = old_workbook([(0, 0)])
    for size in (8, 40, 600, 1_100):
        assert isinstance(refusal(whole[:size]), UnsupportedFile)
    circle = bytearray(whole)
    struct.pack_into("<I", circle, 512 + 4 * 3, 2)
    assert isinstance(refusal(bytes(circle)), UnsupportedFile)


@settings(max_examples=examples(200))
@given(st.data())
def test_old_workbook_with_any_byte_changed_ends(data: st.DataObject) -> None:
    """It is read or refused, and nothing else happens."""
    content = bytearray(old_workbook([(0, 0), (3, 3)], padding=data.draw(st.sampled_from([8, 8_000]))))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    with suppress(HeraldError):
        check_old_workbook_size(bytes(content))
