"""Learns the shape of the objects in a JSON Lines file, as a pattern that polars can check."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

import polars as pl

from importer.core.keys import utf16_order
from importer.reader.columnar import literal

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
