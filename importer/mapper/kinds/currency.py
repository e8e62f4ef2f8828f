"""Reads currencies: ISO 4217 codes, signs and words."""

from __future__ import annotations

import json

from importer.mapper.values.currencies import AMOUNT, currencies_called
from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind
from importer.mapper.values.text import BadValue, one_line, plain_digits

__all__ = ["CURRENCY", "read_currency"]


def read_currency(text: str) -> str:
    """
    Return the ISO 4217 code for a code, sign or word, alone or next to an amount.

    Raises `BadValue`, also for a sign of several currencies such as `$`.
    """
    written = one_line(text)
    match = AMOUNT.fullmatch(plain_digits(written))
    ends = (match["before"], match["after"].removesuffix("/-")) if match else (written,)
    found = [currencies_called(end) for end in ends if end.strip()]
    codes = frozenset.intersection(*found) if found else frozenset()
    if len(codes) == 1:
        return next(iter(codes))
    if codes:
        listed = ", ".join(sorted(codes))
        hint = f'Say which one: values = {{ {json.dumps(text, ensure_ascii=False)} = "…" }}.'
        raise BadValue(f"may be {listed}", hint)
    raise BadValue("does not name a known currency", "Write its code, as AED or EUR.")


CURRENCY = Kind(
    name="currency",
    plural="currencies",
    build=lambda *_: from_text(read_currency),
    strict=False,
)
