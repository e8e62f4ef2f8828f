"""How a CSV file is written: what separates cells, quotes them and escapes a quote."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import length_hint

SEPARATOR_LINE = re.compile(r'"?sep *= *([^\w"\r\n])"?\s*', re.IGNORECASE)
"""The line Excel writes and reads above the header, to name the delimiter."""

_STAND_IN = "\ud800"  # half a surrogate pair, which decoded text never has
_LOOK_AHEAD = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvDialect:
    """
    How cells are written. A quote inside quotes is doubled, or escaped where there is an `escape`.

    `quote`, `escape` and `comment` are "" if there is none. `is_trusted` is True for text that
    the importer wrote itself: its quotes are never damaged, whatever the cells look like.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skipinitialspace: bool = False
    comment: str = ""
    is_trusted: bool = False

    @property
    def is_plain(self) -> bool:
        """Return whether polars reads this dialect as the csv module does."""
        return (
            len(self.delimiter.encode("utf-8", "replace")) == 1
            and self.quote == '"'
            and not (self.escape or self.skipinitialspace)
        )

    def reader(self, lines: Iterable[str], *, joins: bool = True) -> Iterator[list[str]]:
        """
        Return the records of `lines`. Raises `csv.Error` where quotes are irregular.

        With `joins`, a line whose end is escaped continues in the next one.
        """
        delimiter = self.delimiter
        if len(delimiter) > 1:
            lines = (line.replace(delimiter, _STAND_IN) for line in lines)
        if self.escape:
            lines = map(self._keep_other_escapes(joins=joins), lines)
        rows = csv.reader(
            lines,
            delimiter=delimiter if len(delimiter) == 1 else _STAND_IN,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            skipinitialspace=self.skipinitialspace,
            strict=True,
        )
        if len(delimiter) == 1:
            return rows
        return ([cell.replace(_STAND_IN, delimiter) for cell in row] for row in rows)

    def split(self, line: str) -> list[str] | None:
        """Return the cells of one line, or None if its quotes are irregular."""
        if "\r" in line.rstrip("\r\n") or "\n" in line.rstrip("\r\n"):
            return None
        try:
            return next(self.reader([line], joins=False), [])
        except csv.Error:
            return None

    def is_joined(self, lines: Sequence[str], cells: Sequence[str], width: int) -> bool:
        """
        Return whether several lines are one record, `cells`, of `width` cells.

        An escape at the end of a line may join it with the next one, or be the row's last
        character. It is the latter if the next line is a row too, or if both together do not have
        `width` cells.
        """
        if not self.escape or len(lines) == 1 or (first := self.split(lines[0])) is None:
            return True
        following = self.split(lines[1]) or ()
        return len(cells) == width and not len(first) == len(following) == width

    def _keep_other_escapes(self, *, joins: bool) -> Callable[[str], str]:
        """Return a function that doubles escapes which do not escape anything special."""
        special = re.escape(self.escape + self.quote + self.delimiter[0] + _STAND_IN)
        end = r"|\r?\n\Z|\r\Z" if joins else ""
        pattern = re.compile(f"{re.escape(self.escape)}([{special}]{end})?")
        return partial(pattern.sub, self._escaped)

    def _escaped(self, match: re.Match[str]) -> str:
        """Write an escape and the character after it as the csv module needs them."""
        # It reads an escaped CR and the LF behind it as a CR and the end of the record.
        return "".join(self.escape + sign for sign in match[1] or self.escape)


def spaced_cells(line: str, dialect: CsvDialect) -> list[str] | None:
    """
    Return the cells of a line that has spaces between its quotes and delimiters, without them.

    Return None if there is other text between them.
    """
    is_spaced = dialect.delimiter != dialect.delimiter.strip(" ")
    if not dialect.quote or dialect.quote not in line or dialect.escape or is_spaced:
        return None
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    cell = f" *{quote}((?:[^{quote}]|{quote}{quote})*){quote} *|((?:(?!{delimiter})[^{quote}])*)"
    if not re.fullmatch(f"(?:{cell})(?:{delimiter}(?:{cell}))*", line):
        return None
    found = re.finditer(f"(?:^|{delimiter})(?:{cell})(?={delimiter}|$)", line)
    return [
        match[2].strip(" ")
        if match[1] is None
        else match[1].replace(dialect.quote * 2, dialect.quote)
        for match in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRecord:
    """
    A record of a sample, as `dialect` reads it: its first line, all its lines, and its width.

    `quoted` are its cells if it has quotes, else they are split only where they are needed.
    """

    line: int
    lines: Sequence[str]
    width: int
    dialect: CsvDialect
    quoted: list[str] | None

    @property
    def cells(self) -> list[str]:
        """The cells, none where quotes are irregular."""
        return self.dialect.split(self.lines[0]) or [] if self.quoted is None else self.quoted


def records_of(lines: Sequence[str], dialect: CsvDialect) -> Iterator[SampleRecord]:
    """
    Yield the records of a sample's physical lines, without blank lines and comments.

    If the quotes of a record are irregular, only its first line is taken.
    """
    position = 0
    quote, escape, delimiter = dialect.quote or "\n\n", dialect.escape or "\n\n", dialect.delimiter
    while position < len(lines):
        line = lines[position]
        cells: list[str] | None = None
        used = 1
        if not line.strip() or (dialect.comment and line.startswith(dialect.comment)):
            position += 1
            continue
        if quote not in line and escape not in line:
            width = line.count(delimiter) + 1
        else:
            ahead = iter(following := lines[position : position + _LOOK_AHEAD])
            try:
                cells = next(dialect.reader(ahead), [])
            except csv.Error:
                cells = spaced_cells(line.rstrip("\r\n"), dialect)
                width = len(cells or ())
            else:
                used = len(following) - length_hint(ahead)
                width = len(cells)
        yield SampleRecord(
            line=position + 1,
            lines=lines[position : position + used],
            width=width,
            dialect=dialect,
            quoted=cells,
        )
        position += used
