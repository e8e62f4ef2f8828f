"""Knows what people write between several values in one cell."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["marks_in"]

_MARKS = (
    *(" ::: ", "\n", ";", ",", "|", " / ", "/", " & ", "&", " or ", " oder ", " ou ", " and "),
    *(" und ", " et ", " y ", " e ", " و ", " أو ", " или ", " и ", " - ", "  ", " "),
)


def marks_in(text: str) -> Iterator[str]:
    """Yield what may separate several values in a text, the most likely first."""
    yield from (mark for mark in _MARKS if mark in text)
