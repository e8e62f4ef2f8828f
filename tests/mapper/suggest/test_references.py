"""Codes that tell the rows of a list apart, and what is no secret though its header sounds so."""

from __future__ import annotations

import pytest
from lists.suggested import proposed, sent

NAMES = ("Ann Muster", "Ben Probe", "Cleo Demo", "Dan Test", "Eve Sample", "Fay Example")
ENDS = (317, 204, 555, 981, 112, 640)


def listed(header: str, *values: str) -> str:
    rows = (f"{name},{value}\n" for name, value in zip(NAMES, values, strict=False))
    return f"Name,{header}\n{''.join(rows)}"


def coded(form: str) -> list[str]:
    return [form.format(end) for end in ENDS]


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("Admn. No", "ST/26/{}"),
        ("Bond No.", "770012{}"),
        ("Locker", "L-{}"),
        ("Work Card No", "WC/25-26/7{}"),
        ("Library Card No", "1{}9"),
        ("Token No", "B{}"),
    ],
)
def test_a_column_with_another_code_in_each_row_is_the_reference(header: str, form: str) -> None:
    codes = coded(form)
    found = sent(listed(header, *codes), "contact", region="AE")
    assert [row and row.get("external_ref") for row in found] == codes


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Queue", ["1", "2", "3", "4", "5", "6"]),
        ("Token", ["1", "2", "3", "4", "5", "6"]),
        ("Paid", coded("AED1{}")),
        ("Ground", coded("55{}000")),
        ("Moved", coded("20260{}")[:1] + [f"2026030{at}" for at in range(1, 6)]),
        ("Block", ["A1", "A2", "A1", "A2", "B1", "B2"]),
        ("Block", ["A1", "A2", "", "A3", "B1", "B2"]),
        ("Chat", [f"97150123{end}4" for end in ENDS]),
    ],
)
def test_what_is_no_reference(header: str, values: list[str]) -> None:
    found = sent(listed(header, *values), "contact", region="AE")
    assert not any("external_ref" in (row or {}) for row in found)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Card No", ["4111 1111 1111 1111", "5500 0055 5555 5559", "340000000000009"]),
        ("Card No", ["1234", "9876", "5521"]),
        ("Card No", ["XXXX-1234", "XXXX-9876", "XXXX-5521"]),
        ("Card No", ["411111******1111", "550000******5559", "340000******0009"]),
        ("Card No", ["Visa 1234", "MC 9876", "Visa ending in 5521"]),
        ("Credit Card", ["V1234", "M9876", "V5521"]),
        ("API Token", ["A1234", "B9876", "C5521"]),
        ("Token", ["9f8A77c1xQ", "1Zz83kfa0P", "77abX9q2Lm"]),
        ("Passcode", ["A1234", "B9876", "C5521"]),
    ],
)
def test_real_secrets_are_never_sent(header: str, values: list[str]) -> None:
    draft = proposed(listed(header, *values), "contact")
    assert "not sent unless you map it" in draft.text
    assert {line.target for line in draft.lines} == {"name"}
