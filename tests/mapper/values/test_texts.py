"""Texts: what cannot be seen is removed, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.values.texts import (
    BadValue,
    cut,
    fold,
    one_line,
    plain_digits,
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
        (
            "O\x92Neil \x96 5 \x80",
            "O\u2019Neil \u2013 5 \u20ac",
        ),  # windows-1252 taken for ISO 8859-1
        ("a\x81\x8d\x8f\x90\x9db", "ab"),  # it has no characters there
        ("line one\r\nline two\rthree", "line one\nline two\nthree"),
        ("tab\tinside", "tab\tinside"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs its zero-width non-joiner
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),  # emoji need their joiner
        ("invoice\u202efdp.exe", "invoicefdp.exe"),  # UAX #9: an override spoofs
        ("\u2066a\u2069\u202bb\u202c", "ab"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("\ufeffBOM", "BOM"),
        ("soft\u00adhyphen", "softhyphen"),
        # UTF-8 that was read as windows-1252, which has no character there: letters stay whole
        ("Ø£Ø\u00adÙ…Ø¯\u00ad", "Ø£Ø\u00adÙ…Ø¯"),
        ("Å\x81ukasz", "Å\x81ukasz"),
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
        ("O\x92Neil", "O\u2019Neil"),
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


def test_plain_digits_leaves_other_texts_alone() -> None:
    assert plain_digits("٠٥/٠٣/۱۹۸۵ م") == "05/03/1985 م"
