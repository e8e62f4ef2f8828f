"""Reads many lines of a results file as a table: their kinds, times, hashes and statuses."""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars as pl
from polars.exceptions import PolarsError

from importer.core.records import Status
from importer.writer.line_reader import Line, read_line
from importer.writer.lines.line import OtherLine
from importer.writer.lines.row_line import KnownLine, RequestLine, RowLine

STATUSES = [status.value for status in Status]
_MINUTE = len("2026-11-25T18:05")
_DIGITS = 15
"""How many hex digits of a hash fit a signed 64-bit integer."""
_TableRow = tuple[object, ...]
_TABLE = {
    "kind": pl.String,
    "minute": pl.String,
    "hash": pl.String,
    "occurrence": pl.UInt32,
    "status": pl.String,
    "left_out": pl.String,
    "begin": pl.UInt64,
    "size": pl.UInt32,
}
_VERSION = "version"
_MANY = ["row", "sent", "known", "refused", "unsent", _VERSION]
"""Kinds with one line a row, which are counted by the block; all others are read one by one."""


def single_lines(table: pl.DataFrame) -> pl.DataFrame:
    """Return the place, begin and size of each line to read by itself."""
    is_single = pl.col("kind").is_null() | ~pl.col("kind").is_in(_MANY)
    return table.with_row_index("place").filter(is_single).select("place", "begin", "size")


def table_of(block: bytes) -> pl.DataFrame:
    """
    Return a row for each line of a block, with `begin`, its place in the block.

    A line about several versions of a row has one for each; the kind of the earlier ones is
    `version`. Lines in an unusual form are parsed one by one, with the same result.
    """
    try:
        lines = pl.read_lines(io.BytesIO(block), name="text")
        lines = lines.with_columns(size=pl.col("text").str.len_bytes() + 1)
        if lines["size"].sum() == len(block):
            table = _recognised(lines)
            is_row = pl.col("kind").is_in(["row", "known"])
            lacks = is_row & pl.any_horizontal(pl.col("hash", "occurrence", "status").is_null())
            is_odd = pl.col("kind").is_null() | lacks | ~pl.col("status").is_in(STATUSES)
            if not table.filter(is_odd).height:
                return _with_versions(table, block)
    except PolarsError:
        pass
    return pl.DataFrame(_read(block), schema=_TABLE, orient="row")


def _with_versions(table: pl.DataFrame, block: bytes) -> pl.DataFrame:
    """Return the table with the versions that are packed into lines."""
    places = table.filter("is_packed").select("begin", "size").iter_rows()
    packed = [
        row
        for begin, size in places
        for row in _rows_of(block[begin : begin + size], begin)
        if row[0] == _VERSION
    ]
    table = table.drop("is_packed")
    if not packed:
        return table
    versions = pl.DataFrame(packed, schema=_TABLE, orient="row")
    return pl.concat([versions, table]).sort("begin", maintain_order=True)


def _recognised(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the table of lines in the written form, in which quotes in values are escaped."""
    text = pl.col("text")
    kind = text.str.extract(r'^\{"kind":"([a-z]+)"')
    left_out = text.str.extract(r'"left_out":\["([^\]]*)"\]').str.replace_all('","', "\n")
    status = text.str.extract(r'"status":"([a-z_]+)"')
    return (
        lines.lazy()
        .select(
            kind=kind,
            minute=text.str.extract(r'"at":"([0-9T:-]{16})').fill_null(""),
            hash=text.str.extract(rf'"source_hash":"([0-9a-f]{{{_DIGITS}}})'),
            occurrence=text.str.extract(r'"occurrence":([0-9]{1,9})[,}]').cast(pl.UInt32),
            status=pl.when(kind == "known").then(pl.lit(Status.CREATED.value)).otherwise(status),
            left_out=left_out.fill_null(""),
            begin=(pl.col("size").cum_sum() - pl.col("size")).cast(pl.UInt64),
            size=pl.col("size").cast(pl.UInt32),
            is_packed=text.str.contains(',"versions":"', literal=True),
        )
        .collect()
    )


def _read(block: bytes) -> Iterator[_TableRow]:
    """Yield the same of each line, whatever its form."""
    begin = 0
    for text in io.BytesIO(block):
        yield from _rows_of(text, begin)
        begin += len(text)


def _rows_of(text: bytes, begin: int) -> Iterator[_TableRow]:
    """Yield the rows of the table for one line."""
    line = read_line(text) or OtherLine(at=None)
    kind, minute, last, *others = _columns(line)
    place = (begin, len(text))
    for version in line.versions if isinstance(line, RowLine | KnownLine) else ():
        yield (_VERSION, minute, version[:_DIGITS], *others, *place)
    yield (kind, minute, last, *others, *place)


def _columns(line: Line) -> _TableRow:
    """Return the columns of a line without its place."""
    match line:
        case RowLine(outcome=one, at=at):
            names, status = "\n".join(one.left_out), str(one.status)
            return ("row", _minute(at), one.source_hash[:_DIGITS], one.occurrence, status, names)
        case KnownLine(at=at, source_hash=source_hash, occurrence=occurrence):
            return ("known", _minute(at), source_hash[:_DIGITS], occurrence, "created", "")
        case RequestLine(kind=kind, at=at):
            return (kind, _minute(at), None, None, None, "")
        case _:
            return (None, "", None, None, None, "")


def _minute(at: str | None) -> str:
    return (at or "")[:_MINUTE]
