"""A small workbook must not take all memory: its size is known before it is read."""

from __future__ import annotations

import io
import zipfile

import pytest

from common.errors import HeraldError, TooLarge, UnsupportedFile
from customers.formats import workbook_size
from customers.formats.unpacking import unpack
from customers.formats.workbook import WorkbookRecords
from tests.cases.file_reading import FILES

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
