"""Reads the values of a line leniently: a value of another type is None."""

from __future__ import annotations


def text(value: object) -> str | None:
    """Return a text, or None for anything else."""
    return value if isinstance(value, str) else None


def integer(value: object) -> int | None:
    """Return an integer, or None for anything else."""
    return value if isinstance(value, int) else None


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts, or nothing if it is none."""
    return tuple(map(str, value)) if isinstance(value, list) else ()
