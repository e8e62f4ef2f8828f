"""Hashes whole chunks of JSON Lines with polars, if that certainly gives the same hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl
import polars.exceptions

from importer.core.keys import source_hash_of
from importer.core.records import Rejected, Row
from importer.core.row_marks import RowMark
from importer.core.shared import JsonValue
from importer.reader.columnar import sha256, text_of
from importer.reader.json.line_templates import canonical_rows, template_of
from importer.reader.json.shape import (
    Shape,
    dtypes,
    encode_rows,
    line_pattern,
    lines_pattern,
    shape_of,
)

Parse = Callable[[int, int, str], Row | Rejected]
"""Parses a row exactly, from its number, its line and its text."""

_SAMPLED = 16
_FEW = 50
_BLANK = " \t"


@dataclass(kw_only=True)
class JsonBlock:
    """
    Rows of JSON Lines that were hashed together. A row is parsed exactly when it is asked for.

    `number` and `line` are those of its first row, set when the block is handed out. `odd` are
    the rows that had to be parsed for their hash.
    """

    content: bytes
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

    @property
    def marks(self) -> dict[int, RowMark]:
        """The marks of rows in a derived file; these rows are all in `odd`."""
        return {at: row.mark for at, row in self.odd.items() if row.mark is not None}

    def row(self, index: int) -> Row | Rejected:
        """Return one row."""
        number, line = self.number + index, self.line_of(index)
        if index in self.odd:
            return replace(self.odd[index], number=number, line=line)
        return self.parse(number, line, self._texts[index].rstrip("\r"))

    def line_of(self, index: int) -> int:
        """Return the physical line of a row."""
        return self.line + index

    def key_samples(self) -> Iterator[Mapping[str, JsonValue]]:
        """Yield objects that have, together, all names that the rows have."""
        if len(self.odd) < len(self):
            yield self.shape.example()
        yield from (row.values for row in self.odd.values() if isinstance(row, Row))

    @cached_property
    def _texts(self) -> list[str]:
        return self.content.decode().split("\n")


def read_json_block(
    chunk: bytes, *, encoding: str, max_row_bytes: int, parse: Parse
) -> JsonBlock | None:
    """
    Return the rows of `chunk`, or None if most of them are not alike.

    polars hashes the lines in the same exact form: flat or nested objects with the same names in
    the same order, some of which may be missing. All other lines are parsed and hashed one by one.
    Blank lines and bare CR are left to the exact reader.
    """
    try:
        content = chunk if encoding == "utf-8" else chunk.decode(encoding).encode()
        if not _has_whole_lines(content, max_row_bytes):
            return None
        sample = list(_spread(content))
        objects = _objects(sample, parse)
        shape = shape_of(objects)
        if shape is None:
            return None
        if (hashes := _hashes_of_texts(content, objects, sample)) is not None:
            return JsonBlock(content=content, hashes=hashes, shape=shape, odd={}, parse=parse)
        if _are_alike(content, shape):
            return _block(content, shape, parse)
        return _mixed_block(content, shape, objects, parse)
    except (UnicodeDecodeError, polars.exceptions.PolarsError):
        return None


def _has_whole_lines(content: bytes, longest: int) -> bool:
    """Return whether all lines end in LF or CRLF and have at most `longest` bytes before it."""
    if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
        return False
    begin = 0
    while begin < len(content):
        end = content.rfind(b"\n", begin, begin + longest + 1) + 1
        if not end:
            return False
        begin = end
    return True


def _spread(content: bytes) -> Iterator[str]:
    """Yield some of the lines, from all over the content."""
    step = max(1, len(content) // _SAMPLED)
    for place in range(0, len(content), step):
        begin = content.rfind(b"\n", 0, place) + 1
        yield content[begin : content.index(b"\n", begin)].decode()


def _objects(lines: Iterable[str], parse: Parse) -> list[Mapping[str, JsonValue]]:
    rows = (parse(1, 1, text.rstrip("\r")) for text in lines)
    return [row.values for row in rows if isinstance(row, Row)]


def _hashes_of_texts(
    content: bytes, objects: Sequence[Mapping[str, JsonValue]], sample: Sequence[str]
) -> Sequence[str] | None:
    """Return the hashes of lines that are alike and have only texts, None for other lines."""
    names = list(objects[0])
    for values in objects:
        if list(values) != names or not all(isinstance(value, str) for value in values.values()):
            return None
    template = template_of(content[: content.index(b"\n") + 1].decode(), names)
    rows = canonical_rows(content, template, "\n".join(sample)) if template else None
    return None if rows is None else sha256(rows)


def _are_alike(content: bytes, shape: Shape) -> bool:
    """Return whether all lines are written as the shape says."""
    return bool(text_of(content).str.contains(lines_pattern(shape))[0])


def _block(content: bytes, shape: Shape, parse: Parse) -> JsonBlock | None:
    """Return the rows of lines that are all alike."""
    hashes = _hashes(content, shape)
    if len(hashes) != content.count(b"\n"):
        return None  # polars counts other lines than the proof; this was never seen to happen
    return JsonBlock(content=content, hashes=hashes, shape=shape, odd={}, parse=parse)


def _hashes(content: bytes, shape: Shape) -> Sequence[str]:
    return sha256(encode_rows(pl.read_ndjson(content, schema=dtypes(shape)), shape))


def _mixed_block(
    content: bytes, shape: Shape, objects: list[Mapping[str, JsonValue]], parse: Parse
) -> JsonBlock | None:
    """Return the rows of lines of which some do not have the shape."""
    lines = text_of(content[:-1]).str.split("\n").explode().head(-1)
    matching = lines.str.contains(line_pattern(shape))
    odd_lines = lines.filter(~matching)
    if len(odd_lines) * _FEW > len(lines):
        # The sample may have missed a name, so the shape of the odd lines is learned too.
        some = odd_lines.gather_every(max(1, len(odd_lines) // _SAMPLED))
        again = shape_of([*objects, *_objects(some, parse)])
        if again is None:
            return None
        shape, matching = again, lines.str.contains(line_pattern(again))
    if matching.sum() * 2 <= len(lines):
        return None
    others = [text.rstrip("\r") for text in lines.filter(~matching)]
    if not all(text.strip(_BLANK) for text in others):
        return None
    odd = {
        index: parse(1, 1, text) for index, text in zip((~matching).arg_true(), others, strict=True)
    }
    alike = "".join(f"{text}\n" for text in lines.filter(matching)).encode()
    made = _hashes(alike, shape)
    if len(made) + len(odd) != len(lines):
        return None
    rest = iter(made)
    hashes = [
        source_hash_of(odd[index]) if index in odd else next(rest) for index in range(len(lines))
    ]
    return JsonBlock(content=content, hashes=hashes, shape=shape, odd=odd, parse=parse)
