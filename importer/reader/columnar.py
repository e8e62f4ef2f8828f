"""What the columnar readers of CSV and JSON Lines share: hashes, patterns and texts for polars."""

from __future__ import annotations

import hashlib
from functools import cache

import polars as pl

from importer.core.keys import DIGEST_BYTES, SourceHashes


def sha256(texts: pl.Series) -> SourceHashes:
    """Return the SHA-256 (hex) of each text: by the polars plugin if it works, else by hashlib."""
    if _plugin_works():
        hashed = _plugin_sha256(texts)
    else:
        made = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        hashed = pl.Series("hash", made, pl.String)
    joined = hashed.str.head(2 * DIGEST_BYTES).str.join("").item()
    return SourceHashes(bytes.fromhex(joined), hashed.to_list)


def _plugin_sha256(texts: pl.Series) -> pl.Series:
    import polars_hash

    return texts.to_frame("text").select(polars_hash.col("text").chash.sha2_256())["text"]


@cache
def _plugin_works() -> bool:
    """Try the plugin once: new versions of polars have broken it before."""
    sample = "\u0661 a"
    try:
        found = _plugin_sha256(pl.Series("text", [sample]))
    except Exception:  # noqa: BLE001 - whatever it is, hashlib does the same work
        return False
    return found.to_list() == [hashlib.sha256(sample.encode()).hexdigest()]


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
