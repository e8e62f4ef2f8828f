"""Finds headers that name what must not be sent by accident."""

from __future__ import annotations

from importer.mapper.headers.words import Parsed

__all__ = ["sensitive_header"]

_WORDS = {
    "secret_password": "a password",
    "secret_card": "a payment card",
    "secret_bank": "a bank account",
    "secret_id": "an id of a person",
}


def sensitive_header(parsed: Parsed) -> str | None:
    """Return what kind of sensitive data a header names, in words, or None."""
    return next((text for word, text in _WORDS.items() if word in parsed.meanings), None)
