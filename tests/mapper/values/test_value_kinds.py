"""Names, money, currencies, countries, web addresses and UUIDs: table by table."""

# ruff: noqa: E501 - one case of a table is one line

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.values import (
    BadValue,
    Case,
    check_currency,
    name_reader,
    read_country,
    read_currency,
    read_money,
    read_url,
    read_uuid,
)

NAMES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "  Ann   Lee ", "Ann Lee"),
    ({}, "Ann\u00a0Lee\n", "Ann Lee"),
    ({}, "\u200fمحمد \u202bالعامري\u202c", "محمد العامري"),
    ({}, "Ann\u200b Lee", "Ann Lee"),
    ({}, "می\u200cنا", "می\u200cنا"),
    ({}, "Lee, Ann", "Lee, Ann"),
    ({}, "Ann Lee,", "Ann Lee"),
    ({}, "ANN LEE", "ANN LEE"),
    ({}, "Ze\u0301", "Zé"),
    ({"order": "last, first"}, "Lee, Ann", "Ann Lee"),
    ({"order": "last, first"}, "Al Mansoori, Ahmed", "Ahmed Al Mansoori"),
    ({"order": "last, first"}, "Ann Lee", "Ann Lee"),
    ({"order": "last, first"}, "Lee,", "Lee"),
    ({"order": "first last"}, "Ann Lee", "Ann Lee"),
    ({"order": "first last"}, "Lee, Ann", "Ann Lee"),
    ({"order": "last first"}, "Lee Ann Marie", "Ann Marie Lee"),
    ({"order": "last first"}, "Lee", "Lee"),
    ({"part": "first"}, "Lee, Ann Marie", "Ann Marie"),
    ({"part": "last"}, "Lee, Ann Marie", "Lee"),
    ({"part": "last"}, "Lee,", "Lee"),
    ({"part": "first"}, "Lee,", ""),
    ({"part": "last"}, ", Ann", ""),
    ({"part": "first", "order": "first last"}, "Ann Lee", "Ann"),
    ({"part": "last", "order": "first last"}, "Ann Lee", "Lee"),
    ({"part": "first", "order": "first last"}, "Ann Marie Lee", "Ann Marie"),
    ({"part": "last", "order": "first last"}, "Ahmed Al Mansoori", "Al Mansoori"),
    ({"part": "first", "order": "first last"}, "Ahmed Al Mansoori", "Ahmed"),
    ({"part": "last", "order": "first last"}, "Ludwig van Beethoven", "van Beethoven"),
    ({"part": "last", "order": "first last"}, "Maria de la Cruz", "de la Cruz"),
    ({"part": "last", "order": "first last"}, "محمد بن سلمان", "بن سلمان"),
    ({"part": "last", "order": "first last"}, "محمد آل مكتوم", "آل مكتوم"),
    ({"part": "first", "order": "first last"}, "Al Pacino", "Al"),
    ({"part": "first", "order": "first last"}, "Ann", "Ann"),
    ({"part": "last", "order": "first last"}, "Ann", ""),
    ({"part": "first", "order": "last first"}, "Lee Ann", "Ann"),
    ({"part": "last", "order": "last first"}, "Lee Ann", "Lee"),
    ({"case": "title"}, "ANN LEE", "Ann Lee"),
    ({"case": "title"}, "ann lee", "Ann Lee"),
    ({"case": "title"}, "Ann LEE", "Ann LEE"),
    ({"case": "title"}, "ANN O'BRIEN", "Ann O'Brien"),
    ({"case": "title"}, "JEAN-LUC PICARD", "Jean-Luc Picard"),
    ({"case": "title"}, "MCDONALD", "McDonald"),
    ({"case": "title"}, "MOHAMMED BIN RASHID AL MAKTOUM", "Mohammed bin Rashid Al Maktoum"),
    ({"case": "title"}, "VAN GOGH", "Van Gogh"),
    ({"case": "title"}, "ludwig van beethoven", "Ludwig van Beethoven"),
    ({"case": "title"}, "HENRY VIII", "Henry VIII"),
    ({"case": "title"}, "O'NEILL-MCBRIDE", "O'Neill-McBride"),
    ({"case": "title"}, "MARIA DE LA CRUZ", "Maria de la Cruz"),
    ({"case": "title"}, "de los santos", "De los Santos"),
    ({"case": "title"}, "JEAN DE LA FONTAINE", "Jean de la Fontaine"),
    ({"case": "title"}, "LA ROSA", "La Rosa"),
    ({"case": "title"}, "GRAF VON DER RECKE", "Graf von der Recke"),
    ({"case": "title-tr"}, "IŞIK", "Işık"),
    ({"case": "title-tr"}, "İLKER YILDIRIM", "İlker Yıldırım"),
    ({"case": "title-tr"}, "ilknur ışık-ince", "İlknur Işık-İnce"),
    ({"case": "title-tr"}, "ÇİĞDEM ŞİMŞEK", "Çiğdem Şimşek"),
    ({"case": "title-tr"}, "Ilker YILDIZ", "Ilker YILDIZ"),
    ({"case": "title"}, "LI XI", "Li Xi"),
    ({"case": "title"}, "J.R. EWING", "J.R. Ewing"),
    ({"case": "title"}, "ŁUKASZ ŻÓŁĆ", "Łukasz Żółć"),
    ({"case": "title"}, "ИВАН ПЕТРОВ", "Иван Петров"),
    ({"case": "title"}, "محمد", "محمد"),
    ({"case": "title", "part": "last"}, "LEE, ANN", "Lee"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "written", "read"), NAMES)
