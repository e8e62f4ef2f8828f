"""Reads one line whose quotes do not stand where they should, in each way that it can be read."""

from __future__ import annotations

from functools import cache

from importer.reader.dialect import Dialect

__all__ = ["readings"]

_MOST_PIECES = 400


def readings(line: str, dialect: Dialect, width: int) -> list[list[str]]:
    """
    Return the ways, two at most, to read `line` as `width` cells with loose quotes.

    A cell is a piece between delimiters that does not begin with a quote, or pieces of which the
    first begins and the last ends with one.
    """
    delimiter, quote = dialect.delimiter, dialect.quote
    pieces = line.split(delimiter)
    if not width <= len(pieces) <= _MOST_PIECES:
        return []

    @cache
    def ways(start: int, left: int) -> tuple[tuple[str, ...], ...]:
        if left == 0:
            return ((),) if start == len(pieces) else ()
        if len(pieces) - start < left:
            return ()
        found: list[tuple[str, ...]] = []
        for end in range(start + 1, len(pieces) - left + 2):
            if end > start + 1 and not pieces[end - 1].endswith(quote):
                continue  # joining these would take time for nothing
            cell = _loose_cell(delimiter.join(pieces[start:end]), quote, single=end == start + 1)
            if cell is not None:
                found += ((cell, *rest) for rest in ways(end, left - 1))
            if len(found) > 1 or not pieces[start].startswith(quote):
                break
        return tuple(found[:2])

    return [list(way) for way in ways(0, width)]


def _loose_cell(text: str, quote: str, *, single: bool) -> str | None:
    if not text.startswith(quote):
        return text if single else None
    if len(text) < 2 or not text.endswith(quote):  # noqa: PLR2004
        return None
    inner = text[1:-1]
    if quote not in inner:
        return inner
    undoubled = inner.replace(quote * 2, "")
    if quote not in undoubled:
        return inner.replace(quote * 2, quote)
    # Doubled and single ones together, or one at the edge: nobody can tell how many were meant.
    at_edge = inner.startswith(quote) or inner.endswith(quote)
    if undoubled != inner or (at_edge and inner.count(quote) % 2):
        return None
    return inner
