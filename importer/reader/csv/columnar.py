"""Reads a chunk of CSV that is proven regular with polars: same rows as the exact reader's."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import polars as pl
import polars.exceptions

from importer.keys import utf16_order
from importer.reader.columnar.hashing import sha256
from importer.reader.columnar.pattern import literal
from importer.reader.columnar.text import text_of
from importer.reader.csv.quotes import Quoted, quoted_cells, split_at_quotes
from importer.reader.csv.tables import MOST_FOOTERS, is_total
from importer.records import Row

__all__ = ["Block", "read_block"]

_LINE_END = r"\r\n|\r|\n"


@dataclass(kw_only=True)
class Block:
    """
    Rows of CSV that were read together (`importer.reader.protocol.ChunkBatch`).

    `hashes` are the rows' source hashes, made for the whole block at once; `lines` is how many
    physical lines it has, more than rows where cells hold line ends.
    """

    source: str
    table: pl.DataFrame
    hashes: Sequence[str]
    lines: int
    columns: Sequence[str]
    number: int = 1
    line: int = 1

    def __len__(self) -> int:
        return self.table.height

    def row(self, index: int) -> Row:
        """Return one row."""
        return Row(
            number=self.number + index,
            line=self.line_of(index),
            source=self.source,
            values=dict(zip(self.columns, self.table.row(index), strict=True)),
        )

    def key_samples(self) -> list[Mapping[str, Any]]:
        """Return an object with all names that the rows have."""
        return [dict.fromkeys(self.columns)]

    def line_of(self, index: int) -> int:
        """Return the physical line a row starts on."""
        return self.line + index + (self._extra_lines[index] if self.lines > len(self) else 0)

    @cached_property
    def _extra_lines(self) -> list[int]:
        """How many line ends stand in the cells of the rows before each row."""
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
) -> Block | None:
    """
    Return the rows of `chunk`, or None where it is not regular beyond doubt.

    It is where it is CSV to the letter of RFC 4180, with as many cells in every row as the header
    has, and no cell could be rows that a quote swallowed. No line may begin with one of the texts
    `outside`, and no row may be the header's `names`, a total among the last ones, or have a text
    without digits in the column `marker_column`: those lines are no rows.
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
    # In the file a row takes no more: a quote is doubled there, and names are not repeated.
    if int(encoded.str.len_bytes().max() or 0) > max_row_bytes:  # type: ignore[arg-type]
        return None
    return Block(
        source=source,
        table=table,
        hashes=sha256(encoded),
        lines=lines,
        columns=tuple(header),
    )


def _parse(
    content: bytes, lines: int, delimiter: str, header: Sequence[str]
) -> pl.DataFrame | None:
    """Return the cells, or None where content is not regular. Raises `PolarsError` likewise."""
    width = len(header)
    if not _is_plain(content, width):
        return None
    parts = split_at_quotes(content)
    if parts is not None:
        quoted = quoted_cells(parts, delimiter.encode(), width)
        if quoted is None:
            return None
        table = _cells(content, delimiter, header)
        return table if _is_whole(table, content, lines, delimiter, quoted) else None
    if not _is_regular(content, delimiter, width):
        return None
    table = _cells(content, delimiter, header)
    inner = lines - table.height
    return table if not inner or _are_cells(table, inner, delimiter) else None


def _is_whole(
    table: pl.DataFrame, content: bytes, lines: int, delimiter: str, quoted: Quoted
) -> bool:
    """
    Tell whether each line is a row of the table, or in one of its cells, and none is short.

    polars refuses rows that are too long and fills up those that are too short. Only where a
    last cell is empty there may be any, and then all delimiters are counted.
    """
    if lines - quoted.line_ends != table.height:
        return False
    if not (table[:, -1] == "").any():
        return True
    outside = content.count(delimiter.encode()) - quoted.delimiters
    return outside == table.height * (table.width - 1)


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
    """Return each row's canonical JSON: for texts, polars' JSON encoder writes just that."""
    order = sorted(table.columns, key=utf16_order)
    return table.select(pl.struct(order).struct.json_encode().alias("row"))["row"]


