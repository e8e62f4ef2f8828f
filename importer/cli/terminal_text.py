"""Prints text, with everything escaped that could harm a terminal."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING

import click

from importer.core.errors import ImporterError
from importer.core.shared import UNSAFE, one_line, printed, shortened

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_NARROWEST = 30
LONGEST = 4000
"""How many characters are shown of a text from the list."""


def printable(text: str) -> str:
    r"""
    Return a text that cannot move the cursor of a terminal or change the direction of its text.

    Such characters are escaped: an escape character becomes `\u001b`. Line ends stay.
    """
    return "\n".join(one_line(line) for line in text.split("\n"))


def cut(text: str, length: int) -> str:
    """Return a text on one line, cut to a length, with invisible characters escaped."""
    if not text.isprintable():
        text = "".join(
            sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
        )
    return shortened(text, length)


HEARD = {name: ContextVar(name, default=False) for name in ("quiet", "verbose")}
"""How much the command that is running is to say, also where its threads ask."""


def is_quiet() -> bool:
    """Return whether the command that is running was called with `-q`."""
    return HEARD["quiet"].get()


def is_verbose() -> bool:
    """Return whether the command that is running was called with `-v`, and not with `-q`."""
    return HEARD["verbose"].get() and not is_quiet()


def duration(seconds: float) -> str:
    """Return seconds in words for a person, such as `5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def megabytes(size: int) -> str:
    """Return a size in bytes as a person says it."""
    return f"{size / 1e6:,.1f} MB"


def aligned(rows: Sequence[tuple[str, ...]], width: int = 0) -> list[str]:
    """Return rows as aligned columns. With `width`, the last column is wrapped to fit."""
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    indent = sum(sizes) + 2 * len(sizes)
    below = bool(width) and width - indent < _NARROWEST
    lines = []
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row, sizes, strict=False)]
        if below:
            lines.append("  ".join(cells).rstrip())
            lines += textwrap.wrap(row[-1], width, initial_indent="    ", subsequent_indent="    ")
            continue
        last = textwrap.wrap(row[-1], width - indent) if width else [row[-1]]
        lines.append("  ".join([*cells, last[0]]))
        lines += [" " * indent + more for more in last[1:]]
    return lines


class OutputError(ImporterError):
    """Raised when standard output cannot be written: the disk is full, or the pipe is closed."""

    exit_code = 3


def say(text: str, *, err: bool = False, nl: bool = True, always: bool = False) -> None:
    """
    Print a text for a person. All commands print with this function or `say_json`.

    With `-q`, only what is for `always` is printed on standard error: errors, and what a person is
    asked or has asked for. Raises `OutputError` if standard output cannot
    be written. Errors of standard error are ignored: a run does not end because nobody can watch
    it.
    """
    if err and not always and is_quiet():
        return
    _print(printable(text), err=err, nl=nl)


def say_notes(notices: Iterable[str]) -> None:
    """Print what a person should know, besides the result."""
    for notice in notices:
        say(f"note: {notice}", err=True)


def say_json(document: DataclassInstance) -> None:
    """
    Print a document as one JSON object on standard output, with control characters escaped.

    Raises `OutputError`.
    """
    text = json.dumps(printed(document), ensure_ascii=False, default=str)
    _print(UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text))


def _print(text: str, *, err: bool = False, nl: bool = True) -> None:
    try:
        click.echo(text, err=err, nl=nl)
    except OSError as error:
        if not err:
            raise OutputError(
                "standard output cannot be written (%(fault)s)",
                fault=error.strerror or error,
                hint="The work of the command is done; only its output is incomplete.",
            ) from error
