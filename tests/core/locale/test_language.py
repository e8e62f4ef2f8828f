"""Texts, numbers and dates in the languages there are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from importer.core.locale.catalogue import read_catalogue
from importer.core.locale.language import LANGUAGES, language

AT = datetime(2026, 11, 25, 18, 5, tzinfo=UTC)


def test_english_is_what_the_texts_are_written_in() -> None:
    english = language("en")
    assert english.gettext("Rows that add up") == "Rows that add up"
    assert english.ngettext("%(number)s row", "%(number)s rows", 1) == "%(number)s row"
    assert english.number(1234567) == "1,234,567"
    assert english.percent(0.125, 1) == "12.5 %"
    assert english.moment(AT) == "25 November 2026, 18:05"
    assert english.direction == "ltr"


def test_arabic_writes_its_own_digits_separators_and_months() -> None:
    arabic = language("ar")
    assert arabic.number(1234567.5, 1) == "١٬٢٣٤٬٥٦٧٫٥"
    assert arabic.percent(0.125, 1) == "١٢٫٥٪"
    assert arabic.moment(AT) == "٢٥ نوفمبر ٢٠٢٦، ١٨:٠٥"
    assert arabic.direction == "rtl"


@pytest.mark.parametrize(
    ("number", "form"),
    [(0, "لا صفوف"), (1, "صف واحد"), (2, "صفان"), (7, "%(number)s صفوف"), (11, "%(number)s صفًا"),
     (100, "%(number)s صف"), (103, "%(number)s صفوف")],
)  # fmt: skip
def test_arabic_has_a_form_for_each_kind_of_number(number: int, form: str) -> None:
    assert language("ar").ngettext("%(number)s row", "%(number)s rows", number) == form


def test_a_text_without_translation_is_shown_in_english() -> None:
    assert language("ar").gettext("no such text") == "no such text"


def test_each_language_but_english_has_its_catalogues() -> None:
    for code in LANGUAGES:
        assert code == "en" or language(code).texts.texts


def test_a_catalogue_may_wrap_texts_have_contexts_and_doubtful_entries(tmp_path: Path) -> None:
    (tmp_path / "one.po").write_text(
        '# a comment\nmsgid "a \\"long\\" "\n"text\\n"\nmsgstr "ein "\n"Text"\n\n'
        'msgctxt "verb"\nmsgid "list"\nmsgstr "auflisten"\n\n'
        '#: place.py:3\n#, fuzzy\nmsgid "doubtful"\nmsgstr "zweifelhaft"\n\n'
        'msgid "empty"\nmsgstr ""\n',
        encoding="utf-8",
    )
    found = read_catalogue([tmp_path / "one.po"])
    assert found.find('a "long" text\n') == "ein Text"
    assert found.find("list", context="verb") == "auflisten"
    assert found.find("list") is None
    assert found.find("doubtful") is None
    assert found.find("empty") is None
