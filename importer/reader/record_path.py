"""Finds the list in a JSON object that holds it somewhere within."""

from __future__ import annotations

import json
import re

__all__ = ["first_list", "name_of"]

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}\[\]]', re.DOTALL)
_OBJECTS = re.compile(r"\[\s*\{")


def name_of(text: str) -> str | None:
    """Return the text that a JSON text stands for, None where it is not right."""
    try:
        return str(json.loads(text))
    except ValueError:
        return None


def first_list(text: str) -> str | None:
    """
    Return the path of the first list of objects in an object, whose rest may be cut off.

    That is the names that lead there, with dots between them; None where there is no list.
    """
    names: list[str] = []
    name, arrays = "", 0
    for token in _TOKEN.finditer(text):
        bracket = token[0]
        if token[1]:
            name = (name_of(token[1]) or "") if token[2] and not arrays else name
        elif bracket == "[" or arrays:
            if bracket == "[" and not arrays and _OBJECTS.match(text, token.start()):
                return ".".join([*names, name][1:])
            arrays += {"[": 1, "]": -1}.get(bracket, 0)
        elif bracket == "{":
            names.append(name)
        elif names:
            name = names.pop()
    return None
