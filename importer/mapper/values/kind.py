"""What defines a kind of value: its options, how it is read, and what is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from importer.core.shared import JsonValue
from importer.mapper.values.written import Name, Strict

if TYPE_CHECKING:  # polars takes long to load, and is needed only for whole columns
    import polars as pl


Convert = Callable[[JsonValue], JsonValue]
"""Converts a raw value to the value to send. Raises `BadValue`."""

ColumnReader = Callable[["pl.DataFrame"], "pl.Series"]
"""
Reads a whole column at once.

Takes a table with the texts in the column `cell`; beside it, those of the column that decides how
they are read are in `other`, null if empty. Returns for each what the exact reader of the kind
returns, without control characters, or null where it is not certain: those are left to that one.
"""

NORMALISED = "normalised"


class Options(Strict):
    """
    The keys of a mapping's line that one kind understands, each with a default.

    A validator that raises `ValueError` words the fault itself.
    """

    def changed(self) -> dict[str, JsonValue]:
        """Return the keys that do not have their default, with their values."""
        return {key: value for key, value in self if value != type(self).model_fields[key].default}


class FromColumn(Options):
    """An option whose value is in another column of each row."""

    column: Name


class FieldLimits(Protocol):
    """What a kind can know about the field of its values."""

    @property
    def enum(self) -> tuple[str, ...]:
        """The words that the field takes, or none if it takes any."""

    @property
    def max_length(self) -> int | None:
        """How many characters the field takes at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    One kind of value. A mapping states it as `type`, a schema as `x-kind`.

    Reading:

    - `build` takes the options and the limits of the field, if it is known, and returns the
      function that converts a value. It raises `ValueError` for options that cannot work.
    - `by_row` does the same for values whose reading depends on another column, if an option says
      so: it takes the options and the cell of that column, None if it is empty.
    - `column_reader` returns the reader of whole columns, else None.
    - `change` takes the options, the limits, a text and what is sent for it, which differs, and
      returns in two or three words what was done (`Change.what`).
    - `kept` takes a value that cannot be read but is sent nevertheless, and returns it as it is
      sent; None sends it as written.
    - `split` says what the key of that name does: make a list, or take the first value.
    - A kind that is not `strict` is used only if a mapping states it; otherwise the CRM decides
      whether the text of the field is right.

    Sending: `json_type` is the JSON type, `json_format` the JSON Schema format that means this
    kind. A kind that is not a `type` is for schemas only.

    Messages: `plural` is what several values are called.

    Suggestions: `looks` are the forms (`suggest.columns.looks`) that values may have, or empty
    for any form. With `has_words` they may also contain words. With `needs_samples` the keys of
    the line are found from samples.
    """

    name: str
    plural: str
    build: Callable[[Any, FieldLimits | None], Convert]
    options: type[Options] = Options
    by_row: Callable[[Any, JsonValue], Convert] | None = None
    column_reader: Callable[[Any], ColumnReader | None] | None = None
    change: Callable[[Any, FieldLimits | None, str, JsonValue], str] = lambda *_: NORMALISED
    kept: Callable[[JsonValue], JsonValue] | None = None
    split: Literal["list", "first"] | None = None
    strict: bool = True
    json_type: str = "string"
    json_format: str | None = None
    is_type: bool = True
    looks: frozenset[str] = frozenset()
    has_words: bool = False
    needs_samples: bool = False
