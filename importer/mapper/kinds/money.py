"""Reads amounts of money, exactly, with their currency before or after them."""

from __future__ import annotations

from typing import Annotated

from importer.core.locale.message import Message
from importer.mapper.kinds.currency import (
    AMOUNT,
    ANY_CURRENCY,
    check_currency,
    currencies_called,
)
from importer.mapper.values.json_values import from_text_or
from importer.mapper.values.kind import Kind
from importer.mapper.values.numbers import NumberOptions, json_decimal, read_decimal
from importer.mapper.values.texts import BadValue, one_line, plain_digits
from importer.mapper.values.written import Name, checked_by, stated

_HINT = 'Say which one the column is in: currency = "AED", or "*" to take any.'


class MoneyOptions(NumberOptions):
    """How a column writes numbers, and which currency its cells may name."""

    currency: Annotated[Name, checked_by(check_currency)] | None = stated(
        'a currency\'s code, as in "AED", or "*" for any'
    )


def read_money(text: str, mark: str | None = None, currency: str | None = None) -> str:
    """
    Return the amount of a cell like `read_decimal`; a currency may be before or after it.

    `currency` is the code of the column's currency, `*` for any, or None if cells have no currency.
    A cell with another currency is refused; amounts are never converted. Raises `BadValue`.
    """
    written = plain_digits(one_line(text))
    negative = written[:1] == "-" or (written[:1] == "(" and written[-1:] == ")")
    inside = written.strip("-() ") if negative else written
    match = AMOUNT.fullmatch(inside)
    if match is None:
        raise BadValue("is not an amount of money", "Write it with digits: 1234.56.")
    for named in (match["before"].strip(), match["after"].strip().removesuffix("/-").strip()):
        if named:
            _check_same(named, currency)
    amount = read_decimal(match["number"].strip(), mark)
    if not negative:
        return amount
    if amount.startswith("-"):
        raise BadValue("is negative twice", "Correct it in the source.")
    return read_decimal(f"-{amount}", ".")


def _check_same(named: str, currency: str | None) -> None:
    codes = currencies_called(named)
    if not codes:
        raise BadValue(
            Message("is not an amount of money: %(value)s is not a known currency", value=named)
        )
    if currency is None:
        raise BadValue("names a currency", _HINT)
    if currency != ANY_CURRENCY and currency not in codes:
        raise BadValue(
            Message("is not in %(name)s", name=currency),
            "Convert it, or put it into a list of its own.",
        )


MONEY = Kind(
    name="money",
    plural="amounts",
    build=lambda options, _: from_text_or(
        lambda text: read_money(text, options.decimal_mark, options.currency), json_decimal
    ),
    options=MoneyOptions,
    looks=frozenset({"number", "phone"}),
    has_words=True,
    needs_samples=True,
)
