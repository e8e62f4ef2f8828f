"""Reads one CSV source: its header first, then its records, one by one or a chunk at a time."""

from __future__ import annotations

import csv
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from importer.core.errors import SourceError
from importer.core.locale.language import N_
from importer.core.locale.message import Message, foreign, joined
from importer.core.records import Rejected, Row
from importer.core.shared import JsonValue
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.header import Header, SkippedLines
from importer.reader.csv.repair.quote_damage import QuoteDamage
from importer.reader.csv.repair.repairer import RepairedRow, Repairer
from importer.reader.csv.structure import Structure
from importer.reader.csv.tables import (
    Footers,
    TableWatch,
    footer_notice,
    footer_text,
    has_only_first,
    is_blank,
    is_footer,
    is_notice,
    is_numbering,
    is_subtotal,
)
from importer.reader.protocol import ChunkBatch, ChunkSize, ReadChunk
from importer.reader.row_maker import RAW_NAME, RowMaker
from importer.reader.text.chunks import ChunkStream
from importer.reader.text.lines import RecordLines, TextSource, TooLargeError

# The module's default of 128 KiB would refuse a long note; `max_row_bytes` holds here instead. This
# one is for the whole process, and never lower than others have set it.
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

_LOOKED_AT = 10
_LINES_NAMED = 5

_STILL_RAW = N_("the text in %(name)s has not been moved into the columns yet")
_FILL_IN = Message("In the failed file, fill its columns from %(name)s.", name=RAW_NAME)
CLOSE_QUOTES = joined([Message("Close or double the quotes in this row."), _FILL_IN], "sentences")
_QUOTE_CELLS = joined(
    [Message("Quote cells that hold the delimiter."), _FILL_IN],
    "sentences",
)
_ADD_CELLS = joined(
    [Message("Add the missing cells, or delete this line if it is not a row."), _FILL_IN],
    "sentences",
)
_CLOSE_QUOTES_OF_LINES = joined(
    [Message("Close or double the quotes in the first and the last of these lines."), _FILL_IN],
    "sentences",
)


