"""Finds the cells of an .xlsx sheet that people see otherwise than the library reads them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path, PurePosixPath

__all__ = ["ShownCells", "shown_cells"]

_BLOCK = 1024 * 1024
_LONGEST_CELL, _LONGEST_ERROR = 256 * 1024, 16
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_ZEROS = re.compile(r"00+")
_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")


@dataclass(slots=True)
class ShownCells:
    """
    What is shown, by row and column from 0, and what the library makes of it (None: nothing).

    Columns are counted from the first one that has a value, `width` up to the last one; `errors`
    are the places of cells with an error, such as "B7".
    """

    cells: dict[int, dict[int, tuple[str | None, str]]] = field(default_factory=dict)
    width: int = 0
    errors: list[str] = field(default_factory=list)

    def put_into(self, rows: Iterable[Sequence[str | None]]) -> Iterator[Sequence[str | None]]:
        """Yield rows with what is shown, where the library has read what is expected."""
        for number, row in enumerate(rows):
            meant = self.cells.get(number)
            yield (
                row
                if meant is None
                else [
                    meant[n][1] if n in meant and meant[n][0] == cell else cell
                    for n, cell in enumerate(row)
                ]
            )


def shown_cells(path: Path, sheet: str) -> ShownCells:
    """
    Return the cells of errors (`#N/A`), and numbers with as many zeros as their format asks for.

    Nothing for another kind of spreadsheet, or one that is written in a way not known here.
    """
    try:
        with zipfile.ZipFile(path) as book:
            return _shown(book, _member(book, sheet))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):  # locked, or packed oddly
        return ShownCells()


def _shown(book: zipfile.ZipFile, member: str | None) -> ShownCells:
    if member is None:
        return ShownCells()
    padded = _padded_styles(_part(book, "xl/styles.xml"))
    if not padded and not _have_errors(_blocks(book, member)):
        return ShownCells()
    return _found(_cells(_blocks(book, member)), padded)


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    return book.read(name) if name in book.namelist() else b""


def _attributes(text: bytes) -> dict[str, str]:
    pairs = _ATTRIBUTE.findall(text)
    return {name.decode(): unescape(value.decode("utf-8", "replace")) for name, value in pairs}


def _elements(text: bytes, name: bytes) -> Iterator[dict[str, str]]:
    """Yield the attributes of all elements of a name."""
    return map(_attributes, re.findall(rb"<(?:\w+:)?" + name + rb"\s([^>]*)>", text))


def _member(book: zipfile.ZipFile, sheet: str) -> str | None:
    """Return what the part of a sheet is called in the package."""
    sheets = _elements(_part(book, "xl/workbook.xml"), b"sheet")
    wanted = next((found.get("r:id") for found in sheets if found.get("name") == sheet), None)
    links = _elements(_part(book, "xl/_rels/workbook.xml.rels"), b"Relationship")
    target = next((link.get("Target", "") for link in links if link.get("Id") == wanted), "")
    name = str(PurePosixPath("/xl", target)).lstrip("/")
    return name if target and name in book.namelist() else None


def _padded_styles(styles: bytes) -> Mapping[str, int]:
    """Return the styles whose numbers are filled up with zeros, and to how many digits."""
    digits = {
        one.get("numFmtId"): len(one.get("formatCode", ""))
        for one in _elements(styles, b"numFmt")
        if _ZEROS.fullmatch(one.get("formatCode", ""))
    }
    formats = _FORMATS.search(styles)
    used = _elements(formats[0], b"xf") if formats else ()
    return {
        str(number): digits[one.get("numFmtId")]
        for number, one in enumerate(used)
        if one.get("numFmtId") in digits
    }


def _blocks(book: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    with book.open(member) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _have_errors(blocks: Iterable[bytes]) -> bool:
    kept = b""
    for block in blocks:
        if _ERROR.search(kept + block):
            return True
        kept = block[-_LONGEST_ERROR:]
    return False


def _cells(blocks: Iterable[bytes]) -> Iterator[tuple[dict[str, str], bytes]]:
    """Yield the attributes of each cell that holds something, and what it holds."""
    text = b""
    for block in blocks:
        text += block
        end = 0
        for cell in _CELL.finditer(text):
            end = cell.end()
            yield _attributes(cell[1]), cell[2]
        text = text[max(end, len(text) - _LONGEST_CELL) :]


def _found(cells: Iterable[tuple[dict[str, str], bytes]], padded: Mapping[str, int]) -> ShownCells:
    """Return what is shown of cells; nothing where it is not told where they stand."""
    meant: list[tuple[int, int, str | None, str]] = []
    found, places = ShownCells(), set[int]()
    for attributes, text in cells:
        place, value = _PLACE.fullmatch(attributes.get("r", "")), _VALUE.search(text)
        if place is None:
            return ShownCells()
        if value is None and b"<is" not in text:
            continue
        row, column = int(place[2]) - 1, _column(place[1])
        places.add(column)
        raw = unescape(value[1].decode("utf-8", "replace")) if value else ""
        digits = padded.get(attributes.get("s", ""), 0)
        if attributes.get("t") == "e":
            meant.append((row, column, None, raw))
            found.errors.append(place[0])
        elif attributes.get("t", "n") == "n" and raw.isdecimal() and len(raw) < digits:
            meant.append((row, column, raw, raw.zfill(digits)))
    first = min(places, default=0)
    found.width = max(places, default=-1) - first + 1
    for row, column, raw_cell, shown in meant:
        found.cells.setdefault(row, {})[column - first] = raw_cell, shown
    return found


def _column(letters: str) -> int:
    """Return the number of a column, from 0, that is called A to Z, AA and so on."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
