"""Currencies: by code, sign and name."""

# ruff: noqa: E501 - one case of a table is one line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.currency import check_currency, read_currency
from importer.mapper.values.texts import (
    BadValue,
)

CURRENCIES = [
    ("AED", "AED"), ("aed", "AED"), ("د.إ", "AED"), ("درهم إماراتي", "AED"), ("درهم اماراتي", "AED"),
    ("AED 1,200", "AED"), ("1.200,50 €", "EUR"), ("€", "EUR"), ("Euro", "EUR"), ("يورو", "EUR"),
    ("US$", "USD"), ("دولار", "USD"), ("₹", "INR"), ("zł", "PLN"), ("zl", "PLN"), ("Kč", "CZK"),
    ("R$", "BRL"), ("₺", "TRY"), ("₽", "RUB"), ("руб.", "RUB"), ("ر.س", "SAR"), ("ريال سعودي", "SAR"),
    ("د.ا", "JOD"), ("د.ك", "KWD"), ("ر.ق", "QAR"), ("£", "GBP"), ("₪", "ILS"), ("₨ 500/-", "PKR"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "code"), CURRENCIES)
def test_currency(written: str, code: str) -> None:
    assert read_currency(written) == code
    assert read_currency(code) == code


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("$", "may be AUD, CAD,"),
        ("$5", "may be AUD, CAD,"),
        ("dirham", "may be AED, MAD"),
        ("¥", "may be CNY, JPY"),
        ("Rs", "may be INR, PKR"),
        ("kr", "may be DKK, NOK, SEK"),
        ("xyz", "does not name a known currency"),
        ("100", "does not name a known currency"),
        ("AED 5 EUR", "does not name a known currency"),
        ("", "does not name a known currency"),
    ],
)
def test_currency_that_is_not_guessed(written: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        read_currency(written)


def test_currencies_a_mapping_may_state() -> None:
    check_currency("AED")
    check_currency("*")
    with pytest.raises(ValueError, match="unknown currency"):
        check_currency("dirham")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_stays_what_it_became(text: str) -> None:
    try:
        once = read_currency(text)
    except BadValue:
        return
    assert read_currency(once) == once
