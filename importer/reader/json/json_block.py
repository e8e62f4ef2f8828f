"""
Hashes whole chunks of JSON Lines with polars, if that certainly gives the same hashes.

This is a second way of what `row_parser` does line by line, for speed: a list that was imported
before is recognised by its hashes alone. polars reads a chunk only after a pattern has proven that
each line of it means the same to both.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

import polars as pl
import polars.exceptions

from importer.core.keys import source_hash_of, utf16_order
from importer.core.records import Rejected, Row
from importer.core.row_marks import RowMark
from importer.core.shared import JsonValue
from importer.reader.columnar import literal, sha256, text_of

Parse = Callable[[int, int, str], Row | Rejected]
"""Parses a row exactly, from its number, its line and its text."""

_SAMPLED = 32
_BLANK = " \t"


Kind = Literal["text", "whole", "number", "flag", "texts", "object"]

# Only values whose canonical form follows from these patterns: escapes are valid and are not half
# of a surrogate pair; numbers have no exponent, no sign at zero, and at most the digits that a
# 64-bit integer or a double keeps.
_STRING = (
    r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u(?:[0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}'
    r'|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"'
)
_VALUES: Mapping[Kind, str] = {
    "text": _STRING,
    "whole": r"(?:0|-?[1-9][0-9]{0,17})",
    "number": r"(?:0(?:\.0{1,4})?|-?[1-9][0-9]{0,7}(?:\.[0-9]{1,7})?|-?0\.0{0,3}[1-9][0-9]{0,9})",
    "flag": "(?:true|false)",
    "texts": rf"\[ ?(?:{_STRING}(?:, ?{_STRING})*)? ?\]",
}
_DTYPES: Mapping[Kind, Any] = {
    "text": pl.String,
    "whole": pl.Int64,
    "number": pl.Float64,
    "flag": pl.Boolean,
    "texts": pl.List(pl.String),
}
_NULLABLE = {"text", "whole", "number", "flag"}


@dataclass(frozen=True, slots=True)
class Member:
    """A name and the kind of its values; `always` is True if every object has it."""

    name: str
    kind: Kind
    always: bool
    inner: Shape | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Objects that have these members, in this order. Every object has the first one."""

    members: tuple[Member, ...]

    def example(self) -> dict[str, Any]:
        """Return an object with all members; its values are None, except for inner objects."""
        return {m.name: m.inner.example() if m.inner else None for m in self.members}


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
        number, line = self.number + index, self.line + index
        if index in self.odd:
            return replace(self.odd[index], number=number, line=line)
        return self.parse(number, line, self._texts[index].rstrip("\r"))

    def number_of(self, index: int) -> int:
        """Return the number of one row."""
        return self.number + index

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
        rows = (parse(1, 1, text.rstrip("\r")) for text in _spread(content))
        shape = shape_of([row.values for row in rows if isinstance(row, Row)])
        if shape is None:
            return None
        if _are_alike(content, shape):
            return _block(content, shape, parse)
        return _mixed_block(content, shape, parse)
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


def _mixed_block(content: bytes, shape: Shape, parse: Parse) -> JsonBlock | None:
    """Return the rows of lines of which some do not have the shape."""
    lines = text_of(content[:-1]).str.split("\n").explode().head(-1)
    matching = lines.str.contains(line_pattern(shape))
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


def shape_of(objects: Sequence[Mapping[str, Any]], *, inner: bool = False) -> Shape | None:
    """
    Return the shape of most of `objects`, or None if it cannot be described.

    That is so for lists of anything but texts, for fractions in inner objects, and for an object
    without members.
    """
    firsts = Counter(next(iter(values), None) for values in objects)
    first = firsts.most_common(1)[0][0] if firsts else None
    if first is None:
        return None
    objects = [values for values in objects if next(iter(values), None) == first]
    members = [_member(name, objects, inner=inner) for name in _names(objects)]
    known = tuple(member for member in members if member is not None)
    return Shape(known) if len(known) == len(members) else None


