"""Reads what happened in an import, and when, from its results file."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from polars.exceptions import PolarsError

from importer.errors import ResultsError
from importer.records import Status
from importer.writer.line_reader import parse_line
from importer.writer.lines.acknowledged import AcknowledgedLine
from importer.writer.lines.end import EndLine
from importer.writer.lines.exports import ExportsLine
from importer.writer.lines.registry import line_from_json
from importer.writer.lines.request import RequestLine
from importer.writer.lines.row import KnownLine, RowLine
from importer.writer.lines.run import MappingLine, RunLine

__all__ = ["Chronicle", "RunPart", "read_chronicle"]

_BLOCK_BYTES = 4 * 1024 * 1024
_MINUTE = len("2026-11-25T18:05")
_DIGITS = 15
"""How many hex digits of a hash fit a signed 64-bit integer."""
_TABLE = {
    "kind": pl.String,
    "minute": pl.String,
    "hash": pl.String,
    "occurrence": pl.UInt32,
    "status": pl.String,
    "left_out": pl.String,
    "offset": pl.UInt64,
    "size": pl.UInt32,
}
_STATUSES = [status.value for status in Status]
_STATUS = pl.Enum(_STATUSES)
_LAST: dict[str, pl.DataType | type[pl.DataType]] = {
    "hash": pl.Int64,
    "occurrence": pl.UInt32,
    "status": _STATUS,
    "offset": pl.UInt64,
}
_CREATED = pl.lit(Status.CREATED.value, _STATUS)
_MANY = ["row", "sent", "known", "refused", "unsent"]
"""Kinds with a line a row: these are counted by the block, all others are read one by one."""


@dataclass(slots=True)
class RunPart:
    """
    What the lines of one run say.

    `sent` counts the requests that were put on record, and `outcomes` the rows by status, both by
    the minute, such as `2026-11-25T18:05`, in UTC.
    """

    run: RunLine
    end: EndLine | None = None
    sent: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def minutes(self) -> list[str]:
        """The minutes in which something happened, in order."""
        return sorted(
            {*self.sent, *(minute for found in self.outcomes.values() for minute in found)}
        )


@dataclass(slots=True)
class Chronicle:
    """
    What a results file says, read once from its beginning.

    `size` and `sha256` are those of the bytes that were read. `files` has the SHA-256 of each
    derived file on record, by name, the latest last. `left_out` counts the records that were
    created without a field, by that field. `damaged` counts lines that cannot be read.
    """

    runs: list[RunPart] = field(default_factory=list)
    mapping: MappingLine | None = None
    files: dict[str, list[str]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    size: int = 0
    sha256: str = ""
    damaged: int = 0
    _rows: list[pl.DataFrame] = field(default_factory=list)
    _acknowledged: int = 0
    _last_run: int = 0

    @property
    def is_acknowledged(self) -> bool:
        """Whether a person has acknowledged the changes since the last run began."""
        return self._acknowledged > self._last_run

    def last_lines(self) -> pl.DataFrame:
        """
        Return the last line of each row: `hash`, `occurrence`, `status` and `offset`.

        The hash is the beginning of the source hash, as a number. A change that a person has
        acknowledged is `created`, as is a row that stands for the record of another one.
        """
        rows = pl.concat([pl.DataFrame(schema=_LAST), *self._rows])
        self._rows = [rows]
        last = rows.unique(["hash", "occurrence"], keep="last", maintain_order=True)
        is_seen_to = (pl.col("status") == Status.CHANGED) & (pl.col("offset") < self._acknowledged)
        return last.with_columns(status=pl.when(is_seen_to).then(_CREATED).otherwise("status"))

    def add(self, table: pl.DataFrame) -> None:
        """Count the rows and requests of lines that follow each other in one run."""
        if self.runs:
            part = self.runs[-1]
            for minute, count in _counted(table.filter(pl.col("kind") == "sent"), "minute"):
                part.sent[minute] += count
            rows = table.filter(pl.col("kind") == "row")
            for status, minute, count in _counted(rows, "status", "minute"):
                part.outcomes.setdefault(status, Counter())[minute] += count
        made = table.filter((pl.col("status") == Status.CREATED) & (pl.col("left_out") != ""))
        for names, count in _counted(made, "left_out"):
            for name in names.split("\n"):
                self.left_out[name] += count
        self._rows.append(
            table.filter(pl.col("kind").is_in(["row", "known"])).select(
                pl.col("hash").str.to_integer(base=16, dtype=pl.Int64, strict=False),
                "occurrence",
                pl.col("status").cast(_STATUS),
                "offset",
            )
        )

    def note(self, found: Mapping[str, Any], offset: int) -> None:
        """Take in a line of a kind that there are few of."""
        match line_from_json(found):
            case RunLine() as line:
                self.runs.append(RunPart(line))
                self._last_run = offset
            case MappingLine() as line:
                self.mapping = line
            case EndLine() as line:
                if self.runs:
                    self.runs[-1].end = line
            case ExportsLine() as line:
                for name, one in line.files.items():
                    self.files.setdefault(name, []).append(one.sha256)
            case AcknowledgedLine():
                self._acknowledged = offset


def _counted(table: pl.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield (values, count) of each combination of values in these columns."""
    if table.height:
        yield from table.group_by(names, maintain_order=True).len().iter_rows()


