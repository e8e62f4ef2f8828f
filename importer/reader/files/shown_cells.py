"""Finds the cells of an .xlsx sheet that look different in a spreadsheet program than stored."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser, fromstring

from importer.reader.files.sheet_size import column_number, tag_blocks

_NAMESPACES = (  # ECMA-376: transitional, as nearly all programs write it, and strict
    "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}",
    "{http://purl.oclc.org/ooxml/spreadsheetml/main}",
)
_CELL = {f"{namespace}c" for namespace in _NAMESPACES}
_VALUE = {f"{namespace}v" for namespace in _NAMESPACES}
_INLINE_TEXT = {f"{namespace}is" for namespace in _NAMESPACES}
_MERGE = {f"{namespace}mergeCell" for namespace in _NAMESPACES}
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MERGED_ROW = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})\2")
_SIGNS = (b'"e"', b"'e'", b"mergeCell ")  # the type of error cells; a merged cell
_ZEROS = re.compile(r"00+")


@dataclass(slots=True)
class ShownCells:
    """
    The cells to replace, as (what the library reads, what is shown) by row and column.

    Rows count from 0. Columns count from the first one that has a value, and `width` reaches to the
    last one that has. The library reads None for an error; `errors` are the references of such
    cells, for example "B7". `merges` are cells merged across columns, as (row, first, last column).
    """

    cells: dict[int, dict[int, tuple[str | None, str]]] = field(default_factory=dict)
    width: int = 0
    errors: list[str] = field(default_factory=list)
    merges: list[tuple[int, int, int]] = field(default_factory=list)

    def apply(self, rows: Iterable[Sequence[str | None]]) -> Iterator[Sequence[str | None]]:
        """Yield rows with the cells as shown, where the library read what is expected here."""
        for number, row in enumerate(rows):
            shown = self.cells.get(number)
            yield (
                row
                if shown is None
                else [
                    shown[column][1] if column in shown and shown[column][0] == cell else cell
                    for column, cell in enumerate(row)
                ]
            )

    def spread_groups(self, rows: Sequence[list[str | None]]) -> None:
        """Write the names of groups of columns, in the first row of several cells, over each."""
        top = next((at for at, row in enumerate(rows[:-1]) if sum(map(bool, row)) > 1), -1)
        for at, first, last in self.merges:
            columns = slice(first, last + 1)
            if at == top and first >= 0 and sum(map(bool, rows[at + 1][columns])) > 1:
                rows[at][columns] = rows[at][first : first + 1] * len(rows[at][columns])


def shown_cells(path: Path, sheet: str) -> ShownCells:
    """
    Find error cells (`#N/A`), numbers with leading zeros from a format such as `00000`, and merges.

    Returns an empty `ShownCells` for other spreadsheet formats, for a workbook that cannot be
    parsed, and for one with a document type: Office Open XML allows none (ECMA-376, part 2), and
    its entities can fill the memory.
    """
    try:
        with zipfile.ZipFile(path) as book:
            return _shown(book, _sheet_part(book, sheet))
    except (ParseError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        return ShownCells()  # RuntimeError: the archive has a password


def _shown(book: zipfile.ZipFile, part: str | None) -> ShownCells:
    if part is None:
        return ShownCells()
    padded = _padded_styles(book)
    # Most sheets have none, and parsing them takes ten times as long as looking for their signs.
    if not padded and not any(sign in block for block in tag_blocks(book, part) for sign in _SIGNS):
        return ShownCells()
    return _find(_cells(tag_blocks(book, part)), padded)


def _refuse_doctype(*_: str | None) -> None:
    raise ParseError("a workbook has no document type")


class _PartBuilder(TreeBuilder):
    """Builds the elements of a whole part."""

    doctype = staticmethod(_refuse_doctype)


class _CellCollector:
    """Collects the attributes and the text of each cell that holds something, and no elements."""

    doctype = staticmethod(_refuse_doctype)

    def __init__(self) -> None:
        self._attributes: dict[str, str] = {}
        self._text: str | None = None
        self._in_value = False
        self._cells: list[tuple[dict[str, str], str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _CELL:
            self._attributes, self._text = attributes, None
        elif name in _VALUE:
            self._in_value, self._text = True, ""
        elif name in _INLINE_TEXT:
            self._text = ""
        elif name in _MERGE:
            self._cells.append((attributes, ""))

    def data(self, text: str) -> None:
        if self._in_value and self._text is not None:
            self._text += text

    def end(self, name: str) -> None:
        if name in _VALUE:
            self._in_value = False
        elif name in _CELL and self._text is not None:
            self._cells.append((self._attributes, self._text))

    def take(self) -> list[tuple[dict[str, str], str]]:
        """Return the cells collected since the last call."""
        cells, self._cells = self._cells, []
        return cells


def _cells(blocks: Iterable[bytes]) -> Iterator[tuple[dict[str, str], str]]:
    """Yield the attributes and the value of each merge and cell with something, "" for a text."""
    collector = _CellCollector()
    parser = XMLParser(target=collector)  # noqa: S314 - a document type is refused
    for block in blocks:
        parser.feed(block)
        yield from collector.take()
    parser.close()


def _elements(book: zipfile.ZipFile, part: str, name: str) -> Iterator[Element]:
    """Yield the elements called `name`, in any namespace; none if there is no such part."""
    if part in book.namelist():
        parser = XMLParser(target=_PartBuilder())  # noqa: S314 - a document type is refused
        yield from fromstring(book.read(part), parser).iterfind(f".//{{*}}{name}")  # noqa: S314


def _sheet_part(book: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the path of a sheet within the workbook's archive."""
    sheets = _elements(book, "xl/workbook.xml", "sheet")
    found = next((found for found in sheets if found.get("name") == sheet), None)
    if found is None:
        return None
    link_ids = {value for key, value in found.items() if key.endswith("}id")}
    links = _elements(book, "xl/_rels/workbook.xml.rels", "Relationship")
    target = next((link.get("Target", "") for link in links if link.get("Id") in link_ids), "")
    part = str(PurePosixPath("/xl", target)).lstrip("/")
    return part if target and part in book.namelist() else None


