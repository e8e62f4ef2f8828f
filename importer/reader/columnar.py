"""What the columnar readers of CSV and JSON Lines share: hashes, patterns and texts for polars."""

from __future__ import annotations

import hashlib

import polars as pl

from importer.core.keys import DIGEST_BYTES, SourceHashes


def sha256(texts: pl.Series) -> SourceHashes:
    """Return the SHA-256 (hex) of each text."""
    made = [hashlib.sha256(one).digest() for one in texts.cast(pl.Binary).to_list()]
    digests = b"".join([one[:DIGEST_BYTES] for one in made])
    return SourceHashes(digests, lambda: [one.hex() for one in made])


def literal(text: str) -> str:
    """Return the regular expression that matches `text` alone, for polars too."""
    return "".join(char if char.isalnum() else rf"\x{{{ord(char):x}}}" for char in text)


def text_of(content: bytes) -> pl.Series:
    """
    Return the text of `content`, and a null behind it. Raises `PolarsError` if it is not UTF-8.

    The null is for speed: a series of a single value is a constant to polars, which it copies
    several times at each step.
    """
    return pl.Series("text", [content, None], dtype=pl.Binary).cast(pl.String)
