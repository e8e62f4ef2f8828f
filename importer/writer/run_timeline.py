"""Reads the runs of an import from its results file: when they sent what, and the outcomes."""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from importer.core.records import Status
from importer.core.row_marks import Where
from importer.core.shared import DEALT_WITH
from importer.writer.index.results_scan import ResultsScan, scan_file
from importer.writer.index.scanning import MINUTE, PREFIX_DIGITS, blocks
from importer.writer.index_file import is_small
from importer.writer.line_reader import Line, read_line, reading, refuse_other_file
from importer.writer.lines.row_line import KnownLine, RequestLine, RowLine
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsLine,
    MappingLine,
    RunLine,
)

_BLOCK_BYTES = 1024 * 1024
_READ_AT_ONCE = 16 * 1024
_STATUS = pl.Enum([*(status.value for status in Status), DEALT_WITH])
_TABLE: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String,
    "minute": pl.String,
    "hash": pl.String,
    "occurrence": pl.UInt32,
    "status": pl.String,
    "offset": pl.UInt64,
}
"""
A row for each line about a row or a request. A line about several versions of a row has one for
each; the kind of the earlier ones is `version`.
"""
_LAST: dict[str, pl.DataType | type[pl.DataType]] = {
    "hash": pl.Int64,
    "occurrence": pl.UInt32,
    "status": _STATUS,
    "offset": pl.UInt64,
}
_CREATED = pl.lit(Status.CREATED.value, _STATUS)
_COMPARED = [Status.CHANGED.value, Status.POSSIBLE_DUPLICATE.value]
_DECIDED: dict[str, pl.DataType | type[pl.DataType]] = {
    "hash": pl.Int64,
    "occurrence": pl.UInt32,
    "said": pl.String,
}


@dataclass(slots=True)
class RunPart:
    """
    The requests and outcomes of one run, by the minute.

    `sent` counts the requests, and `outcomes` the rows by status. A minute is a text in UTC, such
    as `2026-11-25T18:05`. Requests at an unknown time are left out.
    """

    run: RunLine
    end: EndLine | None = None
    sent: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def is_derived(self) -> bool:
        """Whether it was about a derived file, such as corrections, and not about the list."""
        return bool(self.run.source and self.run.source.is_derived)

    @property
    def minutes(self) -> list[str]:
        """The minutes with requests or outcomes, in order."""
        return sorted(
            {*self.sent, *(minute for found in self.outcomes.values() for minute in found)}
        )


@dataclass(slots=True)
class RunTimeline:
    """
    The runs of a results file, with the counts of their rows and requests.

    `size` and `sha256` are those of the bytes that were read. `files` has the SHA-256 of each
    derived file on record, by name, the latest last. `damaged` counts lines that cannot be read.
    """

    runs: list[RunPart] = field(default_factory=list)
    mapping: MappingLine | None = None
    files: dict[str, list[str]] = field(default_factory=dict)
    size: int = 0
    sha256: str = ""
    damaged: int = 0
    _rows: list[pl.DataFrame] = field(default_factory=list)
    _created: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_LAST))
    _acknowledged: int = 0
    _said: dict[tuple[int, int], str] = field(default_factory=dict)
    _begun: list[int] = field(default_factory=list)

    def last_lines(self) -> pl.DataFrame:
        """
        Return the last line of each row: `hash`, `occurrence`, `status` and `offset`.

        The hash is the beginning of the source hash, as a number. A row that shares the record of
        another one is `created`. A row that a person has dealt with is `dealt_with`; one that a
        person has called somebody else has no status until it is sent.
        """
        rows = pl.concat([pl.DataFrame(schema=_LAST), *self._rows])
        self._rows = [rows]
        is_shared = self._created["hash"].is_in(rows["hash"].unique().implode())
        rows = pl.concat([rows, self._created.filter(is_shared)]).sort("offset")
        last = rows.unique(["hash", "occurrence"], keep="last", maintain_order=True)
        last = pl.concat([self._created.filter(~is_shared), last])
        said = pl.DataFrame(
            [(*row, said) for row, said in self._said.items()], schema=_DECIDED, orient="row"
        )
        last = last.join(said, on=["hash", "occurrence"], how="left", maintain_order="left")
        is_compared = pl.col("status").is_in(_COMPARED)
        is_change = pl.col("status") == Status.CHANGED.value
        is_seen_to = is_change & (pl.col("offset") < self._acknowledged) & pl.col("said").is_null()
        is_same = is_compared & (pl.col("said") == "same")
        is_new = is_compared & (pl.col("said") == "new")
        return last.with_columns(
            status=pl.when((is_same | is_seen_to).fill_null(value=False))
            .then(pl.lit(DEALT_WITH, _STATUS))
            .when(is_new.fill_null(value=False))
            .then(pl.lit(None, _STATUS))
            .otherwise("status")
        ).drop("said")

    def add(self, table: pl.DataFrame) -> None:
        """Count the rows and requests of lines, whose runs have been noted."""
        begun = pl.Series(self._begun, dtype=pl.UInt64)
        run = begun.search_sorted(table["offset"], side="right").cast(pl.Int64) - 1
        in_runs = table.with_columns(run=run).filter(pl.col("run") >= 0)
        sent = in_runs.filter((pl.col("kind") == "sent") & (pl.col("minute") != ""))
        for place, minute, count in _counted(sent, "run", "minute"):
            self.runs[place].sent[minute] += count
        rows = in_runs.filter(pl.col("kind") == "row")
        for place, status, minute, count in _counted(rows, "run", "status", "minute"):
            self.runs[place].outcomes.setdefault(status, Counter())[minute] += count
        self._rows.append(
            table.filter(pl.col("kind").is_in(["row", "known", "version"])).select(
                pl.col("hash").str.to_integer(base=16, dtype=pl.Int64, strict=False),
                "occurrence",
                pl.col("status").cast(_STATUS),
                "offset",
            )
        )

    def add_created(self, lines: ResultsScan) -> None:
        """Count the created rows and the requests that were read in blocks."""
        for offset, kind, minute, count in lines.minutes.iter_rows():
            run = bisect(self._begun, offset) - 1
            if run >= 0 and kind == "sent" and minute:
                self.runs[run].sent[minute] += count
            elif run >= 0 and kind != "sent":
                made = self.runs[run].outcomes.setdefault(Status.CREATED.value, Counter())
                made[minute] += count
        tables = lines.tables
        created = tables.sources.to_frame()
        self._created = created.select(
            hash="number",
            occurrence=pl.lit(1, pl.UInt32),
            status=_CREATED,
            offset=tables.offsets.gather(created["position"]).cast(pl.UInt64),
        )

    def add_known(self, known: pl.DataFrame) -> None:
        """Take in the lines of recognised rows, by `hash` and `offset`."""
        self._rows.append(
            known.select(
                "hash",
                occurrence=pl.lit(1, pl.UInt32),
                status=_CREATED,
                offset=pl.col("offset").cast(pl.UInt64),
            )
        )

    def note(self, line: Line, offset: int) -> None:
        """Take in a single line, of a rare kind."""
        match line:
            case RunLine():
                self.runs.append(RunPart(line))
                self._begun.append(offset)
            case MappingLine():
                self.mapping = line
            case EndLine():
                if self.runs:
                    self.runs[-1].end = line
            case ExportsLine():
                for name, one in line.files.items():
                    self.files.setdefault(name, []).append(one.sha256)
            case AcknowledgedLine():
                if line.is_about_changes:
                    self._acknowledged = offset
                self._said.update(dict.fromkeys(map(_number, line.same), "same"))
                self._said.update(dict.fromkeys(map(_number, line.new), "new"))


