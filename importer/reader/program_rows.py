"""Writes rows that a program has as JSON Lines, which are then read as any other list."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any
from uuid import UUID

from importer.core.errors import ConfigError, SourceError
from importer.core.locale.message import Message
from importer.core.systems import OPEN_FLAGS


def write_rows(rows: Iterable[Any], path: Path) -> None:
    """
    Write rows, each a mapping from column to value, to a new file that only its owner can read.

    Raises `ConfigError` for a row that is no mapping, and for a value that JSON cannot have, and
    `SourceError` if there are no rows.
    """
    if not isinstance(rows, Iterable):
        raise ConfigError(
            "a %(type)s is given in place of rows",
            type=type(rows).__name__,
            hint="Rows are an iterable of mappings, such as [{'Name': 'Omar'}].",
        )
    number = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="\n") as stream:
        for number, row in enumerate(rows, 1):
            if not (isinstance(row, Mapping) or hasattr(row, "keys")):  # sqlite3.Row has no more
                raise ConfigError(
                    "row %(number)s is a %(type)s and no mapping from column to value",
                    number=number,
                    type=type(row).__name__,
                    hint=_as_mappings(rows),
                )
            cells = {
                str(name): _plain(value, f"row {number}, {name}")
                for name, value in dict(row).items()
            }
            stream.write(json.dumps(cells, ensure_ascii=False, default=_number) + "\n")
    if not number:
        raise SourceError("there are no rows", hint="Nothing was sent. Check the query.")


def _as_mappings(rows: object) -> Message:
    """Return how what was given in place of mappings gives them."""
    if hasattr(rows, "iter_rows"):
        return Message("Give frame.iter_rows(named=True) in place of the frame.")
    if hasattr(rows, "to_dict"):
        return Message('Give frame.to_dict("records") in place of the frame.')
    return Message(
        "Give each row as a dict, such as {'Name': 'Omar'}. A cursor returns them with a row "
        "factory, such as sqlite3.Row."
    )


def _plain(value: Any, where: str) -> Any:
    """Return a value as JSON has it. Raises `ConfigError` for one that it cannot have."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            return value if isfinite(value) else None  # data frames write "not a number" for none
        case UUID():
            return str(value)
        case date() | time():  # pandas has a "not a time", which differs from itself
            return value.isoformat() if value == value else None  # noqa: PLR0124
        case Mapping():
            return {str(name): _plain(one, where) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one, where) for one in value]
    raise ConfigError(
        "%(place)s: a %(type)s is no value that can be sent",
        place=where,
        type=type(value).__name__,
        hint="Give a text, a number, a date, a time, a boolean or None.",
    )


def _number(value: Any) -> Any:
    """Return a decimal number as JSON, with all of its digits: as a text."""
    return str(value)
