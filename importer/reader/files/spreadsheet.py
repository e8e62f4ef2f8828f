"""Writes one sheet of a spreadsheet as CSV, so that it is read like any other list."""

from __future__ import annotations

import csv
import re
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer.errors import SourceError
from importer.reader.files.shown_cells import ShownCells, shown_cells

__all__ = ["WrittenSheet", "write_sheet"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00")
_TIME_ALONE = re.compile(r"1899-12-3[01] (\d\d:\d\d:\d\d)")
_ERRORS_TOLD = 5
_SAVE_AS_CSV = "Save it as CSV (UTF-8) first."


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSheet:
    """
    The CSV file a sheet was written to, and what to tell people about it.

    `starts` are the lines that the sheet's rows begin on there, from its first row on; it is
    empty where each row is one line.
    """

    path: Path
    starts: Sequence[int]
    notices: tuple[str, ...]


def write_sheet(name: str, path: Path, sheet: str | None, folder: Path | None) -> WrittenSheet:
    """
    Write `sheet`, or else the first one, as CSV into `folder`.

    Dates are written as ISO 8601, whole numbers without a fraction but with the zeros that their
    format puts before them, errors as what they are called; a row without any cell is a blank
    line. A sheet is held in memory while it is written.

    Raises `SourceError` for what is no spreadsheet or has a password, for a sheet that does not
    exist, and where the extra `excel` is not installed.
    """
    fastexcel = _library(name)
    try:
        book = fastexcel.read_excel(path)
        names = list(book.sheet_names)
        chosen = _chosen(name, names, sheet)
        # Without `skip_rows` blank rows at the top are left out, and rows are numbered wrong.
        loaded = book.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string")
        table = loaded.to_polars()
    except fastexcel.FastExcelError as error:
        raise SourceError(
            f"{name} cannot be read as a spreadsheet ({_first_line(error)}): it is damaged, has a "
            "password, or is another kind of Office file",
            hint=_SAVE_AS_CSV,
        ) from error
    shown = shown_cells(path, chosen)
    if shown.width != table.width:
        shown.cells = {}
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix="source-", suffix=".csv", delete=False, encoding="utf-8", newline=""
    ) as file:
        starts = _write(file, shown.apply(table.iter_rows()))
    notices = _told(shown)
    others = [other for other in names if other != chosen]
    if sheet is None and others:
        unread = ", ".join(map(repr, others))
        notices += (f"the sheet {chosen!r} is read, {unread} not: see --sheet",)
    return WrittenSheet(path=Path(file.name), starts=starts, notices=notices)


def _told(shown: ShownCells) -> tuple[str, ...]:
    if not shown.errors:
        return ()
    first = ", ".join(shown.errors[:_ERRORS_TOLD])
    more = f", ...: {len(shown.errors):,} in all" if len(shown.errors) > _ERRORS_TOLD else ""
    how = "what it is called" if shown.cells else "empty"
    return (f"cells hold an error and are read as {how} ({first}{more})",)


def _library(name: str) -> Any:
    try:
        import fastexcel
    except ImportError:
        raise SourceError(
            f"{name} is a spreadsheet: reading it needs one more package",
            hint=f"pip install 'vorel-importer[excel]', or: {_SAVE_AS_CSV}",
        ) from None
    return fastexcel


def _chosen(name: str, names: Sequence[str], sheet: str | None) -> str:
    if sheet is None and names:
        return names[0]
    if sheet in names:
        return str(sheet)
    listed = ", ".join(map(repr, names)) or "none"
    raise SourceError(f"{name} has no sheet {sheet!r}", hint=f"Its sheets: {listed}.")


def _write(file: Any, rows: Iterable[Sequence[str | None]]) -> Sequence[int]:
    """Write rows. Returns the line each begins on, nothing where each is one line."""
    # A row of one empty cell is written "", which is no blank line.
    # Only what stands in a line's end is quoted by itself: CR too, so that it ends no row.
    writer = csv.writer(file, lineterminator="\r\n")
    starts, line = array("Q"), 1
    for row in _as_shown(rows):
        starts.append(line)
        line += 1 + sum(len(_LINE_END.findall(cell)) for cell in row)
        if row:
            writer.writerow(row)
        else:
            file.write("\r\n")
    return starts if line > len(starts) + 1 else ()


def _as_shown(rows: Iterable[Sequence[str | None]]) -> Iterator[list[str]]:
    """Yield rows as people see them: nothing for one without cells, dates without midnight."""
    kept = [list(row) for row in rows]
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
