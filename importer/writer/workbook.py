"""Turns derived files into workbooks, for people who open them in a spreadsheet program."""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from importer.core.locale.message import Message
from importer.core.shared import LONE_SURROGATE
from importer.writer.exporter import ExportDialect
from importer.writer.pending_files import PendingFile

# https://support.microsoft.com/office/excel-specifications-and-limits
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_LONGEST_CELL = 32_767
_FIRST = ("vorel_error_message", "vorel_hint")
"""The cause comes before the row: it is seen without scrolling."""
_WIDTHS = {"vorel_error_message": 48, "vorel_hint": 34}
_WIDTH = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedWorkbook:
    """How failed rows are shown in a workbook; `columns` are the source columns of each field."""

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


def with_workbook(
    pending_files: Sequence[PendingFile], dialect: ExportDialect, form: FailedWorkbook | None
) -> tuple[Sequence[PendingFile], Sequence[Message]]:
    """
    Return derived files with the failed rows as a workbook (.xlsx) if there is a `form` for it.

    All cells are text, so that no program changes what looks like a number or a date. The cells
    that an error is about are marked. If the rows do not fit into a sheet, they stay CSV, and a
    notice says why.
    """
    if form is None:
        return pending_files, []
    if dialect.has_objects:
        return pending_files, [
            Message("the failed rows of a JSON list are JSON Lines: a sheet would change them")
        ]
    made, notices = [], []
    for pending_file in pending_files:
        if pending_file.kind != "failed":
            made.append(pending_file)
            continue
        workbook, notice = _as_workbook(pending_file, dialect, form)
        made.append(workbook)
        notices += [notice] if notice else []
    return made, notices


def _as_workbook(
    pending_file: PendingFile, dialect: ExportDialect, form: FailedWorkbook
) -> tuple[PendingFile, Message | None]:
    fd, name = tempfile.mkstemp(
        prefix=f"{pending_file.path.stem}-", suffix=".tmp", dir=pending_file.path.parent
    )
    path = Path(name)
    os.close(fd)
    try:
        reason = _write(pending_file, dialect, form, path)
        if reason is not None:
            path.unlink()
            return pending_file, Message(
                "the failed rows are written as CSV: a sheet cannot hold %(what)s", what=reason
            )
        with path.open("r+b") as stream:
            os.fsync(stream.fileno())
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    pending_file.path.unlink()
    size = path.stat().st_size
    return PendingFile(
        kind=pending_file.kind, ending="xlsx", path=path, sha256=digest, bytes=size
    ), None


def write_texts(rows: Iterable[Sequence[str]], path: Path) -> Message | None:
    """
    Write rows, the header first, as a workbook (.xlsx) whose cells are all text.

    In a CSV file a spreadsheet program takes `=1+1` for a formula; here it is a text. Returns what
    a sheet cannot hold, or None if the workbook has everything.
    """
    import xlsxwriter

    options = {"constant_memory": True, "in_memory": False, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("rows")
        sheet.freeze_panes(1, 0)
        head = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        text = book.add_format({"num_format": "@"})
        for number, row in enumerate(rows):
            if (reason := _beyond(number, row)) is not None:
                return reason
            for place, cell in enumerate(row):
                if cell:
                    shown = LONE_SURROGATE.sub("\ufffd", cell)
                    sheet.write_string(number, place, shown, text if number else head)
    return None


def _beyond(number: int, row: Sequence[str]) -> Message | None:
    """Return what a sheet cannot hold of a row, counted from 0, or None."""
    if number >= _MOST_ROWS:
        return Message("more than %(most)s rows", most=f"{_MOST_ROWS - 1:,}")
    if len(row) > _MOST_COLUMNS:
        return Message("more than %(most)s columns", most=f"{_MOST_COLUMNS:,}")
    # Excel counts a character beyond the first 65,536 as two.
    if any(len(cell) > _LONGEST_CELL // 2 and _units(cell) > _LONGEST_CELL for cell in row):
        return Message("a value of more than %(most)s characters", most=f"{_LONGEST_CELL:,}")
    return None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _write(
    pending_file: PendingFile, dialect: ExportDialect, form: FailedWorkbook, path: Path
) -> Message | None:
    """Write failed rows as a workbook. Returns what a sheet cannot hold, or None."""
    import xlsxwriter

    csv.field_size_limit(2**31 - 1)
    options = {"constant_memory": True, "in_memory": False, "tmpdir": str(path.parent)}
    with (
        pending_file.path.open(encoding=dialect.encoding, newline="") as stream,
        xlsxwriter.Workbook(str(path), options) as book,
    ):
        rows = csv.reader(stream, delimiter=dialect.delimiter)
        header = next(rows)
        if (reason := _beyond(0, header)) is not None:
            return reason
        order = sorted(range(len(header)), key=lambda at: (header[at] not in _FIRST, at))
        sheet = book.add_worksheet("failed")
        sheet.freeze_panes(1, len(_FIRST))
        head = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        text = book.add_format({"num_format": "@", "valign": "top"})
        cause = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        wrong = book.add_format({"num_format": "@", "valign": "top", "bg_color": "#F8D7CF"})
        for place, at in enumerate(order):
            sheet.set_column(place, place, _WIDTHS.get(header[at], _WIDTH), text)
            sheet.write_string(0, place, header[at], head)
        about = header.index("vorel_error_field")
        for number, row in enumerate(rows, 1):
            if (reason := _beyond(number, row)) is not None:
                return reason
            faulty = {row[about], *form.columns.get(row[about], ())}
            for place, at in enumerate(order):
                plain = cause if header[at] in _FIRST else text
                shape = wrong if header[at] in faulty else plain
                if row[at]:
                    sheet.write_string(number, place, LONE_SURROGATE.sub("\ufffd", row[at]), shape)
                elif shape is wrong:
                    sheet.write_blank(number, place, None, shape)
    return None
