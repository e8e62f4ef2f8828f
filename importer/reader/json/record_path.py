"""Finds the list of rows inside a JSON object: in its text, and in a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from importer.reader.json.window import TextWindow

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}\[\]]', re.DOTALL)
_PART = re.compile(r"\\[\\.]|.", re.DOTALL)
_OBJECTS = re.compile(r"\[\s*\{")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR_OR_COLON = re.compile(r'[^"{}\[\]\s,]+')


def name_of(text: str) -> str | None:
    """Return the value of a JSON string, or None if it is not valid."""
    try:
        return str(json.loads(text))
    except ValueError:
        return None


def path_of(names: Iterable[str]) -> str:
    """Return names joined by dots; dots in names get a backslash."""
    return ".".join(name.replace("\\", "\\\\").replace(".", "\\.") for name in names)


def names_of(path: str) -> list[str]:
    """Return the names of a path from `path_of`. Other backslashes are ordinary characters."""
    names = [""]
    for part in _PART.findall(path):
        if part == ".":
            names.append("")
        else:
            names[-1] += part[-1]
    return names


def lists_in(text: str) -> list[tuple[str, ...]]:
    """
    Return the names that lead to each list of objects in an object, whose rest may be cut off.

    Lists inside lists are not looked for.

    >>> lists_in('{"page": 1, "data": {"people": [{"a": 1}, {"a": 2')
    [('data', 'people')]
    """
    found: list[tuple[str, ...]] = []
    names: list[str] = []
    name, arrays = "", 0
    for token in _TOKEN.finditer(text):
        bracket = token[0]
        if token[1]:
            name = (name_of(token[1]) or "") if token[2] and not arrays else name
        elif bracket == "[" or arrays:
            if bracket == "[" and not arrays and _OBJECTS.match(text, token.start()):
                found.append((*names, name)[1:])
            arrays += {"[": 1, "]": -1}.get(bracket, 0)
        elif bracket == "{":
            names.append(name)
        elif names:
            name = names.pop()
    return found


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
