"""Knows what people write into a cell that has no value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["FORMULA", "is_null", "null_words", "without_formulas"]

FORMULA = r'^="(.*)"$'
"""How programs write a text for Excel, so that it keeps its zeros: `="0501234567"`."""

_FORMULA = re.compile(FORMULA, re.DOTALL)
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


def without_formulas(values: Sequence[str]) -> Sequence[str]:
    """Return values without the `="…"` that keeps them texts in Excel."""
    if not any(text.startswith('="') for text in values):
        return values
    return [_FORMULA.sub(r"\1", text.strip()) for text in values]


def null_words(values: Iterable[str]) -> list[str]:
    """Return the values that people write for an empty cell: `n/a`, `-`, `0/0/00`."""
    return sorted({text.strip() for text in values if is_null(text)})
