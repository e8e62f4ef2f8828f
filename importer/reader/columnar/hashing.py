"""Hashes many rows at once, bit for bit as `importer.keys` hashes one."""

from __future__ import annotations

import hashlib
from functools import cache

import polars as pl

__all__ = ["sha256"]


def sha256(texts: pl.Series) -> list[str]:
    """Return the SHA-256 (hex) of each text: by the polars plugin if it works, else by hashlib."""
    if _plugin_works():
        return _plugin_sha256(texts)
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def _plugin_sha256(texts: pl.Series) -> list[str]:
    import polars_hash

    hashed = texts.to_frame("text").select(polars_hash.col("text").chash.sha2_256())
    return hashed["text"].to_list()


@cache
def _plugin_works() -> bool:
    """Try the plugin once: new versions of polars have broken it before."""
    sample = "\u0661 a"
    try:
        found = _plugin_sha256(pl.Series("text", [sample]))
    except Exception:  # noqa: BLE001 - whatever it is, hashlib does the same work
        return False
    return found == [hashlib.sha256(sample.encode()).hexdigest()]
