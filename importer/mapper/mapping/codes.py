"""Reads tables of codes: CSV files of two columns beside a mapping file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from importer.core.errors import MappingError
from importer.core.locale.message import Message
from importer.mapper.schema.text_file import utf8_text

_MOST = 10_000
_DELIMITERS = (",", ";", "\t")


def read_codes(path: Path, faults: list[Message]) -> dict[str, str]:
    """Return the replacement of each code in a table. Each fault is added to `faults`."""
    found: list[Message] = []
    table: dict[str, str] = {}
    try:
        table = _table(path, utf8_text(path.read_bytes(), str(path), "codes"), found)
    except OSError as error:
        why = error.strerror or error
        found.append(Message("%(path)s cannot be read: %(fault)s.", path=path, fault=why))
    except MappingError as error:
        found.append(Message("%(fault)s %(hint)s", fault=error, hint=error.hint))
    faults += (Message("codes: %(fault)s", fault=fault) for fault in found)
    return table


def _table(path: Path, text: str, faults: list[Message]) -> dict[str, str]:
    table: dict[str, str] = {}
    lines: dict[str, int] = {}
    try:
        for line, cells in _rows(text):
            if len(cells) != 2:
                fault = Message(
                    "it has %(cells)s cells; a code and its value are two", cells=len(cells)
                )
            elif not cells[0]:
                fault = Message("there is no code")
            elif table.setdefault(cells[0], cells[1]) != cells[1]:
                fault = Message(
                    "%(value)s has another replacement on line %(line)s",
                    value=cells[0],
                    line=lines[cells[0]],
                )
            else:
                fault = None
            if fault is not None:
                faults.append(
                    Message(
                        "%(path)s, line %(line)s: %(fault)s.", path=path, line=line, fault=fault
                    )
                )
            lines.setdefault(cells[0], line)
    except csv.Error as error:
        faults.append(
            Message("%(path)s: it is not a CSV file (%(reason)s).", path=path, reason=error)
        )
    if not table and not faults:
        faults.append(Message("%(path)s: there is no code below its header.", path=path))
    if len(table) > _MOST:
        faults.append(
            Message(
                "%(path)s: it has %(count)s codes; %(most)s are the most.",
                path=path,
                count=f"{len(table):,}",
                most=f"{_MOST:,}",
            )
        )
    return table


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header that are not blank, each with its line."""
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    for number, cells in enumerate(rows):
        line, before = before + 1, rows.line_num
        if number and any(map(str.strip, cells)):
            yield line, [cell.strip() for cell in cells]
