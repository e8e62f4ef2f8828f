"""What a setting is, and the settings that stages share: how a list is read, limits of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Self, TypedDict, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from importer.core.errors import ConfigError
from importer.core.locale.message import Message, joined, message_of
from importer.core.shared import FormatName, parse_time, time_text

_SHARE_COUNTS_FROM = 100
"""A share is only judged from this many outcomes on: 1 of 3 refused rows proves nothing."""


def describe_faults(error: ValidationError) -> Message:
    """Return the errors of pydantic as `setting: what is wrong` lines, without the values."""
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in fault["loc"]) or "settings"
        raised = fault.get("ctx", {}).get("error")
        what = message_of(raised) if isinstance(raised, ValueError) else fault["msg"]
        if fault["type"] == "extra_forbidden":
            what = Message("there is no such setting")
        lines.append(Message("%(key)s: %(fault)s", key=where, fault=what))
    return joined(lines, "lines")


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


class HelpGroup(StrEnum):
    """The headings under which `run --help` lists settings, in their order."""

    IMPORTED = "What is imported"
    SPEED = "Where to, and how fast"
    SEEN_BEFORE = "Rows that were seen before"
    STOP = "When to stop, and before it begins"
    TOLD = "Who is told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """
    What a setting is for, and where it can be given.

    `group` is where `run --help` lists the flag; without one, it is only named there. `metavar` and
    `shown` are shown in place of what follows from type and default. `flag` is the flag where it is
    not `--` and the name; with `has_flag` false there is none. `has_key` says whether a job file
    may have it, `in_check` whether `check` takes it too. A setting that is meant for `once` is not
    repeated in proposed commands. `variable` is the environment variable that is read where nothing
    else states the setting.

    `name`, `type` (of several, the first), `default` and `rules` are those of the field.
    """

    help: str
    group: HelpGroup | None = None
    metavar: str | None = None
    shown: str | None = None
    flag: str | None = None
    has_flag: bool = True
    has_key: bool = True
    in_check: bool = True
    once: bool = False
    variable: str | None = None

    name: str = ""
    type: Any = None
    default: Any = None
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def default_text(self) -> str | None:
        """The default as the help shows it, or None if that is nothing, off or no limit."""
        if self.shown is not None or not self.default:
            return self.shown
        if self.default is True:
            return "yes"
        return time_text(self.default) if self.type is float else str(self.default)


_RULES = frozenset({"ge", "gt", "le", "min_length", "max_length", "pattern", "repr"})


def setting(
    help: str,  # noqa: A002 - as click calls it
    group: HelpGroup | None = None,
    *,
    default: Any = None,
    **more: Any,
) -> Any:
    """
    Declare a setting as a field: what it is for, its default, its rules, and more of `Setting`.

        rate: int = setting("Requests a minute.", HelpGroup.SPEED, default=200, ge=1)

    Its flag, the help, its key in job files, the commands that `run` and `status` propose, and the
    table in docs/commands.md follow from this. A field without it is for programs alone.
    """
    rules = {name: more.pop(name) for name in _RULES & more.keys()}
    declared = Field(default, **rules)
    declared.metadata.append(Setting(help=help, group=group, default=default, rules=rules, **more))
    return declared


def declared_settings(*models: type[BaseModel]) -> dict[str, Setting]:
    """
    Return the settings that models declare, by their names, in the order of the fields.

    >>> declared_settings(ReadOptions)["max_ratio"].default_text
    '200'
    """
    return {
        name: replace(
            said,
            name=name,
            type=_first_type(field.annotation),
            flag=(said.flag or f"--{name.replace('_', '-')}") if said.has_flag else None,
        )
        for model in models
        for name, field in model.model_fields.items()
        for said in field.metadata
        if isinstance(said, Setting)
    }


def _first_type(annotation: Any) -> Any:
    """Return a type without `None`, metadata and the types after the first."""
    while get_origin(annotation) in {Annotated, Union, UnionType}:
        annotation = get_args(annotation)[0]
    return annotation


def _as_seconds(value: Any) -> Any:
    return parse_time(value) if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_as_seconds)]
"""A time in seconds, which may also be written as on the command line: `"90m"`, `"24h"`."""


class ReadOptions(Settings):
    """
    How to read a source. Options that are None are detected.

    The empty text always means an empty cell, and the texts of `null` do too. `quote` and `escape`
    are "" if the file has none. `header_rows=0` is the same as `no_header`.
    """

    format: FormatName | None = setting("What the sources are.")
    encoding: str | None = setting("The text encoding, e.g. windows-1256.", metavar="NAME")
    delimiter: str | None = setting(
        "The text between cells, e.g. ';' or '||'.", metavar="TEXT", min_length=1, max_length=2
    )
    quote: str | None = setting(
        "The quote of cells, or none.", metavar="CHAR", shown="found", max_length=1
    )
    escape: str | None = setting(
        "What escapes a quote, or none.", metavar="CHAR", shown="found", max_length=1
    )
    no_header: bool = setting("The first line is a row: number columns.", default=False)
    header_rows: int | None = setting("How many rows the header has.", shown="found", ge=0, le=9)
    skip_lines: int | None = setting("How many lines are above the header.", shown="found", ge=0)
    comment: str | None = setting(
        "Skip lines that begin with TEXT.", metavar="TEXT", min_length=1, max_length=8
    )
    null: tuple[str, ...] = setting("Texts that mean an empty cell.", default=(), has_flag=False)
    max_row_bytes: int = setting("Refuse larger rows.", default=1024 * 1024, ge=1024)
    max_ratio: int = setting(
        "Refuse archives that unpack to more than N times their size.", default=200, ge=1
    )
    sheet: str | None = setting(
        "The sheet of a spreadsheet.", metavar="NAME", shown="the first with a list"
    )
    record_path: str | None = setting(
        "Where in a JSON object the list is, e.g. data.items.", metavar="PATH", min_length=1
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except (LookupError, UnicodeError) as error:
                raise ValueError(
                    Message("%(value)s is not an encoding that Python knows", value=name)
                ) from error
        return name

    def over(self, other: ReadOptions) -> ReadOptions:
        """Return these options, completed by those of `other`."""
        return ReadOptions(**{**other.model_dump(), **self.model_dump(exclude_unset=True)})


READING = declared_settings(ReadOptions)
"""The settings of reading by their names."""

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

    It may be written as a text or a number: `"20%"`, `50`.
    """

    count: int | None = None
    share: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return dict(cls.parse(str(value))) if isinstance(value, str | int) else value

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `N` or `N%`. Raises `ValueError` for anything else.

        >>> RowLimit.parse("20%").share
        0.2
        """
        match = re.fullmatch(r"([0-9]+)(?:\.([0-9]+))?(%?)", text.strip())
        if match is None or (match[2] and not match[3]):
            raise ValueError(
                Message(
                    "%(value)s is neither a number of rows nor a percentage such as 20%%",
                    value=text,
                )
            )
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
