"""Splits headers into words that no longer depend on case, accents or punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")
_NUMERO = re.compile(r"(?<![^\W_])[nN]\.?[°ºª˚]|№|#")
_SALESFORCE = re.compile(r"__(?:c|r|pc)$", re.IGNORECASE)
_MARKS = {0x0640, 0x093C, 0x0670, *range(0x0300, 0x0370), *range(0x064B, 0x0660)}
_INVISIBLE = {0x00AD, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F)}
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("ٱأإآ", "ا"),  # noqa: RUF001 - Arabic letters
        **dict.fromkeys("ىیئے", "ي"),
        **dict.fromkeys("ةہھۃۂ", "ه"),  # noqa: RUF001 - same
        "ؤ": "و",
        "ک": "ك",
        "ں": "ن",
        "ँ": "ं",
        "ı": "i",  # noqa: RUF001 - the Turkish letter
        "ł": "l",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "đ": "d",
    }
)
_NO_WORD = re.compile(r"[^A-Za-z0-9$]")
_CURRENCIES = frozenset("€$£₹₽")
_LOOKED_AT = 1000
_ARTICLES = ("وال", "بال", "ال", "لل")


def tokenize(header: str) -> tuple[str, ...]:
    """
    Return the words of a header in lower case, without accents, Arabic articles and punctuation.

    `HomePhone2`, `home_phone_2` and `Home phone (2)` give the same words. So do `Straße` and
    `strasse`, and the different ways to write an Arabic letter. Of a header that is longer than
    any name or question, the first 1,000 characters are looked at.
    """
    text = _SALESFORCE.sub("", header[:_LOOKED_AT].strip())
    text = _NUMERO.sub(" no ", text)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(char for char in text if ord(char) not in _INVISIBLE)
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text.replace("'s ", " "))
    text = _CAMEL.sub(" ", text)
    return tuple(_split(text))


def _split(text: str) -> Iterator[str]:
    for run in _with_marks(text).split():
        for part in re.findall(r"\d+|[^\d]+", run):
            word = _fold(part)
            if word:
                yield word


def _with_marks(text: str) -> str:
    """Return a text with spaces for all but letters with their marks, digits and currencies."""
    if text.isascii():
        return _NO_WORD.sub(" ", text)
    kept: list[str] = []
    is_letter = False
    for char in text:
        # The vowels of Thai, Bengali, Tamil and other scripts are marks.
        is_mark = unicodedata.category(char)[0] == "M"
        is_letter = char.isalpha() or (is_mark and is_letter)
        kept.append(char if is_letter or char.isalnum() or char in _CURRENCIES else " ")
    return "".join(kept)


def _fold(word: str) -> str:
    if word.isdigit():
        return str(int("".join(str(unicodedata.digit(char)) for char in word)))
    folded = unicodedata.normalize("NFKC", word).casefold().translate(_LETTERS)
    split = unicodedata.normalize("NFD", folded).translate(_LETTERS)
    bare = "".join(char for char in split if ord(char) not in _MARKS)
    while article := next((one for one in _ARTICLES if bare.startswith(one)), None):
        if len(bare) < len(article) + 3:
            break
        bare = bare[len(article) :]
    return bare
