"""Writes a list as a workbook of one sheet, as a spreadsheet program saves it."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

__all__ = ["save_workbook"]

_NS = "http://schemas.openxmlformats.org"
_MAIN = f"{_NS}/spreadsheetml/2006/main"
_OFFICE = f"{_NS}/officeDocument/2006/relationships"
_PACKAGE = f"{_NS}/package/2006"


def save_workbook(text: str, path: Path) -> None:
    """Save CSV text as a workbook; each cell stays the text it is."""
    rows = "".join(
        f"<row>{''.join(map(_cell, row))}</row>" for row in csv.reader(io.StringIO(text))
    )
    link = '<Relationship Id="{}" Type="{}/{}" Target="{}"/>'
    links = '<Relationships xmlns="{}/relationships">{}</Relationships>'
    book_link = link.format("b", _OFFICE, "officeDocument", "xl/workbook.xml")
    sheet_link = link.format("s", _OFFICE, "worksheet", "worksheets/s.xml")
    sheet = '<sheets><sheet name="List" sheetId="1" r:id="s"/></sheets>'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>')
        book.writestr("_rels/.rels", links.format(_PACKAGE, book_link))
        book.writestr("xl/_rels/workbook.xml.rels", links.format(_PACKAGE, sheet_link))
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheet}</workbook>',
        )
        book.writestr(
            "xl/worksheets/s.xml",
            f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        )


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'
