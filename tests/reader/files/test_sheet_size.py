"""Spreadsheets that would fill the memory are refused before any of it is used."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from importer.core.errors import SourceError
from importer.reader.files.sheet_size import refuse_too_large
from importer.reader.files.source_file import SourceFile
from importer.reader.files.spreadsheet import convert_sheet, list_sheets

pytestmark = pytest.mark.slow

resource = pytest.importorskip("resource")
_SHEET = "xl/worksheets/sheet1.xml"
_BEFORE = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


def workbook(path: Path) -> Path:
    with Workbook(str(path)) as book:
        book.add_worksheet("People").write_row(0, 0, ["Name", "E-mail"])
    return path


def with_part(path: Path, name: str, *blocks: tuple[bytes, int]) -> Path:
    """Replace a part of a workbook by blocks, each so many times."""
    source = workbook(path.with_suffix(".plain.xlsx"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        with new.open(name, "w", force_zip64=True) as stream:
            for block, times in blocks:
                for _ in range(times):
                    stream.write(block)
    return path


def refused(path: Path) -> str:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceError) as error:
        convert_sheet(SourceFile(name="people.xlsx", path=path), None, path.parent)
    with pytest.raises(SourceError):
        list_sheets(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100 * 1024
    assert "Save it as CSV" in str(error.value.hint)
    return error.value.message


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workbook of less than 5 MB that unpacks to 600 MiB."""
    row = b"<row><c t='inlineStr'><is><t>x</t></is></c></row>" * 20_000
    times = 600 * 2**20 // len(row)
    return with_part(
        tmp_path_factory.mktemp("bomb") / "bomb.xlsx", _SHEET, (_BEFORE, 1), (row, times)
    )


def test_a_workbook_that_unpacks_to_too_much_is_refused(bomb: Path) -> None:
    assert bomb.stat().st_size < 5 * 2**20
    assert refused(bomb) == (
        "people.xlsx is too large to be read as a spreadsheet: it unpacks to more than 512 MiB"
    )


def test_a_size_in_the_index_that_lies_is_not_believed(bomb: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bomb) as book:
        size = book.getinfo(_SHEET).file_size
    lying = tmp_path / "lying.xlsx"
    lying.write_bytes(bomb.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 100)))
    with zipfile.ZipFile(lying) as book:
        assert book.getinfo(_SHEET).file_size == 100
    assert "unpacks to more than 512 MiB" in refused(lying)


def test_two_cells_may_not_span_a_sheet(tmp_path: Path) -> None:
    cells = (
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c s="0" r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    path = with_part(tmp_path / "wide.xlsx", _SHEET, (_BEFORE + cells, 1))
    assert "an area of more than 20,000,000 cells" in refused(path)


def test_a_text_that_cells_share_is_counted_for_each(tmp_path: Path) -> None:
    path = tmp_path / "shared.xlsx"
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for row in range(20_000):
            sheet.write_string(row, 0, "x" * 32_000)
    assert path.stat().st_size < 2**20
    assert "512 MiB of text" in refused(path)


def test_empty_cells_that_only_have_a_look_take_nothing(tmp_path: Path) -> None:
    path = tmp_path / "striped.xlsx"
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "E-mail"])
        sheet.write_row(1, 0, ["Amal", "amal@example.com"])
        for row in (0, 1_048_575):
            sheet.write_blank(row, 16_383, None, book.add_format({"bold": True}))
    refuse_too_large(path.name, path)
    assert list_sheets(path) == ["Sheet1"]
