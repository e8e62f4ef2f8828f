"""Makes column names from a header: distinct, not empty, and as many as the rows have cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.core.shared import LONE_SURROGATE, OWN_PREFIX
from importer.reader.csv.dialect import SEPARATOR_LINE, CsvDialect
from importer.reader.csv.structure import Structure
from importer.reader.text.lines import RecordLines, TooLargeError


def distinct_columns(header: Sequence[str]) -> tuple[list[str], list[Message]]:
    """Return column names that are distinct and not empty, and a notice for each change."""
    copies: dict[str, int] = {}
    notices: list[Message] = []
    for position, cell in enumerate(header, 1):
        wanted = name = cell.strip() or f"column {position}"
        copy = copies.get(wanted, 0)
        while name in copies:
            copy += 1
            name = f"{wanted} ({copy})"
        copies[wanted] = max(copy, 1)
        copies.setdefault(name, 1)
        if name != cell.strip():
            notices.append(
                Message(
                    "column %(number)s (%(column)s) is named %(column_2)s here",
                    number=position,
                    column=cell.strip(),
                    column_2=name,
                )
            )
    return list(copies), notices


def numbered_columns(width: int) -> list[str]:
    """Return names for columns that have none."""
    return [f"column {number}" for number in range(1, width + 1)]


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """
    Return one name for each column of several header rows.

    It is the first row's name if those are distinct, else the names of all rows together. A name
    that a row repeats from the row above counts once. A name of the first row counts for the
    columns behind it, too, unless it is written above each (`ShownCells.spread_groups`).

    >>> joined_header([["Unit", "Owner", "", "Tenant", ""], ["", "Name", "Tel", "Name", "Tel"]])
    ['Unit', 'Owner Name', 'Owner Tel', 'Tenant Name', 'Tenant Tel']
    """
    first = [cell.strip() for cell in rows[0]]
    if len(rows) == 1 or (all(first) and len(set(first)) == len(first)):
        return list(rows[0])
    width = max(map(len, rows))
    rows = [_groups(first, rows[1]), *rows[1:]]
    return [
        " ".join(dict.fromkeys(row[n].strip() for row in rows if n < len(row) and row[n].strip()))
        for n in range(width)
    ]


def _groups(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return the group of each column: its name in the first row, or the one before it."""
    groups: list[str] = []
    for at, name in enumerate(second):
        own = first[at] if at < len(first) else ""
        goes_on = name.strip() and groups and first.count(groups[-1]) == 1
        groups.append(own or (groups[-1] if goes_on else ""))
    return [*groups, *first[len(second) :]]


def fitted_header(header: list[str], structure: Structure) -> tuple[list[str], list[Message]]:
    """
    Return the header with as many names as the rows have cells, and notices.

    Names too many are dropped if they are empty; missing ones are added for columns at the end in
    which no row has a value, and for a first one that counts the rows. Otherwise it is unclear
    which column a name belongs to. Then columns are numbered if the rows are regular, so that no
    value gets another column's name.
    """
    width = structure.width
    extra = len(header) - width
    if not (header and extra and structure.filled):
        return header, []
    if extra > 0 and (fewer := _fewer_names(header, width, structure)) is not None:
        return fewer
    if extra < 0 and structure.filled <= len(header):
        return [*header, *[""] * -extra], []
    if extra == -1 and structure.counts_rows and header[0].strip():
        # As R writes the names of rows: there is no name above them.
        return ["", *header], [
            Message("the first column, which counts the rows, has no name in the header")
        ]
    return _numbered_header(header, width, is_regular=structure.is_regular)


def _fewer_names(
    header: list[str], width: int, structure: Structure
) -> tuple[list[str], list[Message]] | None:
    """Return the `width` names of a longer header that have cells below them, if it is certain."""
    extra = len(header) - width
    left_out = [
        Message(
            "%(count)s empty names in the header are ignored: the rows have %(cells)s cells",
            count=extra,
            cells=width,
        )
    ]
    if not any(name.strip() for name in header[width:]):
        return header[:width], left_out
    named = [name for name in header if name.strip()]
    if len(named) == width and structure.is_regular:
        return named, left_out
    return None


