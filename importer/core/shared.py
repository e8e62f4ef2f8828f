"""Constants and types that several stages need."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import msgspec

from importer.core.locale.message import Message

JsonValue: TypeAlias = (
    "bool | int | float | Decimal | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
"""
What JSON can hold.

Numbers that a float cannot hold exactly are read as `Decimal`.
"""

ObjectName = Literal["contact", "lead", "deal", "appointment", "case"]

OBJECTS: tuple[ObjectName, ...] = get_args(ObjectName)
"""The object types that the endpoint can create."""

FormatName = Literal["csv", "jsonl", "json"]
"""The formats of sources; `importer.reader.formats` has a reader for each."""

UpdateForm = Literal["general", "hubspot", "salesforce"]
UPDATE_FORMS: tuple[UpdateForm, ...] = get_args(UpdateForm)
"""The forms of update files."""

FORMAT_SUFFIXES: Mapping[FormatName, frozenset[str]] = {
    "csv": frozenset({".csv", ".tsv", ".tab", ".psv"}),
    "jsonl": frozenset({".jsonl", ".ndjson"}),
    "json": frozenset({".json"}),
}
"""The file name endings of each format."""

DEALT_WITH = "dealt_with"
"""
The name of a count: rows whose change a person has dealt with, or that a person has declared the
same as the record they were compared with.
"""

EMPTY_ROW = "no_fields"
"""The code of the error of a row in which no mapped column has a value."""

FINISHED = frozenset({0, 1, 6})
"""The exit codes of runs that reached the end of their list."""

OVERLAP_EXIT = 8
"""The exit code of a job whose last run has not ended yet."""

GUARD_EXIT = 7
"""The exit code of a run that a guard stopped before its first request."""

FORGOTTEN = "(forgotten)"
"""The text in a results file in place of a message that `forget` has removed."""

TIMERS = ("systemd", "cron", "launchd", "github")
"""The programs that can start a job every night; `importer.jobs.schedules` writes their files."""

MAX_RAW_CHARACTERS = 64 * 1024
"""The longest text of a refused row that is kept (`Rejected.raw`)."""

OWN_PREFIX = "vorel_"
"""The prefix of the columns that the importer adds to its own files, and never imports."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names of this computer."""

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair: `\\ud83d` in JSON can spell one, but no UTF-8 text can hold it."""

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""
Invisible characters that change what is shown: they move the cursor or reverse the text.

These are control characters, line and paragraph separators, the marks of bidirectional text
(Unicode's UAX 9) and invisible characters. Joiners (U+200C, U+200D) are not among them, since
Persian and emoji need them.
"""

UNSAFE = re.compile(f"{HIDDEN.pattern}|{LONE_SURROGATE.pattern}")
"""Characters that no terminal and no line of a log should get."""


_TIME_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_time(text: str) -> float:
    """
    Return the seconds of a time: a number of them, or one with a unit. Raises `ValueError`.

    >>> parse_time("90m"), parse_time("24h"), parse_time("30")
    (5400.0, 86400.0, 30.0)
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhd]?)", text.strip())
    if match is None:
        raise ValueError(
            Message("%(value)s is not a time such as 3600, 90m, 24h or 7d", value=text)
        )
    return float(match[1]) * _TIME_UNITS[match[2]]


def time_text(seconds: float) -> str:
    """
    Return a time as `parse_time` reads it, in the largest of hours, minutes and seconds.

    >>> time_text(900), time_text(86400), time_text(1.5)
    ('15m', '24h', '1.5s')
    """
    unit = next(unit for unit in "hms" if unit == "s" or not seconds % _TIME_UNITS[unit])
    return f"{seconds / _TIME_UNITS[unit]:g}{unit}"


def printed(value: Any) -> Any:
    """
    Return a value as `--json` prints it: a dataclass as an object of its fields.

    The object also has the properties that the class names in `also_printed`.
    """
    if is_dataclass(value):
        also: Sequence[str] = getattr(value, "also_printed", ())
        names = (*also, *(one.name for one in fields(value)))
        return {name: printed(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {name: printed(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [printed(one) for one in value]
    return value


def shortened(text: str, most: int) -> str:
    """Return a text of so many characters at most; a sign says that it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(number: int, noun: str) -> str:
    """
    Return a number with what is counted, whose plural ends in s.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(text: str) -> str:
    """Return a text with invisible characters escaped, including line ends."""
    return UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    """Return the escape of a character in TOML and Python, so that a mapping can be read back."""
    code = ord(found[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_Fitting = TypeVar("_Fitting")


def fitting(form: object, to: type[_Fitting]) -> _Fitting | None:
    """
    Return a form on record as a value of this type; None if it does not fit.

    What the type does not have is left out: another version may have written it.

        >>> fitting(["1", 2.0], list[int])
        [1, 2]
    """
    try:
        return msgspec.convert(form, to, strict=False)
    except msgspec.ValidationError:
        return None
