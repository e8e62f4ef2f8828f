"""Whole numbers: exact, never rounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.integer import read_integer
from importer.mapper.values.texts import (
    BadValue,
)


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_integer_in_groups(number: int) -> None:
    assert read_integer(f"{number:,}", ".") == number
    assert read_integer(str(number)) == number


@pytest.mark.parametrize(("written", "read"), [("3.0", 3), ("٨٥", 85), ("-12", -12), ("007", 7)])
def test_integer(written: str, read: int) -> None:
    assert read_integer(written) == read


@pytest.mark.parametrize("written", ["3.5", "1.000", "3.00", "three", "1" * 31])
def test_integer_refuses(written: str) -> None:
    with pytest.raises(BadValue):
        read_integer(written)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("1.23E+11", "Give the column a number format in the spreadsheet"),
        ("1,234", "Add decimal_mark"),
        ("1,2", "Write the number with digits only"),
        ("three", "Write the number with digits only"),
    ],
)
def test_a_hint_leads_to_a_whole_number(written: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_integer(written)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(hint)
