"""The glossary has the words that the page, the reports and the verdict have in Arabic."""

from __future__ import annotations

import re
import unicodedata

from documents import text_of

from importer.core.locale.language import language


def plain(text: str) -> str:
    """Return a text without the signs of short vowels, which are written or not."""
    return "".join(one for one in text if unicodedata.category(one) != "Mn")


def test_each_word_is_what_people_read() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| ([^|a-zA-Z-]+) \|", text_of("glossary.md"), re.MULTILINE)
    said = plain(" ".join(form for forms in language("ar").texts.texts.values() for form in forms))

    assert len(rows) == 20
    assert [word for word, arabic in rows if plain(arabic) not in said] == []
