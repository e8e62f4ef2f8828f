"""Numbers: every digit kept, unclear ones refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.values.numbers import decimal_text, read_decimal
from importer.mapper.values.texts import (
    BadValue,
)

NUMBERS = [
    ("0", "0"),
    ("1234.56", "1234.56"),
    ("1234.50", "1234.50"),
    ("0012.5", "12.5"),
    ("0.234", "0.234"),  # no group begins with a zero
    ("1234.567", "1234.567"),
    ("+7", "7"),
    ("-7.10", "-7.10"),
    ("-0", "0"),
    ("-0.00", "0.00"),
    (".5", "0.5"),
    ("1,234.56", "1234.56"),
    ("12,345,678", "12345678"),
    ("-1,234,567.8", "-1234567.8"),
    ("0.1234567890123456789012345678901234567890", "0.1234567890123456789012345678901234567890"),
    ("١٢٣٤", "1234"),
    ("١٬٢٣٤", "1234"),
    ("١٬٢٣٤٫٥٠", "1234.50"),
    ("۱۲۳٫۵", "123.5"),
    ("\u200e١٢\u200f", "12"),
    ("\u22125", "-5"),
    ("(5)", "-5"),  # accounting
    ("(1,234.50)", "-1234.50"),
    ("( 7 )", "-7"),
    ("1,234.50-", "-1234.50"),  # SAP
    ("(0)", "0"),
    (" 12 ", "12"),
    ("٨٥-", "-85"),
]


@pytest.mark.parametrize(("written", "read"), NUMBERS)
def test_decimal(written: str, read: str) -> None:
    assert read_decimal(written) == read


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("1,234", "decimal_mark"),
        ("1.234", "decimal_mark"),
        ("-321.000", "decimal_mark"),
        ("0,234", "decimal_mark"),
        ("1,5", "decimal_mark"),
        ("1.234,56", "decimal_mark"),
        ("1.234.567", "decimal_mark"),
        ("12,34.5", "decimal point"),
        ("1,23,456.00", "decimal_mark"),
        ("5.", "decimal point"),
        ("AED 1200", "digits"),
        ("12%", "digits"),
        ("1e5", "number format"),
        ("9.71501E+11", "number format"),
        ("(5", "digits"),
        ("(-5)", "digits"),
        ("-5-", "digits"),
        ("-(5)", "digits"),
        ("1'234", "decimal_mark"),
        ("1 234,56", "decimal_mark"),
        ("12,34,567", "decimal_mark"),
        ("1 234", "decimal_mark"),
        ("--5", "digits"),
        ("-", "digits"),
        ("٬", "digits"),
        ("NaN", "digits"),
        ("", "digits"),
        ("²", "digits"),
    ],
)
def test_decimal_that_is_not_guessed(written: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_decimal(written)
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("written", "mark", "read"),
    [
        ("1,234", ".", "1234"),
        ("1.234", ".", "1.234"),
        ("1,234.5", ".", "1234.5"),
        ("1.234", ",", "1234"),
        ("1.234,56", ",", "1234.56"),
        ("1234,56", ",", "1234.56"),
        ("0,5", ",", "0.5"),
        ("1.234.567", ",", "1234567"),
        ("1 234,50", ",", "1234.50"),  # French, Polish, Russian
        ("1\u00a0234\u00a0567,5", ",", "1234567.5"),
        ("1\u202f234", ",", "1234"),
        ("1'234.50", ".", "1234.50"),  # Swiss
        ("1\u2019234", ".", "1234"),
        ("12,34,567.00", ".", "1234567.00"),  # India: CLDR's #,##,##0.00
        ("1,23,456", ".", "123456"),
        ("(1.234,50)", ",", "-1234.50"),
        ("1.234,50-", ",", "-1234.50"),
    ],
)
def test_decimal_with_a_stated_mark(written: str, mark: str, read: str) -> None:
    assert read_decimal(written, mark) == read


@pytest.mark.parametrize(
    ("written", "mark"),
    [("1,5", "."), ("1.5", ","), ("1,234.5", ","), ("0.234", ","), ("1 23", ","), ("1 2345", ".")],
)
def test_decimal_against_its_stated_mark(written: str, mark: str) -> None:
    with pytest.raises(BadValue, match="is not a number"):
        read_decimal(written, mark)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_decimal_keeps_the_number(number: Decimal) -> None:
    assert Decimal(read_decimal(f"{number:f}")) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.5, "1.5"),
        (100.0, "100"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (Decimal("0.10"), "0.10"),
        (Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
    ],
)
def test_decimal_of_a_json_number(number: float | Decimal, text: str) -> None:
    assert decimal_text(number) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("1e5000"), Decimal("NaN")])
def test_decimal_of_no_json_number(number: float | Decimal) -> None:
    with pytest.raises(BadValue):
        decimal_text(number)