def _padded_styles(book: zipfile.ZipFile) -> Mapping[str, int]:
    """Return the styles that pad numbers with zeros, and to how many digits."""
    digits = {
        number_format.get("numFmtId"): len(code)
        for number_format in _elements(book, "xl/styles.xml", "numFmt")
        if _ZEROS.fullmatch(code := number_format.get("formatCode", ""))
    }
    styles = _elements(book, "xl/styles.xml", "cellXfs/{*}xf")
    return {
        str(index): digits[style.get("numFmtId")]
        for index, style in enumerate(styles)
        if style.get("numFmtId") in digits
    }


def _find(cells: Iterable[tuple[Mapping[str, str], str]], padded: Mapping[str, int]) -> ShownCells:
    """Return the cells to replace; none where a cell has no reference to say where it is."""
    replaced: list[tuple[int, str, str | None, str]] = []
    found, columns, merged = ShownCells(), set[str](), list[str]()
    for attributes, value in cells:
        if "ref" in attributes:
            merged.append(attributes["ref"])
            continue
        reference = _REFERENCE.fullmatch(attributes.get("r", ""))
        if reference is None:
            return ShownCells()
        letters, row = reference[1], int(reference[2]) - 1
        columns.add(letters)
        kind, digits = attributes.get("t", "n"), padded.get(attributes.get("s", ""), 0)
        if kind == "e":
            replaced.append((row, letters, None, value))
            found.errors.append(reference[0])
        elif kind == "n" and value.isdecimal() and len(value) < digits:
            replaced.append((row, letters, value, value.zfill(digits)))
    numbers = {letters: column_number(letters) for letters in columns}
    first = min(numbers.values(), default=0)
    found.width = max(numbers.values(), default=-1) - first + 1
    for row, letters, read, shown in replaced:
        found.cells.setdefault(row, {})[numbers[letters] - first] = read, shown
    for one in filter(None, map(_MERGED_ROW.fullmatch, merged)):
        begin, end = column_number(one[1]) - first, column_number(one[3]) - first
        found.merges.append((int(one[2]) - 1, begin, end))
    return found
