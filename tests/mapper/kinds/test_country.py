"""Countries: by code and name, in many languages."""

# ruff: noqa: E501 - one case of a table is one line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.country import read_country
from importer.mapper.values.texts import (
    BadValue,
)

COUNTRIES = [
    ("AE", "AE"), ("ae", "AE"), ("ARE", "AE"), ("UAE", "AE"), ("U.A.E.", "AE"), ("United Arab Emirates", "AE"),
    ("الإمارات", "AE"), ("الامارات", "AE"), ("الإمارات العربية المتحدة", "AE"), ("Emirates", "AE"),
    ("Vereinigte Arabische Emirate", "AE"), ("Émirats arabes unis", "AE"), ("emirats arabes unis", "AE"),
    ("Emiratos Árabes Unidos", "AE"), ("ОАЭ", "AE"), ("متحدہ عرب امارات", "AE"), ("संयुक्त अरब अमीरात", "AE"),
    ("Birleşik Arap Emirlikleri", "AE"), ("Zjednoczone Emiraty Arabskie", "AE"),
    ("UK", "GB"), ("U.K.", "GB"), ("GBR", "GB"), ("England", "GB"), ("Great Britain", "GB"), ("المملكة المتحدة", "GB"),
    ("USA", "US"), ("U.S.A.", "US"), ("America", "US"), ("United States of America", "US"), ("США", "US"),
    ("الولايات المتحدة", "US"), ("Deutschland", "DE"), ("GERMANY", "DE"), ("Allemagne", "DE"), ("ألمانيا", "DE"),
    ("Niemcy", "DE"), ("Almanya", "DE"), ("Германия", "DE"), ("जर्मनी", "DE"), ("KSA", "SA"), ("السعودية", "SA"),
    ("Saudi Arabia", "SA"), ("Türkiye", "TR"), ("Turkey", "TR"), ("Turkiye", "TR"), ("Holland", "NL"),
    ("The Netherlands", "NL"), ("Côte d’Ivoire", "CI"), ("Ivory Coast", "CI"), ("Czech Republic", "CZ"), ("Czechia", "CZ"),
    ("Korea, Republic of", "KR"), ("South Korea", "KR"), ("Russian Federation", "RU"), ("Россия", "RU"), ("भारत", "IN"),
    ("پاکستان", "PK"), ("Hong Kong", "HK"), ("Palestine", "PS"), ("فلسطين", "PS"), ("Macedonia", "MK"), ("Österreich", "AT"),
    ("osterreich", "AT"), ("EL", "GR"), ("مصر", "EG"), ("Viet Nam", "VN"), ("Bosnia & Herzegovina", "BA"), ("\u200eOman\u200f", "OM"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "code"), COUNTRIES)
def test_country(written: str, code: str) -> None:
    assert read_country(written) == code
    assert read_country(code) == code


@pytest.mark.parametrize("written", ["", "Dubai", "XX", "Atlantis", "971", "AE/OM", "Emirate of"])
def test_country_that_is_not_known(written: str) -> None:
    with pytest.raises(BadValue, match="is not a known country"):
        read_country(written)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Dubai", 'It is a place in AE; map it: values = { "Dubai" = "AE" }.'),
        (" دبي ", 'It is a place in AE; map it: values = { "دبي" = "AE" }.'),
        ("RIYADH", 'It is a place in SA; map it: values = { "RIYADH" = "SA" }.'),
        ("Dubia", "Write its name or its code"),
        ("Atlantis", "Write its name or its code"),
    ],
)
def test_a_city_is_no_country_and_none_is_suggested_by_its_letters(written: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_country(written)
    assert str(caught.value.hint).startswith(hint)


def test_a_country_misspelt_is_suggested() -> None:
    with pytest.raises(BadValue) as caught:
        read_country("Untied Arab Emirates")
    assert str(caught.value.hint).startswith("Did you mean 'United Arab Emirates'?")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_stays_what_it_became(text: str) -> None:
    try:
        once = read_country(text)
    except BadValue:
        return
    assert read_country(once) == once