def read_chronicle(path: Path) -> Chronicle:
    """
    Read a results file without locking it; a torn last line is left out.

    Lines in the form that this importer writes are read by the block, so that a million rows take
    some three seconds and some 25 bytes each. Raises `ResultsError` if the file cannot be read.
    """
    found = Chronicle()
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            for block in _blocks(stream):
                digest.update(block)
                _take(found, block, found.size)
                found.size += len(block)
    except OSError as error:
        raise ResultsError(
            f"{path}: cannot be read ({error.strerror})", hint="Check the results file's path."
        ) from error
    found.sha256 = digest.hexdigest()
    return found


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield blocks of whole lines."""
    rest = b""
    while data := stream.read(_BLOCK_BYTES):
        end = data.rfind(b"\n") + 1
        if end:
            yield rest + data[:end]
            rest = b""
        rest += data[end:]


def _take(found: Chronicle, block: bytes, offset: int) -> None:
    """Take in the lines of a block, in their order."""
    table = _table(block, offset)
    begun = 0
    for place, at, size in _single(table).iter_rows():
        found.add(table.slice(begun, place - begun))
        begun = place + 1
        text = block[at - offset : at - offset + size]
        line = parse_line(text)
        if line is None:
            found.damaged += bool(text.strip())
        else:
            found.note(line, at)
    found.add(table.slice(begun))


def _single(table: pl.DataFrame) -> pl.DataFrame:
    """Return the place, offset and size of each line that is read by itself."""
    is_single = pl.col("kind").is_null() | ~pl.col("kind").is_in(_MANY)
    return table.with_row_index("place").filter(is_single).select("place", "offset", "size")


def _table(block: bytes, offset: int) -> pl.DataFrame:
    """Return a row for each line of a block; what is in an unusual form is read one by one."""
    try:
        lines = pl.read_lines(io.BytesIO(block), name="text")
        lines = lines.with_columns(size=pl.col("text").str.len_bytes() + 1)
        if lines["size"].sum() == len(block):
            table = _recognised(lines, offset)
            is_row = pl.col("kind").is_in(["row", "known"])
            lacks = is_row & pl.any_horizontal(pl.col("hash", "occurrence", "status").is_null())
            is_odd = pl.col("kind").is_null() | lacks | ~pl.col("status").is_in(_STATUSES)
            if not table.filter(is_odd).height:
                return table
    except PolarsError:
        pass
    return pl.DataFrame(_read(block, offset), schema=_TABLE, orient="row")


def _recognised(lines: pl.DataFrame, offset: int) -> pl.DataFrame:
    """Return the table of lines in the form that is written: quotes in values are escaped."""
    text = pl.col("text")
    kind = text.str.extract(r'^\{"kind":"([a-z]+)"')
    left_out = text.str.extract(r'"left_out":\["([^\]]*)"\]').str.replace_all('","', "\n")
    status = text.str.extract(r'"status":"([a-z]+)"')
    return (
        lines.lazy()
        .select(
            kind=kind,
            minute=text.str.extract(r'"at":"([0-9T:-]{16})').fill_null(""),
            hash=text.str.extract(rf'"source_hash":"([0-9a-f]{{{_DIGITS}}})'),
            occurrence=text.str.extract(r'"occurrence":([0-9]{1,9})[,}]').cast(pl.UInt32),
            status=pl.when(kind == "known").then(pl.lit(Status.CREATED.value)).otherwise(status),
            left_out=left_out.fill_null(""),
            offset=(pl.col("size").cum_sum() - pl.col("size")).cast(pl.UInt64) + offset,
            size=pl.col("size").cast(pl.UInt32),
        )
        .collect()
    )


def _read(block: bytes, offset: int) -> Iterable[tuple[object, ...]]:
    """Yield the same of each line, whatever its form."""
    for text in block.splitlines(keepends=True):
        found = parse_line(text)
        line = None if found is None else line_from_json(found)
        place = (offset, len(text))
        match line:
            case RowLine(outcome=one, at=at):
                names = "\n".join(one.left_out)
                row = (
                    _minute(at),
                    one.source_hash[:_DIGITS],
                    one.occurrence,
                    str(one.status),
                    names,
                )
                yield ("row", *row, *place)
            case KnownLine(at=at, source_hash=source_hash, occurrence=occurrence):
                yield (
                    "known",
                    _minute(at),
                    source_hash[:_DIGITS],
                    occurrence,
                    "created",
                    "",
                    *place,
                )
            case RequestLine(kind=kind, at=at):
                yield (kind, _minute(at), None, None, None, "", *place)
            case _:
                yield (None, "", None, None, None, "", *place)
        offset += len(text)


def _minute(at: str | None) -> str:
    return (at or "")[:_MINUTE]