class CsvReader:
    """
    Reads the rows of one CSV source (`importer.reader.protocol.RowReader`).

    Each record comes out exactly as written, or as `Rejected` with its line; a damaged one is
    repaired only if there is just one way to read it, and a notice says so.

    `columns` are the header's names, made distinct, without those that begin `vorel_`. `starts` are
    those of a spreadsheet (`SourceFile`). Memory is bounded by `max_row_bytes` (characters of one
    record). Raises `SourceError` for a source without a header that can be read.
    """

    def __init__(
        self,
        stream: TextSource,
        *,
        source: str,
        max_row_bytes: int,
        dialect: CsvDialect | None = None,
        structure: Structure | None = None,
        notices: Sequence[Message] = (),
        starts: Sequence[int] = (),
    ) -> None:
        self._starts = starts
        self.chunks = stream if isinstance(stream, ChunkStream) else None
        self._limit = max_row_bytes
        self._dialect = dialect or CsvDialect()
        self._structure = structure or Structure()
        self._lines = RecordLines(stream, max_row_bytes, comment=self._dialect.comment)
        self._header = Header(self._lines, self._dialect, self._structure)
        if self._header.error:
            raise SourceError(
                "%(name)s: %(what)s",
                name=source,
                what=self._header.error,
                hint="The first line that is not blank must hold the column names; state the "
                "encoding with --encoding if it does.",
            )
        self.columns = self._header.own_columns
        self.is_derived = len(self.columns) < len(self._header.columns)
        self.notices = [*notices, *self._structure.notices, *self._header.notices]
        self._width = len(self._header.columns)
        self._number = 0
        self._lines_left = 0
        self._noted: dict[Message, list[int]] = {}
        profile = self._structure.profile
        if profile is not None and len(profile.columns) != self._width:
            profile = None  # the header has another number of names
        self._repairer = Repairer(self._dialect, self._width, profile, self._structure.kinds)
        self._damage = QuoteDamage(self._dialect, self._width, profile)
        self._tables = TableWatch(self._header.names, self._header.raw, profile)
        self._footers = Footers(self._dialect, self._width)
        self._totals: dict[int, str] = {}
        """By their lines: totals that no row has followed yet."""
        self._maker = RowMaker(source)
        self._reader = self._dialect.reader(self._lines)

    def __iter__(self) -> Iterator[Row | Rejected]:
        for row in self._records():
            if self._tables.other_begins or not self._footers.hold(row):
                yield from self._footers.release()
                self._note_totals()
                yield row
        footers = self._footers.drop()
        self._number -= len(footers)
        self._header.skipped.footer += len(footers)
        for line, text in self._totals.items():
            self.notices.append(footer_notice(self._in_source(line), text))
        self.notices += (footer_notice(row.line, footer_text(row)) for row in footers)
        noted, self._noted = self._noted, {}
        self.notices += (_notice(what, lines) for what, lines in noted.items())

    @property
    def skipped(self) -> SkippedLines:
        """How many lines so far are not in a row, by what they are."""
        return replace(self._header.skipped, comment=self._lines.comments)

    @property
    def read_chunk(self) -> ReadChunk | None:
        """A function that reads one chunk, in any thread; None if rows are read one by one."""
        if self.chunks is None or self.is_derived or not self._dialect.is_plain:
            return None
        encoding, profile = self.chunks.encoding, self._structure.profile

        def read(chunk: bytes) -> ChunkBatch | None:
            # A short list does without polars.
            from importer.reader.csv.csv_block import read_block

            return read_block(
                chunk,
                source=self._maker.source,
                header=self.columns,
                delimiter=self._dialect.delimiter,
                encoding=encoding,
                max_row_bytes=self._limit,
                outside=(self._header.raw, self._dialect.comment),
                names=self._header.names,
                marker_column=profile.marker_column if profile else None,
                starts=self._starts,
            )

        return read

    def is_between_chunks(self) -> bool:
        """Return whether all rows of the chunks so far are handed out, and none has begun."""
        return (
            self.chunks is not None
            and self._lines_left == 0
            and not (self._tables.is_undecided() or self._footers.is_holding())
            and self._lines.is_empty()
            and self.chunks.used_up()
        )

    def continue_after(self, size: ChunkSize) -> tuple[int, int]:
        """Continue behind the rows of the next chunk. Returns number and line of its first row."""
        first = self._number + 1, self._lines.number + 1
        self._number += size.rows
        self._lines.advance(size.lines)
        self._footers.saw_row()
        self._note_totals()
        return first

    def _note_totals(self) -> None:
        """Note the totals that a row has followed."""
        for line in self._totals:
            self._note(Message("a total among the rows, not a row: skipped"), line)
        self._totals = {}

    def _note(self, what: Message, line: int) -> None:
        self._noted.setdefault(what, []).append(self._in_source(line))

    def _in_source(self, line: int) -> int:
        """Return the line that people see: of a spreadsheet, the number of the row in the sheet."""
        return bisect_right(self._starts, line) if self._starts else line

    def _records(self) -> Iterator[Row | Rejected]:
        """Yield each record as a row or a rejected row, without lines that are neither."""
        while True:
            self._lines.begin()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield from self._irregular(error)
            except TooLargeError as error:
                yield self._refuse_too_large(lost=error.lost)
            else:
                yield from self._regular(cells)

    def _irregular(self, error: csv.Error) -> Iterator[Row | Rejected]:
        """Yield the rows of a record with irregular quotes."""
        first = self._lines.taken[0]
        if alone := self._dialect.split(first):
            # Its line end was escaped, and the next line is the irregular one.
            self._take_first_line()
            yield from self._regular(alone)
        elif repaired := self._repairer.repair(first, None):
            yield self._repaired_row(repaired)
        else:
            yield self._refuse_first_line(explain(str(error)))

    def _regular(self, cells: list[str]) -> Iterator[Row | Rejected]:
        """Yield the rows of a record with regular quotes: none, one, or one for each line."""
        if not self._dialect.is_joined(self._lines.taken, cells, self._width):
            cells = self._dialect.split(self._take_first_line()) or []
        taken = self._lines.taken
        line = self._lines.first_number
        if self._skip(line, cells):
            return
        if what := self._tables.look(line, cells):
            self._note(what, self._tables.other_begins or line)
        fits = len(cells) == self._width
        if self._tables.is_names(line):
            yield self._refuse_first_line(
                Message(
                    "it has column names instead of values: it may be the header of another table"
                ),
                Message("Delete this line if it is not a row."),
            )
        elif repaired := self._repaired(cells):
            yield self._repaired_row(repaired)
        elif not fits and self._damage.are_many(taken[1:]):
            yield self._refuse_first_line(
                Message(
                    "a quote opens in this row and is not closed in it; the next lines are rows"
                )
            )
        elif fits and self._damage.are_all(taken):
            yield from self._refuse_each_line(line, taken)
        else:
            self._count_row()
            yield self._row(line, cells, "".join(taken))

    def _skip(self, line: int, cells: Sequence[str]) -> bool:
        """Return whether a record is not a row; if so, count its lines by what they are."""
        taken = self._lines.taken
        if len(taken) == 1 and is_blank(taken[0], self._dialect.delimiter, self._width):
            self._header.skipped.blank += 1
            if self._number:
                self._tables.saw_blank()
                self._footers.saw_gap()
            return True
        if self._width > 1 and not any(cell.strip(" ") for cell in cells):
            self._header.skipped.blank += len(taken)
            self._note(Message("a row of empty cells: skipped"), line)
            self._footers.saw_gap()
            return True
        if what := self._of_header(taken[0], cells):
            self._header.skipped.header += len(taken)
            self._note(what, line)
            return True
        if len(cells) == self._width and is_subtotal(cells):
            self._header.skipped.footer += len(taken)
            self._totals[line] = " ".join(cells).strip()
            self._footers.saw_total()
            return True
        if is_notice(cells):
            self._header.skipped.footer += len(taken)
            self._note(Message("a report's own notice, not a row: skipped"), line)
            self._footers.saw_gap()
            return True
        return False

    def _of_header(self, raw: str, cells: Sequence[str]) -> Message | None:
        """Return the notice about a record that is a header or belongs to one, or None."""
        if self._tables.is_header(raw, cells):
            return Message("the header is repeated in the file: skipped")
        if self._is_title(cells):
            return Message("a title above the repeated header, not a row: skipped")
        if len(cells) == self._width and is_numbering(cells):
            return Message("the numbers of the columns, not a row: skipped")
        return None

    def _is_title(self, cells: Sequence[str]) -> bool:
        """Return whether a record has only a first cell, directly above the header repeated."""
        if self._width == 1 or not has_only_first(cells):
            return False
        line = self._lines.peek()
        below = self._dialect.split(line) or []
        return any(map(str.strip, below)) and self._tables.is_header(line, below)

    def _count_row(self) -> None:
        self._tables.saw_row()
        self._number += 1

    def _repaired(self, cells: Sequence[str]) -> RepairedRow | None:
        """Return the one way to read a record that does not fit, if there is one."""
        first, *others = self._lines.taken
        if others:
            return None if len(cells) == self._width else self._repairer.repair(first, None)
        if self._tables.other_begins or self._is_first_half(cells):
            return None
        return self._repairer.repair(first, cells)

    def _is_first_half(self, cells: Sequence[str]) -> bool:
        """
        Return whether a short row and the next line together have the cells of one row.

        Then a cell has a line end without quotes, and the row is complete.
        """
        if not 1 < len(cells) < self._width:
            return False
        line = self._lines.peek()
        rest = self._dialect.split(line) or []
        return (
            len(cells) + len(rest) - 1 == self._width
            and not is_footer(rest, self._width)
            and self._repairer.repair(line, rest) is None
            and self._repairer.may_join(cells, rest)
        )

    def _repaired_row(self, repaired: RepairedRow) -> Row | Rejected:
        """Return the first line of the record as the row it was meant to be."""
        raw = self._take_first_line()
        self._count_row()
        self._note(Message("row repaired: %(what)s", what=repaired.why), self._lines.number)
        return self._row(self._lines.number, repaired.cells, raw)

    def _take_first_line(self) -> str:
        """Reduce the record to its first line; the others are read again by themselves."""
        raw = self._lines.keep_first()
        self._reader = self._dialect.reader(self._lines)
        return raw

    def _row(self, line: int, cells: Sequence[str], raw: str) -> Row | Rejected:
        if begins := self._tables.other_begins:
            return self._rejected(
                line,
                raw,
                Message(
                    "it belongs to another table, which begins in line %(line)s",
                    line=self._in_source(begins),
                ),
                Message("Save that table as a file of its own and import it by itself."),
            )
        number, place = self._number, self._in_source(line)
        if undecodable := self._maker.undecodable(number, place, raw.rstrip("\r\n")):
            return undecodable
        if len(cells) != self._width:
            is_short = len(cells) < self._width
            text = N_("%(expected)s cells expected, as in the header, and %(found)s found")
            if is_short:
                text = N_("%(expected)s cells expected, as in the header, and only %(found)s found")
            message = Message(text, expected=self._width, found=len(cells))
            return self._rejected(line, raw, message, _ADD_CELLS if is_short else _QUOTE_CELLS)
        if not self._dialect.is_trusted and (damage := self._damage.find(cells, raw)):
            return self._rejected(line, raw, damage, CLOSE_QUOTES)
        values: dict[str, JsonValue] = dict(zip(self._header.columns, cells, strict=True))
        if self.is_derived:
            return self._maker.derived(number, place, values, _STILL_RAW, _FILL_IN)
        return Row(number=number, line=place, source=self._maker.source, values=values)

    def _rejected(
        self, line: int, raw: str, message: Message, hint: Message, code: str = "malformed_row"
    ) -> Rejected:
        place, text = self._in_source(line), raw.rstrip("\r\n")
        return self._maker.rejected(self._number, place, text, message, hint, code)

    def _refuse_too_large(self, *, lost: bool) -> Rejected:
        following = self._lines.taken[1 : 1 + _LOOKED_AT]
        if lost or self._damage.are_many(following):
            return self._refuse_first_line(
                Message("a quote that opens in this row is never closed")
            )
        return self._refuse_first_line(
            Message(
                "the record that begins here is larger than %(count)s characters, or a quote "
                "in it is never closed",
                count=f"{self._limit:,}",
            ),
            Message("Raise --max-row-bytes if the row is right; else close or double its quotes."),
            "row_too_large",
        )

    def _refuse_first_line(
        self, message: Message, hint: Message = CLOSE_QUOTES, code: str = "malformed_row"
    ) -> Rejected:
        """Refuse one physical line and continue behind it: the damage of a quote ends there."""
        raw = self._take_first_line()
        self._count_row()
        return self._rejected(self._lines.number, raw, message, hint, code)

    def _refuse_each_line(self, line: int, taken: Sequence[str]) -> Iterator[Rejected]:
        """Refuse each line of a record that is one row by its quotes, but several by its lines."""
        last = line + len(taken) - 1
        for number, raw in enumerate(taken, line):
            if not raw.strip():
                self._header.skipped.blank += 1
                continue
            self._number += 1
            self._lines_left = last - number
            yield self._rejected(
                number,
                raw,
                Message(
                    "a quote opens in line %(line)s and closes in line %(last)s, and each of "
                    "these lines is a row by itself",
                    line=self._in_source(line),
                    last=self._in_source(last),
                ),
                _CLOSE_QUOTES_OF_LINES,
            )


def _notice(what: Message, lines: list[int]) -> Message:
    if len(lines) <= _LINES_NAMED:
        return Message("%(what)s (line %(line)s)", what=what, line=lines)
    return Message(
        "%(what)s (line %(line)s, ...: %(count)s in all)",
        what=what,
        line=lines[:_LINES_NAMED],
        count=f"{len(lines):,}",
    )


def explain(fault: str) -> Message:
    """Return the error of the csv module in plain words."""
    if "unexpected end of data" in fault:
        return Message("a quote that opens in this row is never closed")
    if "expected after" in fault:
        return Message("a quoted cell has text behind its closing quote")
    return foreign(fault)
