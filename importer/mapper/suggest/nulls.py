"""Knows what people write into a cell that has no value."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["is_null", "null_words"]

_NULLS = frozenset(
    {
        "-",
        "--",
        "n/a",
        "na",
        "#n/a",
        "none",
        "null",
        "nil",
        "nan",
        "?",
        "k.a.",
        "n.a.",
        ".",
        "---",
        "0/0/00",
    }
    | {"00/00/0000", "0000-00-00", "00.00.0000", "0000-00-00 00:00:00", "لا يوجد", "нет"}
)


def is_null(text: str) -> bool:
    """Return whether a cell holds what people write where there is no value: `n/a`, `-`."""
    return text.strip().casefold() in _NULLS


def null_words(values: Iterable[str]) -> list[str]:
    """Return the values that people write for an empty cell: `n/a`, `-`, `0/0/00`."""
    return sorted({text.strip() for text in values if is_null(text)})
