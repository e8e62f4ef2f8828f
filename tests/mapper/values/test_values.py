"""Texts, numbers and truth values: what is read, and what is refused rather than guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.values import (
    BadValue,
    cut,
    decimal_text,
    fold,
    one_line,
    plain_digits,
    read_boolean,
    read_decimal,
    read_integer,
    read_text,
    word_key,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ann", "Ann"),
        ("  Ann  Lee ", "Ann  Lee"),
        ("\u00a0Ann\u3000", "Ann"),
        ("Ze\u0301", "Z\u00e9"),  # Unicode NFC
        ("a\x00b\x1fc\x7f", "abc"),
        ("é\x85x", "é\nx"),
        ("line one\r\nline two\rthree", "line one\nline two\nthree"),
        ("tab\tinside", "tab\tinside"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs its zero-width non-joiner
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),  # emoji need their joiner
        ("invoice\u202efdp.exe", "invoicefdp.exe"),  # UAX #9: an override spoofs
        ("\u2066a\u2069\u202bb\u202c", "ab"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("\ufeffBOM", "BOM"),
        ("soft\u00adhyphen", "softhyphen"),
        ("شركة ABC!\u200f تم", "شركة ABC!\u200f تم"),  # a mark keeps mixed text in order
        ("\u200fمحمد\u200e", "محمد"),
        ("Å", "Å"),  # UAX #15: the Angstrom sign is the letter
        ("\x00", ""),
        ("", ""),
    ],
)
def test_text(written: str, read: str) -> None:
    assert read_text(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" Ann \t Lee\n", "Ann Lee"),
        ("\u200eAnn\u200f\u061c", "Ann"),
        ("a\u00a0b\u3000c", "a b c"),
        ("x\u202ey", "xy"),
        ("Ze\u0301", "Zé"),
        ("plain", "plain"),
    ],
)
def test_one_line(written: str, read: str) -> None:
    assert one_line(written) == read


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 3, "abc"),
        ("ab cdef", 3, "ab"),
        ("xy\u0915\u0940", 3, "xy"),  # a vowel sign is not torn off its letter
        ("x👍🏽", 2, "x"),
        ("x👨\u200d👩", 2, "x"),
        ("x👨\u200d👩", 3, "x"),
        ("👨\u200d👩", 2, "👨\u200d"),  # nothing whole is short enough
    ],
)
def test_cutting_keeps_characters_whole(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("État", "etat"),
        ("STRASSE", "straße"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("Ørsted", "orsted"),
        ("الإمارات", "الامارات"),
        ("مكة", "مكه"),
        ("على", "علی"),
        ("مـحـمد", "محمد"),
        ("two  words", "Two Words"),
    ],
)
def test_words_that_are_the_same_without_case_and_accents(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_the_vowels_of_hindi_are_no_accents() -> None:
    assert fold("की") != fold("क")
    assert word_key("नहीं") == word_key("नहीं ")


def test_text_with_half_a_character() -> None:
    with pytest.raises(BadValue, match="half of a character"):
        read_text("broken \ud800")


@given(st.text())
def test_text_of_a_text_is_itself(written: str) -> None:
    try:
        read = read_text(written)
    except BadValue:
        return
    assert read_text(read) == read


NUMBERS = [
    ("0", "0"),
    ("1234.56", "1234.56"),
    ("1234.50", "1234.50"),
    ("0012.5", "12.5"),
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
        ("1,5", "decimal_mark"),
        ("1.234,56", "decimal_mark"),
        ("1.234.567", "decimal_mark"),
        ("12,34.5", "decimal_mark"),
        ("1,23,456.00", "decimal_mark"),
        ("5.", "decimal_mark"),
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
    [("1,5", "."), ("1.5", ","), ("1,234.5", ","), ("1 23", ","), ("1 2345", ".")],
)
def test_decimal_against_its_stated_mark(written: str, mark: str) -> None:
    with pytest.raises(BadValue, match="is no number"):
        read_decimal(written, mark)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_decimal_keeps_the_number(number: Decimal) -> None:
    assert Decimal(read_decimal(f"{number:f}")) == number


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


YES = """
true TRUE yes YES y Y 1 on t checked ✓ ✔ ☑ نعم صحيح Ja j oui Oui vrai sí si SÍ s sim verdadero
verdadeiro vero waar tak prawda evet E doğru да ДА д истина ہاں हाँ हां ١ ۱
"""
NO = """
false False no NO n 0 off f unchecked ✗ ✘ ☐ لا خطأ nein Nein falsch non faux falso não nao NÃO nee
nie fałsz hayır HAYIR yanlış нет НЕТ н ложь نہیں नहीं ٠ ۰
"""
WORDS = [*((word, True) for word in YES.split()), *((word, False) for word in NO.split())]


@pytest.mark.parametrize(("word", "read"), WORDS)
def test_boolean(word: str, read: bool) -> None:
    assert read_boolean(word) is read


@pytest.mark.parametrize("word", ["", "maybe", "2", "yes please", "x", "-", "01", "ok"])
def test_boolean_refuses(word: str) -> None:
    with pytest.raises(BadValue, match="neither yes nor no"):
        read_boolean(word)


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


def test_plain_digits_leaves_other_texts_alone() -> None:
    assert plain_digits("٠٥/٠٣/۱۹۸۵ م") == "05/03/1985 م"
