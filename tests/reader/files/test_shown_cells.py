"""Cells of a workbook are read as people see them, even if the library reads them otherwise."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from importer import Row, read_rows
from importer.reader import find_sources
from importer.reader.files.shown_cells import ShownCells, shown_cells
from importer.suggesting.sampling import take_sample

_NS = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_NS}/spreadsheetml/2006/main"'
_OFFICE = f"{_NS}/officeDocument/2006/relationships"
_STYLES = (
    f'<styleSheet {_MAIN}><numFmts count="2"><numFmt numFmtId="164" formatCode="00000"/>'
    '<numFmt numFmtId="165" formatCode="0.00"/></numFmts><cellXfs count="3"><xf numFmtId="0"/>'
    '<xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)


def workbook(
    path: Path, rows: str, target: str = "worksheets/s1.xml", sheet: str | None = None
) -> Path:
    """Write a workbook of one sheet, "A & B", from the XML of its rows or of the whole sheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        types = f'<Types xmlns="{_NS}/package/2006/content-types"/>'
        book.writestr("[Content_Types].xml", types)
        links = f'<Relationships xmlns="{_NS}/package/2006/relationships">{{}}</Relationships>'
        link = f'<Relationship Id="r1" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
        book.writestr("_rels/.rels", links.format(link.format("officeDocument", "xl/workbook.xml")))
        book.writestr(
            "xl/workbook.xml",
            f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="A &amp; B" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        styles = link.format("styles", "styles.xml").replace("r1", "r2")
        book.writestr(
            "xl/_rels/workbook.xml.rels", links.format(link.format("worksheet", target) + styles)
        )
        book.writestr("xl/styles.xml", _STYLES)
        plain = f"<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>"
        book.writestr("xl/worksheets/s1.xml", sheet or plain)
    return path


def text(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(place: str, value: str, style: int = 0) -> str:
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def error(place: str, value: str) -> str:
    return f'<c r="{place}" t="e"><f>1/0</f><v>{value}</v></c>'


def row(line: int, *cells: str) -> str:
    return f'<row r="{line}">{"".join(cells)}</row>'


def read(path: Path) -> list[list[object]]:
    return [[*found.values.values()] for found in read_rows(path) if isinstance(found, Row)]


@pytest.mark.parametrize("target", ["worksheets/s1.xml", "/xl/worksheets/s1.xml"])
def test_zeros_that_a_format_puts_before_a_number_are_kept(tmp_path: Path, target: str) -> None:
    rows = [
        row(2, text("B2", "Name"), text("C2", "Zip"), text("D2", "Age")),
        row(3, text("B3", "Ann"), number("C3", "501", 1), number("D3", "7")),
        row(5, '<c r="A5" s="1"/>', text("B5", "Bo"), number("C5", "123456", 1)),
        row(6, text("B6", "Cy"), number("C6", "5.5", 1), number("D6", "7", 2)),
        row(7, text("B7", "Di"), text("C7", "501"), number("D7", "-7", 1)),
    ]
    assert read(workbook(tmp_path / "list.xlsx", "".join(rows), target)) == [
        ["Ann", "00501", "7"],
        ["Bo", "123456", ""],
        ["Cy", "5.5", "7"],
        ["Di", "501", "-7"],
    ]


def test_errors_are_read_as_their_names_and_reported(tmp_path: Path) -> None:
    rows = [row(1, text("B1", "Name"), text("C1", "Mail"))]
    rows += [row(n, text(f"B{n}", f"P{n}"), error(f"C{n}", "#N/A")) for n in range(2, 9)]
    path = workbook(tmp_path / "list.xlsx", "".join(rows))

    assert read(path) == [[f"P{n}", "#N/A"] for n in range(2, 9)]
    assert find_sources((str(path),))[0].notices == (
        "cells with an error are read as the name of the error (C2, C3, C4, C5, C6, …; 7 in all)",
    )


def test_a_sheet_larger_than_a_block_is_read_to_its_end(tmp_path: Path) -> None:
    rows = [row(1, text("A1", "Name"), text("B1", "Zip"))]
    rows += [row(n, text(f"A{n}", "x" * 99), number(f"B{n}", "7", 1)) for n in range(2, 12_000)]
    rows += [row(12_000, text("A12000", "y"), error("B12000", "#REF!"))]

    found = read(workbook(tmp_path / "list.xlsx", "".join(rows)))

    assert len(found) == 11_999
    assert {cells[1] for cells in found[:-1]} == {"00007"}
    assert found[-1] == ["y", "#REF!"]


def test_cells_without_a_reference_are_left_unchanged(tmp_path: Path) -> None:
    cells = number("A2", "7", 1).replace(' r="A2"', "") + text("B2", "x")
    rows = row(1, text("A1", "Zip"), text("B1", "Name")) + row(2, cells)
    assert read(workbook(tmp_path / "list.xlsx", rows)) == [["7", "x"]]


_ROW = "<sheetData><row r='1'><c r='A1' s='1'><v>7</v></c></row></sheetData>"
_STRICT = "xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'"


@pytest.mark.parametrize(
    "sheet",
    [
        f"<x:worksheet {_MAIN.replace('xmlns', 'xmlns:x')}>"
        + re.sub(r"<(/?)(?=\w)", r"<\1x:", _ROW)
        + "</x:worksheet>",
        f"<worksheet {_MAIN}>{_ROW.replace('7', '<![CDATA[7]]>')}</worksheet>",
        f"<worksheet {_MAIN}>{_ROW.replace('7', '&#55;<!-- seven -->')}</worksheet>",
        f"<worksheet {_MAIN}>{_ROW.replace(chr(39), chr(34)).replace(' s=', ' s = ')}</worksheet>",
        f"<worksheet {_STRICT}>{_ROW}</worksheet>",
    ],
    ids=["prefix", "CDATA", "escape and comment", "spaces", "strict"],
)
def test_a_cell_is_found_however_its_xml_is_written(tmp_path: Path, sheet: str) -> None:
    found = shown_cells(workbook(tmp_path / "list.xlsx", "", sheet=sheet), "A & B")
    assert found == ShownCells(cells={0: {0: ("7", "00007")}}, width=1)


def test_elements_of_other_namespaces_are_not_cells(tmp_path: Path) -> None:
    extension = '<extLst><e:v xmlns:e="urn:e">9</e:v><e:c xmlns:e="urn:e" r="?"/></extLst>'
    cell = number("A1", "7", 1).replace("</c>", f"{extension}</c>")
    found = shown_cells(workbook(tmp_path / "list.xlsx", row(1, cell)), "A & B")
    assert found.cells == {0: {0: ("7", "00007")}}


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "7">',
        '<!ENTITY b "7777777777"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY a "&c;&c;&c;&c;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        "",
    ],
)
def test_a_sheet_with_a_document_type_is_left_as_the_library_reads_it(
    tmp_path: Path, entities: str
) -> None:
    cells = row(1, number("A1", "7", 1), number("B1", "&a;" if entities else "7", 1))
    sheet = (
        f"<!DOCTYPE worksheet [{entities}]>"
        f"<worksheet {_MAIN}><sheetData>{cells}</sheetData></worksheet>"
    )
    assert shown_cells(workbook(tmp_path / "list.xlsx", "", sheet=sheet), "A & B") == ShownCells()


def test_a_sheet_that_is_not_xml_is_left_as_the_library_reads_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", row(1, number("A1", "7", 1), "<c"))
    assert shown_cells(path, "A & B") == ShownCells()


def test_a_merged_name_of_a_group_is_for_the_columns_that_it_covers(tmp_path: Path) -> None:
    names = ("Name", "Age", "Name", "Mobile", "Email")
    cells = [row(1, text("B1", "Child"), text("D1", "Mother"))]
    cells += [row(2, *(text(f"{at}2", name) for at, name in zip("BCDEF", names, strict=True)))]
    for line in range(3, 9):
        given = (f"Kim {line}", "4", "Ann Lee", f"050123456{line}", f"a{line}@example.org")
        filled = zip("BCDEF", given, strict=True)
        cells.append(row(line, *(text(f"{at}{line}", value) for at, value in filled)))
    merges = '<mergeCells><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/></mergeCells>'
    sheet = f"<worksheet {_MAIN}><sheetData>{''.join(cells)}</sheetData>{merges}</worksheet>"
    path = workbook(tmp_path / "people.xlsx", "", sheet=sheet)

    columns = take_sample(str(path), {}).columns

    assert columns == ("Child Name", "Child Age", "Mother Name", "Mother Mobile", "Email")
