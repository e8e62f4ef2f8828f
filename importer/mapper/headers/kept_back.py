"""Finds headers of what is not sent by accident: secrets, and what servers note of visitors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from itertools import pairwise

from importer.mapper.data import load_table
from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import Parsed

_WORDS = {
    "secret_password": "a password",
    "secret_token": "a password",
    "secret_card": "a payment card",
    "secret_number": "a payment card",
    "secret_bank": "a bank account",
    "secret_account": "a bank account",
    "secret_id": "an id of a person",
}


def sensitive_header(parsed: Parsed) -> str | None:
    """Return what kind of sensitive data a header names, in words, or None."""
    return next((text for word, text in _WORDS.items() if word in parsed.meanings), None)


_LONGEST = 4  # "Client IP Address (v4)", but no sentence
_ADDRESS = re.compile(r"[0-9.]+|[0-9A-Fa-f.:]+(?:%.*)?")
_AGENT = re.compile(r"(?:Mozilla|Opera|Dalvik|curl|okhttp)/[0-9]")
_MOST = 0.5


def is_technical_header(header: str) -> bool:
    """
    Return whether a header names what a web server notes of a visitor.

    >>> is_technical_header("IP Address"), is_technical_header("utm_source")
    (True, True)
    """
    words = tokenize(header)
    if not words or len(words) > _LONGEST:
        return False
    technical = load_table("headers")["technical"]
    named = {*words, *map(" ".join, pairwise(words))}
    return not named.isdisjoint((*technical["words"].split(), *technical["pairs"]))


def is_technical_value(values: Sequence[str]) -> bool:
    """Return whether most values are IP addresses, or the names that browsers give themselves."""
    given = [text.strip() for text in values if text.strip()]
    found = sum(_AGENT.match(text) is not None or _is_address(text) for text in given)
    return found > _MOST * len(given)


def _is_address(text: str) -> bool:
    if not _ADDRESS.fullmatch(text):
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
