"""Reads a block of CSV that is proven regular with polars: same rows as the exact reader's."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import polars as pl
import polars.exceptions

from importer.keys import utf16_order
from importer.records import Row

__all__ = ["Block", "read_block", "regular_end"]

# Looking at more pieces than this takes longer than reading the region the exact way.
_MOST_QUOTES = 200_000
_LINE_END = r"\r\n|\r|\n"


@dataclass(frozen=True)
class Block:
    """
    Rows that were read together. `number` and `line` are those of its first row.

    `hashes` are the rows' source hashes, computed for the whole block at once.
    """

    source: str
    number: int
    line: int
    table: pl.DataFrame
    has_line_ends: bool
    columns: Sequence[str]

    def __len__(self) -> int:
        return self.table.height

    @cached_property
    def hashes(self) -> list[str]:
        """The source hash of each row."""
        return _hash_rows(self.table)

    def row(self, index: int) -> Row:
        """Return one row."""
        return Row(
            number=self.number + index,
            line=self.line_of(index),
            source=self.source,
            values=dict(zip(self.columns, self.table.row(index), strict=True)),
        )

    def line_of(self, index: int) -> int:
        """Return the physical line a row starts on."""
        return self.line + index + (self._extra_lines[index] if self.has_line_ends else 0)

    @cached_property
    def _extra_lines(self) -> list[int]:
        """How many line ends stand in the cells of the rows before each row."""
        counts = self.table.select(
            pl.sum_horizontal(pl.all().str.count_matches(_LINE_END)).cum_sum().alias("n")
        )["n"]
        return [0, *counts.to_list()]

    @property
    def lines(self) -> int:
        """How many physical lines the block has."""
        return len(self) + (self._extra_lines[-1] if self.has_line_ends else 0)


def _hash_rows(table: pl.DataFrame) -> list[str]:
    """Hash each row's canonical JSON, which for texts is what polars' JSON encoder writes."""
    order = sorted(table.columns, key=utf16_order)
    encoded = table.select(pl.struct(order).struct.json_encode().alias("row"))
    return _sha256(encoded["row"])


def _sha256(texts: pl.Series) -> list[str]:
    """Hash texts with the plugin where it can be trusted, else one by one."""
    if _plugin_works():
        return _plugin_sha256(texts)
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def _plugin_sha256(texts: pl.Series) -> list[str]:
    import polars_hash

    hashed = texts.to_frame("text").select(polars_hash.col("text").chash.sha2_256())
    return hashed["text"].to_list()


@cache
def _plugin_works() -> bool:
    """Try the plugin once: new versions of polars have broken it before."""
    sample = "\u0661 a"
    try:
        found = _plugin_sha256(pl.Series("text", [sample]))
    except Exception:  # noqa: BLE001 - whatever it is, hashlib does the same work
        return False
    return found == [hashlib.sha256(sample.encode()).hexdigest()]


def regular_end(region: bytes) -> int:
    """Return the end of the last line of `region` that is outside quotes; 0 where there is none."""
    end = region.rfind(b"\n") + 1
    odd = region.count(b'"', 0, end) % 2
    for _ in range(64):
        if not odd or not end:
            return end
        before = region.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + region.count(b'"', before, end)) % 2
        end = before
    return 0


def read_block(
    region: bytes,
    *,
    source: str,
    number: int,
    line: int,
    header: Sequence[str],
    delimiter: str,
    encoding: str,
    max_row_bytes: int,
    outside: Sequence[str] = (),
) -> Block | None:
    """
    Return the rows of `region`, or None where it is not regular beyond doubt.

    It is where every line has as many delimiters outside quotes as the header, quotes stand
    around whole cells and are doubled inside, and no cell could be rows that a quote swallowed.
    No line may begin with one of the texts `outside`: those lines are no rows.
    """
    if _has_other_lines(region, delimiter.encode(), [text.encode() for text in outside if text]):
        return None
    shape = _shape(region, delimiter.encode(), len(header) - 1)
    if shape is None:
        return None
    try:
        content = region if encoding == "utf-8" else region.decode(encoding).encode()
        table = pl.read_csv(
            content,
            has_header=False,
            schema=dict.fromkeys(header, pl.String),
            separator=delimiter,
            empty_string_is_null=False,
            extra_columns="raise",
            missing_columns="raise",
        )
    except (UnicodeDecodeError, polars.exceptions.PolarsError):
        return None
    if table.height != shape.rows or _longest(table) > max_row_bytes:
        return None
    if f"{delimiter} ".encode() in region and _has_spaced_rows(table):
        return None
    return Block(source, number, line, table, shape.has_line_ends, tuple(header))


def _has_other_lines(region: bytes, delimiter: bytes, outside: Sequence[bytes]) -> bool:
    """Tell whether lines may be none of the rows, or stand in quotes the file does not use."""
    if any(region.startswith(text) or b"\n" + text in region for text in outside):
        return True
    return b"'" + delimiter + b"'" in region and (region.startswith(b"'") or b"\n'" in region)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    rows: int
    has_line_ends: bool


def _shape(region: bytes, delimiter: bytes, delimiters: int) -> _Shape | None:
    """Count rows outside quotes, or return None where quotes or counts are not regular."""
    if not region.endswith(b"\n") or delimiters < 1 or b"\0" in region:
        return None
    if region.startswith(codecs.BOM_UTF8):
        return None
    crlf = b"\r" in region
    if crlf and region.count(b"\r") != region.count(b"\r\n"):
        return None
    if b'"' not in region:
        rows = region.count(b"\n")
        regular = region.count(delimiter) == rows * delimiters
        return _Shape(rows=rows, has_line_ends=False) if regular else None
    pieces = region.split(b'"', _MOST_QUOTES)
    if len(pieces) > _MOST_QUOTES:
        return None
    return _quoted_shape(pieces, delimiter, delimiters, crlf=crlf)


def _quoted_shape(
    pieces: Sequence[bytes], delimiter: bytes, delimiters: int, *, crlf: bool
) -> _Shape | None:
    """Look at what stands between quotes: outside and inside take turns."""
    if len(pieces) % 2 == 0:
        return None
    ends = (delimiter, b"\n")
    starts = (delimiter, b"\r\n" if crlf else b"\n")
    last = len(pieces) - 1
    rows = found = inside = 0
    broken = has_line_ends = False
    for position, piece in enumerate(pieces):
        if position % 2:
            inside += piece.count(delimiter)
            broken = broken or b"\n" in piece or b"\r" in piece
            continue
        # An empty piece is the middle of a doubled quote, or an end of the region.
        if piece and (
            (position and not piece.startswith(starts))
            or (position != last and not piece.endswith(ends))
        ):
            return None
        found += piece.count(delimiter)
        if b"\n" in piece:
            rows += piece.count(b"\n")
            # So many delimiters in cells of several lines may be rows that a quote swallowed.
            if broken and inside >= delimiters:
                return None
            has_line_ends = has_line_ends or broken
            inside, broken = 0, False
    regular = found == rows * delimiters
    return _Shape(rows=rows, has_line_ends=has_line_ends) if regular else None


def _has_spaced_rows(table: pl.DataFrame) -> bool:
    """Tell whether a row has a space, or nothing, behind each delimiter: as no other has."""
    spaced: pl.Series | None = None
    for column in table.columns[1:]:
        text = table[column]
        starts = text.str.starts_with(" ") | (text == "")
        spaced = starts if spaced is None else spaced & starts
        if not spaced.any():
            return False
    return spaced is not None


def _longest(table: pl.DataFrame) -> int:
    """Return what the longest row has at most in the file, if each quote in it is doubled."""
    longest = table.select(pl.sum_horizontal(pl.all().str.len_bytes()).max()).item() or 0
    return 2 * int(longest) + 3 * table.width + 2