def _number(row: Where) -> tuple[int, int]:
    """Return the beginning of a source hash as a number, and the occurrence."""
    try:
        return int(row[0][:PREFIX_DIGITS], 16), row[1]
    except ValueError:
        return -1, row[1]


def _counted(table: pl.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield (values, count) of each combination of values in these columns."""
    if table.height:
        yield from table.group_by(names, maintain_order=True).len().iter_rows()


def read_run_timeline(path: Path) -> RunTimeline:
    """
    Read a results file without locking it; a torn last line is left out.

    It uses the index of the file, and reads lines in the usual form by the block. Raises
    `ResultsError` if the file cannot be read, or is no results file.
    """
    found = RunTimeline()
    with reading(path):
        refuse_other_file(path)
        lines = None if is_small(path) else scan_file(path)
        with path.open("rb") as stream:
            if lines is None or lines.has_repeats:
                for offset, block in blocks(stream):
                    _take(found, _lines_of(block, offset))
                    found.size = offset + len(block)
            else:
                _take_found(found, stream, lines)
            found.sha256 = _digest(stream, found.size)
    return found


def _take_found(found: RunTimeline, stream: BinaryIO, lines: ResultsScan) -> None:
    """Take in a scanned results file, and read its lines of other kinds one by one."""
    found.size = lines.size
    _take(found, _lines_at(stream, lines.others["offset"].unique().sort()))
    found.add_created(lines)
    found.add_known(lines.known)


def _lines_of(block: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a block with their offsets; it begins at `offset`."""
    for text in block.split(b"\n")[:-1]:
        yield offset, text
        offset += len(text) + 1


def _lines_at(stream: BinaryIO, offsets: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    for offset in offsets:
        stream.seek(offset)
        yield offset, stream.readline()


def _take(found: RunTimeline, texts: Iterable[tuple[int, bytes]]) -> None:
    """Take in lines with their offsets, in their order."""
    rows: list[tuple[object, ...]] = []
    for offset, text in texts:
        match line := read_line(text):
            case None:
                found.damaged += bool(text.strip())
            case RequestLine():
                rows.append((line.kind, _minute(line), None, None, None, offset))
            case RowLine():
                rows += _versions(line, line.status.value, offset)
            case KnownLine():
                rows += _versions(line, Status.CREATED.value, offset)
            case _:
                found.note(line, offset)
        if len(rows) >= _READ_AT_ONCE:
            found.add(pl.DataFrame(rows, schema=_TABLE, orient="row"))
            rows = []
    found.add(pl.DataFrame(rows, schema=_TABLE, orient="row"))


def _versions(line: RowLine | KnownLine, status: str, offset: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the table for one line."""
    minute, occurrence = _minute(line), line.occurrence
    for one in line.versions:
        yield "version", minute, one[:PREFIX_DIGITS], occurrence, status, offset
    yield line.kind, minute, line.source_hash[:PREFIX_DIGITS], occurrence, status, offset


def _minute(line: RequestLine | RowLine | KnownLine) -> str:
    return (line.at or "")[:MINUTE]


def _digest(stream: BinaryIO, size: int) -> str:
    """Return the SHA-256 of the first `size` bytes of a file."""
    digest = hashlib.sha256()
    stream.seek(0)
    while size and (data := stream.read(min(size, _BLOCK_BYTES))):
        digest.update(data)
        size -= len(data)
    return digest.hexdigest()
