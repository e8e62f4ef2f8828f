"""Names: whole, in parts, in order, with capitals on request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.name import Case, name_reader
from importer.mapper.values.texts import (
    BadValue,
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
