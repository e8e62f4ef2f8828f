"""Takes templates such as `{First Name} {Last Name}` apart, and fills them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Part", "fill", "parse_template"]

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|([{}])|[^{}]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template: the name of a column, or text that stands as it is."""

    text: str
    is_column: bool


def parse_template(template: str) -> tuple[Part, ...]:
    """
    Return a template's parts. A doubled brace stands for itself.

    Raises `ValueError` for a single brace, and where no column is named.
    """
    parts = []
    for match in _PIECE.finditer(template):
        if match[2]:
            raise ValueError(f"a single {match[2]!r}; write it twice to mean the character")
        if match[1]:
            parts.append(Part(match[1], is_column=True))
        else:
            literal = match[0][0] if match[0] in {"{{", "}}"} else match[0]
            parts.append(Part(literal, is_column=False))
    if not any(part.is_column for part in parts):
        raise ValueError("it names no column; use const for a text that is always the same")
    return tuple(parts)


def fill(parts: Iterable[Part], texts: Iterable[str | None]) -> str | None:
    """
    Return the filled template, or None if all of `texts`, one a column, are missing.

    Where some are missing, the gap they leave becomes one space, and none at either end.
    """
    given = list(texts)
    if not any(given):
        return None
    rest = iter(given)
    filled = [(next(rest) or "") if part.is_column else part.text for part in parts]
    if all(given):
        return "".join(filled)
    joined = ""
    for piece in filled:
        gap = joined[-1:].isspace() or not joined
        joined += piece.lstrip() if gap else piece
    return joined.rstrip()
