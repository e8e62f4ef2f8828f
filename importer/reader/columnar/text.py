"""Hands a whole chunk to polars as one text."""

from __future__ import annotations

import polars as pl

__all__ = ["text_of"]


def text_of(content: bytes) -> pl.Series:
    """
    Return the text of `content`, and a null behind it. Raises `PolarsError` if it is not UTF-8.

    The null is for speed: a series of a single value is a constant to polars, which it copies
    several times at each step.
    """
    return pl.Series("text", [content, None], dtype=pl.Binary).cast(pl.String)
