"""Canonical JSON against RFC 8785, and where it goes beyond it."""

from __future__ import annotations

import json
import math
import struct
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Context, Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from importer.core import keys


def double(bits: str) -> float:
    return float(struct.unpack(">d", bytes.fromhex(bits))[0])


# RFC 8785, appendix B, and what ECMA-262 says at the edges of its four layouts.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_of_rfc_8785_appendix_b(bits: str, text: str) -> None:
    assert keys.canonical_json(double(bits)).decode() == text


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_what_is_no_number_is_refused(bits: str) -> None:
    with pytest.raises(ValueError, match="not a JSON number"):
        keys.canonical_json([double(bits)])


def test_sorting_example_of_rfc_8785() -> None:
    values = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    names = list(json.loads(keys.canonical_json(values)))
    assert names == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_serialization_example_of_rfc_8785() -> None:
    values = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert keys.canonical_json(values).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), "1.5"),
        (Decimal("-0"), "0"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E+400"), "1e+400"),
        (Decimal("-1.5E-400"), "-1.5e-400"),
        (
            Decimal("12345678901234567890123456789012345.5"),
            "1.23456789012345678901234567890123455e+34",
        ),
        (10**30, "1" + "0" * 30),
        (-(2**64), "-18446744073709551616"),
        ((), "[]"),
        ([{}], "[{}]"),
    ],
)
def test_values_beyond_the_rfc_keep_their_digits(value: Any, text: str) -> None:
    assert keys.canonical_json(value).decode() == text


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("-Infinity")])
def test_decimals_that_are_no_numbers_are_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="not a JSON number"):
        keys.canonical_json(value)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), {1: "a"}, {None: "a"}])
def test_what_json_does_not_have_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        keys.canonical_json(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udc00": 1}])
def test_half_a_surrogate_pair_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        keys.canonical_json(value)


texts = st.text(st.characters(codec="utf-8"))
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_nothing_changes_on_the_way_through_json(value: Any) -> None:
    # Integers that are doubles too: a double of 2^60 is written without a decimal point.
    text = keys.canonical_json(value)
    assert json.loads(text, parse_int=float) == json.loads(json.dumps(value), parse_int=float)


@given(st.integers())
def test_integers_are_written_digit_by_digit(number: int) -> None:
    assert keys.canonical_json(number).decode() == str(number)


@given(st.dictionaries(texts, values, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_names_makes_no_difference(value: dict[str, Any], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert keys.canonical_json(dict(items)) == keys.canonical_json(value)


@given(st.dictionaries(texts, st.none(), max_size=8))
def test_names_stand_in_the_order_of_their_utf16_units(value: dict[str, None]) -> None:
    def units(name: str) -> list[int]:
        code_units = []
        for letter in name:
            code = ord(letter)
            if code > 0xFFFF:
                code -= 0x10000
                code_units += [0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)]
            else:
                code_units.append(code)
        return code_units

    names = list(json.loads(keys.canonical_json(value)))
    assert names == sorted(value, key=units)


def ecmascript(number: float) -> str:
    """ECMA-262 Number::toString by search: the fewest digits that give the number back."""
    if number == 0:
        return "0"
    if number < 0:
        return "-" + ecmascript(-number)
    found_digits, n = next(
        (found.as_tuple().digits, found.adjusted() + 1)
        for count in range(1, 18)
        for rounding in (ROUND_HALF_EVEN, ROUND_UP, ROUND_DOWN)
        if float(found := Context(count, rounding).create_decimal(Decimal(number))) == number
    )
    digits = "".join(map(str, found_digits)).rstrip("0")
    k = len(digits)
    if k <= n <= 21:
        return digits + "0" * (n - k)
    if 0 < n <= 21:
        return digits[:n] + "." + digits[n:]
    if -6 < n <= 0:
        return "0." + "0" * -n + digits
    tail = ("+" if n > 0 else "-") + str(abs(n - 1))
    return (digits if k == 1 else digits[0] + "." + digits[1:]) + "e" + tail


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_are_written_as_ecmascript_writes_them(number: float) -> None:
    assert keys.canonical_json(number).decode() == ecmascript(number)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_and_the_double_it_is_are_one(number: Decimal) -> None:
    text = keys.canonical_json(number).decode()
    assert Decimal(text) == number
    as_double = float(number)
    if math.isfinite(as_double) and Decimal(repr(as_double)) == number:
        assert text == keys.canonical_json(as_double).decode()


EXACT = 2**53 - 1  # RFC 8785 has no larger integers: not every one of them is a double
of_the_rfc = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-EXACT, max_value=EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(of_the_rfc)
def test_another_implementation_of_the_rfc_writes_the_same_bytes(value: Any) -> None:
    assert keys.canonical_json(value) == rfc8785.dumps(value)


names = st.text(st.sampled_from("abÄ\uff5e😀\ue000")) | st.sampled_from(
    ["a", "b", "B", "é", "\uff5e"]
)
plain_or_not: st.SearchStrategy[Any] = (
    st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
)


@given(
    st.dictionaries(
        names,
        plain_or_not | st.dictionaries(names, plain_or_not) | st.lists(plain_or_not, max_size=3),
        max_size=5,
    )
)
def test_objects_that_pythons_encoder_writes_are_as_they_would_be_piece_by_piece(
    value: dict[str, Any],
) -> None:
    parts: list[str] = []
    try:
        keys._write(value, parts)
    except ValueError:
        with pytest.raises(ValueError, match="not a JSON number"):
            keys.canonical_json(value)
    else:
        assert keys.canonical_json(value) == "".join(parts).encode()


def test_names_that_are_no_texts_are_refused_beside_others_too() -> None:
    with pytest.raises(TypeError, match="is not a name"):
        keys.canonical_json({"a": 1, 2: 3})
