"""One JSON object: every digit and every letter is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from importer.reader.json.row_parser import parse_object


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12345678901234567890123", 12345678901234567890123),
        ("-0", 0),
        ("1.10", 1.1),
        ("1e2", 100.0),
        ("0.1000000000000000000001", Decimal("0.1000000000000000000001")),
        ("1E400", Decimal("1E+400")),
        ("1e-400", Decimal("1E-400")),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('"\\\\ud83d"', "\\ud83d"),
        ('"\\u0000"', "\0"),
    ],
)
def test_values_keep_every_digit_and_letter(text: str, value: Any) -> None:
    found = parse_object(f'{{"a": {text}}}')["a"]
    assert found == value
    assert type(found) is type(value)


def test_a_hundred_levels_are_read() -> None:
    assert parse_object('{"a":' * 100 + "1" + "}" * 100)
    assert parse_object('{"a": [' + ",".join(["{}"] * 200) + "]}")