def test_name(options: dict[str, Any], written: str, read: str) -> None:
    assert name_reader(**options)(written) == read


@pytest.mark.parametrize(
    ("options", "written", "reason"),
    [
        ({"part": "first"}, "Ann Lee", "no comma"),
        ({"part": "last"}, "Ann", "no comma"),
        ({"order": "last, first"}, "King, Martin, Jr.", "more than one comma"),
        ({"part": "last"}, "Lee, Ann, PhD", "more than one comma"),
    ],
)
def test_name_that_is_not_guessed(options: dict[str, Any], written: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason) as caught:
        name_reader(**options)(written)
    assert caught.value.hint


@given(st.text(max_size=30), st.sampled_from([None, "title", "title-tr"]))
def test_name_of_a_name_is_itself(text: str, case: Case | None) -> None:
    read = name_reader(case=case)
    try:
        once = read(text)
    except BadValue:
        return
    assert read(once) == once


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
        ("AED 1.200,50", None, "AED", "is no number"),
        ("1.2k", ".", "AED", "'k' is no currency"),
        ("about 5", ".", "AED", "'about' is no currency"),
        ("to be agreed", ".", "AED", "is no amount of money"),
        ("AED", ".", "AED", "is no amount of money"),
        ("-", ".", "AED", "is no amount of money"),
        ("", ".", "AED", "is no amount of money"),
        ("-AED -5", ".", "AED", "is negative twice"),
        ("5 - 10", ".", "AED", "is no number"),
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
        ("xyz", "names no currency"),
        ("100", "names no currency"),
        ("AED 5 EUR", "names no currency"),
        ("", "names no currency"),
    ],
)
def test_currency_that_is_not_guessed(written: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        read_currency(written)


def test_currencies_a_mapping_may_state() -> None:
    check_currency("AED")
    check_currency("*")
    with pytest.raises(ValueError, match="no such currency"):
        check_currency("dirham")


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
    with pytest.raises(BadValue, match="no country that is known"):
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


URLS = [
    ("https://example.com", "https://example.com"),
    ("HTTP://Example.COM/Path?q=A#F", "http://example.com/Path?q=A#F"),  # RFC 3986, 6.2.2.1
    ("example.com", "https://example.com"),
    ("www.Example.com/shop", "https://www.example.com/shop"),
    ("//example.com", "https://example.com"),
    ("example.com:8080/x", "https://example.com:8080/x"),
    ("http://example.com.", "http://example.com"),
    ("<https://example.com/>", "https://example.com/"),
    (" https://example.com\u200f", "https://example.com"),
    ("http://192.0.2.1/x", "http://192.0.2.1/x"),
    ("https://müller.example/ü", "https://xn--mller-kva.example/ü"),  # RFC 5891
    ("موقع.وزارة-الاتصالات.مصر", "https://xn--4gbrim.xn----ymcbaaajlc6dj7bxne2c.xn--wgbh1c"),
    ("https://instagram.com/@ann", "https://instagram.com/@ann"),
]


@pytest.mark.parametrize(("written", "read"), URLS)
def test_url(written: str, read: str) -> None:
    assert read_url(written) == read
    assert read_url(read) == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("n/a", "no host"),
        ("-", "no host"),
        ("none", "no host"),
        ("localhost", "no host"),
        ("http://1.2.3", "no host"),
        ("http://999.1.1.1", "no host"),
        ("https://[::1]/", "no host"),
        ("https://bad..com", "no host"),
        ("https://", "no host"),
        ("example.com/a b", "no web address"),
        ("example.com\\x", "no web address"),
        ("http://example.com:99999", "no web address"),
        ("http://[x", "no web address"),
        ("javascript:alert(1)", "begins http"),
        ("ftp://example.com", "begins http"),
        ("mailto:ann@example.com", "begins http"),
        ("http:example.com", "begins http"),
        ("https://bank.example@evil.example", "user's name"),
        ("ann@example.com", "user's name"),
        ("@ann", "user's name"),
        ("https://\u2488com.example", "cannot exist|no host"),
    ],
)
def test_url_that_is_refused(written: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        read_url(written)


UUID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    "written",
    [UUID, UUID.upper(), f"{{{UUID}}}", f"urn:uuid:{UUID}", UUID.replace("-", ""), f" {UUID} "],
)
def test_uuid(written: str) -> None:
    assert read_uuid(written) == UUID


@pytest.mark.parametrize(
    "written", ["", "12", UUID[:-1], UUID + "0", UUID.replace("1", "g"), "nil"]
)
def test_uuid_that_is_none(written: str) -> None:
    with pytest.raises(BadValue, match="is not a UUID"):
        read_uuid(written)


@given(st.uuids())
def test_uuid_is_what_python_writes(value: uuid.UUID) -> None:
    assert read_uuid(value.hex.upper()) == str(value) == read_uuid(str(value))


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_stays_what_it_became(text: str) -> None:
    for read in (read_url, read_country, read_currency):
        try:
            once = read(text)
        except BadValue:
            continue
        assert read(once) == once
