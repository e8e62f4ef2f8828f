"""Settings that stages share: how a source is read, and how many refused rows end a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Self, TypedDict

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from importer.errors import ConfigError
from importer.shared import FormatName, parse_time

__all__ = [
    "PLAIN_LIST",
    "PLAIN_OBJECTS",
    "CheckedSettings",
    "ErrorLimit",
    "ReadOptions",
    "ReadOverrides",
    "RowLimit",
    "Seconds",
    "Settings",
    "describe_faults",
]

_SHARE_COUNTS_FROM = 100
"""A share is only judged from this many outcomes on: 1 of 3 refused rows proves nothing."""


def describe_faults(error: ValidationError) -> str:
    """Return the errors of pydantic as `setting: what is wrong` lines, without the values."""
    lines = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in fault["loc"]) or "settings"
        what = "there is no such setting" if fault["type"] == "extra_forbidden" else fault["msg"]
        lines.append(f"{where}: {what.removeprefix('Value error, ')}")
    return "\n".join(lines)


class Settings(BaseModel):
    """The base of all settings: frozen, unknown names refused, no values in error messages."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CheckedSettings(Settings):
    """Settings that raise `ConfigError` for invalid values."""

    @model_validator(mode="wrap")
    @classmethod
    def _clear_errors(cls, data: Any, build: Callable[[Any], Self]) -> Self:
        try:
            return build(data)
        except ValidationError as error:
            raise ConfigError(describe_faults(error)) from None


def _as_seconds(value: Any) -> Any:
    return parse_time(value) if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_as_seconds)]
"""A time in seconds, which may also be written as on the command line: `"90m"`, `"24h"`."""


class ReadOptions(Settings):
    """
    How to read a source. Options that are None are detected.

    `null` lists the cell texts that mean "empty"; the empty text always does. `quote` and `escape`
    are "" if the file has none. `skip_lines` is the number of lines above the header,
    `header_rows` the number of its rows (0 is the same as `no_header`). Lines that begin with
    `comment` are skipped. `record_path` says where in a JSON object the list is: names joined by
    dots.
    """

    format: FormatName | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=2)] | None = None
    quote: Annotated[str, Field(max_length=1)] | None = None
    escape: Annotated[str, Field(max_length=1)] | None = None
    no_header: bool = False
    header_rows: int | None = Field(default=None, ge=0, le=9)
    skip_lines: int | None = Field(default=None, ge=0)
    comment: Annotated[str, Field(min_length=1, max_length=8)] | None = None
    null: tuple[str, ...] = ()
    max_row_bytes: int = Field(default=1024 * 1024, ge=1024)
    max_ratio: int = Field(default=200, ge=1)
    sheet: str | None = None
    record_path: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except (LookupError, UnicodeError) as error:
                raise ValueError(f"{name!r} is not an encoding that Python knows") from error
        return name

    def over(self, other: ReadOptions) -> ReadOptions:
        """Return these options, completed by those of `other`."""
        return ReadOptions(**{**other.model_dump(), **self.model_dump(exclude_unset=True)})


PLAIN_LIST = ReadOptions(
    format="csv",
    encoding="utf-8",
    delimiter=",",
    quote='"',
    escape="",
    no_header=False,
    header_rows=1,
    skip_lines=0,
    comment=None,
    record_path=None,
)
"""The options for CSV that the importer has written, whatever the mapping states."""
PLAIN_OBJECTS = ReadOptions(format="jsonl", encoding="utf-8", record_path=None)
"""The options for JSON Lines that the importer has written."""


class ReadOverrides(TypedDict, total=False):
    """The fields of `ReadOptions` as keyword arguments."""

    format: FormatName | None
    encoding: str | None
    delimiter: str | None
    quote: str | None
    escape: str | None
    no_header: bool
    header_rows: int | None
    skip_lines: int | None
    comment: str | None
    null: tuple[str, ...]
    max_row_bytes: int
    max_ratio: int
    sheet: str | None
    record_path: str | None


class RowLimit(Settings):
    """
    A number of rows: a `count`, or a `share` (0 to 1) of all rows.

    On the command line this is `50` or `20%`.
    """

    count: int | None = None
    share: float | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `N` or `N%`. Raises `ValueError` for anything else.

        >>> RowLimit.parse("20%").share
        0.2
        """
        match = re.fullmatch(r"([0-9]+)(?:\.([0-9]+))?(%?)", text.strip())
        if match is None or (match[2] and not match[3]):
            raise ValueError(f"{text!r} is neither a number of rows nor a percentage such as 20%")
        if match[3]:
            return cls(share=float(f"{match[1]}.{match[2] or 0}") / 100)
        return cls(count=int(match[1]))

    def __str__(self) -> str:
        """
        Return the limit as it is written on the command line.

        >>> str(RowLimit(share=0.2))
        '20%'
        """
        return str(self.count) if self.share is None else f"{self.share * 100:g}%"

    def rows(self, total: int) -> float:
        """Return how many rows of `total` this is."""
        return self.count if self.count is not None else total * (self.share or 0.0)


class ErrorLimit(RowLimit):
    """How many refused rows end a run. A share is judged from 100 outcomes on."""

    def exceeded(self, *, refused: int, outcomes: int) -> bool:
        """Return whether `refused` of `outcomes` rows are too many."""
        if self.count is not None:
            return refused > self.count
        if self.share is not None:
            return outcomes >= _SHARE_COUNTS_FROM and refused > self.share * outcomes
        return False
