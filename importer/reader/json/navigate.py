"""Moves through JSON objects to the list that a record path leads to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.reader.json.record_path import name_of
from importer.reader.json.window import TextWindow

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR_OR_COLON = re.compile(r'[^"{}\[\]\s,]+')


def enter_list(window: TextWindow, names: Sequence[str]) -> bool:
    """
    Move to the `[` that the names lead to from the object at the window's position.

    Returns False if there is no such list; then the window is at the value that is there.
    """
    return all(_enter(window, name) for name in names) and window.next_is("[")


def skip_value(window: TextWindow, depth: int = 0) -> None:
    """Skip one value with everything inside it, or the rest of `depth` values that are open."""
    while window.skip_separators():
        sign = window.text[window.position]
        if sign == '"':
            _read_string(window)
        elif sign in "{}[]":
            depth += 1 if sign in "{[" else -1
            window.advance(window.position + 1)
        else:
            window.advance(_SCALAR_OR_COLON.match(window.text, window.position).end())  # type: ignore[union-attr]
        if depth <= 0:
            return


def next_list(window: TextWindow, names: Sequence[str]) -> tuple[str, ...] | None:
    """
    Skip the rest of an object after the list at `names`, up to another list of objects.

    Returns the names that lead to that list, or None behind the object's end.
    """
    above = [*names[:-1]]
    while window.skip_separators():
        sign = window.text[window.position]
        if sign == "}":
            window.advance(window.position + 1)
            if not above:
                return None
            above.pop()
        elif sign != '"':
            skip_value(window)
        else:
            name = _read_string(window) or ""
            if not window.next_is(":"):
                continue
            window.advance(window.position + 1)
            if window.next_is("{"):
                above.append(name)
                window.advance(window.position + 1)
            elif window.next_is("["):
                window.advance(window.position + 1)
                if window.next_is("{"):
                    return (*above, name)
                skip_value(window, 1)
            else:
                skip_value(window)
    return None


def _enter(window: TextWindow, wanted: str) -> bool:
    """Move to a member's value in the object that begins here. Returns False if it has none."""
    if not window.next_is("{"):
        return False
    window.advance(window.position + 1)
    while window.next_is('"'):
        name = _read_string(window)
        if not window.next_is(":"):
            return False
        window.advance(window.position + 1)
        if name == wanted:
            return True
        skip_value(window)
    return False


def _read_string(window: TextWindow) -> str | None:
    """Return the string that begins here and move behind it; None if it is broken."""
    while not (found := _STRING.match(window.text, window.position)):
        if not window.grow():
            window.advance(len(window.text))
            return None
    window.advance(found.end())
    return name_of(found[0])
