"""Hashes a region of JSON Lines with polars, line by line where that is proven to be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl
import polars.exceptions

from importer.keys import source_hash_of
from importer.reader.hashing import sha256
from importer.reader.json_shape import Shape, canonical_json, dtypes, line_pattern, shape_of
from importer.records import Rejected, Row

__all__ = ["JsonBlock", "read_json_block"]

Parse = Callable[[int, int, str], Row | Rejected]
"""What the exact reader makes of a record's number, its line and its text."""

_SAMPLED = 16
_FEW = 50
_BLANK = " \t"


@dataclass(kw_only=True)
class JsonBlock:
    """
    Rows of JSON Lines that were hashed together, each parsed the exact way where it is asked for.

    `number` and `line` are those of its first row, set when the block is handed out. `odd` are
    the rows that had to be parsed for their hash.
    """

    text: str
    hashes: Sequence[str]
    shape: Shape
    odd: Mapping[int, Row | Rejected]
    parse: Parse
    number: int = 1
    line: int = 1

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def lines(self) -> int:
        """How many physical lines the block has."""
        return len(self)

    def row(self, index: int) -> Row | Rejected:
        """Return one row."""
        number, line = self.number + index, self.line_of(index)
        if index in self.odd:
            return replace(self.odd[index], number=number, line=line)
        return self.parse(number, line, self._texts[index].rstrip("\r"))

    def line_of(self, index: int) -> int:
        """Return the physical line a row stands on."""
        return self.line + index

    def forms(self) -> Iterator[Mapping[str, Any]]:
        """Yield objects that have, together, all names that the rows have."""
        if len(self.odd) < len(self):
            yield self.shape.example()
        yield from (row.values for row in self.odd.values() if isinstance(row, Row))

    @cached_property
    def _texts(self) -> list[str]:
        return self.text.split("\n")


def read_json_block(
    region: bytes, *, encoding: str, max_row_bytes: int, parse: Parse
) -> JsonBlock | None:
    """
    Return the rows of `region`, or None where most of them are not alike.

    polars hashes the lines that match, to the letter, how the others are written: flat objects,
    or nested ones, with the same names in the same order, some of which may be missing. All
    others are parsed and hashed one by one. Blank lines and bare CR are left to the exact reader.
    """
    try:
        content = region if encoding == "utf-8" else region.decode(encoding).encode()
        lines = _lines(content)
        if lines is None or int(lines.str.len_bytes().max() or 0) > max_row_bytes:  # type: ignore[arg-type]
            return None
        found = _matching(lines, parse)
        if found is None:
            return None
        return _block(content, lines, *found, parse)
    except (UnicodeDecodeError, polars.exceptions.PolarsError):
        return None


def _lines(content: bytes) -> pl.Series | None:
    """Return the lines, None where some end otherwise than in LF or CRLF."""
    if not content.endswith(b"\n"):
        return None
    if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
        return None
    return pl.Series([content[:-1]], dtype=pl.Binary).cast(pl.String).str.split("\n").explode()


def _matching(lines: pl.Series, parse: Parse) -> tuple[Shape, pl.Series] | None:
    """Learn how lines are written, and tell which are; from the others it is learned once more."""
    objects = _objects(_spread(lines), parse)
    shape = shape_of(objects)
    if shape is None:
        return None
    matching = lines.str.contains(line_pattern(shape))
    odd = lines.filter(~matching)
    if len(odd) * _FEW > len(lines):
        shape = shape_of([*objects, *_objects(_spread(odd), parse)])
        if shape is None:
            return None
        matching = lines.str.contains(line_pattern(shape))
    return (shape, matching) if matching.sum() * 2 > len(lines) else None


def _spread(lines: pl.Series) -> pl.Series:
    return lines.gather_every(max(1, len(lines) // _SAMPLED))


def _objects(lines: pl.Series, parse: Parse) -> list[Mapping[str, Any]]:
    rows = (parse(1, 1, text.rstrip("\r")) for text in lines)
    return [row.values for row in rows if isinstance(row, Row)]


def _block(
    content: bytes, lines: pl.Series, shape: Shape, matching: pl.Series, parse: Parse
) -> JsonBlock | None:
    others = [text.rstrip("\r") for text in lines.filter(~matching)]
    if not all(text.strip(_BLANK) for text in others):
        return None
    odd = {
        index: parse(1, 1, text) for index, text in zip((~matching).arg_true(), others, strict=True)
    }
    alike = "\n".join(lines.filter(matching)).encode() if odd else content
    table = pl.read_ndjson(alike, schema=dtypes(shape))
    if len(table) + len(odd) != len(lines):
        return None  # polars counts lines otherwise than the proof: not seen, not relied upon
    hashes = sha256(canonical_json(table, shape))
    if odd:
        made = iter(hashes)
        hashes = [
            source_hash_of(odd[index]) if index in odd else next(made)
            for index in range(len(lines))
        ]
    return JsonBlock(text=content.decode(), hashes=hashes, shape=shape, odd=odd, parse=parse)
