"""Reads currencies: ISO 4217 codes, signs and words."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from importer.core.locale.message import Message
from importer.mapper.data import load_table, load_words
from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind
from importer.mapper.values.texts import BadValue, one_line, plain_digits, word_key

ANY_CURRENCY = "*"
"""The `currency` of a mapping that accepts amounts in any currency."""

AMOUNT = re.compile(
    r"(?P<before>[^0-9(+\-]*+)(?P<number>.*?[0-9)\-])(?P<after>[^0-9)\-]*(?:/-)?)", re.DOTALL
)
"""An amount of money: a number, and the text before and after it."""

_SIGNS = frozenset("$£€¥₹₨₪₽₺₴﷼\u20c1")


def _keys(name: str) -> tuple[str, str]:
    """Return the two keys by which a name is compared: as written, and without accents."""
    signs = "".join(char for char in name if char in _SIGNS)
    letters = "".join(char for char in name.casefold() if char.isalnum())
    return signs + letters, signs + word_key(name)


@lru_cache(maxsize=1)
def _meanings() -> dict[str, frozenset[str]]:
    """Return the possible currencies of each code, sign and word, by both of its keys."""
    exact: dict[str, set[str]] = {}
    close: dict[str, set[str]] = {}
    named = [(code, code) for code in load_words("currencies", "codes")]
    names = load_table("currencies")["names"]
    named += [(code, name) for code in names for name in names[code].split()]
    for code, name in named:
        key, folded = _keys(name.replace("_", " "))
        exact.setdefault(key, set()).add(code)
        close.setdefault(folded, set()).add(code)
    # The signs of AED and JOD differ in a hamza only: without accents they are one.
    return {key: frozenset(codes) for key, codes in (close | exact).items()}


def currencies_called(name: str) -> frozenset[str]:
    """Return the currencies that a name may mean, or none if it is unknown."""
    exact, folded = _keys(name)
    return _meanings().get(exact) or _meanings().get(folded) or frozenset()


def check_currency(code: str) -> None:
    """Raise `ValueError` unless `code` is a code of ISO 4217 or `*`."""
    if code != ANY_CURRENCY and code not in load_words("currencies", "codes"):
        raise ValueError(Message("unknown currency; use a code of ISO 4217, such as AED"))


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
        raise BadValue(
            Message("may be %(names)s", names=sorted(codes)),
            Message(
                'Say which one: values = { %(text)s = "…" }.',
                text=json.dumps(text, ensure_ascii=False),
            ),
        )
    raise BadValue("does not name a known currency", "Write its code, as AED or EUR.")


CURRENCY = Kind(
    name="currency",
    plural="currencies",
    build=lambda *_: from_text(read_currency),
    strict=False,
)
