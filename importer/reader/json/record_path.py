"""Finds the list of rows inside a JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}\[\]]', re.DOTALL)
_PART = re.compile(r"\\[\\.]|.", re.DOTALL)
_OBJECTS = re.compile(r"\[\s*\{")


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
