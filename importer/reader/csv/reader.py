"""Reads CSV: each record exactly as written, or a typed error with its line. Never a guess."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from importer.reader.csv.columnar import Block, read_block
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.footers import Footers, told
from importer.reader.csv.header import HeaderReader, distinct_columns
from importer.reader.csv.repair.open_quotes import SwallowedRows
from importer.reader.csv.repair.repairer import RepairedRow, Repairer
from importer.reader.csv.rows import CLOSE_QUOTES, RowMaker, explain
from importer.reader.csv.structure import Structure
from importer.reader.csv.tables import TableWatch, is_blank, is_footer, is_notice
from importer.reader.protocol import ChunkBatch
from importer.reader.text.chunks import ChunkStream
from importer.reader.text.lines import RecordLines, TextSource, TooLargeError
from importer.records import Rejected, Row
from importer.shared import OWN_PREFIX

__all__ = ["CsvReader", "distinct_columns"]

# The module's default of 128 KiB would refuse a long note; `max_row_bytes` is the limit here.
# It holds for the whole process, and only ever allows others more than they had.
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

_LOOKED_AT, _LINES_TOLD = 10, 5


class CsvReader:
    """
    Iterates over the records of one CSV stream as `Row` or `Rejected`, in order.

    `columns` are the header's names, made distinct; columns whose names begin `vorel_` are not
    among them. `header_error` says why there are none. `notices` tells what was changed or
    passed over. `blank_lines`, `comment_lines`, `preamble_lines`, `header_lines` and
    `footer_lines` count the physical lines that are in no row. `starts` are those of a
    spreadsheet (`SourceFile`). Memory is bounded by `max_row_bytes` (characters of one record).
    """

    def __init__(
        self,
        stream: TextSource,
        *,
        source: str,
        max_row_bytes: int,
        delimiter: str = ",",
        dialect: CsvDialect | None = None,
        structure: Structure | None = None,
        notices: Sequence[str] = (),
        starts: Sequence[int] = (),
    ) -> None:
        self.starts = starts
        self.chunks = stream if isinstance(stream, ChunkStream) else None
        self._dialect = dialect or CsvDialect(delimiter=delimiter)
        self._structure = structure or Structure()
        self._lines = RecordLines(stream, max_row_bytes, comment=self._dialect.comment)
        self._source = source
        self._delimiter = self._dialect.delimiter
        self._limit = max_row_bytes
        self._number = 0
        self._owed = 0
        self.footer_lines = 0
        self._told: dict[str, list[int]] = {}
        header = HeaderReader(self._lines, self._dialect, self._structure)
        self.header_error = header.error
        self._header_raw, self._names = header.raw, header.cells
        self.blank_lines, self.preamble_lines = header.blank_lines, header.preamble_lines
        self.header_lines = header.header_lines
        self._reader = self._new_reader()
        self._header, renamed = distinct_columns(header.cells)
        self.notices = [*notices, *self._structure.notices, *header.notices, *renamed]
        self.columns = [name for name in self._header if not name.startswith(OWN_PREFIX)]
        self._repairer = Repairer(self._dialect, len(self._header), self._structure.profile)
        self._swallowed = SwallowedRows(self._dialect, len(self._header), self._structure.profile)
        self._footers = Footers(self._dialect, len(self._header))
        self._tables = TableWatch(header.cells, header.raw, self._repairer)
        self._make = RowMaker(source, self._header, self.columns, self._repairer)

    @property
    def comment_lines(self) -> int:
        """How many comment lines were passed over."""
        return self._lines.comments

    def _new_reader(self) -> Iterator[list[str]]:
        return self._dialect.reader(self._lines)

    @property
    def read_chunk(self) -> Callable[[bytes], Block | None] | None:
        """What reads a chunk of the same source, or None where nothing else reads the same."""
        is_whole = len(self.columns) == len(self._header)
        if self.chunks is None or not is_whole or not self._dialect.is_plain:
            return None
        return partial(
            read_block,
            source=self._source,
            header=self.columns,
            delimiter=self._delimiter,
            encoding=self.chunks.encoding,
            max_row_bytes=self._limit,
            outside=(self._header_raw, self._dialect.comment),
            names=self._names,
            marker_column=profile.marker_column if (profile := self._structure.profile) else None,
        )

    def is_between_chunks(self) -> bool:
        """Tell whether another reader may take the next chunk."""
        return (
            self._owed == 0
            and not (self._footers.held or self._tables.is_undecided())
            and self._lines.is_empty()
            and self.chunks is not None
            and self.chunks.used_up()
        )

    def continue_after(self, block: ChunkBatch) -> None:
        """Put the rows that another reader made of the next chunk where they stand."""
        block.number, block.line = self._number + 1, self._lines.number + 1
        self._number += len(block)
        self._lines.number += block.lines

    def __iter__(self) -> Iterator[Row | Rejected]:
        for row in self._records():
            if self._tables.begins or not self._footers.hold(row):
                yield from self._footers.held
                self._footers.held = []
                yield row
        footers, self._footers.held = self._footers.held, []
        self.notices += (told(row, self.starts) for row in footers)
        self._number -= len(footers)
        self.footer_lines += len(footers)
        for what, lines in self._told.items():
            first = ", ".join(map(str, lines[:_LINES_TOLD]))
            more = f", ...: {len(lines):,} in all" if len(lines) > _LINES_TOLD else ""
            self.notices.append(f"{what} (line {first}{more})")
        self._told = {}

    def _tell(self, what: str, line: int) -> None:
        """Remember what is to be told at the end, of many lines in one notice."""
        self._told.setdefault(what, []).append(line)

    def _records(self) -> Iterator[Row | Rejected]:
        while True:
            self._lines.begin()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                if alone := self._dialect.split(self._lines.taken[0]):
                    # Its end was escaped, and what it went on in is not regular.
                    self._take_first_line()
                    yield from self._deliver(alone)
                elif mended := self._repairer.mend(self._lines.taken[0], None):
                    yield self._mended_row(mended)
                else:
                    yield self._refuse_first_line("malformed_row", explain(str(error)))
            except TooLargeError as error:
                yield self._refuse_too_large(lost=error.lost)
            else:
                yield from self._deliver(cells)

    def _deliver(self, cells: list[str]) -> Iterator[Row | Rejected]:
        if not self._dialect.is_joined(self._lines.taken, cells, len(self._header)):
            cells = self._dialect.split(self._take_first_line()) or []
        taken = self._lines.taken
        line = self._lines.number - len(taken) + 1
        if self._is_passed_over(line, cells):
            return
        if what := self._tables.look(line, cells):
            self._tell(what, self._tables.begins or line)
        regular = len(cells) == len(self._header)
        if self._tables.is_names(line):
            what = "names stand in it where values are expected: it may be another table's header"
            yield self._refuse_first_line("malformed_row", what, "Take it out if it is no row.")
        elif mended := self._mend(cells):
            yield self._mended_row(mended)
        elif not regular and self._swallowed.follow(taken[1:]):
            what = "a quote opens in this row and is not closed in it; the next lines are rows"
            yield self._refuse_first_line("malformed_row", what)
        elif regular and self._swallowed.are_all(taken):
            yield from self._refuse_each_line(line, taken)
        else:
            self._tables.after_blank = False
            self._number += 1
            yield self._row(line, cells, "".join(taken))

    def _is_passed_over(self, line: int, cells: Sequence[str]) -> bool:
        """Count a blank line, a report's notice, and the header where it stands once more."""
        taken = self._lines.taken
        if len(taken) == 1 and is_blank(taken[0], self._delimiter, len(self._header)):
            self.blank_lines += 1
            self._tables.after_blank = self._number > 0
            return True
        if self._tables.is_header(taken[0], cells):
            self.header_lines += len(taken)
            self._tell("the header stands in the file once more: passed over", line)
            return True
        if is_notice(cells):
            self.footer_lines += len(taken)
            self._tell("it stands below a report and is no row: passed over", line)
            return True
        return False

    def _goes_on(self, cells: Sequence[str]) -> bool:
        """
        Tell whether a short row and the next line, which is no row, have all cells together.

        Then a line end within a cell was not quoted, and what stands before it is half a row.
        """
        width = len(self._header)
        if not 1 < len(cells) < width:
            return False
        line = self._lines.peek()
        rest = self._dialect.split(line) or []
        return (
            len(cells) + len(rest) - 1 == width
            and not is_footer(line, self._delimiter, width)
            and self._repairer.mend(line, rest) is None
        )

    def _mend(self, cells: Sequence[str]) -> RepairedRow | None:
        first, *others = self._lines.taken
        if others:
            return None if len(cells) == len(self._header) else self._repairer.mend(first, None)
        if self._tables.begins or self._goes_on(cells):
            return None
        return self._repairer.mend(first, cells)

    def _mended_row(self, mended: RepairedRow) -> Row | Rejected:
        """Deliver the first line of what was read as the row it was meant to be."""
        raw = self._take_first_line()
        line = self._lines.number
        self._tables.after_blank = False
        self._number += 1
        self._tell(f"read as the row it was meant to be: {mended.why}", line)
        return self._row(line, mended.cells, raw)

    def _take_first_line(self) -> str:
        """Give back all but the first line of the record, to be read again by itself."""
        raw = self._lines.keep_first()
        self._reader = self._new_reader()
        return raw

    def _row(self, line: int, cells: Sequence[str], raw: str) -> Row | Rejected:
        if self._tables.begins:
            return self._rejected(
                line,
                raw,
                "malformed_row",
                f"it belongs to another table, which begins in line {self._tables.begins}",
                "Save that table as a file of its own and import it by itself.",
            )
        return self._make.row(self._number, line, cells, raw)

    def _rejected(self, line: int, raw: str, code: str, message: str, hint: str) -> Rejected:
        return self._make.rejected(self._number, line, raw, code, message, hint)

    def _refuse_too_large(self, *, lost: bool) -> Rejected:
        following = self._lines.taken[1 : 1 + _LOOKED_AT]
        if lost or self._swallowed.are_many(following):
            return self._refuse_first_line(
                "malformed_row", "a quote that opens in this row is never closed"
            )
        return self._refuse_first_line(
            "row_too_large",
            f"the record that begins here is larger than {self._limit:,} characters, "
            "or a quote in it is never closed",
            "Raise --max-row-bytes if the row is right; else close or double its quotes.",
        )

    def _refuse_first_line(self, code: str, message: str, hint: str = CLOSE_QUOTES) -> Rejected:
        """Refuse one physical line and read on behind it: a quote's damage ends there."""
        raw = self._take_first_line()
        self._tables.after_blank = False
        self._number += 1
        return self._rejected(self._lines.number, raw, code, message, hint)

    def _refuse_each_line(self, line: int, taken: Sequence[str]) -> Iterator[Rejected]:
        """Refuse a record that is one row by its quotes and several by its lines."""
        last = line + len(taken) - 1
        for number, raw in enumerate(taken, line):
            if not raw.strip():
                self.blank_lines += 1
                continue
            self._number += 1
            self._owed = last - number
            yield self._rejected(
                number,
                raw,
                "malformed_row",
                f"a quote opens in line {line} and closes in line {last}, and each of these lines "
                "is a row by itself",
                "Close or double the quotes in the first and the last of these lines.",
            )
