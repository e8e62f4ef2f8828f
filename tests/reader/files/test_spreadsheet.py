# ruff: noqa: E501 - a piece of a file format
"""Spreadsheets: one sheet, every cell as text, as people see it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from commands.process import environment

from importer import Rejected, Row, read_rows
from importer.core.errors import SourceError
from importer.core.settings import ReadOptions
from importer.reader import batches, detect_layout, find_sources, open_source

_NS = "http://schemas.openxmlformats.org"
_DAY = 1
_MOMENT = 2


def xlsx(path: Path, **sheets: Sequence[Sequence[str | tuple[float, int]]]) -> Path:
    """Write a workbook: texts, and numbers with their style (0, a day, a moment)."""
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{_NS}/package/2006/content-types"/>')
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="b" '
            f'Type="{_NS}/officeDocument/2006/relationships/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(
            f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_NS}/spreadsheetml/2006/main" '
            f'xmlns:r="{_NS}/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>',
        )
        kind = f"{_NS}/officeDocument/2006/relationships/worksheet"
        links = "".join(
            f'<Relationship Id="r{n}" Type="{kind}" Target="worksheets/s{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        links += (
            f'<Relationship Id="s" Type="{_NS}/officeDocument/2006/relationships/styles" '
            'Target="styles.xml"/>'
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_NS}/package/2006/relationships">{links}</Relationships>',
        )
        book.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{_NS}/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/>'
            '<xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        )
        for n, rows in enumerate(sheets.values(), 1):
            book.writestr(f"xl/worksheets/s{n}.xml", _sheet(rows))
    return path


def _sheet(rows: Sequence[Sequence[str | tuple[float, int]]]) -> str:
    texts = []
    for number, row in enumerate(rows, 1):
        cells = []
        for place, cell in enumerate(row):
            where = f'r="{chr(65 + place)}{number}"'
            if isinstance(cell, tuple):
                cells.append(f'<c {where} s="{cell[1]}"><v>{cell[0]}</v></c>')
            elif cell:
                text = f'<t xml:space="preserve">{escape(cell)}</t>'
                cells.append(f'<c {where} t="inlineStr"><is>{text}</is></c>')
        if cells:
            texts.append(f'<row r="{number}">{"".join(cells)}</row>')
    return (
        f'<worksheet xmlns="{_NS}/spreadsheetml/2006/main"><sheetData>{"".join(texts)}'
        "</sheetData></worksheet>"
    )


def ods(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    office = "urn:oasis:names:tc:opendocument:xmlns"
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:'
            f'table:1.0" xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="People">{lines}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
        )
    return path


def values(path: Path, **options: Any) -> list[tuple[int, list[object]]]:
    rows = list(read_rows(path, **options))
    assert not [row for row in rows if isinstance(row, Rejected)]
    return [(row.line, [*row.values.values()]) for row in rows if isinstance(row, Row)]


HEADER = ["Name", "Born", "Seen", "Age", "Price"]


def test_cells_are_texts_as_people_see_them(tmp_path: Path) -> None:
    row: list[Any] = ['Müller, "Jo"', (29222, _DAY), (43894.25, _MOMENT), (42, 0), (1.5, 0)]
    blank: list[str] = []
    other: list[Any] = ["007", "", (43894, _MOMENT), (971501234567, 0), (0.30000000000000004, 0)]
    path = xlsx(tmp_path / "people.xlsx", People=[HEADER, row, blank, other])
    assert values(path) == [
        (2, ['Müller, "Jo"', "1980-01-02", "2020-03-04 06:00:00", "42", "1.5"]),
        (4, ["007", "", "2020-03-04", "971501234567", "0.3"]),
    ]


def test_lines_are_the_rows_of_the_sheet(tmp_path: Path) -> None:
    """Blank rows at the top, and line breaks in cells, move them in the CSV they are read from."""
    rows: list[list[str]] = [
        [], [], ["Name", "Home\nCity", "Note"], ["Zoë", "Köln", "a\nb\r\nc"], [],
        ["Bo", "Ulm", "d"], ["Cy", "Ulm", "e\nf"], ["Di", "Ulm", "g"],
        ["Total", "", "4"],
    ]  # fmt: skip
    path = xlsx(tmp_path / "people.xlsx", A=rows)
    assert [line for line, _ in values(path)] == [4, 6, 7, 8]

    [file] = find_sources((str(path),), spool=tmp_path)
    layout = detect_layout(file, ReadOptions())
    with open_source(file, layout, ReadOptions()) as reader:
        assert sum(map(len, batches(reader))) == 4
    assert any("line 9 is skipped as a footer" in notice for notice in reader.notices)


def test_a_bare_carriage_return_in_a_cell_ends_no_row(tmp_path: Path) -> None:
    rows = [["Name", "City"], ["Zoë_x000D_", "Köln"], ["Bo", "Ulm_x000D_West"]]
    assert values(xlsx(tmp_path / "p.xlsx", A=rows)) == [
        (2, ["Zoë\r", "Köln"]),
        (3, ["Bo", "Ulm\rWest"]),
    ]
    assert values(xlsx(tmp_path / "q.xlsx", A=[["Name"], ["Anna_x000D_Maria"]])) == [
        (2, ["Anna\rMaria"])
    ]


def test_notices_name_the_rows_of_the_sheet(tmp_path: Path) -> None:
    rows = [["Name", "Note"], ["Zoë", "a\nb\nc"], ["Name", "Note"], ["Bo", "d"]]
    [file] = find_sources((str(xlsx(tmp_path / "people.xlsx", A=rows)),), spool=tmp_path)
    with open_source(file, detect_layout(file, ReadOptions()), ReadOptions()) as reader:
        assert [row.line for row in reader] == [2, 4]
    assert "the header is repeated in the file: skipped (line 3)" in map(str, reader.notices)


def test_quotes_and_lines_in_cells_are_text(tmp_path: Path) -> None:
    rows = [
        ["'Bo'", "'Bob'", "'2'"],
        ["Di", 'say "hi" you', '5"'],
        ['"Flo', " x", 'Cork"Pier 4, West"'],
        ["Gil", "a,b,c\nd,e,f\ng,h,i\nj,k,l", "3"],
        *(["Ann", "x", "3"] for _ in range(5)),
    ]
    read = values(xlsx(tmp_path / "list.xlsx", People=[["Name", "Nick", "Floor"], *rows]))
    assert [cells for _, cells in read] == rows


def test_options_for_text_files_do_not_apply_to_a_sheet(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "people.xlsx", A=[["Name", "City"], ["Zoë", "a;b"]])
    options = {"encoding": "windows-1256", "delimiter": ";", "format": "jsonl"}
    assert values(path, **options) == [(2, ["Zoë", "a;b"])]


def test_the_first_sheet_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "p.xlsx", One=[["a", "b"], ["1", "2"]], Two=[["a", "b"], ["3", "4"]])
    assert values(path) == [(2, ["1", "2"])]
    assert values(path, sheet="Two") == [(2, ["3", "4"])]
    [file] = find_sources((str(path),), spool=tmp_path)
    assert file.notices == ("only the sheet 'One' is read, not 'Two': choose with --sheet",)
    with pytest.raises(SourceError, match="no sheet 'Three'") as caught:
        values(path, sheet="Three")
    assert str(caught.value.hint) == "Its sheets: 'One', 'Two'."


_LIST = [["Name", "City", "Phone"], ["Anna Muster", "Bonn", "0228 123456"], ["Bob", "Ulm", ""]]
_COVER = [["Patients 2024"], [], ["Prepared by", "Anna Muster"], ["Date", "3.5.2024"]]
_SUMS = [["City", "Patients"], ["Bonn", "1"], ["Ulm", "1"]]


@pytest.mark.parametrize(
    "cover",
    [_COVER, [], _SUMS, [["Read this first:"], ["Ask info@example.com"], ["Call us"], ["Thanks"]]],
)
def test_a_cover_sheet_does_not_hide_the_list(tmp_path: Path, cover: list[list[str]]) -> None:
    path = xlsx(tmp_path / "patients.xlsx", Cover=cover, Patients=_LIST, Codes=_SUMS)
    (file,) = find_sources((str(path),), spool=tmp_path, options=ReadOptions())
    others = "'Cover', 'Codes'" if cover else "'Codes'"
    assert file.notices == (
        f"only the sheet 'Patients' is read, not {others}: choose with --sheet",
    )
    assert values(path) == [(2, _LIST[1]), (3, _LIST[2])]


def test_which_of_two_lists_with_the_same_columns_is_read_is_asked(tmp_path: Path) -> None:
    more = [["Patients of the south"], [], *_LIST, ["Cleo", "Graz", "0316 123456"]]
    path = xlsx(tmp_path / "patients.xlsx", Notes=_COVER, North=_LIST, Old=[], South=more)
    with pytest.raises(SourceError, match=r"the columns of 'North': 'South' \(rows: 3\)") as caught:
        values(path)
    assert "choose one with --sheet" in str(caught.value.hint)
    assert values(path, sheet="North") == [(2, _LIST[1]), (3, _LIST[2])]


@pytest.mark.parametrize(
    "first",
    [
        [["Name", "Email"], ["Anna Muster", "anna@example.com"]],
        [["Name", "Phone"], ["Anna Muster", "0228 123456"], ["Bob Jones", "+49 228 123457"]],
        [["Name", "City"], *[[f"Person {n}", "Bonn"] for n in range(30)]],
        [["anna@example.com"], ["bob@example.com"]],
        _LIST,
    ],
)
def test_the_first_of_several_lists_is_read(tmp_path: Path, first: list[list[str]]) -> None:
    path = xlsx(tmp_path / "people.xlsx", People=first, Payments=[["Day", "Sum", "By"]] * 40)
    (file,) = find_sources((str(path),), spool=tmp_path, options=ReadOptions())
    assert "only the sheet 'People' is read" in file.notices[0]


def test_without_any_list_the_first_sheet_is_read(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "notes.xlsx", One=_COVER, Two=_COVER)
    (file,) = find_sources((str(path),), spool=tmp_path, options=ReadOptions())
    assert "only the sheet 'One' is read" in file.notices[0]


def test_a_hidden_sheet_is_not_proposed(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "people.xlsx", Codes=_LIST, People=_LIST)
    hidden = tmp_path / "hidden.xlsx"
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(hidden, "w") as copy:
        for name in book.namelist():
            text = book.read(name).decode()
            copy.writestr(name, text.replace('name="Codes"', 'name="Codes" state="hidden"'))
    (file,) = find_sources((str(hidden),), spool=tmp_path, options=ReadOptions())
    assert "only the sheet 'People' is read" in file.notices[0]


def test_sheets_that_are_charts_are_passed_over_in_silence(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    sheet = book.add_worksheet("People")
    for number, row in enumerate([("Name", "Email"), ("Mona", "mona@example.com")]):
        sheet.write_row(number, 0, row)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=People!$A$1:$A$2"})
    book.add_chartsheet("Chart").set_chart(chart)
    book.close()
    code = "import sys; from importer import read_rows; print(len([*read_rows(sys.argv[1])]))"
    command = [sys.executable, "-c", code, str(tmp_path / "list.xlsx")]

    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)

    assert (ended.stdout, ended.stderr) == ("1\n", "")


def test_a_sheet_without_cells_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is empty"):
        values(xlsx(tmp_path / "p.xlsx", One=[]))


def test_an_open_document_is_read(tmp_path: Path) -> None:
    path = ods(tmp_path / "people.ods", [["Name", "City"], ["Zoë", "Köln"]])
    assert values(path) == [(2, ["Zoë", "Köln"])]


def test_a_spreadsheet_in_a_zip_archive_is_read(tmp_path: Path) -> None:
    book = xlsx(tmp_path / "p.xlsx", One=[["a", "b"], ["1", "2"]])
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.write(book, "p.xlsx")
    assert values(tmp_path / "p.zip") == [(2, ["1", "2"])]


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"xlsx"])
def test_a_file_that_is_not_a_spreadsheet_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "p.xlsx"
    path.write_bytes(data)
    if data == b"xlsx":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/workbook.xml", "no XML")
    with pytest.raises(SourceError, match="cannot be read as a spreadsheet") as caught:
        values(path)
    assert "CSV" in str(caught.value.hint)


def test_without_the_extra_it_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(SourceError, match="one more package") as caught:
        values(xlsx(tmp_path / "p.xlsx", One=[["a"], ["1"]]))
    assert "pip install fastexcel" in str(caught.value.hint)
