"""Prints: what a list, a file name or a server wrote reaches no terminal unless it is harmless."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from importer.errors import ImporterError
from importer.shared import HIDDEN, LONE_SURROGATE

__all__ = ["LONGEST", "OutputError", "cut", "duration", "one_line", "printable", "say", "say_json"]

LONGEST = 4000
"""Characters that are shown of a text whose length the list decides."""
_UNSAFE = re.compile(f"{HIDDEN.pattern}|{LONE_SURROGATE.pattern}")


def _escape(found: re.Match[str]) -> str:
    """Return a sign as TOML and Python write it, so that a printed mapping can be read back."""
    code = ord(found[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """Return a text in which signs that are not seen, line ends among them, are escaped."""
    return _UNSAFE.sub(_escape, text)


def printable(text: str) -> str:
    r"""
    Return a text that leaves a terminal's cursor, and the direction of its text, alone.

    Signs that do not are escaped: an escape character becomes `\u001b`. Line ends stay.
    """
    return "\n".join(one_line(line) for line in text.split("\n"))


def cut(text: str, length: int) -> str:
    """Return a text on one line, cut to a length; what cannot be seen is shown escaped."""
    if not text.isprintable():
        text = "".join(
            sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
        )
    return text if len(text) <= length else text[: length - 1] + "…"


def duration(seconds: float) -> str:
    """Return seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class OutputError(ImporterError):
    """Raised where standard output takes nothing more: it is full, or nobody reads it."""

    exit_code = 3


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """
    Print a text for a person. Every command prints through here or `say_json`.

    Raises `OutputError` for standard output. What standard error does not take is left out: no
    run ends because nobody can watch it.
    """
    _print(printable(text), err=err, nl=nl)


def say_json(value: Any) -> None:
    """
    Print one JSON object on standard output; what a terminal would act on is escaped.

    Raises `OutputError`.
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    _print(_UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text))


def _print(text: str, *, err: bool = False, nl: bool = True) -> None:
    try:
        click.echo(text, err=err, nl=nl)
    except OSError as error:
        if not err:
            raise OutputError(
                f"standard output takes nothing more ({error.strerror or error})",
                hint="What the command does is done; only its output is not whole.",
            ) from error
