"""Finds post codes from which a spreadsheet has taken the zeros at the beginning."""

from __future__ import annotations

from collections.abc import Sequence

from importer.mapper.data import load_table

__all__ = ["lost_zeros"]

_MOST_LOST = 2


def lost_zeros(values: Sequence[str], region: str | None) -> tuple[list[list[str]], int] | None:
    """
    Return the pairs of `replace` that put the zeros back, and how many codes lack them, or None.

    So it is where all codes are digits, some have as many as the country's codes, no other has
    more than two fewer, and none of them begins with a zero.

    >>> lost_zeros(["28013", "8025"], "ES")
    ([['^([0-9]{4})$', '0$1']], 1)
    """
    length = load_table("post_codes").get(region or "")
    codes = [text.strip() for text in values if text.strip()]
    if length is None or not all(one.isascii() and one.isdecimal() for one in codes):
        return None
    lengths = {len(one) for one in codes}
    is_whole = not lengths - set(range(length - _MOST_LOST, length + 1)) and length in lengths
    if not is_whole or len(lengths) == 1 or any(one.startswith("0") for one in codes):
        return None
    shorter = sorted(lengths - {length}, reverse=True)
    pairs = [[f"^([0-9]{{{one}}})$", f"{'0' * (length - one)}$1"] for one in shorter]
    return pairs, sum(len(one) < length for one in codes)
