"""Headers as words."""

from __future__ import annotations

import pytest

from importer.mapper.headers.tokens import tokenize


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("ชื่อ-นามสกุล", ("ชื่อ", "นามสกุล")),  # vowels above and below the letters are marks
        ("পূর্ণ নাম", ("পূর্ণ", "নাম")),
        ("முழு_பெயர்", ("முழு", "பெயர்")),
        ("1️⃣ Name", ("1", "name")),
        ("✉️ E-mail", ("e", "mail")),
        ("Betrag (€)", ("betrag", "€")),
    ],
)
def test_marks_belong_to_their_letters(header: str, words: tuple[str, ...]) -> None:
    assert tokenize(header) == words


def test_of_an_endless_header_the_beginning_is_looked_at() -> None:
    assert tokenize("E-mail " + "x" * 900_000)[:2] == ("e", "mail")
    assert len(tokenize("ab cd " * 200_000)) < 400
