"""Builds regular expressions that polars and Python read alike."""

from __future__ import annotations

__all__ = ["literal"]


def literal(text: str) -> str:
    """Return the regular expression that matches `text` alone, for polars too."""
    return "".join(char if char.isalnum() else rf"\x{{{ord(char):x}}}" for char in text)
