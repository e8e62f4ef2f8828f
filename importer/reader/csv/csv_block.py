"""Reads whole chunks of CSV with polars, if that certainly gives the same rows."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property

import polars as pl
import polars.exceptions

from importer.core.keys import utf16_order
from importer.core.records import Row
from importer.core.row_marks import RowMark
from importer.core.shared import JsonValue
from importer.reader.columnar import literal, sha256, text_of
from importer.reader.csv.tables import (
    MOST_FOOTERS,
    TOTAL_WORD,
    is_numbering,
    is_subtotal,
    is_total,
)

_LINE_END = r"\r\n|\r|\n"

_QUOTE = b'"'


@dataclass(kw_only=True)
class CsvBlock:
    """
    The rows of a chunk of CSV (`importer.reader.protocol.ChunkBatch`).

    `encoded` are the rows as canonical JSON. `lines` is the number of physical lines, more than
    rows where cells have line ends. `starts` are the lines on which the rows of a spreadsheet
    begin: of such a row, the line is its number in the sheet.
    """

    source: str
    table: pl.DataFrame
    encoded: pl.Series = field(repr=False)  # gone once it is hashed
    lines: int
    columns: Sequence[str]
    number: int = 1
    line: int = 1
    starts: Sequence[int] = ()
    marks: Mapping[int, RowMark] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.table.height

    @cached_property
    def hashes(self) -> Sequence[str]:
        """The source hashes of the rows: a list that is read again is hashed where it is needed."""
        hashes = sha256(self.encoded)
        del self.encoded
        return hashes

    def row(self, index: int) -> Row:
        """Return one row."""
        return Row(
            number=self.number + index,
            line=self.line_of(index),
            source=self.source,
            values=dict(zip(self.columns, self.table.row(index), strict=True)),
        )

    def key_samples(self) -> list[Mapping[str, JsonValue]]:
        """Return one object with the names that all rows have."""
        return [dict.fromkeys(self.columns)]

    def number_of(self, index: int) -> int:
        """Return the number of one row."""
        return self.number + index

    def line_of(self, index: int) -> int:
        """Return the line on which a row begins."""
        line = self.line + index + (self._extra_lines[index] if self.lines > len(self) else 0)
        return bisect_right(self.starts, line) if self.starts else line

    def lines_of(self) -> Sequence[int]:
        """Return the line on which each row begins."""
        if self.lines == len(self) and not self.starts:
            return range(self.line, self.line + len(self))
        return list(map(self.line_of, range(len(self))))

    @cached_property
    def _extra_lines(self) -> list[int]:
        """The number of line ends in the cells of all rows before each row."""
        counts = self.table.select(
            pl.sum_horizontal(pl.all().str.count_matches(_LINE_END)).cum_sum().alias("n")
        )["n"]
        return [0, *counts.to_list()]


def read_block(
    chunk: bytes,
    *,
    source: str,
    header: Sequence[str],
    delimiter: str,
    encoding: str,
    max_row_bytes: int,
    outside: Sequence[str] = (),
    names: Sequence[str] = (),
    marker_column: int | None = None,
    starts: Sequence[int] = (),
) -> CsvBlock | None:
    """
    Return the rows of `chunk`, or None if only the record reader is sure to be right.

    It reads a chunk of strict RFC 4180 in which every row has as many cells as the header, and no
    cell could be rows that an open quote has swallowed. It returns None if a line begins with one
    of the texts `outside`, or if a row may be the header `names` or a total at the end, or has a
    text without digits in the `marker_column`: such lines may not be rows.
    """
    if _has_other_lines(chunk, delimiter.encode(), list(_encoded(outside, encoding))):
        return None
    try:
        content = chunk if encoding == "utf-8" else chunk.decode(encoding).encode()
        lines = content.count(b"\n")
        table = _parse(content, lines, delimiter, header)
    except (UnicodeDecodeError, polars.exceptions.PolarsError):
        return None
    if table is None or _has_others(table, names, marker_column):
        return None
    encoded = _canonical_json(table)
    # The row in the file is never longer, since it does not have the names.
    if int(encoded.str.len_bytes().max() or 0) > max_row_bytes:  # type: ignore[arg-type]
        return None
    return CsvBlock(
        source=source,
        table=table,
        encoded=encoded,
        lines=lines,
        columns=tuple(header),
        starts=starts,
    )


def _parse(
    content: bytes, lines: int, delimiter: str, header: Sequence[str]
) -> pl.DataFrame | None:
    """Return the cells, or None if the content is irregular, which may also raise `PolarsError`."""
    width = len(header)
    if not _is_plain(content, width):
        return None
    if _QUOTE in content:
        is_regular = _is_regular(content, delimiter, width)
    else:  # polars refuses rows that are too long, and so none is short
        is_regular = content.count(delimiter.encode()) == lines * (width - 1)
    if not is_regular:
        return None
    table = _cells(content, delimiter, header)
    inner = lines - table.height
    return table if not inner or _are_cells(table, inner, delimiter) else None


def _cells(content: bytes, delimiter: str, header: Sequence[str]) -> pl.DataFrame:
    """Return the cells of content whose quotes are regular. Raises `PolarsError`."""
    return pl.read_csv(
        content,
        has_header=False,
        schema=dict.fromkeys(header, pl.String),
        separator=delimiter,
        empty_string_is_null=False,
        extra_columns="raise",
        missing_columns="raise",
    )


def _canonical_json(table: pl.DataFrame) -> pl.Series:
    """Return each row's canonical JSON: for texts, it is what polars' encoder writes."""
    order = sorted(table.columns, key=utf16_order)
    return table.select(pl.struct(order).struct.json_encode().alias("row"))["row"]


def _encoded(texts: Sequence[str], encoding: str) -> Iterator[bytes]:
    for text in filter(None, texts):
        with suppress(UnicodeEncodeError):  # a text outside the encoding is not in the file
            yield text.encode(encoding)


def _has_others(table: pl.DataFrame, names: Sequence[str], marker_column: int | None) -> bool:
    """Return whether some row may not be one."""
    return (
        _has_single_cell(table)
        or any(map(is_total, table.tail(MOST_FOOTERS).rows()))
        or _has_total(table)
        or _has_names(table, names, marker_column)
        or any(map(is_numbering, table.filter(table[:, 0] == "1").rows()))
    )


def _has_total(table: pl.DataFrame) -> bool:
    """Return whether a row, wherever it is, is a total."""
    is_sparse = table[:, 1] == ""
    may_be = table[:, 0].filter(is_sparse).str.contains(rf"(?i)^{TOTAL_WORD}")
    return may_be.any() and any(map(is_subtotal, table.filter(is_sparse).filter(may_be).rows()))


def _has_names(table: pl.DataFrame, names: Sequence[str], marker_column: int | None) -> bool:
    """Return whether a row may be the header repeated, or that of another table."""
    place = next((place for place, name in enumerate(names) if name.strip()), None)
    if place is not None and place < table.width and (table[:, place] == names[place]).any():
        return True
    if marker_column is None or marker_column >= table.width:
        return False
    column = table[:, marker_column]
    return bool((~column.str.contains(r"\d") & (column != "")).any())


def _has_other_lines(chunk: bytes, delimiter: bytes, outside: Sequence[bytes]) -> bool:
    """Return whether some lines may not be rows, or have quotes that the file does not use."""
    if any(chunk.startswith(text) or b"\n" + text in chunk for text in outside):
        return True
    if b"'" not in chunk or not (chunk.startswith(b"'") or b"\n'" in chunk):
        return False
    return b"'" + delimiter in chunk and delimiter + b"'" in chunk


def _is_plain(content: bytes, width: int) -> bool:
    """
    Return whether content is lines of two cells or more, without what readers disagree about.

    That is NUL, CR without LF, and a byte order mark, which can be inside if files were joined.
    """
    # Looking for its first byte takes a hundredth of the time, and few texts have that.
    marked = codecs.BOM_UTF8[:1] in content and codecs.BOM_UTF8 in content
    if width < 2 or b"\0" in content or marked:
        return False
    if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
        return False
    return content.endswith(b"\n")


def _is_regular(content: bytes, delimiter: str, width: int) -> bool:
    """
    Return whether content is rows of `width` cells, each with its line end.

    polars' regular expressions take time in proportion to the content, whatever it is.
    """
    return bool(text_of(content).str.contains(_grammar(delimiter, width))[0])


@cache
def _grammar(delimiter: str, width: int) -> str:
    """Return the grammar of RFC 4180, for rows of `width` cells, as one expression."""
    comma = literal(delimiter)
    cell = rf'(?:[^"{comma}\r\n]*|"(?:[^"]|"")*")'
    return rf"\A(?:{cell}(?:{comma}{cell}){{{width - 1}}}\r?\n)*\z"


def _are_cells(table: pl.DataFrame, inner: int, delimiter: str) -> bool:
    """
    Return whether all line ends that do not end a row are inside cells, and no cell may be rows.

    A cell of several lines with as many delimiters as a row may be rows that a quote swallowed.
    """
    broken = table.filter(pl.any_horizontal(pl.all().str.contains("\n", literal=True)))
    counts = broken.select(
        pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)).alias("ends"),
        pl.sum_horizontal(pl.all().str.count_matches(delimiter, literal=True)).alias("inside"),
    )
    swallowed = (counts["ends"] > 0) & (counts["inside"] >= table.width - 1)
    return counts["ends"].sum() == inner and not swallowed.any()


def _has_single_cell(table: pl.DataFrame) -> bool:
    """Return whether some row has only a first cell, such as the notices of report generators."""
    empty: pl.Series | None = None
    for name in table.columns[1:]:
        empty = table[name] == "" if empty is None else empty & (table[name] == "")
        if not empty.any():
            return False
    return empty is not None