def _names(objects: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return all names, in an order that agrees with that of each object."""
    names: list[str] = []
    for values in objects:
        place = 0
        for name in values:
            if name in names:
                place = names.index(name) + 1
            else:
                names.insert(place, name)
                place += 1
    return names


def _member(name: str, objects: Sequence[Mapping[str, Any]], *, inner: bool) -> Member | None:
    values = [values[name] for values in objects if name in values]
    always = len(values) == len(objects)
    kinds = Counter(_kind(value) for value in values if value is not None)
    kind = kinds.most_common(1)[0][0] if kinds else "text"
    if kind == "whole" and "number" in kinds:
        kind = "number"
    if kind is None or (inner and (kind == "number" or not always)):
        return None
    if kind != "object":
        return Member(name, kind, always)
    shape = shape_of([value for value in values if isinstance(value, dict)], inner=True)
    return Member(name, kind, always, shape) if shape and always else None


def _kind(value: Any) -> Kind | None:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "whole"
    if isinstance(value, float | Decimal):
        return "number"
    if isinstance(value, dict):
        return "object"
    return "texts" if all(isinstance(item, str) for item in value) else None


def line_pattern(shape: Shape) -> str:
    """Return a regular expression for lines that polars can hash."""
    return rf"\A{_object_pattern(shape)}\r?\z"


def lines_pattern(shape: Shape) -> str:
    """Return a regular expression for texts whose lines all match `line_pattern`."""
    return rf"\A(?:{_object_pattern(shape)}\r?\n)*\z"


def _object_pattern(shape: Shape) -> str:
    return rf"\{{ ?{''.join(_member_patterns(shape))} ?\}}"


def _member_patterns(shape: Shape) -> Iterator[str]:
    for place, member in enumerate(shape.members):
        written = {json.dumps(member.name, ensure_ascii=ascii_) for ascii_ in (True, False)}
        names = "|".join(sorted(literal(name) for name in written))
        value = _object_pattern(member.inner) if member.inner else _VALUES[member.kind]
        if member.always and member.kind in _NULLABLE:
            value = f"(?:{value}|null)"
        pattern = f"{', ?' if place else ''}(?:{names}): ?{value}"
        yield pattern if member.always else f"(?:{pattern})?"


def dtypes(shape: Shape) -> dict[str, Any]:
    """Return the types with which polars reads such objects, in the order of canonical JSON."""
    members = sorted(shape.members, key=lambda member: utf16_order(member.name))
    return {
        member.name: pl.Struct(dtypes(member.inner)) if member.inner else _DTYPES[member.kind]
        for member in members
    }


def encode_rows(table: pl.DataFrame, shape: Shape) -> pl.Series:
    """
    Return the canonical JSON of each row of a table that was read with `dtypes(shape)`.

    It is what the encoder of polars writes, except for two things: whole doubles end in `.0`, and
    missing members are written as null. The latter cannot be confused with a part of a text, since
    quotes in texts always have a backslash.
    """
    kinds = {member.name: member.kind for member in shape.members}
    lacking = [f",{_quoted(member.name)}:null" for member in shape.members if not member.always]
    if not lacking and "number" not in kinds.values():
        return table.select(pl.struct(pl.all()).struct.json_encode().alias("row"))["row"]
    parts = [
        part
        for is_number, names in groupby(table.columns, key=lambda name: kinds[name] == "number")
        for part in (map(_number, names) if is_number else [_encoded(list(names))])
    ]
    body = pl.concat_str(parts, separator=",")
    if lacking:
        body = (
            pl.concat_str(pl.lit(","), body).str.replace_many(lacking, [""]).str.strip_prefix(",")
        )
    return table.select(pl.concat_str(pl.lit("{"), body, pl.lit("}")).alias("row"))["row"]


def _encoded(names: list[str]) -> pl.Expr:
    """Encode neighbouring members, without the braces around them."""
    return pl.struct(names).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")


def _number(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_suffix(".0").fill_null("null")
    return pl.concat_str(pl.lit(f"{_quoted(name)}:"), text)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
