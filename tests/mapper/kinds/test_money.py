"""Amounts of money: exact, in the column's currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.money import read_money
from importer.mapper.values.texts import (
    BadValue,
)

MONEY = [
    ("1,200.50", None, None, "1200.50"),
    ("1250.00", None, None, "1250.00"),
    ("AED 1,200", ".", "AED", "1200"),
    ("AED1,200.00", ".", "AED", "1200.00"),
    ("1,200 AED", ".", "AED", "1200"),
    ("aed 5", ".", "AED", "5"),
    ("Dhs. 1,200/-", ".", "AED", "1200"),
    ("1200 dirhams", ".", "AED", "1200"),
    ("د.إ 1,200.50", ".", "AED", "1200.50"),
    ("1,200.50 د.إ", ".", "AED", "1200.50"),
    ("\u200f1,200.50\u00a0د.إ.\u200f", ".", "AED", "1200.50"),  # CLDR's Arabic form
    ("٥٠ درهم", ".", "AED", "50"),
    ("١٬٢٠٠٫٥٠ درهم إماراتي", ".", "AED", "1200.50"),
    ("1.200,50 €", ",", "EUR", "1200.50"),
    ("€ 1.200,50", ",", "EUR", "1200.50"),
    ("1 200,50 EUR", ",", "EUR", "1200.50"),
    ("1\u202f200,50\u00a0€", ",", "EUR", "1200.50"),
    ("CHF 1'200.50", ".", "CHF", "1200.50"),
    ("$1,200.00", ".", "USD", "1200.00"),
    ("US$ 1,200.00", ".", "USD", "1200.00"),
    ("$5", ".", "CAD", "5"),
    ("£5.00", ".", "GBP", "5.00"),
    ("₹1,00,000.00", ".", "INR", "100000.00"),
    ("Rs. 500/-", ".", "PKR", "500"),
    ("1 200,50 zł", ",", "PLN", "1200.50"),
    ("1 200 ₽", ",", "RUB", "1200"),
    ("R$ 1.200,50", ",", "BRL", "1200.50"),
    ("٣٠ ر.س", ".", "SAR", "30"),
    ("(AED 1,200.50)", ".", "AED", "-1200.50"),
    ("AED (1,200.50)", ".", "AED", "-1200.50"),
    ("-AED 5.00", ".", "AED", "-5.00"),
    ("AED -5.00", ".", "AED", "-5.00"),
    ("(5)", ".", "AED", "-5"),
    ("5.00-", ".", "AED", "-5.00"),
    ("-0.00", ".", "AED", "0.00"),
    ("KD 1.250", ".", "KWD", "1.250"),  # three decimals: ISO 4217's minor unit of the dinar
    ("€5", None, "*", "5"),
    ("USD 5", None, "*", "5"),
    ("12345678901234567890.123456789", ".", "AED", "12345678901234567890.123456789"),
]


@pytest.mark.parametrize(("written", "mark", "currency", "read"), MONEY)
def test_money(written: str, mark: str | None, currency: str | None, read: str) -> None:
    assert read_money(written, mark, currency) == read
    assert read_money(read, ".", currency) == read


@pytest.mark.parametrize(
    ("written", "mark", "currency", "reason"),
    [
        ("AED 1,200", ".", None, "names a currency"),
        ("5 €", ",", None, "names a currency"),
        ("USD 5", ".", "AED", "is not in AED"),
        ("$5", ".", "AED", "is not in AED"),
        ("AED 5 USD", ".", "AED", "is not in AED"),
        ("د.ا 5", ".", "AED", "is not in AED"),
        ("1,200", None, "AED", "may be thousands or a fraction"),
        ("AED 1.200,50", None, "AED", "is not a number"),
        ("1.2k", ".", "AED", "'k' is not a known currency"),
        ("about 5", ".", "AED", "'about' is not a known currency"),
        ("to be agreed", ".", "AED", "is not an amount of money"),
        ("AED", ".", "AED", "is not an amount of money"),
        ("-", ".", "AED", "is not an amount of money"),
        ("", ".", "AED", "is not an amount of money"),
        ("-AED -5", ".", "AED", "is negative twice"),
        ("5 - 10", ".", "AED", "is not a number"),
        ("9.71501E+11", ".", "AED", "was rounded by a spreadsheet"),
    ],
)
def test_money_that_is_not_guessed(
    written: str, mark: str | None, currency: str | None, reason: str
) -> None:
    with pytest.raises(BadValue, match=reason):
        read_money(written, mark, currency)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2), st.sampled_from([".", ","]))
def test_money_keeps_the_number(number: Decimal, mark: str) -> None:
    written = f"{number:,}"
    if mark == ",":
        written = written.translate({ord("."): ",", ord(","): "."})
    assert Decimal(read_money(f"AED {written}", mark, "AED")) == number
    assert Decimal(read_money(f"{written} AED", mark, "AED")) == number
