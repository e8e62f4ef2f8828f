"""Compares values of the list with values of the CRM, in any spelling."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from importer.core.shared import JsonValue
from importer.matching.match_texts import detail, plain

_TOPICS = frozenset({"title", "subject", "scheduled_start"})


def comparable(field: str, value: JsonValue) -> str:
    """
    Return one text for all values of a field that are the same for a person; "" for no value.

    Case, spaces, the order of a list, the country of a phone number and the form of a number do not
    matter.

    >>> comparable("phone", "+971 50 123 4567") == comparable("phone", "(050) 123-4567")
    True
    >>> comparable("first_name", " RANA ") == comparable("first_name", "Rana")
    True
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\0".join(sorted(comparable(field, one) for one in value))
    text = " ".join(unicodedata.normalize("NFKC", plain(value)).casefold().split())
    found = detail(field, text)
    return text if found is None else found.partition("\0")[2]


def comparables(leaves: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return `comparable` of each field that has a value."""
    found = {field: comparable(field, value) for field, value in leaves.items()}
    return {field: text for field, text in found.items() if text}


def is_identifying(field: str, text: str) -> bool:
    """
    Return whether few records share this value: an id, an address, a number, the title of a deal.

    `text` is a result of `comparable`.
    """
    return field in _TOPICS or detail(field, text) is not None
