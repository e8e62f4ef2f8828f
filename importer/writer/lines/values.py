"""Reads the values of a line leniently: a value of another type is None."""

from __future__ import annotations

__all__ = ["integer", "text"]


def text(value: object) -> str | None:
    """Return a text, or None for anything else."""
    return value if isinstance(value, str) else None


def integer(value: object) -> int | None:
    """Return an integer, or None for anything else."""
    return value if isinstance(value, int) else None