def _numbered_header(
    header: list[str], width: int, *, is_regular: bool
) -> tuple[list[str], list[Message]]:
    counts = {"cells": len(header), "count": width}
    if not is_regular or any(name.startswith(OWN_PREFIX) for name in header):
        text = (
            "the header has %(cells)s cells and most rows have %(count)s: correct the "
            "header, or no row can be read"
        )
        return header, [Message(text, **counts)]
    numbered = numbered_columns(width)
    text = (
        "the header has %(cells)s cells and most rows have %(count)s: correct the header, or use "
        "%(column)s to %(column_2)s as its names"
    )
    return numbered, [Message(text, column=numbered[0], column_2=numbered[-1], **counts)]


@dataclass(slots=True)
class SkippedLines:
    """Counts the physical lines of a file that are not in a row, by what they are."""

    blank: int = 0
    comment: int = 0
    preamble: int = 0
    header: int = 0
    footer: int = 0

    @property
    def total(self) -> int:
        """How many lines are not in a row."""
        return self.blank + self.comment + self.preamble + self.header + self.footer


class Header:
    """
    The names of a file's columns, read together with the other lines above the rows.

    `names` are as written, and if that is certain as many as the rows have cells; `columns` are
    distinct. Both are empty where there is no header, and `error` says why. `raw` is the text of a
    header of one line. `skipped` counts the lines above the rows by what they are.
    """

    def __init__(self, lines: RecordLines, dialect: CsvDialect, structure: Structure) -> None:
        self._lines = lines
        self._dialect = dialect
        self._structure = structure
        self._separator_lines = 0
        self._reader = dialect.reader(lines)
        self.error: Message | None = Message("there is no header")
        self.raw = ""
        self.skipped = SkippedLines()
        self._skip_preamble(structure.skip_lines)
        self.names, self.notices = fitted_header(self._read_names(), structure)
        self.columns, renamed = distinct_columns(self.names)
        self.notices += [*self._preamble_notices(), *renamed]

    @property
    def own_columns(self) -> list[str]:
        """The columns without those that the importer has added to a file it wrote."""
        return [name for name in self.columns if not name.startswith(OWN_PREFIX)]

    def _preamble_notices(self) -> Iterator[Message]:
        if self.skipped.preamble > self._separator_lines:
            said = N_("%(count)s lines above the rows are skipped")
            if self.skipped.preamble == 1:
                said = N_("%(count)s line above the rows is skipped")
            yield Message(said, count=self.skipped.preamble)

    def _skip_preamble(self, last: int) -> None:
        for line in self._lines.skip_up_to(last):
            if line.strip():
                self._skip_preamble_line(line)
            else:
                self.skipped.blank += 1

    def _skip_preamble_line(self, line: str) -> None:
        self.skipped.preamble += 1
        self._separator_lines += SEPARATOR_LINE.fullmatch(line) is not None

    def _read_names(self) -> list[str]:
        if not self._structure.header_rows:
            self.error = None
            return numbered_columns(self._structure.width)
        rows: list[list[str]] = []
        while len(rows) < self._structure.header_rows and (cells := self._next_row()) is not None:
            rows.append(cells)
        return joined_header(rows) if rows else []

    def _next_row(self) -> list[str] | None:
        """Return the next row of the header, or None if there is none that can be read."""
        while True:
            is_first = self._lines.begin() == 1
            try:
                cells = next(self._reader, None)
            except (csv.Error, TooLargeError) as error:
                self.error = Message("the header cannot be read (%(text)s)", text=error)
                cells = self._repaired()
            if cells is None:
                return None
            taken = self._lines.taken
            if is_first and SEPARATOR_LINE.fullmatch(taken[0]):
                self._skip_preamble_line(taken[0])
            elif any(cell.strip() for cell in cells):
                return self._accepted((self._repaired() if len(taken) > 1 else None) or cells)
            else:
                self.skipped.blank += len(taken)

    def _accepted(self, cells: list[str]) -> list[str]:
        taken = self._lines.taken
        self.skipped.header += len(taken)
        if len(taken) == 1 and self._structure.header_rows == 1:
            self.raw = taken[0].rstrip("\r\n")
        self.error = (
            Message("the header has characters that are not in this encoding")
            if LONE_SURROGATE.search("".join(cells))
            else None
        )
        return cells

    def _repaired(self) -> list[str] | None:
        """Read the first line alone as the header, if it has as many names as rows have cells."""
        if self._structure.profile is None or not self._lines.taken:
            return None
        names = self._lines.taken[0].rstrip("\r\n").split(self._dialect.delimiter)
        if len(names) != self._structure.width:
            return None
        self._lines.keep_first()
        self._reader = self._dialect.reader(self._lines)
        return [name.strip().strip(self._dialect.quote) for name in names]