def _encoded(texts: Sequence[str], encoding: str) -> Iterator[bytes]:
    for text in filter(None, texts):
        with suppress(UnicodeEncodeError):  # what cannot be written so stands nowhere in the file
            yield text.encode(encoding)


def _has_others(table: pl.DataFrame, names: Sequence[str], marker_column: int | None) -> bool:
    """Tell whether a row may be none, or one that is to be mended."""
    return (
        _has_spaced_rows(table)
        or any(map(is_total, table.tail(MOST_FOOTERS).rows()))
        or _has_names(table, names, marker_column)
    )


def _has_names(table: pl.DataFrame, names: Sequence[str], marker_column: int | None) -> bool:
    """Tell whether a row may be the header once more, or another table's."""
    place = next((place for place, name in enumerate(names) if name.strip()), None)
    if place is not None and place < table.width and (table[:, place] == names[place]).any():
        return True
    if marker_column is None or marker_column >= table.width:
        return False
    column = table[:, marker_column]
    return bool((~column.str.contains(r"\d") & (column != "")).any())


def _has_other_lines(chunk: bytes, delimiter: bytes, outside: Sequence[bytes]) -> bool:
    """Tell whether lines may be none of the rows, or stand in quotes the file does not use."""
    if any(chunk.startswith(text) or b"\n" + text in chunk for text in outside):
        return True
    if b"'" not in chunk or not (chunk.startswith(b"'") or b"\n'" in chunk):
        return False
    return b"'" + delimiter in chunk and delimiter + b"'" in chunk


def _is_plain(content: bytes, width: int) -> bool:
    """
    Tell whether content is lines of two cells or more, without what readers take differently.

    That is NUL, a CR without its LF, and a mark, as it stands where files were put together.
    """
    # Looking for its first byte alone takes a hundredth of the time, and few texts have it.
    marked = codecs.BOM_UTF8[:1] in content and codecs.BOM_UTF8 in content
    if width < 2 or b"\0" in content or marked:
        return False
    if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
        return False
    return content.endswith(b"\n")


def _is_regular(content: bytes, delimiter: str, width: int) -> bool:
    """
    Tell whether content is rows of `width` cells, each with its line end.

    polars' regular expressions take time in proportion to the content, whatever is in it.
    """
    return bool(text_of(content).str.contains(_grammar(delimiter, width))[0])


@cache
def _grammar(delimiter: str, width: int) -> str:
    """Return RFC 4180's grammar of a file, with the number of cells, as one expression."""
    comma = literal(delimiter)
    cell = rf'(?:[^"{comma}\r\n]*|"(?:[^"]|"")*")'
    return rf"\A(?:{cell}(?:{comma}{cell}){{{width - 1}}}\r?\n)*\z"


def _are_cells(table: pl.DataFrame, inner: int, delimiter: str) -> bool:
    """
    Tell whether the line ends that end no row all stand in cells, and no cell may be rows.

    So many delimiters in cells of several lines may be rows that a quote swallowed.
    """
    broken = table.filter(pl.any_horizontal(pl.all().str.contains("\n", literal=True)))
    counts = broken.select(
        pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)).alias("ends"),
        pl.sum_horizontal(pl.all().str.count_matches(delimiter, literal=True)).alias("inside"),
    )
    swallowed = (counts["ends"] > 0) & (counts["inside"] >= table.width - 1)
    return counts["ends"].sum() == inner and not swallowed.any()


def _has_spaced_rows(table: pl.DataFrame) -> bool:
    """
    Tell whether a row has a space, or nothing, behind each delimiter: as no other has.

    What a report generator writes below its rows is one too, with its one cell.
    """
    spaced: pl.Series | None = None
    for column in table.columns[1:]:
        text = table[column]
        starts = text.str.starts_with(" ") | (text == "")
        spaced = starts if spaced is None else spaced & starts
        if not spaced.any():
            return False
    return spaced is not None
