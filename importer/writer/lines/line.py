"""What all lines of a results file have in common, and how they are read and written."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec.structs import fields

from importer.core.shared import JsonValue

Key = Annotated[str, msgspec.Meta(pattern=r"^vi1-[0-9a-f]{64}(-[1-9][0-9]*)?\Z")]
"""An idempotency key of this importer."""


def written(default: Any) -> Any:
    """Return a field that is written also if it has its default."""
    return msgspec.field(default_factory=lambda: default)


class ResultLine(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="kind",
    tag=lambda name: name.removesuffix("Line").lower(),
):
    """
    A line of a results file; the name of its class is its kind.

    The fields are declared in the order in which they are written. A field is left out if it has
    its default, unless it is `written`.

    Files outlive versions, so lines are read leniently: unknown names are ignored, and a value that
    is missing or of another type is null, or else the default. Nothing is concluded from a line
    without a value that it must have, or if one of those in `must_fit` is there and cannot be read.
    """

    must_fit: ClassVar[frozenset[str]] = frozenset()
    takes_numbers_as_texts: ClassVar[bool] = False
    """
    Whether 1 may be written as 1.0 or "1", and "1" as 1.

    So it is in lines about rows, which are not forgotten when another program rewrites the file.
    """

    @property
    def kind(self) -> str:
        """The kind of line, such as `run`."""
        return str(self.__struct_config__.tag)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        line: dict[str, JsonValue] = msgspec.to_builtins(self, enc_hook=str)
        return line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if nothing can be concluded from it."""
        given: dict[str, Any] = {}
        for field in _fields(cls):
            name = field.encode_name
            if name not in line and not field.required:
                continue
            for value in (line.get(name), None):
                try:
                    given[field.name] = _converted(
                        value, field.type, is_strict=not cls.takes_numbers_as_texts
                    )
                    break
                except msgspec.ValidationError:
                    if name in cls.must_fit:
                        return None
            else:
                if field.required:
                    return None
        try:
            return cls(**given)
        except (TypeError, ValueError):
            return None


_fields = cache(fields)  # it reads the types of a class anew each time: 0.6 ms


def _converted(value: object, to: Any, *, is_strict: bool) -> Any:
    try:
        return msgspec.convert(value, to)
    except msgspec.ValidationError:
        if is_strict:
            raise
        with suppress(msgspec.ValidationError):
            return msgspec.convert(value, to, strict=False)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return msgspec.convert(str(value) if is_number else value, to)


class OtherLine(ResultLine, frozen=True, kw_only=True):
    """A line of an unknown kind, or an incomplete one: only its time is used."""

    at: str | None
