"""Converts one sheet of a spreadsheet to CSV, so that it is read like any other list."""

from __future__ import annotations

import csv
import logging
import re
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from importer.core.errors import SourceError
from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.core.systems.packages import install_command
from importer.reader.files.sheet_size import refuse_too_large
from importer.reader.files.shown_cells import ShownCells, shown_cells
from importer.reader.files.source_file import SourceFile

_SILENT = logging.NullHandler()
_LINE_END = re.compile(r"\r\n|\r|\n")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00")
_TIME_ALONE = re.compile(r"1899-12-3[01] (\d\d:\d\d:\d\d)")
_ERRORS_NAMED = 5
_LOOKED_AT = 200
_SAVE_AS_CSV = "Save it as CSV (UTF-8) first."
_WIDE, _PAIR = 3, 2
_FEWEST = 2
_LONG = 20
_CONTACT = re.compile(r"\s*(?:[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9][0-9 ().-]{6,18})\s*")


def convert_sheet(file: SourceFile, sheet: str | None, folder: Path | None) -> SourceFile:
    """
    Write `sheet`, or the first sheet that holds a list for None, as CSV into `folder`; return that.

    Dates are written as ISO 8601, whole numbers without a fraction but with the leading zeros of
    their format, errors as their names (`#N/A`), and a row without cells as a blank line. The
    sheet is held in memory meanwhile.

    Raises `SourceError` if the file is no spreadsheet, has a password or would fill the memory, if
    the sheet does not exist, if None leaves several lists with the same columns, and if fastexcel
    is not installed.
    """
    name, path = file.name, file.path
    fastexcel = _library(name)
    refuse_too_large(name, path)
    try:
        book = fastexcel.read_excel(path)
        names = list(book.sheet_names)
        chosen = _chosen(name, names, sheet, book)
        # Without `skip_rows`, blank rows at the top are left out and line numbers are wrong.
        loaded = book.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string")
        table = loaded.to_polars()
    except fastexcel.FastExcelError as error:
        raise SourceError(
            "%(name)s cannot be read as a spreadsheet (%(text)s): it is damaged, has a password, "
            "or is another kind of Office file",
            name=name,
            text=_first_line(error),
            hint=_SAVE_AS_CSV,
        ) from error
    shown = shown_cells(path, chosen)
    if shown.width != table.width:
        shown.cells, shown.merges = {}, []
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix="source-", suffix=".csv", delete=False, encoding="utf-8", newline=""
    ) as converted:
        starts = _write(converted, _formatted(table.iter_rows(), shown))
    notices = file.notices + _error_notice(shown)
    if sheet is None and len(names) > 1:
        notices += _others_notice(name, book, chosen)
    return replace(file, path=Path(converted.name), sheet=chosen, starts=starts, notices=notices)


def list_sheets(path: Path) -> list[str]:
    """
    Return the sheets of a workbook that people see and that look like lists, in order.

    It is empty for a file that cannot be read as a workbook; `convert_sheet` says why. Raises
    `SourceError` for one that would fill the memory.
    """
    fastexcel = _library(path.name)
    refuse_too_large(path.name, path)
    try:
        book = fastexcel.read_excel(path)
        return [*_sheets_with_lists(book)]
    except fastexcel.FastExcelError:
        return []


def _others_notice(name: str, book: Any, chosen: str) -> tuple[Message, ...]:
    """
    Return which sheets with rows are not read.

    Raises `SourceError` if one of them is a list with the columns of the chosen one.
    """
    sheets = {one: _first_rows(book, one) for one in book.sheet_names}
    header = _header(sheets.pop(chosen)[1])
    others = {one: sheet for one, sheet in sheets.items() if any(sheet[1])}
    rows_of_same = {
        one: sheet.total_height - 1 - rows.index(max(rows, key=len))
        for one, (sheet, rows) in others.items()
        if sheet.visible == "visible" and _is_list(rows) and _header(rows) == header
    }
    if rows_of_same:
        raise SourceError(
            "%(name)s has further sheets with the columns of %(column)s: %(columns)s (rows: "
            "%(count)s)",
            name=name,
            column=chosen,
            columns=[*rows_of_same],
            count=sum(rows_of_same.values()),
            hint="Each is a list of its own: choose one with --sheet, and run each of the others "
            "with another file as --results.",
        )
    text = "only the sheet %(column)s is read, not %(columns)s: choose with --sheet"
    return (Message(text, column=chosen, columns=[*others]),) if others else ()


