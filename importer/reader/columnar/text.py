"""Hands a whole chunk to polars as one text."""

from __future__ import annotations

import polars as pl

__all__ = ["text_of"]


def text_of(content: bytes) -> pl.Series:
    """
    Return the text of `content`, and null behind it. Raises `PolarsError` for what is no UTF-8.

    The null is for speed: polars holds the only value of a series as a constant, and copies it
    several times at each step.
    """
    return pl.Series("text", [content, None], dtype=pl.Binary).cast(pl.String)
