"""Parses and fills templates such as `{First Name} {Last Name}`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from importer.core.locale.message import Message

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|([{}])|[^{}]+")


@dataclass(frozen=True, slots=True)
class TemplatePart:
    """A part of a template: the name of a column, or a fixed text."""

    text: str
    is_column: bool


def parse_template(template: str) -> tuple[TemplatePart, ...]:
    """
    Return the parts of a template. A doubled brace is a brace.

    Raises `ValueError` for a single brace, and for a template without columns.
    """
    parts = []
    for match in _PIECE.finditer(template):
        if match[2]:
            raise ValueError(
                Message("a single %(value)s; write it twice to mean the character", value=match[2])
            )
        if match[1]:
            parts.append(TemplatePart(match[1], is_column=True))
        else:
            literal = match[0][0] if match[0] in {"{{", "}}"} else match[0]
            parts.append(TemplatePart(literal, is_column=False))
    if not any(part.is_column for part in parts):
        raise ValueError(
            Message("it names no column; use const for a text that is always the same")
        )
    return tuple(parts)


def fill(parts: Iterable[TemplatePart], texts: Iterable[str | None]) -> str | None:
    """
    Return the filled template, or None if all of `texts`, one for each column, are missing.

    If some are missing, each gap becomes one space, and none at the beginning and the end.
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