def _first_rows(book: Any, name: str) -> tuple[Any, list[list[str]]]:
    """Return a sheet, and the cells of its first rows that are not blank."""
    sheet = book.load_sheet(name, header_row=None, n_rows=_LOOKED_AT, dtypes="string")
    rows = sheet.to_polars().rows()
    return sheet, [[cell for cell in row if cell and not cell.isspace()] for row in rows]


def _header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the first of the widest rows: below a title, and above the rows of a list."""
    return [cell.strip().casefold() for cell in max(rows, key=len, default=())]


def _error_notice(shown: ShownCells) -> tuple[Message, ...]:
    if not shown.errors:
        return ()
    cells = shown.errors[:_ERRORS_NAMED]
    more = len(shown.errors) > _ERRORS_NAMED
    where = Message("%(names)s, …; %(count)s in all", names=cells, count=f"{len(shown.errors):,}")
    text = (
        N_("cells with an error are read as the name of the error (%(names)s)")
        if shown.cells
        else N_("cells with an error are read as empty (%(names)s)")
    )
    return (Message(text, names=where if more else cells),)


def _library(name: str) -> Any:
    try:
        import fastexcel
    except ImportError:
        raise SourceError(
            "%(name)s is a spreadsheet: reading it needs one more package",
            name=name,
            hint=Message(
                "%(what)s Or: %(command)s",
                what=_SAVE_AS_CSV,
                command=install_command("fastexcel"),
            ),
        ) from None
    # It logs a warning for each sheet that is a chart: nothing that a person has to know.
    logging.getLogger("calamine").addHandler(_SILENT)
    return fastexcel


def _chosen(name: str, names: Sequence[str], sheet: str | None, book: Any) -> str:
    if sheet is None and names:
        return names[0] if len(names) == 1 else next(_sheets_with_lists(book), names[0])
    if sheet in names:
        return str(sheet)
    raise SourceError(
        "%(name)s has no sheet %(column)s",
        name=name,
        column=sheet,
        hint=Message("Its sheets: %(columns)s.", columns=names or ["none"]),
    )


def _write(file: Any, rows: Iterable[list[str]]) -> Sequence[int]:
    """Write rows. Returns the line on which each begins, nothing if each is one line."""
    # With both characters in the line end, the writer quotes cells that have a bare CR as well;
    # a row of one empty cell is written as "", which is not a blank line.
    writer = csv.writer(file, lineterminator="\r\n")
    starts, line = array("Q"), 1
    for row in rows:
        starts.append(line)
        line += 1 + sum(len(_LINE_END.findall(cell)) for cell in row)
        if row:
            writer.writerow(row)
        else:
            file.write("\r\n")
    return starts if line > len(starts) + 1 else ()


def _formatted(rows: Iterable[Sequence[str | None]], shown: ShownCells) -> Iterator[list[str]]:
    """Yield rows as people see them; [] for a row without cells."""
    kept = [list(row) for row in shown.apply(rows)]
    shown.spread_groups(kept)
    width = max((_width(row) for row in kept), default=0)
    for row in kept:
        yield [_text(cell) for cell in row[:width]] if _width(row) else []


def _width(row: Sequence[str | None]) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1]), 0)


def _text(cell: str | None) -> str:
    if cell is None:
        return ""
    if found := _MIDNIGHT.fullmatch(cell) or _TIME_ALONE.fullmatch(cell):
        return found[1]
    return cell


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["?"])[0]


def _sheets_with_lists(book: Any) -> Iterator[str]:
    """
    Yield the sheets that people see and whose first rows look like a list, in order.

    A list has rows of three cells and more. A narrow sheet is a list as well if it is long, or if
    most of its rows have an email address or a phone number: otherwise a page with a title and a
    few lines such as `Prepared by | Anna Muster` would be one.
    """
    for name in book.sheet_names:
        sheet, rows = _first_rows(book, name)
        if sheet.visible == "visible" and _is_list(rows):
            yield name


def _is_list(rows: Sequence[Sequence[str]]) -> bool:
    widths = [len(row) for row in rows if row]
    if sum(width >= _WIDE for width in widths) >= _FEWEST:
        return True
    if sum(width >= _PAIR for width in widths) >= _LONG:
        return True
    contacts = sum(any(map(_CONTACT.fullmatch, row)) for row in rows)
    return contacts * 2 > max(1, len(widths) - 1)  # the first row may be the header
